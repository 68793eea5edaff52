import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DEFAULT_STANDING, PENALTIES, Standing, type Offence } from '../../../src/core/peers/standing.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant, seconds, shift, type MonoInstant } from '../../../src/core/time/nanos.ts';

const START = monoInstant(1n);
const after = (s: number): MonoInstant => shift(START, seconds(s));

test('the penalties are those of the requirement', () => {
  assert.deepEqual([...new Set(Object.values(PENALTIES))].sort(), [0.1, 0.15, 0.2, 0.3]);
});

test('three bad signatures in three seconds bring a ban, and it is told once', () => {
  const standing = new Standing();
  assert.equal(standing.offend('p', 'bad-signature', after(0)), false);
  assert.equal(standing.offend('p', 'bad-signature', after(1)), false);
  assert.equal(standing.isBanned('p', after(1)), false);
  assert.equal(standing.offend('p', 'bad-signature', after(2)), true);
  assert.equal(standing.isBanned('p', after(2)), true);
  assert.equal(standing.offend('p', 'bad-signature', after(3)), false);
  assert.deepEqual(standing.banned(after(3)), ['p']);
});

test('a thousand offences of one moment count as one', () => {
  const standing = new Standing();
  for (let i = 0; i < 1_000; i++) standing.offend('p', 'over-quota', START);
  assert.equal(standing.trustOf('p'), 0.9);
});

test('a ban runs out and leaves nothing behind', () => {
  const standing = new Standing({ allowed: new Set(), banLasts: seconds(60) });
  for (let s = 0; s < 3; s++) standing.offend('p', 'bad-signature', after(s));
  assert.equal(standing.isBanned('p', after(61)), true);
  assert.equal(standing.isBanned('p', after(62)), false);
  assert.equal(standing.offend('p', 'over-quota', after(62)), false);
  assert.equal(standing.trustOf('p'), 0.9);
});

test('rewards are slow, never above full trust, and lift no ban', () => {
  const standing = new Standing();
  standing.offend('p', 'malformed', START);
  for (let i = 0; i < 100; i++) standing.reward('p', START);
  assert.equal(standing.trustOf('p'), 0.81);
  for (let s = 10; s < 10_000; s += 10) standing.reward('p', after(s));
  assert.equal(standing.trustOf('p'), 1);
  for (let s = 20_000; s < 20_005; s++) standing.offend('p', 'bad-signature', after(s));
  standing.reward('p', after(20_010));
  assert.equal(standing.isBanned('p', after(20_010)), true);
});

test('an allow-listed peer is judged and never banned', () => {
  const standing = new Standing({ ...DEFAULT_STANDING, allowed: new Set(['p']) });
  for (let s = 0; s < 100; s++) assert.equal(standing.offend('p', 'bad-signature', after(s)), false);
  assert.equal(standing.trustOf('p'), 0);
  assert.equal(standing.isBanned('p', after(100)), false);
});

test('nobody is banned below three distinct seconds of offence, and everybody is by eight of one sort', () => {
  const offences = Object.keys(PENALTIES) as Offence[];
  fc.assert(
    fc.property(fc.constantFrom(...offences), fc.integer({ min: 1, max: 20 }), (offence, count) => {
      const standing = new Standing();
      for (let s = 0; s < count; s++) standing.offend('p', offence, after(s));
      if (count < 3) assert.equal(standing.isBanned('p', after(count)), false);
      if (count >= 8) assert.equal(standing.isBanned('p', after(count)), true);
    }),
  );
});

test('strangers without end are forgotten, not collected', () => {
  const standing = new Standing();
  for (let i = 0; i < LIMITS.standingPeersMax + 100; i++) standing.offend(`p${i}`, 'malformed', START);
  assert.equal(standing.trustOf('p0'), 1);
  assert.equal(standing.trustOf(`p${LIMITS.standingPeersMax + 99}`), 0.8);
});
