/**
 * Checkpoints (C2SP tlog-checkpoint): a signed note that says origin, size and root of a tree, and nothing else.
 *
 *     <origin>
 *     <size, decimal>
 *     <root, base64>
 *
 * Extension lines are refused: a cosigner vouches for the first three lines only. A lane's checkpoint is signed by the
 * validator's statement key under type 0x01. The things that key signs cannot be taken for one another: a statement
 * begins with the bytes 84 6a "Signature1", a checkpoint with "momentd/", a pruning record with "momentd-pruned/v1", a cosignature with "cosignature/v1\n".
 */

import { assert } from '../assert.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { SIGNATURE_SIZE_BYTES, type Sign } from '../attestation/cose-sign1.ts';
import { signatureFault } from '../attestation/ed25519-rule.ts';
import type { CheckSignature } from '../attestation/verify-statement.ts';
import { LIMITS } from '../limits.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import {
  decodeNote,
  encodeNote,
  isKeyName,
  keyIdOf,
  NOTE_ED25519,
  signaturesBy,
  textBytes,
  type Note,
  type NoteKey,
} from './signed-note.ts';

export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Digest };

export function checkpointText({ origin, size, root }: Checkpoint): string {
  assert(isKeyName(origin), 'an origin is a key name');
  assert(Number.isSafeInteger(size) && size >= 0 && root.length === SHA256_SIZE_BYTES, 'a checkpoint is of a tree');
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

const TEXT = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n$/;

export function parseCheckpointText(text: string): Checkpoint | Fault {
  const match = TEXT.exec(text);
  if (match === null) return fault('checkpoint-format', 'not the three lines origin, size and root');
  const [, origin, decimal, encoded] = match;
  const size = Number(decimal);
  const root = fromBase64(encoded!);
  if (!isKeyName(origin!)) return fault('checkpoint-format', 'the origin has a space or a plus');
  if (size > LIMITS.laneEntriesMax) return fault('checkpoint-format', `size ${decimal} is beyond any lane`);
  if (root === undefined) return fault('checkpoint-format', 'the root is not 32 bytes of base64');
  return { origin: origin!, size, root };
}

/** The validator's key as the signer of its lane's checkpoints. */
export const checkpointKey = (origin: string, publicKey: Uint8Array): NoteKey => ({
  name: origin,
  type: NOTE_ED25519,
  publicKey,
});

export function signCheckpoint(checkpoint: Checkpoint, needs: { sign: Sign; publicKey: Uint8Array }): Uint8Array {
  const text = checkpointText(checkpoint);
  const key = checkpointKey(checkpoint.origin, needs.publicKey);
  const blob = needs.sign(textBytes(text));
  assert(blob.length === SIGNATURE_SIZE_BYTES, 'an Ed25519 signature is 64 bytes');
  return encodeNote({ text, signatures: [{ name: key.name, keyId: keyIdOf(key), blob }] });
}

export type OpenCheckpoint = { readonly checkpoint: Checkpoint; readonly note: Note };

/** What a checkpoint of this origin says, whoever signed it: a claim, until the tree under it was compared. */
export function readCheckpoint(bytes: Uint8Array, origin: string): OpenCheckpoint | Fault {
  const note = decodeNote(bytes);
  if (isFault(note)) return note;
  const checkpoint = parseCheckpointText(note.text);
  if (isFault(checkpoint)) return checkpoint;
  // [REJECT] The origin says whose tree it is: a checkpoint of another lane proves nothing about this one.
  if (checkpoint.origin !== origin) return fault('checkpoint-origin', `origin ${checkpoint.origin}`);
  return { checkpoint, note };
}

/** A checkpoint that `key` signed, or why it is none. The origin must be the key's name. */
export function openCheckpoint(bytes: Uint8Array, key: NoteKey, check: CheckSignature): OpenCheckpoint | Fault {
  const read = readCheckpoint(bytes, key.name);
  if (isFault(read)) return read;
  const { note } = read;
  const signatures = signaturesBy(note, key);
  if (signatures.length === 0) return fault('checkpoint-unsigned', `no signature by ${key.name}`);
  const message = textBytes(note.text);
  for (const { blob } of signatures) {
    // [REJECT] A known key whose signature does not hold spoils the note.
    const holds =
      blob.length === SIGNATURE_SIZE_BYTES &&
      signatureFault(blob) === undefined &&
      check({ publicKey: key.publicKey, message, signature: blob });
    if (!holds) return fault('checkpoint-signature', `the signature of ${key.name} does not hold`);
  }
  return read;
}
