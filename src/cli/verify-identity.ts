/** `momentd verify` on host identity records: by themselves, and as the record that evidence names. */

import { decodeCoseSign1, identityOf, sigStructure } from '../core/attestation/cose-sign1.ts';
import { signatureFault } from '../core/attestation/ed25519-rule.ts';
import { decodeIdentity } from '../core/attestation/identity.ts';
import type { EstimateInputs } from '../core/clock/estimate.ts';
import { compareBytes } from '../core/codec/cbor.ts';
import { toHex } from '../core/codec/hex.ts';
import { fault, isFault, type Fault } from '../core/verdict.ts';
import { AgentError } from '../ports/agent-error.ts';
import { BELIEVED, invalid, TWICE, type Judgement } from './judgement.ts';
import { checkSignatureTwice, judgeFor, nameOf, type Trust } from './trust.ts';

export function judgeIdentity(bytes: Uint8Array, trust: Trust): Judgement {
  const envelope = decodeCoseSign1(bytes);
  if (isFault(envelope)) return invalid('host identity', envelope);
  const identity = decodeIdentity(envelope.payload);
  if (isFault(identity)) return invalid('host identity', identity);
  const { network, keyOf } = judgeFor(trust, identity.network);
  if (compareBytes(network, identity.network) !== 0)
    return invalid('host identity', fault('identity-network', `it is of network ${toHex(identity.network)}`));
  const publicKey = keyOf(envelope.kid);
  if (publicKey === undefined)
    return invalid('host identity', fault('key-unknown', 'no registered key has its key id'));
  const { signature } = envelope;
  const wrong = signatureFault(signature);
  if (wrong !== undefined) return invalid('host identity', fault(wrong, 'outside the accepted set'));
  if (!checkSignatureTwice({ publicKey, message: sigStructure(envelope), signature }))
    return invalid('host identity', fault('signature-invalid', 'it does not fit the key and the bytes'));
  const told = (claim: string | undefined): string => claim ?? 'not told';
  const cards = [...identity.cards].map(
    ([name, { model, serial, firmware, driver }]) =>
      `card       ${name}: ${told(model)}, serial ${told(serial)}, firmware ${told(firmware)}, driver ${told(driver)}`,
  );
  return {
    kind: 'host identity',
    isValid: true,
    says: { id: identityOf(envelope), key_id: envelope.kid, ...identity, cards: Object.fromEntries(identity.cards) },
    lines: [
      `signer     ${nameOf(trust, envelope.kid)}`,
      `host       kernel ${identity.kernel}, up ${identity.uptimeSeconds} s, boot ${toHex(identity.bootSeed)}`,
      `software   momentd ${identity.softwareVersion}, digest ${toHex(identity.softwareDigest)}`,
      ...cards,
    ],
    checked: ['shape and claims', TWICE],
    unchecked: [
      'whether any of it is so: the record shows what the holder of the key claims, and nothing is rooted in hardware',
      ...(trust.network === undefined ? [BELIEVED] : []),
    ],
  };
}

export type Named = {
  /** The record, where it was given. */
  readonly file: Uint8Array | undefined;
  readonly trust: Trust;
  /** Key id of the statement that refers to the evidence, where one is judged. */
  readonly signer: Uint8Array | undefined;
};

type Found = Pick<Judgement, 'lines' | 'checked' | 'unchecked'>;

/** What is known of the host identity that evidence names, or which rule of docs/spec/identity.md is broken. */
export function judgeNamedIdentity(evidence: EstimateInputs, { file, trust, signer }: Named): Found | Fault {
  const { identity, bootId } = evidence;
  if (file === undefined) {
    const what =
      identity === undefined
        ? 'which host it was: no host identity was in force'
        : `the host identity ${toHex(identity)} (give --identity)`;
    return { lines: [], checked: [], unchecked: [what] };
  }
  // [REJECT] A record that the evidence does not name.
  const envelope = decodeCoseSign1(file);
  if (isFault(envelope)) return envelope;
  const id = identityOf(envelope);
  if (identity === undefined || compareBytes(id, identity) !== 0)
    return fault('identity-digest', `it is ${toHex(id)}, not ${identity === undefined ? 'none' : toHex(identity)}`);
  if (trust.hasNoKey)
    throw new AgentError('verify-nothing-to-trust', 'verify the host identity: give --genesis, or --key');
  const judged = judgeIdentity(file, trust);
  if (!judged.isValid) return fault(judged.code!, judged.detail!);
  // [REJECT] A record of another validator.
  if (signer !== undefined && compareBytes(envelope.kid, signer) !== 0)
    return fault('identity-key', `it is signed by ${toHex(envelope.kid)}, the statement by ${toHex(signer)}`);
  // [REJECT] A record of another boot.
  const boot = toHex(judged.says['bootSeed'] as Uint8Array);
  if (boot !== bootId.replaceAll('-', ''))
    return fault('identity-boot', `it is of boot ${boot}, the evidence of ${bootId}`);
  return {
    lines: judged.lines,
    checked: ['the host identity: its digest, its boot and the signature, by libsodium and again by @noble/curves'],
    unchecked: judged.unchecked,
  };
}
