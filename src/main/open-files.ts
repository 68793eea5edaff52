/** What every start reads first: the genesis record, and the key that fits the role this agent has under it. */

import { readFile } from 'node:fs/promises';
import { genesisKeyFault, type Genesis } from '../core/attestation/genesis.ts';
import { parseGenesis } from '../core/attestation/genesis-json.ts';
import { compareBytes } from '../core/codec/cbor.ts';
import { isFault } from '../core/verdict.ts';
import type { Config } from '../io/config/config.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { readKeyFile, readPassphraseFile } from '../io/keys/key-store.ts';
import { isPrimeOrder } from '../io/keys/second-opinion.ts';
import { sodiumSigner } from '../io/keys/sodium-signer.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { Signer } from '../ports/signer.ts';

export async function readGenesis(path: string): Promise<{ readonly bytes: Uint8Array; readonly genesis: Genesis }> {
  let file: Uint8Array;
  try {
    file = await readFile(path);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('genesis-unreadable', `read the genesis record: ${what}`, { cause });
  }
  const parsed = parseGenesis(file);
  if (isFault(parsed)) throw new AgentError(parsed.fault, `read the genesis record ${path}: ${parsed.detail}`);
  const wrongKey = genesisKeyFault({ checkSignature, isPrimeOrder }, parsed.genesis);
  if (wrongKey !== undefined)
    throw new AgentError(wrongKey.fault, `check the genesis record ${path}: ${wrongKey.detail}`);
  return parsed;
}

/** A validator's key is registered; the key of one who follows is not, or two hosts would speak for one validator. */
export async function readSigner({ validator }: Config, genesis: Genesis): Promise<Signer> {
  const passphrase =
    validator.passphrase_file === undefined ? undefined : await readPassphraseFile(validator.passphrase_file);
  const signer = sodiumSigner(await readKeyFile(validator.key, passphrase));
  const isRegistered = genesis.validators.some(({ publicKey }) => compareBytes(publicKey, signer.publicKey) === 0);
  const { role, key } = validator;
  if (isRegistered === (role === 'validator')) return signer;
  signer.release();
  throw isRegistered
    ? new AgentError(
        'role-key-registered',
        `follow network ${genesis.name} as ${role} with the key ${key}: it is a validator's`,
      )
    : new AgentError('key-not-in-genesis', `use the key ${key} in network ${genesis.name}: it is not registered`);
}
