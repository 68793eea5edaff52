/**
 * One entry of a lane: the canonical CBOR array `[statement, body or null]`, both as byte strings.
 *
 * The statement is a whole COSE_Sign1; the body is what its subject commits to (the reports of a tick) where there is one.
 * The entry is what the Merkle leaf hashes. docs/spec/lane.md section "Entry".
 */

import { assert } from '../assert.ts';
import { decodeCbor, encodeCbor } from '../codec/cbor.ts';
import { LIMITS } from '../limits.ts';
import { fault, type Fault } from '../verdict.ts';

/** Views of the entry's bytes when decoded. */
export type LaneEntry = { readonly statement: Uint8Array; readonly body: Uint8Array | null };

export function encodeEntry({ statement, body }: LaneEntry): Uint8Array {
  const bytes = encodeCbor([statement, body]);
  assert(bytes.length <= LIMITS.laneEntryBytesMax, 'an entry fits the 16-bit length of an entry tile');
  return bytes;
}

export function decodeEntry(bytes: Uint8Array): LaneEntry | Fault {
  // [REJECT] Length before shape.
  if (bytes.length > LIMITS.laneEntryBytesMax) return fault('lane-entry-format', `${bytes.length} bytes of entry`);
  const decoded = decodeCbor(bytes);
  // [REJECT] One encoding per entry, so that one entry has one leaf hash.
  if ('fault' in decoded) return fault('lane-entry-format', `${decoded.fault} at byte ${decoded.offset}`);
  const value = decoded.value;
  if (!Array.isArray(value) || value.length !== 2) return fault('lane-entry-format', 'not an array of two');
  const [statement, body] = value as readonly unknown[];
  if (!(statement instanceof Uint8Array) || statement.length > LIMITS.signedStatementBytesMax)
    return fault('lane-entry-format', 'the first item is not a statement');
  if (body !== null && !(body instanceof Uint8Array))
    return fault('lane-entry-format', 'the second item is neither bytes nor null');
  return { statement, body };
}
