/**
 * Cosignatures (C2SP tlog-cosignature, Ed25519, type 0x04): a validator says that, as of a second of POSIX time, this is the
 * largest tree it has seen for this origin, and that it was consistent with every one before.
 *
 * Signed is `cosignature/v1\ntime <seconds>\n` and the checkpoint's text; the blob is the time as u64 big-endian and the
 * signature. Its resolution is the standard's. A validator that wants its nanoseconds known attests the checkpoint's hash in
 * a statement of its own lane.
 */

import { assert } from '../assert.ts';
import { SIGNATURE_SIZE_BYTES, type Sign } from '../attestation/cose-sign1.ts';
import { signatureFault } from '../attestation/ed25519-rule.ts';
import type { CheckSignature } from '../attestation/verify-statement.ts';
import { fault, type Fault } from '../verdict.ts';
import {
  keyIdOf,
  NOTE_COSIGNATURE,
  signaturesBy,
  textBytes,
  type Note,
  type NoteKey,
  type NoteSignature,
} from './signed-note.ts';

const TIME_BYTES = 8;
const POSIX_SECONDS_MAX = (1n << 63n) - 1n;

/** A validator's key as a cosigner. Its name is the origin of its own lane. */
export const cosignerKey = (origin: string, publicKey: Uint8Array): NoteKey => ({
  name: origin,
  type: NOTE_COSIGNATURE,
  publicKey,
});

export function cosign(text: string, posixSeconds: bigint, needs: { key: NoteKey; sign: Sign }): NoteSignature {
  assert(posixSeconds >= 0n && posixSeconds <= POSIX_SECONDS_MAX, 'a cosignature has a POSIX time');
  assert(needs.key.type === NOTE_COSIGNATURE, 'a cosigner key makes a cosignature');
  const blob = new Uint8Array(TIME_BYTES + SIGNATURE_SIZE_BYTES);
  new DataView(blob.buffer).setBigUint64(0, posixSeconds);
  blob.set(needs.sign(cosignedMessage(text, posixSeconds)), TIME_BYTES);
  return { name: needs.key.name, keyId: keyIdOf(needs.key), blob };
}

/** When `key` cosigned the note, in POSIX seconds; a fault when it did not, or when one of its cosignatures fails. */
export function cosignedAt(note: Note, key: NoteKey, check: CheckSignature): bigint | Fault {
  const cosignatures = signaturesBy(note, key);
  let newest: bigint | undefined;
  for (const { blob } of cosignatures) {
    const seconds = checkBlob(note.text, blob, key, check);
    // [REJECT] A known key whose signature does not hold spoils the note.
    if (seconds === undefined) return fault('checkpoint-signature', `the cosignature of ${key.name} does not hold`);
    if (newest === undefined || seconds > newest) newest = seconds;
  }
  return newest ?? fault('checkpoint-unsigned', `no cosignature by ${key.name}`);
}

function checkBlob(text: string, blob: Uint8Array, key: NoteKey, check: CheckSignature): bigint | undefined {
  if (blob.length !== TIME_BYTES + SIGNATURE_SIZE_BYTES) return undefined;
  const seconds = new DataView(blob.buffer, blob.byteOffset, blob.byteLength).getBigUint64(0);
  const signature = blob.subarray(TIME_BYTES);
  if (seconds > POSIX_SECONDS_MAX || signatureFault(signature) !== undefined) return undefined;
  const holds = check({ publicKey: key.publicKey, message: cosignedMessage(text, seconds), signature });
  return holds ? seconds : undefined;
}

const cosignedMessage = (text: string, posixSeconds: bigint): Uint8Array =>
  textBytes(`cosignature/v1\ntime ${posixSeconds}\n${text}`);
