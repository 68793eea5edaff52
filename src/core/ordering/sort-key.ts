/**
 * Where inside its interval a subject is sorted: a point drawn with a seed that nobody knew when the subject was made.
 *
 * Two disjoint intervals are never reversed by points drawn inside them; which of two overlapping subjects comes first is
 * undecidable from the evidence, so it is drawn. The seed hashes the cut's lanes: it exists once every lane has passed the
 * slot's end, when every subject the cut can order has its id.
 *
 * BUG: the last validator to publish within a slot sees the others' roots and can choose among statements of its own to
 * prefer a seed. It gains nothing over decidable pairs. A hash chain revealed per slot, or an outside beacon, would close it.
 */

import type { Digest } from '../codec/sha256.ts';
import { sha256, sha256Of, SHA256_SIZE_BYTES } from '../codec/sha256.ts';
import { widthOf, type Interval } from '../time/interval.ts';
import { nanos, shift, type TaiInstant } from '../time/nanos.ts';

/** Seed and id joined: one call hashes them in a third of the time of two updates. */
const scratch = new Uint8Array(2 * SHA256_SIZE_BYTES);

const SEED_DOMAIN = new TextEncoder().encode('momentd order seed v1');

/** SHA-256("momentd order seed v1" || network id || slot as 8 bytes big-endian || lanes digest). */
export function cutSeed(needs: {
  readonly network: Digest;
  readonly slot: number;
  readonly lanesDigest: Digest;
}): Digest {
  const slot = new Uint8Array(8);
  new DataView(slot.buffer).setBigUint64(0, BigInt(needs.slot));
  return sha256Of(SEED_DOMAIN, needs.network, slot, needs.lanesDigest);
}

/**
 * `lo + PRF(seed, id) mod (hi - lo + 1)`; the PRF is the first 16 bytes of SHA-256(seed || id), big-endian. Intervals are
 * shorter than 2^63 ns, so the remainder is uneven by less than 2^-64.
 */
export function sortKey(seed: Digest, subject: Digest, { earliest, latest }: Interval): TaiInstant {
  scratch.set(seed);
  scratch.set(subject, SHA256_SIZE_BYTES);
  const drawn = sha256(scratch);
  const view = new DataView(drawn.buffer, drawn.byteOffset, 16);
  const prf = (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
  return shift(earliest, nanos(prf % (widthOf({ earliest, latest }) + 1n)));
}
