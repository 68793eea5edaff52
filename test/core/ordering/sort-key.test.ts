import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { cutSeed, sortKey } from '../../../src/core/ordering/sort-key.ts';
import { contains, interval } from '../../../src/core/time/interval.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { readVectors } from '../attestation/vector-file.ts';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const anInterval = fc
  .tuple(fc.bigInt(0n, 2n ** 62n), fc.bigInt(0n, 10n ** 10n))
  .map(([from, width]) => interval(taiInstant(from), taiInstant(from + width)));

test('the drawn point lies in the interval, so disjoint intervals are never reversed', () => {
  fc.assert(
    fc.property(bytes32, bytes32, bytes32, anInterval, anInterval, (seed, a, b, seenA, seenB) => {
      const [keyA, keyB] = [sortKey(seed, a, seenA), sortKey(seed, b, seenB)];
      assert.ok(contains(seenA, keyA));
      assert.ok(contains(seenB, keyB));
      if (seenA.latest < seenB.earliest) assert.ok(keyA < keyB);
    }),
  );
});

test('an interval of one instant leaves nothing to draw', () => {
  const seen = interval(taiInstant(5n), taiInstant(5n));
  assert.equal(sortKey(new Uint8Array(32), new Uint8Array(32), seen), 5n);
});

test('another slot, network or cut gives another seed', () => {
  const network = new Uint8Array(32).fill(1);
  const lanesDigest = new Uint8Array(32).fill(2);
  const seeds = [
    cutSeed({ network, slot: 1, lanesDigest }),
    cutSeed({ network, slot: 2, lanesDigest }),
    cutSeed({ network: lanesDigest, slot: 1, lanesDigest }),
    cutSeed({ network, slot: 1, lanesDigest: network }),
  ].map(toHex);
  assert.equal(new Set(seeds).size, seeds.length);
});

type Input = { network: string; slot: number; lanes_digest: string; subject: string; lo_ns: string; hi_ns: string };

test('vectors: seed and point', () => {
  const { vectors } = readVectors<Input, { seed: string; point_ns: string }>('ordering-sort-key.json');
  for (const { name, input, expect } of vectors) {
    const seed = cutSeed({
      network: fromHex(input.network)!,
      slot: input.slot,
      lanesDigest: fromHex(input.lanes_digest)!,
    });
    assert.equal(toHex(seed), expect.seed, name);
    const seen = interval(taiInstant(BigInt(input.lo_ns)), taiInstant(BigInt(input.hi_ns)));
    assert.equal(sortKey(seed, fromHex(input.subject)!, seen).toString(), expect.point_ns, name);
  }
});
