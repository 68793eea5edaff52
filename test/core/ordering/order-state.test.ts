/** The ordering as bytes: interrupted anywhere it goes on as if it had not been, and bytes that are not whole are refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FlatWriter } from '../../../src/core/codec/flat-bytes.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { encodeOrderEntry, type OrderEntry } from '../../../src/core/ordering/order-entry.ts';
import type { Ordering } from '../../../src/core/ordering/ordering.ts';
import { FourLanes, subject } from './four-lanes.ts';

/** Eight slots of subjects that everyone, some, or hardly anybody saw, with votes as they fall due. */
function longWorld(): FourLanes {
  const world = new FourLanes();
  const orderings = [0, 1, 2, 3].map((lane) => world.ordering(lane));
  world.beatAll(1);
  for (let slot = 0; slot < 8; slot++) {
    const ms = 250 * slot;
    for (let lane = 0; lane < 4; lane++) {
      world.report(lane, ms + 60 + lane, [
        [`all ${slot}`, ms + 20 + lane, ms + 30 + 2 * lane],
        [`early ${slot} ${lane}`, ms + 25, ms + 26],
        ...(lane < 2 ? ([[`few ${slot}`, ms + 40, ms + 41]] as const) : []),
        // Ready only with the report of the next slot.
        ...(lane === 3 || slot % 3 === 1 ? ([[`slow ${slot - 1}`, ms + 31, ms + 50]] as const) : []),
      ]);
      if (lane === 1) world.report(lane, ms + 70, [[`slow ${slot}`, ms + 62, ms + 65]]);
    }
    world.beatAll(ms + 255);
    for (const [lane, ordering] of orderings.entries()) {
      world.feed(ordering);
      const due = ordering.voteDue(world.lanes[lane]!.length);
      // The last one is often late with its vote.
      if (due === undefined || (lane === 3 && slot % 2 === 0)) continue;
      world.write(lane, ms + 260 + lane, 'cut-vote', due.subject, due.body);
    }
  }
  world.beatAll(2_400);
  return world;
}

const WORLD = longWorld();
const SIZES = WORLD.lanes.map((lane) => lane.length);
const TOTAL = SIZES.reduce((a, b) => a + b, 0);

/** Lanes in the order of `draws`, then whatever is left. */
function interleaving(draws: readonly number[]): number[] {
  const left = [...SIZES];
  const order = draws.filter((lane) => (left[lane]! > 0 ? ((left[lane]! -= 1), true) : false));
  for (const [lane, count] of left.entries()) order.push(...Array.from({ length: count }, () => lane));
  return order;
}

function feed(ordering: Ordering, lanes: readonly number[]): OrderEntry[] {
  return lanes.flatMap((lane) =>
    ordering
      .append(lane, WORLD.lanes[lane]![ordering.sizeOf(lane)]!)
      .flatMap((effect) => (effect.kind === 'final' ? effect.entries : [])),
  );
}

const hexOf = (entries: readonly OrderEntry[]): string[] => entries.map((entry) => toHex(encodeOrderEntry(entry)));

test('saved and loaded at any point, of any interleaving, it goes on to the same bytes, answers and votes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3 }), { maxLength: TOTAL }), fc.nat({ max: TOTAL }), (draws, cut) => {
      const lanes = interleaving(draws);
      const whole = WORLD.ordering(0);
      const before = feed(whole, lanes.slice(0, cut));
      const state = whole.save();
      const resumed = WORLD.ordering(0);
      assert.ok(resumed.load(state));
      resumed.recall(before);
      assert.deepEqual(resumed.decidedHead, whole.decidedHead);
      assert.equal(toHex(resumed.save()), toHex(state));
      assert.deepEqual(hexOf(feed(resumed, lanes.slice(cut))), hexOf(feed(whole, lanes.slice(cut))));
      assert.equal(toHex(resumed.save()), toHex(whole.save()));
      assert.equal(resumed.isBusy, whole.isBusy);
      assert.deepEqual(resumed.voteDue(SIZES[0]!), whole.voteDue(SIZES[0]!));
      for (const label of ['all 0', 'all 7', 'few 3', 'slow 2', 'early 1 1', 'nobody']) {
        assert.deepEqual(resumed.positionOf(subject(label)), whole.positionOf(subject(label)), label);
        assert.deepEqual(resumed.certificateParts(subject(label)), whole.certificateParts(subject(label)), label);
      }
    }),
    { numRuns: 40 },
  );
});

test('saved in pieces it is the same bytes; what is handed in between two of them is a bug that is noticed', () => {
  const ordering = WORLD.ordering(0);
  const lanes = interleaving([]);
  feed(ordering, lanes.slice(0, -1));
  const to = new FlatWriter(256);
  const pieces = [...ordering.saving(to)].length;
  assert.equal(toHex(to.finish()), toHex(ordering.save()));
  assert.ok(pieces > 10, `${pieces} pieces`);
  // A statement is longer than that by itself.
  assert.ok(to.chunks().every(({ length }) => length <= 1_024));
  const saving = ordering.saving(new FlatWriter(256));
  saving.next();
  feed(ordering, lanes.slice(-1));
  assert.throws(() => saving.next(), /takes nothing in/);
});

test('what is saved is version 1, byte for byte: other bytes are another version, and the old one is still to be read', () => {
  const ordering = WORLD.ordering(0);
  feed(ordering, interleaving([]));
  // If this fails, see core/ordering/order-snapshot.ts before the digest is changed.
  assert.equal(toHex(sha256(ordering.save())), '5cd43ed46980b549e2ebabb1ffdb1f8c0caf9e5de23ee2494ec02b67acd916a6');
});

test('the world of these tests has every kind of state in it', () => {
  const ordering = WORLD.ordering(0);
  const final = feed(ordering, interleaving([]));
  assert.ok(final.length >= 8, `${final.length} final`);
  assert.equal(ordering.positionOf(subject('few 3')).kind, 'reported');
  assert.equal(ordering.positionOf(subject('all 0')).kind, 'final');
  assert.ok(final.length < 24, 'not everything is ready');
});

test('bytes that end early, go on too long or hold what cannot be are refused, and leave it at its beginning', () => {
  const ordering = WORLD.ordering(0);
  feed(ordering, interleaving([]));
  const state = ordering.save();
  const fresh = WORLD.ordering(0);
  const empty = toHex(fresh.save());
  for (let length = 0; length < state.length; length += 61) {
    assert.equal(fresh.load(state.subarray(0, length)), false, `${length} bytes`);
    assert.equal(toHex(fresh.save()), empty);
  }
  assert.equal(fresh.load(Uint8Array.of(...state, 0)), false);
  // A size of the first lane beyond any lane's, and one that is no number.
  for (const wrong of [2 ** 60, NaN, -1, 0.5]) {
    const altered = state.slice();
    new DataView(altered.buffer).setFloat64(0, wrong);
    assert.equal(fresh.load(altered), false, String(wrong));
  }
  assert.ok(fresh.load(state));
});

test('whatever is altered, it does not throw', () => {
  const ordering = WORLD.ordering(0);
  feed(ordering, interleaving([]));
  const state = ordering.save();
  const fresh = WORLD.ordering(0);
  let refused = 0;
  fc.assert(
    fc.property(fc.nat({ max: state.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, by) => {
      const altered = state.slice();
      altered[at]! ^= by;
      // Some of it reads all the same: the signature around it is what keeps it whole.
      if (!fresh.load(altered)) refused += 1;
    }),
    { numRuns: 300 },
  );
  assert.ok(refused > 0);
});
