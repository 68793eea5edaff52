/**
 * A frame: items of one kind, bounded and in one encoding. It is the content of a gossip message, and what follows the
 * four length bytes on a direct stream.
 *
 *     byte     kind (kinds.ts)
 *     u16 BE   number of items, 1..LIMITS.frameItemsMax
 *     per item u24 BE length, then that many bytes, 1 byte at least
 *
 * Every length has one form and nothing may follow the last item, so a frame's bytes are a function of its items: two
 * peers that batch alike send alike, and a frame is known again by its hash. Nothing is compressed: at rest a frame holds
 * one statement, mostly digests and a signature, and deflate takes 6 % off it in 140 us; off 200 reports it takes 6 % too.
 */

import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import { fault, type Fault } from '../verdict.ts';
import { KIND_RULES, kindOfWire, type MessageKind } from './kinds.ts';

export type Frame = { readonly kind: MessageKind; readonly items: readonly Uint8Array[] };

export const FRAME_HEAD_BYTES = 3;
export const ITEM_HEAD_BYTES = 3;

/** Encodes with `reserve` bytes left free in front, for a length that the caller writes there. */
export function encodeFrame({ kind, items }: Frame, reserve = 0): Uint8Array {
  assert(items.length >= 1 && items.length <= LIMITS.frameItemsMax, 'a frame has items and not too many');
  let size = reserve + FRAME_HEAD_BYTES;
  for (const item of items) size += ITEM_HEAD_BYTES + item.length;
  assert(size - reserve <= LIMITS.frameBytesMax, 'a frame fits the bound its readers keep');
  const out = new Uint8Array(size);
  out[reserve] = KIND_RULES[kind].wire;
  out[reserve + 1] = items.length >> 8;
  out[reserve + 2] = items.length & 0xff;
  let at = reserve + FRAME_HEAD_BYTES;
  for (const item of items) {
    assert(
      item.length >= 1 && item.length <= KIND_RULES[kind].itemBytesMax,
      'an item is not empty and within its bound',
    );
    out[at] = item.length >> 16;
    out[at + 1] = (item.length >> 8) & 0xff;
    out[at + 2] = item.length & 0xff;
    out.set(item, at + ITEM_HEAD_BYTES);
    at += ITEM_HEAD_BYTES + item.length;
  }
  return out;
}

/** The frame, its items views of `bytes`; or what is wrong with it. */
export function decodeFrame(bytes: Uint8Array): Frame | Fault {
  // [REJECT] Length before shape.
  if (bytes.length > LIMITS.frameBytesMax) return fault('frame-too-long', `${bytes.length} bytes`);
  if (bytes.length < FRAME_HEAD_BYTES) return fault('frame-format', `${bytes.length} bytes are no frame`);
  const kind = kindOfWire(bytes[0]!);
  if (kind === undefined) return fault('frame-kind', `kind ${bytes[0]!} is not known`);
  const count = (bytes[1]! << 8) | bytes[2]!;
  if (count < 1 || count > LIMITS.frameItemsMax) return fault('frame-format', `${count} items`);
  const { itemBytesMax } = KIND_RULES[kind];
  const items: Uint8Array[] = [];
  let at = FRAME_HEAD_BYTES;
  for (let i = 0; i < count; i++) {
    if (at + ITEM_HEAD_BYTES > bytes.length) return fault('frame-format', `item ${i} of ${count} is missing`);
    const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    at += ITEM_HEAD_BYTES;
    // [REJECT] Each kind has its own bound.
    if (length < 1 || length > itemBytesMax)
      return fault('frame-item-length', `item ${i} of ${kind} claims ${length} bytes`);
    if (at + length > bytes.length) return fault('frame-format', `item ${i} of ${count} is cut short`);
    items.push(bytes.subarray(at, at + length));
    at += length;
  }
  // [REJECT] One encoding per list of items.
  return at === bytes.length
    ? { kind, items }
    : fault('frame-format', `${bytes.length - at} bytes after ${count} items`);
}
