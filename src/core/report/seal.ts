/**
 * The signature of a report: a COSE_Sign1 with a purpose of its own, over the digest of the report's file.
 *
 * Two things keep it from being taken for a statement, or a statement for it. The Sig_structure has the external_aad
 * "momentd report v1" where statements have none, so no signature fits both; and the payload is an array, where a statement
 * is a map. docs/spec/report.md.
 */

import type { CheckSignature } from '../attestation/verify-statement.ts';
import { decodeCoseSign1, encodeCoseSign1, type Sign } from '../attestation/cose-sign1.ts';
import { signatureFault } from '../attestation/ed25519-rule.ts';
import type { KeyOf } from '../attestation/keyring.ts';
import { compareBytes, decodeCbor, encodeCbor, type CborValue } from '../codec/cbor.ts';
import { toHex } from '../codec/hex.ts';
import { sha256, SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { fault, isFault, type Fault } from '../verdict.ts';

export const REPORT_PURPOSE = 'momentd report v1';
const SEAL_VERSION = 1n;

export type ReportSeal = { readonly kid: Uint8Array; readonly network: Digest; readonly digest: Digest };

/** The bytes that are signed: `["Signature1", {1: -8, 4: kid}, 'momentd report v1', payload]`. */
export function reportSigStructure({
  kid,
  payload,
}: {
  readonly kid: Uint8Array;
  readonly payload: Uint8Array;
}): Uint8Array {
  const header = encodeCbor(
    new Map<bigint, CborValue>([
      [1n, -8n],
      [4n, kid],
    ]),
  );
  return encodeCbor(['Signature1', header, new TextEncoder().encode(REPORT_PURPOSE), payload]);
}

/** Seals the bytes of a report's file. */
export function sealReport(
  needs: { readonly kid: Uint8Array; readonly network: Digest; readonly sign: Sign },
  file: Uint8Array,
): Uint8Array {
  const payload = encodeCbor([SEAL_VERSION, needs.network, sha256(file)]);
  const signature = needs.sign(reportSigStructure({ kid: needs.kid, payload }));
  return encodeCoseSign1({ kid: needs.kid, payload, signature });
}

export type SealJudge = {
  readonly network: Digest | undefined;
  readonly keyOf: KeyOf;
  readonly checkSignature: CheckSignature;
};

/** Whether `seal` is a registered validator's signature over the very bytes of `file`. */
export function openSeal(judge: SealJudge, seal: Uint8Array, file: Uint8Array): ReportSeal | Fault {
  const envelope = decodeCoseSign1(seal);
  if (isFault(envelope)) return envelope;
  const { kid, payload, signature } = envelope;
  const decoded = decodeCbor(payload);
  // [REJECT] The payload is `[1, network, digest]` and nothing else.
  const parts = 'fault' in decoded || !Array.isArray(decoded.value) ? [] : (decoded.value as readonly CborValue[]);
  const [version, network, digest] = parts;
  if (parts.length !== 3 || version !== SEAL_VERSION || !isDigest(network) || !isDigest(digest))
    return fault('report-seal-format', 'the payload is not [1, network, digest]');
  // [REJECT] Another network's key may be anybody's.
  if (judge.network !== undefined && compareBytes(network, judge.network) !== 0)
    return fault('report-network', `it is of network ${toHex(network)}`);
  // [REJECT] It vouches for these bytes and no others.
  if (compareBytes(digest, sha256(file)) !== 0)
    return fault('report-digest', `signed was ${toHex(digest)}, the file is ${toHex(sha256(file))}`);
  const publicKey = judge.keyOf(kid);
  if (publicKey === undefined) return fault('key-unknown', 'no registered key has its key id');
  const wrong = signatureFault(signature);
  if (wrong !== undefined) return fault(wrong, 'outside the accepted set');
  // [REJECT] The signature fits the key and this purpose.
  if (!judge.checkSignature({ publicKey, message: reportSigStructure({ kid, payload }), signature }))
    return fault('signature-invalid', 'it does not fit the key, the purpose and the bytes');
  return { kid, network, digest };
}

const isDigest = (value: CborValue | undefined): value is Digest =>
  value instanceof Uint8Array && value.length === SHA256_SIZE_BYTES;
