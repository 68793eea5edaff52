/**
 * Parsers with known bugs, for showing that the engine finds them. Loaded by name, so that they are instrumented like the
 * program's own modules.
 */

import { decodeCbor, isMap, type CborValue } from '../../src/core/codec/cbor.ts';

/** Behind a magic of four bytes and a length that must fit lies a kind nobody handles. */
export function readsRecord(bytes: Uint8Array): string {
  if (bytes.length < 8) return 'short';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x4d4f_4d54) return 'magic';
  if (view.getUint16(4) !== bytes.length - 8) return 'length';
  if (bytes[6] === 0x2a && bytes[7] === 0x99) throw new RangeError('nobody handles this kind');
  return 'ok';
}

/** Each key is right by itself; two of them together are not. */
export function readsText(bytes: Uint8Array): string {
  const keys = new Map<string, number>();
  for (const line of Buffer.from(bytes).toString('latin1').split('\n')) {
    const [key = '', value = ''] = line.split('=');
    if (key === 'width') keys.set(key, Number(value));
    if (key === 'height') keys.set(key, Number(value));
  }
  const width = keys.get('width') ?? 1;
  const height = keys.get('height') ?? 1;
  if (width === 4_096 && height === 0) throw new Error('a division by nothing');
  return keys.size === 2 ? 'both' : 'some';
}

/** A list of three that ends in null, inside a map, inside a list. */
export function readsStructure(bytes: Uint8Array): string {
  const decoded = decodeCbor(bytes);
  if ('fault' in decoded) return decoded.fault;
  if (!Array.isArray(decoded.value)) return 'no list';
  for (const item of decoded.value as readonly CborValue[]) {
    if (item === null || typeof item !== 'object' || !isMap(item)) continue;
    for (const value of item.values())
      if (Array.isArray(value) && value.length === 3)
        if (value[2] === null) throw new Error('a list of three that ends in null');
  }
  return 'ok';
}

/** Time that grows with the square of a run of one byte. */
export function readsSlowly(bytes: Uint8Array): string {
  let steps = 0;
  for (let i = 0; i < bytes.length; i++)
    if (bytes[i] === 0x20) for (let j = i; j < bytes.length && bytes[j] === 0x20; j++) steps += spin(4_000);
  return steps === 0 ? 'none' : 'some';
}

function spin(count: number): number {
  let x = 1;
  for (let i = 0; i < count; i++) x = (Math.imul(x, 31) + i) | 0;
  return x === 0 ? 2 : 1;
}

/** Everything that was ever read is kept. */
export class Hoarder {
  readonly #kept: Uint8Array[] = [];

  take(bytes: Uint8Array): string {
    this.#kept.push(new Uint8Array(16_384).fill(bytes.length));
    return 'kept';
  }
}
