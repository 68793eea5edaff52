/** Hashing by the batch gives what hashing one by one gives, by core and by the addon. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../../src/core/codec/hex.ts';
import { hashRanges, leafHashesOf, type HashRanges } from '../../../src/core/log/hash-ranges.ts';
import { Frontier, leafHash, rootOf, rootOfAll } from '../../../src/core/log/merkle.ts';
import { partialTiles, RightEdge, type TileBytes } from '../../../src/core/log/right-edge.ts';
import { tilePath } from '../../../src/core/log/tiles.ts';
import { loadNative } from '../../../src/io/clocks/native.ts';

const load = loadNative();
const addon = load.loaded ? load.native : undefined;
const ways: [string, HashRanges | undefined][] = [
  ['core', hashRanges],
  ['the addon', addon?.sha256Ranges],
];

const entry = (i: number): Uint8Array => Buffer.alloc(i % 131, i);
const tiles = (full: readonly TileBytes[]): string[] =>
  full.map(({ tile, bytes }) => `${tilePath(tile)} ${Buffer.from(bytes).toString('base64')}`);

for (const [name, hash] of ways) {
  const skip = hash === undefined && 'the addon is not built: npm rebuild';
  test(
    `batches through ${name} give the root, rows and tiles of single appends, and can be taken back`,
    { skip },
    () => {
      // Batches up to three tiles, so that they begin and end anywhere in a tile and span whole ones.
      fc.assert(
        fc.property(fc.array(fc.nat({ max: 700 }), { maxLength: 5 }), fc.nat({ max: 600 }), (batches, undone) => {
          const [one, many, frontier] = [RightEdge.empty(), RightEdge.empty(), new Frontier()];
          for (const count of batches) {
            const entries = Array.from({ length: count }, (_, i) => entry(one.size + i));
            for (const bytes of entries) one.append(leafHash(bytes));
            const mark = many.mark();
            many.appendAll(
              leafHashesOf(
                hash!,
                Array.from({ length: undone }, (_, i) => entry(7 * i)),
              ),
              hash!,
            );
            many.rewind(mark);
            many.appendAll(leafHashesOf(hash!, entries), hash!);
            frontier.appendAll(leafHashesOf(hash!, entries), hash!);
            assert.equal(many.size, one.size);
            assert.equal(toHex(many.root()), toHex(one.root()));
            assert.equal(toHex(frontier.root()), toHex(one.root()));
            for (const tile of partialTiles(one.size)) {
              const width = 32 * tile.width;
              assert.deepEqual(many.rowOf(tile)!.subarray(0, width), one.rowOf(tile)!.subarray(0, width));
            }
          }
          assert.deepEqual(tiles(many.takeFull()), tiles(one.takeFull()));
        }),
        { numRuns: 40 },
      );
    },
  );
}

for (const [name, hash] of ways) {
  const skip = hash === undefined && 'the addon is not built: npm rebuild';
  test(`the root of a batch through ${name} is the root by definition, of long entries too`, { skip }, () => {
    for (const count of [0, 1, 2, 3, 7, 8, 300]) {
      const entries = Array.from({ length: count }, (_, i) => Buffer.alloc(i === 0 ? 5_000 : i, i));
      assert.deepEqual(rootOfAll(leafHashesOf(hash!, entries), hash!), rootOf(entries.map(leafHash)), `${count}`);
    }
  });
}

test(
  'the addon refuses ranges and digests that do not fit, and arrays of another kind',
  { skip: !addon && 'not built' },
  () => {
    const [bytes, digests] = [new Uint8Array(100), new Uint8Array(64)];
    const call = addon!.sha256Ranges;
    for (const ranges of [
      [0, 101],
      [7, 6],
      [0, 1, 2],
      [0, 1, 0, 1, 0, 1],
      [4_294_967_295, 4_294_967_295],
    ])
      assert.throws(() => call(0, bytes, Uint32Array.from(ranges), digests), { code: 'ERANGE' }, String(ranges));
    assert.throws(() => call(0, bytes, new Float32Array(2) as never, digests), { code: 'EINVAL' });
    assert.throws(() => (call as (...args: unknown[]) => void)(0, bytes), { code: 'EINVAL' });
    call(0, bytes, Uint32Array.of(100, 100), digests);
    assert.equal(toHex(digests.subarray(0, 32)), toHex(leafHash(new Uint8Array())));
  },
);
