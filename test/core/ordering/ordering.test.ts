/** The order from hand-written lanes: what becomes final, when, in which order, and what holds it up. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { encodeCutVote, voteFor, type CutVote } from '../../../src/core/ordering/cut.ts';
import { encodeOrderEntry, type OrderEntry } from '../../../src/core/ordering/order-entry.ts';
import { compare } from '../../../src/core/ordering/order-position.ts';
import type { CutEngine } from '../../../src/core/ordering/cut-engine.ts';
import { Ordering, type OrderingEffect } from '../../../src/core/ordering/ordering.ts';
import { ORDERING_RULES } from '../../../src/core/ordering/rules.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { at, FourLanes, START_SLOT, subject } from './four-lanes.ts';

const finalsOf = (effects: readonly OrderingEffect[]): OrderEntry[] =>
  effects.flatMap((effect) => (effect.kind === 'final' ? effect.entries : []));
const voidsOf = (effects: readonly OrderingEffect[]): string[] =>
  effects.flatMap((effect) => (effect.kind === 'void' ? [effect.why.fault] : []));

/** An empty array: no vote. */
const vote0 = Uint8Array.of(0x80);

/** Everyone sees `a` at about 20 ms and `b` at about 60 ms of the first slot, and passes its end at 260 ms. */
function twoSubjects(): FourLanes {
  const world = new FourLanes();
  for (let lane = 0; lane < 4; lane++) {
    world.beat(lane, 1);
    world.report(lane, 30 + lane, [['a', 20 + lane, 21 + lane]]);
    world.report(lane, 70 + lane, [['b', 60 + lane, 61 + lane]]);
    world.beat(lane, 260 + lane);
  }
  return world;
}

test('a slot everyone has passed and three votes make it final', () => {
  const world = twoSubjects();
  const orderings = [0, 1, 2, 3].map((lane) => world.ordering(lane));
  assert.deepEqual(finalsOf(world.feed(orderings[0]!)), []);
  world.voteAll(orderings.slice(0, 2), 270);
  assert.deepEqual(finalsOf(world.feed(orderings[0]!)), [], 'two votes are no quorum');
  world.feed(orderings[2]!);
  const due = orderings[2]!.voteDue(world.lanes[2]!.length)!;
  world.write(2, 275, 'cut-vote', due.subject, due.body);
  const final = finalsOf(world.feed(orderings[0]!));
  assert.deepEqual(
    final.map((entry) => toHex(entry.subject)),
    [toHex(subject('a')), toHex(subject('b'))],
  );
  // Second smallest earliest, third smallest latest of 20..23 and 21..24 ms.
  assert.deepEqual(final[0]!.seen, interval(at(21), at(23)));
  assert.equal(final[0]!.slot, START_SLOT);
  assert.ok(!final[0]!.isLate);
  assert.equal(orderings[0]!.decidedSlot, START_SLOT);
});

test('positions: unknown, reported, provisional, final; and what may be said of two', () => {
  const world = new FourLanes();
  const ordering = world.ordering(0);
  world.beatAll(1);
  world.report(0, 30, [['a', 20, 21]]);
  world.feed(ordering);
  assert.equal(ordering.positionOf(subject('a')).kind, 'reported');
  assert.equal(ordering.positionOf(subject('b')).kind, 'unknown');
  assert.deepEqual(compare(ordering.positionOf(subject('a')), ordering.positionOf(subject('b'))), {
    kind: 'undecided',
    a: 'reported',
    b: 'unknown',
  });
  for (const lane of [1, 2]) world.report(lane, 30, [['a', 20 + lane, 21 + lane]]);
  for (const lane of [1, 2, 3]) world.report(lane, 80, [['b', 60 + lane, 61 + lane]]);
  world.feed(ordering);
  const provisional = compare(ordering.positionOf(subject('a')), ordering.positionOf(subject('b')));
  assert.ok(provisional.kind === 'provisional');
  assert.equal(provisional.relation, 'before');
  world.beatAll(260);
  const orderings = [ordering, ...[1, 2, 3].map((lane) => world.ordering(lane))];
  world.voteAll(orderings, 270);
  world.feed(ordering);
  const answer = compare(ordering.positionOf(subject('b')), ordering.positionOf(subject('a')));
  assert.ok(answer.kind === 'final');
  assert.deepEqual([answer.relation, answer.first], ['after', 'b']);
});

test('overlapping subjects are concurrent, and the order says which was drawn first', () => {
  const world = new FourLanes();
  world.beatAll(1);
  for (let lane = 0; lane < 4; lane++)
    world.report(lane, 50, [
      ['a', 20, 40],
      ['b', 25, 45],
    ]);
  world.beatAll(260);
  const orderings = [0, 1, 2, 3].map((lane) => world.ordering(lane));
  world.voteAll(orderings, 270);
  world.feed(orderings[0]!);
  const answer = compare(orderings[0]!.positionOf(subject('a')), orderings[0]!.positionOf(subject('b')));
  assert.ok(answer.kind === 'final');
  assert.equal(answer.relation, 'concurrent');
  assert.equal(answer.first, answer.a.index < answer.b.index ? 'a' : 'b');
});

test('a subject near the end of a slot waits for the next cut, because a report of it may still come', () => {
  const world = new FourLanes();
  world.beatAll(1);
  // T_C of the first slot is 150 ms: what ends later is not final with it.
  for (let lane = 0; lane < 4; lane++) world.report(lane, 200 + lane, [['a', 180, 181]]);
  world.beatAll(260);
  world.beatAll(510);
  const orderings = [0, 1, 2, 3].map((lane) => world.ordering(lane));
  world.voteAll(orderings, 520);
  const final = finalsOf(world.feed(orderings[0]!));
  assert.deepEqual(
    final.map((entry) => entry.slot),
    [START_SLOT + 1],
  );
});

test('a subject whose point lies where the order is final moves on within its interval, and is flagged', () => {
  const world = new FourLanes();
  world.beatAll(1);
  // Two lanes see it early, the others after the first slot's T_C: the interval spans the watermark.
  for (const lane of [0, 1]) world.report(lane, 20, [['a', 10, 11]]);
  for (const lane of [2, 3]) world.report(lane, 160, [['a', 10, 151 + lane / 1e3]]);
  world.beatAll(260);
  world.beatAll(510);
  const orderings = [0, 1, 2, 3].map((lane) => world.ordering(lane));
  world.voteAll(orderings, 520);
  const [entry] = finalsOf(world.feed(orderings[0]!));
  assert.ok(entry !== undefined);
  assert.ok(entry.isLate);
  assert.ok(entry.moment > at(150), 'after T_C of the slot before');
  assert.ok(entry.moment <= entry.seen.latest, 'within its own interval');
});

test('reports that do not count are void and stop nothing', () => {
  const world = new FourLanes();
  world.beatAll(1);
  world.report(0, 130, [['a', 20, 29]]);
  world.report(1, 131, [['a', 120, 121]], 10_000_001n);
  world.beat(2, 90);
  world.report(2, 100, [['a', 60, 80]]);
  const ordering = world.ordering();
  assert.deepEqual(voidsOf(world.feed(ordering)), ['report-too-old', 'report-guarantee', 'lane-step-report']);
  assert.equal(ordering.positionOf(subject('a')).kind, 'unknown');
  assert.equal(ordering.sizeOf(0), 2);
});

test('only the first report of a lane counts', () => {
  const world = new FourLanes();
  world.beatAll(1);
  world.report(0, 30, [['a', 20, 21]]);
  world.report(0, 60, [['a', 50, 51]]);
  const ordering = world.ordering();
  world.feed(ordering);
  const position = ordering.positionOf(subject('a'));
  assert.deepEqual(position.kind === 'reported' && position.reports, [
    { lane: 0, seq: 1, seen: interval(at(20), at(21)) },
  ]);
});

test('votes that do not count: before the slot has ended, not of the right form', () => {
  const world = new FourLanes();
  world.beatAll(1);
  const vote = encodeCutVote({ slot: START_SLOT, lanesDigest: sha256(vote0), order: { size: 0, root: sha256(vote0) } });
  world.write(0, 100, 'cut-vote', sha256(vote), vote);
  world.write(1, 300, 'cut-vote', sha256(vote0), vote0);
  assert.deepEqual(voidsOf(world.feed(world.ordering())), ['cut-vote-early', 'cut-vote-format']);
});

test('it says for whom it waits: the lane that is behind, the voters that are missing', () => {
  const world = twoSubjects();
  for (const lane of [0, 1, 3]) world.beat(lane, 600);
  for (const lane of [0, 1, 3]) world.beat(lane, 1_100);
  const ordering = world.ordering(0);
  world.feed(ordering);
  assert.deepEqual(ordering.waitingFor(at(1_100)), { lanes: [2], voters: [0, 1, 2, 3] });
  assert.deepEqual(ordering.waitingFor(at(300)).lanes, []);
  const due = ordering.voteDue(world.lanes[0]!.length)!;
  world.write(0, 1_110, 'cut-vote', due.subject, due.body);
  world.feed(ordering);
  assert.deepEqual(ordering.waitingFor(at(1_100)).voters, [1, 2, 3]);
});

test('it waits for a validator that never came up, by name', () => {
  const world = new FourLanes();
  for (const lane of [0, 1, 2]) world.beat(lane, 1);
  for (const lane of [0, 1, 2]) world.beat(lane, 900);
  const ordering = world.ordering(0);
  world.feed(ordering);
  assert.deepEqual(ordering.waitingFor(at(900)), { lanes: [3], voters: [] });
});

test('another engine takes the place of all-lanes: here one that decides whatever is complete', () => {
  const world = twoSubjects();
  let decided: number | undefined;
  const engineOf = (): CutEngine => ({
    decideCut: (event) => {
      if (event.kind !== 'complete') return [];
      decided = event.through;
      return [{ kind: 'decided', slot: event.through }];
    },
    voteDue: () => undefined,
    get decided() {
      return decided;
    },
    decidedBy: [],
    contradicted: undefined,
    votersMissing: () => [],
    save: () => undefined,
    load: () => undefined,
  });
  const { network, genesis } = world;
  const ordering = new Ordering({
    network,
    parameters: genesis.parameters,
    validators: 4,
    rules: ORDERING_RULES,
    self: undefined,
    engineOf,
  });
  assert.equal(finalsOf(world.feed(ordering)).length, 2);
  assert.equal(ordering.decidedSlot, START_SLOT);
});

test('a lane far ahead of the slowest is not wanted until the slowest catches up', () => {
  const world = new FourLanes();
  world.beatAll(1);
  const ordering = world.ordering();
  world.feed(ordering);
  for (let slot = 1; slot <= 80; slot++) world.beat(0, 250 * slot + 1);
  const feedFirst = (): void => {
    while (ordering.wants(0) && ordering.sizeOf(0) < world.lanes[0]!.length)
      ordering.append(0, world.lanes[0]![ordering.sizeOf(0)]!);
  };
  feedFirst();
  assert.equal(ordering.sizeOf(0), 1 + LIMITS.orderReadAheadSlotsMax + 1);
  assert.ok(ordering.wants(1));
  for (const lane of [1, 2, 3]) ordering.append(lane, world.beat(lane, 250 * 40));
  feedFirst();
  assert.equal(ordering.sizeOf(0), world.lanes[0]!.length);
});

test('no vote is due to one whose own lane is not read to its end, nor twice for a slot', () => {
  const world = twoSubjects();
  const ordering = world.ordering(0);
  world.feed(ordering);
  assert.equal(ordering.voteDue(world.lanes[0]!.length + 1), undefined, 'a reserved statement is missing');
  const due = ordering.voteDue(world.lanes[0]!.length)!;
  const again = ordering.voteDue(world.lanes[0]!.length)!;
  assert.deepEqual(again, due, 'asking commits to nothing');
  world.write(0, 270, 'cut-vote', due.subject, due.body);
  world.feed(ordering);
  assert.equal(ordering.voteDue(world.lanes[0]!.length), undefined);
  // A restart that reads the lanes in any order does not ask for that vote again.
  const restarted = world.ordering(0);
  world.feed(restarted, [3, 2, 1, 0]);
  assert.equal(restarted.voteDue(world.lanes[0]!.length), undefined);
  assert.throws(() => restarted.append(0, world.lanes[0]![0]!), /entry by entry/);
});

test('a follower without a lane votes on nothing and sees the same order', () => {
  const world = twoSubjects();
  const orderings = [0, 1, 2, 3].map((lane) => world.ordering(lane));
  world.voteAll(orderings, 270);
  const follower = world.ordering();
  const final = finalsOf(world.feed(follower));
  assert.equal(final.length, 2);
  assert.equal(follower.voteDue(0), undefined);
});

test('a quorum for another cut than ours: nothing more becomes final, nothing is voted', () => {
  const world = twoSubjects();
  const ordering = world.ordering(0);
  world.feed(ordering);
  const ours = voteFor(ordering.cutAt(START_SLOT));
  const theirs: CutVote = { ...ours, lanesDigest: sha256(ours.lanesDigest) };
  const body = encodeCutVote(theirs);
  for (const lane of [1, 2, 3]) world.write(lane, 270, 'cut-vote', sha256(body), body);
  const effects = world.feed(ordering);
  assert.deepEqual(
    effects.map((effect) => effect.kind),
    ['contradicted'],
  );
  assert.equal(ordering.contradictedSlot, START_SLOT);
  assert.equal(ordering.voteDue(world.lanes[0]!.length), undefined);
  world.beatAll(600);
  assert.deepEqual(world.feed(ordering), []);
});

test('a vote is due on slots that added to the order and, while nothing is said, on one in forty', () => {
  const world = twoSubjects();
  const ordering = world.ordering(0);
  const dueSlot = (): number | undefined => ordering.voteDue(world.lanes[0]!.length)?.vote.slot;
  world.feed(ordering);
  assert.ok(ordering.isBusy, 'final entries wait for votes');
  assert.equal(dueSlot(), START_SLOT);
  world.voteAll(
    [0, 1, 2, 3].map((lane) => world.ordering(lane)),
    270,
  );
  world.feed(ordering);
  assert.equal(ordering.isBusy, false);
  world.beatAll(250 * 39 + 1);
  world.feed(ordering);
  assert.equal(dueSlot(), undefined, 'slots in which nothing was said');
  assert.equal(START_SLOT % LIMITS.cutRestSlots, 0);
  world.beatAll(250 * 41 + 1);
  world.feed(ordering);
  assert.equal(dueSlot(), START_SLOT + LIMITS.cutRestSlots);
});

test('whatever the interleaving, the same bytes', () => {
  const world = twoSubjects();
  for (let lane = 0; lane < 4; lane++) {
    world.report(lane, 300 + 7 * lane, [
      ['c', 290 + 2 * lane, 299],
      ['d', 291, 299 + lane],
    ]);
    world.beat(lane, 510 + lane);
  }
  const orderings = [0, 1, 2, 3].map((lane) => world.ordering(lane));
  // The first slot and the second both added to the order.
  world.voteAll(orderings, 520);
  world.voteAll(orderings, 530);
  const orderOf = (ordering: Ordering, lanes: readonly number[]): string => {
    const next = [0, 0, 0, 0];
    const final: OrderEntry[] = [];
    for (const lane of lanes) {
      const entry = world.lanes[lane]![next[lane]!];
      if (entry === undefined) continue;
      next[lane]! += 1;
      final.push(...finalsOf(ordering.append(lane, entry)));
    }
    final.push(...finalsOf(world.feed(ordering)));
    return final.map((entry) => toHex(encodeOrderEntry(entry))).join(' ');
  };
  const expected = orderOf(world.ordering(), []);
  assert.equal(expected.split(' ').length, 4);
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 3 }), { maxLength: 40 }), (lanes) => {
      assert.equal(orderOf(world.ordering(), lanes), expected);
    }),
    { numRuns: 60 },
  );
});
