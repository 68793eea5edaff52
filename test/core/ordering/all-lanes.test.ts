/** The cut engine alone: what q votes decide, what they cannot, and which vote is due. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256, type Digest } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { AllLanes } from '../../../src/core/ordering/all-lanes.ts';
import { encodeCutVote, type CutVote } from '../../../src/core/ordering/cut.ts';
import type { CutEffect, CutEvent } from '../../../src/core/ordering/cut-engine.ts';
import { countsOf } from '../../../src/core/ordering/seen-interval.ts';

/** A vote for the cut that branch `branch` of the lanes gives. */
function voteOf(slot: number, branch = 0): CutVote {
  const root = sha256(Uint8Array.of(branch));
  return { slot, lanesDigest: root, order: { size: 0, root } };
}

const digestOf = (vote: CutVote): Digest => sha256(encodeCutVote(vote));

const voted = (voter: number, slot: number, branch = 0): CutEvent => {
  const vote = voteOf(slot, branch);
  return { kind: 'vote', voter, seq: slot, vote, subject: digestOf(vote) };
};

/** Every slot is worth a vote. `self` is null for one who only follows. */
const engineOf = (n = 4, self: number | null = 0, branch = 0): AllLanes =>
  new AllLanes({
    counts: countsOf(n),
    self: self ?? undefined,
    nextToVoteOn: (after, through) => (after === undefined ? through : after < through ? after + 1 : undefined),
    ownVote: (slot) => digestOf(voteOf(slot, branch)),
  });

const complete = (through: number): CutEvent => ({ kind: 'complete', through });
const decided = (slot: number): CutEffect[] => [{ kind: 'decided', slot }];

test('three of four identical votes decide, two do not', () => {
  const engine = engineOf();
  assert.deepEqual(engine.decideCut(complete(7)), []);
  assert.deepEqual(engine.decideCut(voted(1, 7)), []);
  assert.deepEqual(engine.decideCut(voted(2, 7)), []);
  assert.deepEqual(engine.decideCut(voted(3, 7)), decided(7));
  assert.equal(engine.decided, 7);
  assert.deepEqual(
    engine.decidedBy,
    [1, 2, 3].map((voter) => ({ voter, seq: 7 })),
  );
});

test('votes for different cuts of a slot do not add up', () => {
  const engine = engineOf();
  engine.decideCut(complete(7));
  for (const event of [voted(0, 7, 0), voted(1, 7, 1), voted(2, 7, 1), voted(3, 7, 0)])
    assert.deepEqual(engine.decideCut(event), []);
});

test('a second vote of one validator on one slot does not count', () => {
  const engine = engineOf();
  engine.decideCut(complete(7));
  for (const event of [voted(1, 7), voted(1, 7), voted(1, 7), voted(2, 7, 1), voted(2, 7)])
    assert.deepEqual(engine.decideCut(event), []);
});

test('votes that come before the lanes are here wait for them', () => {
  const engine = engineOf();
  for (const voter of [1, 2, 3]) assert.deepEqual(engine.decideCut(voted(voter, 9)), []);
  assert.deepEqual(engine.decideCut(complete(8)), []);
  assert.deepEqual(engine.decideCut(complete(9)), decided(9));
});

test('a decided slot decides the ones before it', () => {
  const engine = engineOf();
  engine.decideCut(complete(20));
  for (const voter of [1, 2]) engine.decideCut(voted(voter, 5));
  for (const voter of [1, 2]) engine.decideCut(voted(voter, 9));
  assert.deepEqual(engine.decideCut(voted(3, 9)), decided(9));
  assert.deepEqual(engine.decideCut(voted(3, 5)), [], 'that is past');
  assert.equal(engine.decided, 9);
});

test('a quorum for a cut that is not ours stops us', () => {
  const engine = engineOf(4, 0, 1);
  engine.decideCut(complete(7));
  engine.decideCut(voted(1, 7));
  engine.decideCut(voted(2, 7));
  assert.deepEqual(engine.decideCut(voted(3, 7)), [{ kind: 'contradicted', slot: 7 }]);
  assert.equal(engine.voteDue(), undefined);
  assert.deepEqual(engine.decideCut(complete(8)), []);
  assert.equal(engine.contradicted, 7);
});

test('which vote is due: the newest at first, then one by one, the newest again after a long wait', () => {
  const engine = engineOf();
  assert.equal(engine.voteDue(), undefined);
  engine.decideCut(complete(7));
  assert.equal(engine.voteDue(), 7);
  engine.decideCut(voted(0, 7));
  assert.equal(engine.voteDue(), undefined);
  engine.decideCut(complete(7 + LIMITS.cutCatchUpSlotsMax));
  assert.equal(engine.voteDue(), 8);
  engine.decideCut(voted(0, 8));
  engine.decideCut(complete(100));
  assert.equal(engine.voteDue(), 100);
  assert.throws(() => engine.decideCut(voted(0, 8)), /once per slot/);
});

test('only slots worth a vote are voted on, and waited for', () => {
  const worth = [5, 40, 41];
  const engine = new AllLanes({
    counts: countsOf(4),
    self: 0,
    nextToVoteOn: (after, through) => worth.find((slot) => slot <= through && (after === undefined || slot > after)),
    ownVote: (slot) => digestOf(voteOf(slot)),
  });
  engine.decideCut(complete(39));
  assert.equal(engine.voteDue(), 5);
  engine.decideCut(voted(0, 5));
  assert.equal(engine.voteDue(), undefined);
  assert.deepEqual(engine.votersMissing(), [1, 2, 3]);
  engine.decideCut(complete(41));
  assert.equal(engine.voteDue(), 40);
  for (const voter of [1, 2, 3]) engine.decideCut(voted(voter, 40));
  assert.equal(engine.decided, 40);
  assert.equal(engine.voteDue(), 40, 'the newest decided slot may still be vouched for');
  engine.decideCut(voted(0, 40));
  assert.equal(engine.voteDue(), 41);
  assert.deepEqual(engine.votersMissing(), [0, 1, 2, 3]);
});

test('a slot older than the newest decided one is voted on no more: how the lanes stood there is forgotten', () => {
  const engine = engineOf();
  engine.decideCut(complete(3));
  engine.decideCut(voted(0, 3));
  engine.decideCut(complete(6));
  for (const voter of [1, 2, 3]) engine.decideCut(voted(voter, 6));
  assert.equal(engine.voteDue(), 6);
});

test('one who only follows votes on nothing and learns what is decided', () => {
  const engine = engineOf(4, null);
  engine.decideCut(complete(7));
  assert.equal(engine.voteDue(), undefined);
  for (const voter of [0, 1]) engine.decideCut(voted(voter, 7));
  assert.deepEqual(engine.decideCut(voted(2, 7)), decided(7));
});

test('who is missing is said for the first undecided slot', () => {
  const engine = engineOf();
  assert.deepEqual(engine.votersMissing(), []);
  engine.decideCut(complete(7));
  assert.deepEqual(engine.votersMissing(), [0, 1, 2, 3]);
  engine.decideCut(voted(2, 7));
  assert.deepEqual(engine.votersMissing(), [0, 1, 3]);
});

test('a voter with very many undecided votes loses its oldest, and slots are still decided', () => {
  const engine = engineOf();
  for (let slot = 0; slot <= LIMITS.cutVotesUndecidedMax; slot++) engine.decideCut(voted(3, slot));
  engine.decideCut(complete(LIMITS.cutVotesUndecidedMax));
  for (const voter of [1, 2]) assert.deepEqual(engine.decideCut(voted(voter, 0)), [], 'its vote on slot 0 is gone');
  engine.decideCut(voted(1, 1));
  assert.deepEqual(engine.decideCut(voted(2, 1)), decided(1));
});

test('any two engines, whatever votes f liars cast and in whatever order they arrive, decide no two cuts of a slot', () => {
  const slots = [1, 2, 3];
  const anEvent = fc.record({ voter: fc.nat({ max: 6 }), slot: fc.constantFrom(...slots), branch: fc.nat({ max: 1 }) });
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 1 }), { minLength: 7, maxLength: 7 }),
      fc.array(anEvent, { maxLength: 80 }),
      fc.array(anEvent, { maxLength: 80 }),
      (branchOf, first, second) => {
        // Validators 5 and 6 lie (f = 2 of 7): they vote for either branch, differently to each engine. The honest vote for
        // the branch they hold.
        const told = (events: typeof first): CutEvent[] =>
          events.map(({ voter, slot, branch }) => voted(voter, slot, voter >= 5 ? branch : branchOf[voter]!));
        const [a, b] = [engineOf(7, null, 0), engineOf(7, null, 1)];
        for (const event of [complete(3), ...told(first)]) a.decideCut(event);
        for (const event of [complete(3), ...told(second)]) b.decideCut(event);
        assert.ok(a.decided === undefined || b.decided === undefined, 'branch 0 and branch 1 both decided');
      },
    ),
    { numRuns: 500 },
  );
});
