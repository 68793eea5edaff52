/**
 * What an offline verifier trusts: a genesis record, or one public key. Everything else is checked against it.
 */

import { keyOfGenesis, networkIdOf, type Genesis } from '../core/attestation/genesis.ts';
import { kidOf, PUBLIC_KEY_SIZE_BYTES } from '../core/attestation/cose-sign1.ts';
import { publicKeyFault } from '../core/attestation/ed25519-rule.ts';
import { keyringOf } from '../core/attestation/keyring.ts';
import type { CheckSignature, StatementJudge } from '../core/attestation/verify-statement.ts';
import { assert } from '../core/assert.ts';
import { compareBytes } from '../core/codec/cbor.ts';
import { fromHex, toHex } from '../core/codec/hex.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../core/codec/sha256.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { checkSignatureAgain } from '../io/keys/second-opinion.ts';
import { AgentError } from '../ports/agent-error.ts';
import { readFile, readGenesis } from './lane-reader.ts';

export type TrustOptions = { readonly genesis?: string; readonly key?: string; readonly network?: string };

export type Trust = {
  readonly genesis: Genesis | undefined;
  /** Undefined: only a key is trusted, and the network a file names is believed. */
  readonly network: Digest | undefined;
  readonly keyOf: StatementJudge['keyOf'];
  /** Nobody is trusted: nothing signed can be verified. */
  readonly hasNoKey: boolean;
};

/** Two implementations that share no code; a difference between them is a bug to be reported, not an answer. */
export const checkSignatureTwice: CheckSignature = (claim) => {
  const holds = checkSignature(claim);
  assert(checkSignatureAgain(claim) === holds, 'libsodium and @noble/curves judge a signature alike');
  return holds;
};

export function trustOf({ genesis: path, key, network }: TrustOptions): Trust {
  if (path !== undefined) {
    if (key !== undefined || network !== undefined)
      throw new AgentError('cli-usage', 'verify: --genesis says keys and network; leave --key and --network out');
    const genesis = readGenesis(path);
    return { genesis, network: networkIdOf(genesis), keyOf: keyOfGenesis(genesis), hasNoKey: false };
  }
  const keys = key === undefined ? [] : [publicKeyOf(key)];
  const id = network === undefined ? undefined : networkOf(network);
  return { genesis: undefined, network: id, keyOf: keyringOf(keys)!, hasNoKey: keys.length === 0 };
}

/** The judge for a file that says it is of `claimed` network. */
export function judgeFor(trust: Trust, claimed: Digest, check: CheckSignature = checkSignatureTwice): StatementJudge {
  return { network: trust.network ?? claimed, keyOf: trust.keyOf, checkSignature: check };
}

/** `validator 7ef2c24515ae48c7 (alice, EU)`, as far as the record knows it. */
export function nameOf(trust: Trust, kid: Uint8Array): string {
  const known = trust.genesis?.validators.find(({ publicKey }) => compareBytes(kidOf(publicKey), kid) === 0);
  return `validator ${toHex(kid)}${known === undefined ? '' : ` (${known.name}, ${known.region})`}`;
}

/** 64 hexadecimal digits, or a file that says `public <64 digits>` in a line, as key files do; the secret is not read. */
function publicKeyOf(text: string): Uint8Array {
  const direct = fromHex(text.toLowerCase());
  const key =
    direct?.length === PUBLIC_KEY_SIZE_BYTES
      ? direct
      : fromHex(/^(?:public )?([0-9a-f]{64})$/m.exec(Buffer.from(readFile(text)).toString('latin1'))?.[1] ?? '');
  const wrong = key === undefined ? 'key-not-canonical' : publicKeyFault(key);
  if (key === undefined || wrong !== undefined) throw new AgentError(wrong!, `read the key ${text}: not a public key`);
  return key;
}

function networkOf(text: string): Digest {
  const network = fromHex(text.toLowerCase());
  if (network?.length !== SHA256_SIZE_BYTES)
    throw new AgentError('cli-usage', 'verify: --network is not 64 hexadecimal digits');
  return network;
}
