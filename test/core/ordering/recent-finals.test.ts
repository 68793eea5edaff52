import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FlatReader, FlatWriter } from '../../../src/core/codec/flat-bytes.ts';
import { wholeOf } from '../../../src/core/codec/pieces.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import type { OrderEntry } from '../../../src/core/ordering/order-entry.ts';
import { RecentFinals } from '../../../src/core/ordering/recent-finals.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';

const subjectOf = (i: number) => sha256(Buffer.from(`${i}`));

function entryAt(i: number): OrderEntry {
  const moment = 1_800_000_000_000_000_000n + BigInt(i) * 3n;
  return {
    index: i,
    subject: subjectOf(i),
    moment: taiInstant(moment),
    seen: interval(taiInstant(moment - 5n), taiInstant(moment + 7n)),
    slot: 7_200_000_000 + i,
    isLate: i % 3 === 0,
  };
}

const placesAt = (i: number) =>
  Array.from({ length: i % 5 }, (_, lane) => ({ lane: 4 - lane, seq: 2 ** 47 + i * 10 + lane }));

describe('the newest final entries', () => {
  test('come back as they were put in, with their places, until newer ones need the room', () => {
    const recent = new RecentFinals({ lanes: 5, sizeMax: 10_000, placesMax: 50_000 });
    for (let i = 0; i < 25_000; i++) {
      recent.add(entryAt(i), placesAt(i));
      assert.equal(recent.size, Math.min(i + 1, 10_000));
    }
    for (let i = 0; i < 15_000; i += 7) assert.equal(recent.entryOf(subjectOf(i)), undefined);
    for (let i = 15_000; i < 25_000; i++) {
      assert.deepEqual(recent.entryOf(subjectOf(i)), entryAt(i));
      assert.deepEqual(recent.placesOf(subjectOf(i)) ?? [], placesAt(i));
    }
    assert.equal(recent.entryOf(subjectOf(25_000)), undefined);
    assert.equal(recent.placesOf(subjectOf(25_000)), undefined);
  });

  test('places are dropped before entries where they would take more than their share', () => {
    const recent = new RecentFinals({ lanes: 4, sizeMax: 50_000, placesMax: 4 * 4_096 });
    for (let i = 0; i < 12_288; i++) recent.add(entryAt(i), [{ lane: 3, seq: i }]);
    assert.deepEqual(recent.entryOf(subjectOf(0)), entryAt(0));
    assert.equal(recent.placesOf(subjectOf(4_095)), undefined);
    assert.deepEqual(recent.placesOf(subjectOf(4_096)), [{ lane: 3, seq: 4_096 }]);
    assert.deepEqual(recent.placesOf(subjectOf(12_287)), [{ lane: 3, seq: 12_287 }]);
  });

  test('an entry whose reports are not known has no places', () => {
    const recent = new RecentFinals({ lanes: 4, sizeMax: 10, placesMax: 40 });
    recent.add(entryAt(1), undefined);
    assert.deepEqual(recent.entryOf(subjectOf(1)), entryAt(1));
    assert.equal(recent.placesOf(subjectOf(1)), undefined);
  });

  test('saved and recalled they answer the same, and go on taking entries', () => {
    const options = { lanes: 5, sizeMax: 10_000, placesMax: 50_000 };
    const recent = new RecentFinals(options);
    for (let i = 0; i < 13_000; i++) recent.add(entryAt(i), placesAt(i));
    const to = new FlatWriter();
    wholeOf(recent.save(to));
    const from = new FlatReader(to.finish());
    const again = new RecentFinals(options);
    again.load(from);
    assert.ok(from.isWhole);
    assert.equal(again.toRecall, 10_000);
    again.recall(Array.from({ length: 10_000 }, (_, i) => entryAt(3_000 + i)));
    assert.equal(again.toRecall, 0);
    for (const each of [recent, again]) for (let i = 13_000; i < 20_000; i++) each.add(entryAt(i), placesAt(i));
    for (let i = 0; i < 20_000; i += 7) {
      assert.deepEqual(again.entryOf(subjectOf(i)), recent.entryOf(subjectOf(i)));
      assert.deepEqual(again.placesOf(subjectOf(i)), recent.placesOf(subjectOf(i)));
    }
    assert.equal(again.size, recent.size);
  });

  test('as many as are kept are saved in pieces, none of more than a piece and an entry', () => {
    const recent = new RecentFinals({ lanes: 4, sizeMax: LIMITS.orderRecentMax, placesMax: LIMITS.orderPlacesMax });
    const places = [0, 1, 2, 3].map((lane) => ({ lane, seq: 7 }));
    const entry = entryAt(0);
    for (let i = 0; i < LIMITS.orderRecentMax; i++) {
      const subject = new Uint8Array(32);
      new DataView(subject.buffer).setUint32(0, i);
      recent.add({ ...entry, index: i, subject }, places);
    }
    const to = new FlatWriter();
    let [before, pieces] = [0, 0];
    for (const saving = recent.save(to); saving.next().done !== true;) {
      assert.ok(to.size - before <= LIMITS.orderSavePieceBytes + 8 * 9, `${to.size - before} bytes in a piece`);
      before = to.size;
      pieces += 1;
    }
    assert.equal(to.size, 8 + LIMITS.orderRecentMax * 8 * 9);
    assert.ok(pieces >= 30, `${pieces} pieces`);
    // What it is written to is no more at one go either.
    assert.ok(to.chunks().every(({ length }) => length <= LIMITS.orderSavePieceBytes));
  });

  test('more entries than are kept, more places than there are lanes, or a lane there is not, do not load', () => {
    for (const counts of [[11], [1, 6], [1, 1, 5, 0]]) {
      const to = new FlatWriter();
      for (const count of counts) to.count(count);
      const from = new FlatReader(to.finish());
      new RecentFinals({ lanes: 5, sizeMax: 10, placesMax: 50 }).load(from);
      assert.ok(from.isBroken, counts.join());
    }
  });
});
