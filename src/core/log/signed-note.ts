/**
 * Signed notes (C2SP signed-note): a text and lines of signatures over it.
 *
 *     <text, ending in a newline>
 *     <empty line>
 *     — <key name> <base64 of 4-byte key id and signature>
 *
 * Strict where the format leaves room: base64 in its one form, UTF-8, no control character but the newline. Signatures of
 * unknown keys are kept and ignored; a known key whose signature fails spoils the note.
 */

import { assert } from '../assert.ts';
import { compareBytes } from '../codec/cbor.ts';
import { fromBase64, toBase64 } from '../codec/base64.ts';
import { sha256Of } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { fault, type Fault } from '../verdict.ts';

/** Signature types: 0x01 Ed25519 over the text, 0x04 Ed25519 timestamped cosignature. */
export type NoteKeyType = 0x01 | 0x04;
export const NOTE_ED25519: NoteKeyType = 0x01;
export const NOTE_COSIGNATURE: NoteKeyType = 0x04;

/** A key a reader trusts. */
export type NoteKey = { readonly name: string; readonly type: NoteKeyType; readonly publicKey: Uint8Array };

/** `blob` is what follows the key id. */
export type NoteSignature = { readonly name: string; readonly keyId: Uint8Array; readonly blob: Uint8Array };

/** `text` ends in its newline. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] };

const KEY_ID_BYTES = 4;
const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const textBytes = (text: string): Uint8Array => utf8.encode(text);

/** First 4 bytes of SHA-256(name || 0x0A || type || public key). */
export function keyIdOf({ name, type, publicKey }: NoteKey): Uint8Array {
  return sha256Of(utf8.encode(`${name}\n`), Uint8Array.of(type), publicKey).slice(0, KEY_ID_BYTES);
}

/** Not empty, no space of any kind, no plus, no control character. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.isWellFormed() && !/[\s+\p{White_Space}\p{Cc}]/u.test(name);
}

export function signatureLine({ name, keyId, blob }: NoteSignature): string {
  assert(isKeyName(name), 'a key name has no spaces and no plus');
  return `\u2014 ${name} ${toBase64(Uint8Array.of(...keyId, ...blob))}\n`;
}

export function encodeNote({ text, signatures }: Note): Uint8Array {
  assert(text.endsWith('\n'), 'the text of a note ends in a newline');
  return utf8.encode(`${text}\n${signatures.map(signatureLine).join('')}`);
}

export function decodeNote(bytes: Uint8Array): Note | Fault {
  // [REJECT] Length before shape.
  if (bytes.length > LIMITS.noteBytesMax) return bad(`${bytes.length} bytes`);
  const whole = decodeText(bytes);
  if (whole === undefined) return bad('not UTF-8, or a control character in it');
  const split = whole.lastIndexOf('\n\n');
  // [REJECT] The last empty line separates the text from at least one signature line.
  if (split < 1 || !whole.endsWith('\n') || split + 2 >= whole.length) return bad('no signature lines');
  const signatures: NoteSignature[] = [];
  for (const line of whole.slice(split + 2, -1).split('\n')) {
    // [REJECT] A bound on signatures (at least 16 are accepted everywhere).
    if (signatures.length >= LIMITS.noteSignaturesMax) return bad('too many signatures');
    const signature = decodeSignatureLine(line);
    if (signature === undefined) return bad(`signature line ${signatures.length + 1} is malformed`);
    signatures.push(signature);
  }
  return { text: whole.slice(0, split + 1), signatures };
}

/** One line without its newline. */
export function decodeSignatureLine(line: string): NoteSignature | undefined {
  const [dash, name, encoded, ...rest] = line.split(' ');
  if (dash !== '\u2014' || name === undefined || encoded === undefined || rest.length > 0) return undefined;
  const blob = fromBase64(encoded);
  if (!isKeyName(name) || blob === undefined || blob.length <= KEY_ID_BYTES) return undefined;
  return { name, keyId: blob.subarray(0, KEY_ID_BYTES), blob: blob.subarray(KEY_ID_BYTES) };
}

/** The signatures of a note that name this key: usually none or one. */
export function signaturesBy(note: Note, key: NoteKey): NoteSignature[] {
  const keyId = keyIdOf(key);
  return note.signatures.filter(({ name, keyId: id }) => name === key.name && compareBytes(id, keyId) === 0);
}

/** `name+hex key id+base64(type and key)`: how a key is handed to other tools. */
export function encodeVerifierKey(key: NoteKey): string {
  const id = [...keyIdOf(key)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${key.name}+${id}+${toBase64(Uint8Array.of(key.type, ...key.publicKey))}`;
}

export function decodeVerifierKey(text: string): NoteKey | Fault {
  const [name, id, encoded, ...rest] = splitFirst(text);
  const bytes = encoded === undefined ? undefined : fromBase64(encoded);
  if (name === undefined || id === undefined || bytes === undefined || rest.length > 0 || !isKeyName(name))
    return bad('not name+id+key');
  const type = bytes[0];
  if ((type !== NOTE_ED25519 && type !== NOTE_COSIGNATURE) || bytes.length !== 33) return bad('not an Ed25519 key');
  const key = { name, type, publicKey: bytes.slice(1) } as const;
  return encodeVerifierKey(key) === text ? key : bad('the key id does not fit the key');
}

/** Base64 may hold a plus, so only the first two separate. */
function splitFirst(text: string): (string | undefined)[] {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  return first < 0 || second < 0 ? [] : [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

function decodeText(bytes: Uint8Array): string | undefined {
  for (const byte of bytes) if (byte < 0x20 && byte !== 0x0a) return undefined;
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const bad = (detail: string): Fault => fault('note-format', detail);
