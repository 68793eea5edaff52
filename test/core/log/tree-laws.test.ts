/** Laws of the tree: the frontier is the definition, any entry is included, any two prefixes are consistent. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256, type Digest } from '../../../src/core/codec/sha256.ts';
import {
  EMPTY_ROOT,
  Frontier,
  joinSubtrees,
  leafHash,
  nodeHash,
  perfectSubtrees,
  type Subtree,
} from '../../../src/core/log/merkle.ts';
import {
  consistencyPlan,
  inclusionPlan,
  proofOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/core/log/proofs.ts';
import { partialTiles, RightEdge, type TileBytes } from '../../../src/core/log/right-edge.ts';
import {
  hashesAtLevel,
  levelCount,
  subtreeHash,
  tileOf,
  tilePath,
  tileRoot,
  type Tile,
} from '../../../src/core/log/tiles.ts';

const SIZE = 700;
const leaves = Array.from({ length: SIZE }, (_, i) => leafHash(Uint8Array.of(i >> 8, i & 255)));

/** RFC 6962 section 2.1, word for word. */
function definition(range: readonly Digest[]): Digest {
  if (range.length === 0) return sha256(new Uint8Array());
  if (range.length === 1) return range[0]!;
  let k = 1;
  while (k * 2 < range.length) k *= 2;
  return nodeHash(definition(range.slice(0, k)), definition(range.slice(k)));
}

const roots = Array.from({ length: SIZE + 1 }, (_, n) =>
  n <= 80 || n % 37 === 0 ? definition(leaves.slice(0, n)) : undefined,
);
const rootAt = (n: number): Digest => (roots[n] ??= definition(leaves.slice(0, n)));
const hashOf = ({ level, index }: Subtree): Digest =>
  definition(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
const size = fc.integer({ min: 1, max: SIZE });

test('the frontier has the root of the definition at every size', () => {
  const frontier = new Frontier();
  assert.equal(toHex(frontier.root()), toHex(EMPTY_ROOT));
  for (const [i, leaf] of leaves.entries()) {
    frontier.append(leaf);
    if (roots[i + 1] !== undefined) assert.equal(toHex(frontier.root()), toHex(rootAt(i + 1)), `size ${i + 1}`);
  }
});

test('a frontier made from subtrees goes on like one that grew', () => {
  fc.assert(
    fc.property(size, (n) => {
      const made = Frontier.of(n, hashOf);
      assert.equal(toHex(made.root()), toHex(rootAt(n)));
      for (const leaf of leaves.slice(n, n + 9)) made.append(leaf);
      assert.equal(toHex(made.root()), toHex(rootAt(Math.min(SIZE, n + 9))));
    }),
    { numRuns: 40 },
  );
});

test('perfect subtrees cover a range once and join to its root', () => {
  fc.assert(
    fc.property(size, (n) => {
      let at = 0;
      for (const { level, index } of perfectSubtrees(0, n)) {
        assert.equal(index * 2 ** level, at);
        at += 2 ** level;
      }
      assert.equal(at, n);
      assert.equal(toHex(joinSubtrees(perfectSubtrees(0, n).map(hashOf))), toHex(rootAt(n)));
    }),
    { numRuns: 60 },
  );
});

test('any entry is included in any tree that has it, and in no other place', () => {
  fc.assert(
    fc.property(size, fc.nat(), fc.nat(), (n, pick, otherPick) => {
      const index = pick % n;
      const other = otherPick % n;
      const plan = inclusionPlan(index, n);
      const claim = {
        leaf: leaves[index]!,
        index,
        size: n,
        root: rootAt(n),
        proof: proofOf(plan, plan.flat().map(hashOf)),
      };
      assert.ok(verifyInclusion(claim));
      if (other !== index) {
        assert.ok(!verifyInclusion({ ...claim, index: other }));
        assert.ok(!verifyInclusion({ ...claim, leaf: leaves[other]! }));
      }
      assert.ok(!verifyInclusion({ ...claim, index: n }));
      if (n > 1) assert.ok(!verifyInclusion({ ...claim, proof: claim.proof.slice(1) }));
    }),
    { numRuns: 150 },
  );
});

test('any two prefixes are consistent, and no proof serves another pair', () => {
  fc.assert(
    fc.property(size, fc.nat(), (n, pick) => {
      const old = pick % (n + 1);
      const plan = consistencyPlan(old, n);
      const proof = proofOf(plan, plan.flat().map(hashOf));
      const claim = { oldSize: old, oldRoot: rootAt(old), newSize: n, newRoot: rootAt(n), proof };
      assert.ok(verifyConsistency(claim));
      if (old === 0) return;
      const forged = nodeHash(EMPTY_ROOT, EMPTY_ROOT);
      assert.ok(!verifyConsistency({ ...claim, oldRoot: forged }));
      assert.ok(!verifyConsistency({ ...claim, newRoot: forged }));
      for (let i = 0; i < proof.length; i++)
        assert.ok(!verifyConsistency({ ...claim, proof: proof.with(i, nodeHash(forged, forged)) }));
      assert.ok(!verifyConsistency({ ...claim, proof: [...proof, forged] }));
    }),
    { numRuns: 120 },
  );
});

test('positions above 2^32 are exact', () => {
  const big = 2 ** 40 + 12_345;
  const plan = inclusionPlan(big - 1, big);
  assert.deepEqual(plan.at(-1), [{ level: 40, index: 0 }]);
  assert.equal(
    perfectSubtrees(0, big).reduce((sum, { level }) => sum + 2 ** level, 0),
    big,
  );
});

/** Every tile of one level of a tree of `size` entries: full ones, then the partial one. */
function* tilesOfLevel(level: number, size: number): Generator<Tile> {
  const count = hashesAtLevel(level, size);
  for (let index = 0; index * 256 < count; index++) yield { level, index, width: Math.min(256, count - index * 256) };
}

/** Tiles of the whole tree by definition. */
function tilesByPath(n: number): Map<string, Uint8Array> {
  const tiles = new Map<string, Uint8Array>();
  for (let level = 0; level < levelCount(n); level++)
    for (const tile of tilesOfLevel(level, n)) {
      const span = 256 ** level;
      const row = Array.from({ length: tile.width }, (_, i) => {
        const at = (tile.index * 256 + i) * span;
        return definition(leaves.slice(at, at + span));
      });
      tiles.set(tilePath(tile), Buffer.concat(row));
    }
  return tiles;
}

test('the right edge fills the tiles of the definition, and goes on from them', () => {
  const edge = RightEdge.empty();
  const full = new Map<string, Uint8Array>();
  const take = (tiles: readonly TileBytes[]): void =>
    tiles.forEach(({ tile, bytes }) => full.set(tilePath(tile), bytes));
  for (const [i, leaf] of leaves.entries()) {
    edge.append(leaf);
    take(edge.takeFull());
    const n = i + 1;
    if (![1, 255, 256, 257, 512, 513, 700].includes(n)) continue;
    const expected = tilesByPath(n);
    const partials = partialTiles(n);
    for (const tile of partials) {
      const bytes = edge.rowOf(tile)!.slice(0, tile.width * 32);
      assert.deepEqual(Buffer.from(bytes), expected.get(tilePath(tile)), `${tilePath(tile)} of ${n}`);
    }
    assert.equal(full.size + partials.length, expected.size, `tiles of ${n}`);
    for (const [path, bytes] of full) assert.deepEqual(Buffer.from(bytes), expected.get(path), path);
    const again = RightEdge.load(n, (tile) => expected.get(tilePath(tile))!);
    for (const later of leaves.slice(n, n + 30)) again.append(later);
    assert.equal(toHex(again.root()), toHex(rootAt(Math.min(SIZE, n + 30))));
  }
  assert.equal(toHex(tileRoot(full.get('tile/0/001')!)), toHex(hashOf({ level: 8, index: 1 })));
});

test('every subtree can be read from its tile', () => {
  const tiles = tilesByPath(SIZE);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9 }), fc.nat(), (level, pick) => {
      const count = Math.floor(SIZE / 2 ** level);
      if (count === 0) return;
      const subtree = { level, index: pick % count };
      assert.equal(toHex(subtreeHash(subtree, tiles.get(tilePath(tileOf(subtree, SIZE)))!)), toHex(hashOf(subtree)));
    }),
  );
});

test('what is undone leaves no trace', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 0, max: 100 }), (n, undone) => {
      const edge = RightEdge.empty();
      for (const leaf of leaves.slice(0, n)) edge.append(leaf);
      edge.takeFull();
      const mark = edge.mark();
      for (let i = 0; i < undone; i++) edge.append(EMPTY_ROOT);
      edge.rewind(mark);
      assert.equal(edge.size, n);
      for (const leaf of leaves.slice(n, n + 60)) edge.append(leaf);
      assert.equal(toHex(edge.root()), toHex(rootAt(Math.min(SIZE, n + 60))));
    }),
    { numRuns: 40 },
  );
});

test('the tiles of 70,000 entries are those of the specification', () => {
  assert.equal([...tilesOfLevel(0, 70_000)].filter(({ width }) => width === 256).length, 273);
  assert.deepEqual(partialTiles(70_000), [
    { level: 0, index: 273, width: 112 },
    { level: 1, index: 1, width: 17 },
    { level: 2, index: 0, width: 1 },
  ]);
});
