/** Mutations of bytes and of text that know nothing of what they mean, and one that knows what a comparison wanted. */

import type { Random } from '../src/sim/random.ts';
import type { Comparison, Operand } from './trace.ts';

export const below = (random: Random, limit: number): number => (limit <= 1 ? 0 : random.bits32() % limit);
export const pick = <T>(random: Random, items: readonly T[]): T => items[below(random, items.length)]!;

const INTERESTING_BYTES = [
  0x00, 0x01, 0x0a, 0x10, 0x17, 0x18, 0x20, 0x2c, 0x2e, 0x3d, 0x40, 0x7f, 0x80, 0xa0, 0xc0, 0xf6, 0xff,
];
const INTERESTING_TEXT = [
  '',
  '0',
  '-1',
  '1e9',
  '00',
  '9'.repeat(20),
  ' ',
  '\t',
  '\r\n',
  '\n\n',
  '\u0000',
  'é',
  '\u2028',
  '=',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  '#',
  '+',
  '__proto__',
  'constructor',
  '\ufeff',
  '\ud7ff\u0300',
];

export const join = (...parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

/** One change. `other` is a second input to take pieces from. */
export function mutateBytes(random: Random, input: Uint8Array, other: Uint8Array): Uint8Array {
  const at = below(random, input.length + 1);
  const end = Math.min(input.length, at + 1 + below(random, 1 << below(random, 7)));
  const changed = input.slice();
  switch (below(random, 9)) {
    case 0:
      if (at < changed.length) changed[at]! ^= 1 << below(random, 8);
      return changed;
    case 1:
      if (at < changed.length) changed[at] = pick(random, INTERESTING_BYTES);
      return changed;
    case 2:
      if (at < changed.length) changed[at]! += below(random, 2) === 0 ? 1 : -1;
      return changed;
    case 3:
      for (let i = at; i < end; i++) changed[i] = below(random, 256);
      return changed;
    case 4:
      return join(input.subarray(0, at), input.subarray(end));
    case 5:
      return join(input.subarray(0, end), input.subarray(at));
    case 6: {
      const from = below(random, other.length + 1);
      const piece = other.subarray(from, from + 1 + below(random, 64));
      return join(input.subarray(0, at), piece, input.subarray(below(random, 2) === 0 ? at : end));
    }
    case 7:
      return join(input.subarray(0, at), other.subarray(Math.min(at, other.length)));
    default:
      return input.slice(0, at);
  }
}

/** One change of Latin-1 text: numbers, lines, words, and characters that mean something to parsers. */
export function mutateText(random: Random, input: Uint8Array, other: Uint8Array): Uint8Array {
  const text = Buffer.from(input).toString('latin1');
  return Uint8Array.from(Buffer.from(changedText(random, text, Buffer.from(other).toString('latin1')), 'latin1'));
}

export function changedText(random: Random, text: string, other: string): string {
  const separator = pick(random, ['\n', ',', ' ', '=', '/', ':']);
  const parts = text.split(separator);
  const at = below(random, parts.length);
  switch (below(random, 7)) {
    case 0: {
      const numbers = [...text.matchAll(/-?\d+/g)];
      if (numbers.length === 0) return text + pick(random, INTERESTING_TEXT);
      const { 0: digits, index } = pick(random, numbers);
      return text.slice(0, index) + changedNumber(random, digits) + text.slice(index + digits.length);
    }
    case 1:
      return parts.toSpliced(at, 1).join(separator);
    case 2:
      return parts.toSpliced(at, 0, parts[at]!).join(separator);
    case 3:
      return parts.toSpliced(at, 1, pick(random, other.split(separator))).join(separator);
    case 4:
      return parts.toSpliced(at, 1, pick(random, INTERESTING_TEXT)).join(separator);
    case 5: {
      const position = below(random, text.length + 1);
      return text.slice(0, position) + pick(random, INTERESTING_TEXT) + text.slice(position);
    }
    default: {
      const position = below(random, text.length + 1);
      const piece = text.slice(position, position + 1 + below(random, 8));
      return text.slice(0, position) + piece.repeat(2 ** below(random, 9)) + text.slice(position + piece.length);
    }
  }
}

function changedNumber(random: Random, digits: string): string {
  const value = BigInt(digits);
  const changed = [
    value + 1n,
    value - 1n,
    -value,
    value * 10n,
    value / 2n,
    0n,
    1n << BigInt(below(random, 70)),
    BigInt(random.bits32()),
  ];
  return pick(random, changed).toString();
}

/** Puts what a comparison wanted where the input holds what it found; undefined where the input does not hold it. */
export function mutateToward(random: Random, input: Uint8Array, { found, wanted }: Comparison): Uint8Array | undefined {
  const [from, to] = below(random, 2) === 0 ? [found, wanted] : [wanted, found];
  const encoding = pick(random, ENCODINGS);
  const [old, fresh] = [encoding(from), encoding(to)];
  if (old === undefined || fresh === undefined || old.length === 0) return undefined;
  const places: number[] = [];
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length);
  for (let at = bytes.indexOf(old); at >= 0 && places.length < 16; at = bytes.indexOf(old, at + 1)) places.push(at);
  if (places.length === 0) return undefined;
  const at = pick(random, places);
  return join(input.subarray(0, at), fresh, input.subarray(at + old.length));
}

type Encoding = (operand: Operand) => Uint8Array | undefined;

const integer =
  (size: 1 | 2 | 4 | 8, order: 'big' | 'little'): Encoding =>
  (operand) => {
    if (typeof operand === 'string' || (typeof operand === 'number' && !Number.isSafeInteger(operand)))
      return undefined;
    const value = BigInt(operand);
    if (BigInt.asUintN(size * 8, value) !== value) return undefined;
    const bytes = Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
    return order === 'big' ? bytes.reverse() : bytes;
  };

const decimal: Encoding = (operand) => Buffer.from(String(operand), 'utf8');

const ENCODINGS: readonly Encoding[] = [
  integer(1, 'big'),
  integer(2, 'big'),
  integer(4, 'big'),
  integer(8, 'big'),
  integer(2, 'little'),
  integer(4, 'little'),
  decimal,
];
