/** When each byte arrived, for as long as it may be asked. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ArrivalMarks } from '../../../src/core/gnss/arrival-marks.ts';
import { monoInstant } from '../../../src/core/time/nanos.ts';

test('a byte has the arrival of its chunk', () => {
  const marks = new ArrivalMarks(100);
  marks.add(0, monoInstant(5n));
  marks.add(10, monoInstant(5n));
  marks.add(20, monoInstant(7n));
  assert.deepEqual(
    [0, 19, 20, 1_000].map((offset) => marks.at(offset)),
    [5n, 5n, 7n, 7n],
  );
});

test('an empty chunk claims no byte', () => {
  const marks = new ArrivalMarks(100);
  marks.add(0, monoInstant(5n));
  marks.add(0, monoInstant(6n));
  assert.equal(marks.at(0), 6n);
});

test('law: forgetting what is done with changes no answer about the rest', () => {
  const chunk = fc.record({
    size: fc.integer({ min: 1, max: 5 }),
    later: fc.bigInt({ min: 0n, max: 3n }),
    done: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(
    fc.property(fc.array(chunk, { minLength: 1, maxLength: 400 }), (chunks) => {
      const marks = new ArrivalMarks(4_000);
      const arrivals: bigint[] = [];
      let [at, done] = [0n, 0];
      for (const { size, later, done: more } of chunks) {
        at += later;
        marks.add(arrivals.length, monoInstant(at));
        for (let i = 0; i < size; i++) arrivals.push(at);
        done = Math.min(arrivals.length - 1, done + more);
        marks.forgetBefore(done);
        for (let offset = done; offset < arrivals.length; offset++) assert.equal(marks.at(offset), arrivals[offset]);
      }
    }),
  );
});

test('more marks than bytes is our mistake', () => {
  const marks = new ArrivalMarks(2);
  const add = (offset: number) => marks.add(offset, monoInstant(BigInt(offset)));
  for (const offset of [0, 1, 2]) add(offset);
  assert.throws(() => add(3), { name: 'BrokenInvariant' });
});
