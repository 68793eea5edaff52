import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longLife, type Hour } from '../../../src/sim/network/long-life.ts';

const LIFE = { seed: 3, validators: 4, hours: 3, subjectsAnHour: 40, hourSeconds: 90 };

test('hours of faults: everything becomes final, nothing is violated, the same seed is the same life', () => {
  const hours = [...longLife(LIFE)];
  assert.deepEqual(
    hours.map(({ hour, final, violations }) => ({ hour, final, violations })),
    [1, 2, 3].map((hour) => ({ hour, final: 40, violations: [] })),
  );
  for (const { entries, bytes, finalityMs } of hours) {
    assert.ok(entries > 90 && bytes > 100 * entries, 'a statement a second at least');
    assert.ok(finalityMs.median > 0 && finalityMs.median <= finalityMs.p99);
  }
  assert.deepEqual([...longLife(LIFE)], hours);
  const another: Hour[] = [...longLife({ ...LIFE, seed: 4 })];
  assert.notDeepEqual(another, hours);
});
