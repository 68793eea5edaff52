/** A saved order goes on as if it had never stopped: the same effects, the same votes, the same state in the end. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodePlain, encodePlain } from '../../../src/core/codec/plain-json.ts';
import { Ordering, type SavedOrdering } from '../../../src/core/ordering/ordering.ts';
import { ORDERING_RULES } from '../../../src/core/ordering/rules.ts';
import { FourLanes } from './four-lanes.ts';

/** Six slots of subjects that three or four see, one that only one sees, and votes. */
function world(): FourLanes {
  const lanes = new FourLanes();
  lanes.beatAll(1);
  const orderings = [0, 1, 2, 3].map((lane) => lanes.ordering(lane));
  for (let slot = 0; slot < 6; slot++) {
    const start = slot * 250;
    for (let lane = 0; lane < 4; lane++) {
      const seen = [20, 60].filter((_, i) => lane < 3 || i === 0);
      const sights = seen.map((ms) => [`s${slot} ${ms}`, start + ms + lane, start + ms + lane + 1] as const);
      lanes.report(
        lane,
        start + 80 + lane,
        lane === 2 ? [...sights, [`alone ${slot}`, start + 70, start + 72]] : sights,
      );
      lanes.beat(lane, start + 255 + lane);
    }
    if (slot % 2 === 1) lanes.voteAll(orderings.slice(0, slot === 3 ? 2 : 4), start + 260);
  }
  return lanes;
}

const lanes = world();
const total = lanes.lanes.reduce((sum, entries) => sum + entries.length, 0);

const from = (saved: SavedOrdering): Ordering =>
  new Ordering({
    network: lanes.network,
    parameters: lanes.genesis.parameters,
    validators: 4,
    rules: ORDERING_RULES,
    self: 0,
    saved: decodePlain(encodePlain(saved)) as SavedOrdering,
  });

/** Which lane is taken from next: one that still has entries. */
function* interleaving(choices: readonly number[]): Generator<number> {
  const left = lanes.lanes.map(({ length }) => length);
  for (let step = 0; step < total; step++) {
    let lane = (choices[step % choices.length]! + step) % 4;
    while (left[lane] === 0) lane = (lane + 1) % 4;
    left[lane]! -= 1;
    yield lane;
  }
}

test('saved anywhere and gone on from, the order is the same', () => {
  let finals = 0;
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 1, maxLength: 9 }), fc.nat(total), (choices, at) => {
      const plain = lanes.ordering(0);
      let resumed = lanes.ordering(0);
      let step = 0;
      for (const lane of interleaving(choices)) {
        if (step++ === at) resumed = from(resumed.save());
        const item = lanes.lanes[lane]![plain.sizeOf(lane)]!;
        const effects = plain.append(lane, item);
        assert.deepEqual(resumed.append(lane, item), effects);
        finals += effects.filter(({ kind }) => kind === 'final').length;
        assert.deepEqual(resumed.voteDue(lanes.lanes[0]!.length), plain.voteDue(lanes.lanes[0]!.length));
      }
      assert.deepEqual(resumed.save(), plain.save());
      assert.equal(resumed.finalSize, plain.finalSize);
      assert.deepEqual(resumed.prefixOf(1), plain.prefixOf(1));
    }),
    { numRuns: 40 },
  );
  assert.ok(finals > 40, `${finals} decisions`);
});
