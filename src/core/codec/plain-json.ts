/**
 * Plain values as JSON for files that this program alone reads: bigints as `"123n"`, bytes as `"hex:..."`.
 *
 * Text that looks like either would come back as what it looks like, so what a stranger chose is never given as text.
 */

import { fromHex, toHex } from './hex.ts';

export const encodePlain = (value: unknown): string => JSON.stringify(plain(value));

/** Throws on what is no JSON; whether the value is what was meant is the caller's to know. */
export const decodePlain = (text: string): unknown => JSON.parse(text, revive) as unknown;

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (value instanceof Uint8Array) return `hex:${toHex(value)}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (/^-?\d+n$/.test(value)) return BigInt(value.slice(0, -1));
  return value.startsWith('hex:') ? fromHex(value.slice(4)) : value;
}
