/**
 * Crafted Ed25519 signatures: small and mixed orders, second encodings, S beyond L. Made from the definitions of RFC 8032
 * with curve arithmetic, in the groups that "Taming the many EdDSAs" (2020) and the CCTV project name; nothing copied.
 */

import { ed25519, ED25519_TORSION_SUBGROUP } from '@noble/curves/ed25519.js';
import { createHash } from 'node:crypto';

export type SignatureCase = {
  readonly group: string;
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
};

/** A source of bytes: the same seed gives the same cases. */
export type Chance = (size: number) => Uint8Array;

export function seededChance(seed: string): Chance {
  let counter = 0;
  return (size) => {
    const hash = createHash('shake256', { outputLength: size });
    return new Uint8Array(hash.update(`${seed}/${counter++}`).digest());
  };
}

const Point = ed25519.Point;
type CurvePoint = InstanceType<typeof Point>;
export const P = (1n << 255n) - 19n;
export const L = (1n << 252n) + 27742317777372353535851937790883648493n;
const TORSION: readonly CurvePoint[] = ED25519_TORSION_SUBGROUP.map((hex) => Point.fromHex(hex, true));

export const littleEndian = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
export const fromLittleEndian = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
const concat = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

const scalarOf = (bytes: Uint8Array): bigint => (fromLittleEndian(bytes) % (L - 1n)) + 1n;
const challenge = (r: Uint8Array, a: Uint8Array, m: Uint8Array): bigint =>
  fromLittleEndian(createHash('sha512').update(r).update(a).update(m).digest()) % L;

/** All 14 encodings of the eight points of small order: the 8 proper ones, and y = p, p + 1 and signs on a zero x. */
export function smallOrderEncodings(): Uint8Array[] {
  const sign = 1n << 255n;
  const improper = [P, P | sign, P + 1n, (P + 1n) | sign, 1n | sign, (P - 1n) | sign];
  return [...TORSION.map((point) => point.toBytes()), ...improper.map(littleEndian)];
}

/** Encodings with y in p..2^255-1 that lie on the curve; each is the second name of a point with y in 0..18. */
export function overlongEncodings(): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let y = P; y < 1n << 255n; y++)
    for (const sign of [0n, 1n << 255n]) {
      const bytes = littleEndian(y | sign);
      try {
        Point.fromBytes(bytes, true);
        found.push(bytes);
      } catch {
        // Not on the curve: nobody's second name.
      }
    }
  return found;
}

/** A signature by scalar `a` whose R has torsion `tr` and whose key has torsion `ta`, tried until `want(k)`. */
function craft(chance: Chance, group: string, parts: { tr: CurvePoint; ta: CurvePoint; want: (k: bigint) => boolean }) {
  const a = scalarOf(chance(32));
  const r = scalarOf(chance(32));
  const publicKey = Point.BASE.multiply(a).add(parts.ta).toBytes();
  const rBytes = Point.BASE.multiply(r).add(parts.tr).toBytes();
  for (;;) {
    const message = chance(32);
    const k = challenge(rBytes, publicKey, message);
    if (!parts.want(k)) continue;
    const signature = concat(rBytes, littleEndian((r + k * a) % L));
    return { group, publicKey, message, signature };
  }
}

const isZeroPoint = (point: CurvePoint): boolean => point.equals(Point.ZERO);
const timesSmall = (point: CurvePoint, k: bigint): CurvePoint => point.multiplyUnsafe(k % 8n);

/** One of each group. */
export function* craftedCases(chance: Chance): Generator<SignatureCase> {
  const torsion = TORSION.filter((point) => !isZeroPoint(point));
  const any = <T>(list: readonly T[]): T => list[chance(1)[0]! % list.length]!;
  const always = (): boolean => true;
  const honest = craft(chance, 'honest', { tr: Point.ZERO, ta: Point.ZERO, want: always });
  const { publicKey, message, signature } = honest;
  const [r, s] = [signature.slice(0, 32), fromLittleEndian(signature.slice(32))];
  const with_ = (group: string, change: Partial<SignatureCase>): SignatureCase => ({ ...honest, group, ...change });
  yield honest;
  yield with_('S + L', { signature: concat(r, littleEndian(s + L)) });
  yield with_('S + 8 L', { signature: concat(r, littleEndian((s + 8n * L) % (1n << 256n))) });
  yield with_('S = L', { signature: concat(r, littleEndian(L)) });
  yield with_('S = L - 1', { signature: concat(r, littleEndian(L - 1n)) });
  yield with_('S = 0', { signature: concat(r, littleEndian(0n)) });
  yield with_('altered message', { message: Uint8Array.of(...message, 0) });
  yield with_('altered S', { signature: concat(r, littleEndian((s + 1n) % L)) });
  yield with_('sign of R', {
    signature: concat(
      r.map((b, i) => (i === 31 ? b ^ 0x80 : b)),
      signature.slice(32),
    ),
  });
  yield with_('random R', { signature: concat(chance(32), signature.slice(32)) });
  yield with_('random key', { publicKey: chance(32) });
  yield with_('sign of key', { publicKey: publicKey.map((b, i) => (i === 31 ? b ^ 0x80 : b)) });
  yield with_('other key', { publicKey: Point.BASE.multiply(scalarOf(chance(32))).toBytes() });

  // R with a small-order part and an honest key: holds with the cofactor, not without.
  yield craft(chance, 'mixed R', { tr: any(torsion), ta: Point.ZERO, want: always });
  // The key with a small-order part: holds without the cofactor only for one message in eight.
  const ta = any(torsion);
  yield craft(chance, 'mixed key, cofactor needed', {
    tr: Point.ZERO,
    ta,
    want: (k) => !isZeroPoint(timesSmall(ta, k)),
  });
  yield craft(chance, 'mixed key, no cofactor needed', {
    tr: Point.ZERO,
    ta,
    want: (k) => isZeroPoint(timesSmall(ta, k)),
  });
  // Both, cancelling out: the cofactorless equation holds although neither point is honest.
  const tr = timesSmall(ta, 7n);
  yield craft(chance, 'mixed R and key, cancelling', {
    tr,
    ta,
    want: (k) => timesSmall(ta, k).add(tr).equals(Point.ZERO),
  });
  yield craft(chance, 'mixed R and key', { tr, ta, want: (k) => !timesSmall(ta, k).add(tr).equals(Point.ZERO) });

  // A key of small order signs without a secret: any S, R = S B (minus what the key adds).
  const small = any(smallOrderEncodings());
  const free = scalarOf(chance(32));
  const freeR = Point.BASE.multiply(free).toBytes();
  yield { group: 'small-order key', publicKey: small, message, signature: concat(freeR, littleEndian(free)) };
  // A small-order R with an honest key: S = k a.
  const smallR = any(smallOrderEncodings());
  const a = scalarOf(chance(32));
  const key = Point.BASE.multiply(a).toBytes();
  const k = challenge(smallR, key, message);
  yield { group: 'small-order R', publicKey: key, message, signature: concat(smallR, littleEndian((k * a) % L)) };
  yield { group: 'small-order R and key', publicKey: small, message, signature: concat(smallR, littleEndian(0n)) };
  const overlong = overlongEncodings();
  yield { group: 'overlong R', publicKey: key, message, signature: concat(any(overlong), littleEndian(free)) };
  yield { group: 'overlong key', publicKey: any(overlong), message, signature: concat(freeR, littleEndian(free)) };
}
