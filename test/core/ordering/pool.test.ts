/** The pool: what it admits, what it refuses with which code, what it drops when full, and that its bounds always hold. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Pool, type PoolLimits } from '../../../src/core/ordering/pool.ts';
import { encodeSubject, subjectIdOf } from '../../../src/core/ordering/subject.ts';
import { interval, type Interval } from '../../../src/core/time/interval.ts';
import { seconds } from '../../../src/core/time/nanos.ts';
import { digestOf } from '../attestation/actors.ts';
import { at } from './four-lanes.ts';

const network = digestOf('network');
const LIMITS: PoolLimits = { subjectsMax: 4, bytesMax: 600, perOriginMax: 3, idsMax: 8 };
const now = (ms: number): Interval => interval(at(ms), at(ms + 0.001));

const record = (
  label: string,
  options: { ms?: number; priority?: number; sender?: number; network?: Uint8Array } = {},
): Uint8Array =>
  encodeSubject({
    network: options.network ?? network,
    claimed: at(options.ms ?? 0),
    priority: options.priority ?? 1,
    sender: Uint8Array.of(options.sender ?? label.charCodeAt(0)),
    digest: digestOf(label),
  });

const poolOf = (limits: PoolLimits = LIMITS): Pool => new Pool({ network, window: seconds(30) }, limits);

const codeOf = (pool: Pool, bytes: Uint8Array, origin = 'x', when = now(0)): string => {
  const verdict = pool.admit(bytes, origin, when);
  return verdict.kind === 'accept' ? 'accept' : `${verdict.kind} ${verdict.code}`;
};

test('admits a subject once, and knows it after it has left', () => {
  const pool = poolOf();
  const bytes = record('a');
  assert.equal(codeOf(pool, bytes), 'accept');
  assert.equal(codeOf(pool, bytes), 'ignore subject-known');
  assert.ok(pool.has(subjectIdOf(bytes)));
  assert.equal(pool.bytes, bytes.length);
  assert.ok(pool.remove(subjectIdOf(bytes)));
  assert.ok(!pool.remove(subjectIdOf(bytes)));
  assert.equal(codeOf(pool, bytes), 'ignore subject-known');
  assert.equal(pool.size, 0);
  assert.equal(pool.bytes, 0);
});

test('what is wrong with a record is named', () => {
  const pool = poolOf();
  assert.equal(codeOf(pool, new Uint8Array(3)), 'reject subject-format');
  assert.equal(codeOf(pool, record('a', { network: digestOf('other') })), 'reject subject-network');
  assert.equal(pool.size, 0);
});

test('the window has two sides, and both ends of our interval must be inside', () => {
  const pool = poolOf();
  assert.equal(codeOf(pool, record('a'), 'x', now(30_001)), 'ignore subject-outside-window');
  assert.equal(codeOf(pool, record('a', { ms: 30_001 })), 'ignore subject-outside-window');
  assert.equal(codeOf(pool, record('a'), 'x', interval(at(29_999), at(30_001))), 'ignore subject-outside-window');
  assert.equal(codeOf(pool, record('a'), 'x', interval(at(29_999), at(30_000))), 'accept');
});

test('one subject per sender and nanosecond', () => {
  const pool = poolOf();
  assert.equal(codeOf(pool, record('a', { sender: 7 })), 'accept');
  assert.equal(codeOf(pool, record('b', { sender: 7 })), 'ignore subject-time-taken');
  assert.equal(codeOf(pool, record('b', { sender: 8 })), 'accept');
  assert.equal(codeOf(pool, record('b', { sender: 7, ms: 1 })), 'accept');
});

test('nobody fills it alone', () => {
  const pool = poolOf();
  for (const label of ['a', 'b', 'c']) assert.equal(codeOf(pool, record(label)), 'accept');
  assert.equal(codeOf(pool, record('d')), 'ignore pool-origin-full');
  assert.equal(codeOf(pool, record('d'), 'y'), 'accept');
});

test('full: the newest of the lowest priority makes room, and only for a higher one', () => {
  const pool = poolOf();
  const origin = { a: 'x', b: 'x', c: 'y', d: 'y' };
  for (const [label, from] of Object.entries(origin))
    codeOf(pool, record(label, { priority: label === 'a' ? 2 : 1 }), from);
  assert.equal(codeOf(pool, record('e'), 'z'), 'ignore pool-full');
  assert.equal(codeOf(pool, record('e', { priority: 0 }), 'z'), 'ignore pool-full');
  assert.equal(codeOf(pool, record('e', { priority: 2 }), 'z'), 'accept');
  assert.ok(!pool.has(subjectIdOf(record('d'))), 'the newest of priority 1');
  assert.ok(pool.has(subjectIdOf(record('b'))));
  assert.equal(pool.evicted, 1);
  assert.equal(codeOf(pool, record('d', { priority: 2 }), 'y'), 'accept', 'what was displaced may come back');
});

test('full of bytes: as many make room as are needed', () => {
  const pool = poolOf({ ...LIMITS, subjectsMax: 100, bytesMax: 2 * record('a').length });
  assert.equal(codeOf(pool, record('a'), 'x'), 'accept');
  assert.equal(codeOf(pool, record('b'), 'y'), 'accept');
  assert.equal(codeOf(pool, record('c'), 'z'), 'ignore pool-full');
  assert.equal(codeOf(pool, record('c', { priority: 2 }), 'z'), 'accept');
  assert.equal(pool.size, 2);
});

test('expired subjects leave, are returned, and their ids are forgotten once no window holds them', () => {
  const pool = poolOf();
  codeOf(pool, record('a', { ms: 0 }));
  codeOf(pool, record('b', { ms: 100 }));
  assert.deepEqual(pool.expire(now(30_000)), []);
  assert.deepEqual(
    pool.expire(now(30_001)).map(({ id }) => id),
    [subjectIdOf(record('a', { ms: 0 }))],
  );
  assert.equal(pool.size, 1);
  assert.equal(codeOf(pool, record('a', { ms: 0 }), 'x', now(30_002)), 'ignore subject-outside-window');
});

test('a temporal index: by claimed time, then by id', () => {
  const pool = poolOf();
  for (const [label, ms] of [
    ['c', 3],
    ['a', 1],
    ['b', 2],
  ] as const)
    codeOf(pool, record(label, { ms }));
  assert.deepEqual(
    pool.byClaimedTime().map(({ subject }) => subject.claimed),
    [at(1), at(2), at(3)],
  );
  assert.equal([...pool.values()].length, 3);
});

test('whatever is offered, the bounds hold and the counts are true', () => {
  const anOffer = fc.record({
    label: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    ms: fc.nat({ max: 3 }),
    priority: fc.nat({ max: 3 }),
    origin: fc.constantFrom('x', 'y', 'z'),
    isRemoval: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(anOffer, { maxLength: 60 }), (offers) => {
      const pool = poolOf();
      for (const { label, ms, priority, origin, isRemoval } of offers) {
        const bytes = record(label, { ms, priority });
        if (isRemoval) pool.remove(subjectIdOf(bytes));
        else pool.admit(bytes, origin, now(0));
        const held = [...pool.values()];
        assert.equal(held.length, pool.size);
        assert.ok(pool.size <= LIMITS.subjectsMax);
        assert.equal(
          pool.bytes,
          held.reduce((sum, each) => sum + each.record.length, 0),
        );
        for (const from of ['x', 'y', 'z'])
          assert.ok(held.filter((each) => each.origin === from).length <= LIMITS.perOriginMax);
        const places = held.map(({ subject }) => `${subject.sender.join()}/${subject.claimed}`);
        assert.equal(new Set(places).size, places.length);
      }
    }),
  );
});
