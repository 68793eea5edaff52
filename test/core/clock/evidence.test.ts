/** Evidence: recomputed bit for bit, strict in every byte, and refusing records this code could not have made. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { Clock } from '../../../src/core/clock/clock.ts';
import type { Estimate } from '../../../src/core/clock/estimate.ts';
import { decodeEvidence, encodeEvidence, recompute, type EvidenceFault } from '../../../src/core/clock/evidence.ts';
import { decodeCbor, encodeCbor, isMap, type CborKey, type CborValue } from '../../../src/core/codec/cbor.ts';
import { fromHex } from '../../../src/core/codec/hex.ts';
import { sha256, type Digest } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { nanos, NANOS_PER_SECOND } from '../../../src/core/time/nanos.ts';
import { Life } from './life.ts';
import { cardConfig } from './world.ts';

type Made = { readonly clock: Clock; readonly estimate: Estimate; readonly bytes: Uint8Array };

/** A clock at the end of some seconds of a random life, with the evidence of its last estimate. */
function lived(seed: number, seconds: number, identity?: Digest): Made {
  const life = new Life(seed, seconds + 1);
  const clock = new Clock(cardConfig(), 'a-boot-id');
  clock.useIdentity(identity);
  let estimate: Estimate | undefined;
  for (let second = 0; second < seconds; second++) {
    life.feed(clock, second);
    estimate = clock.estimate(life.mono(nanos(BigInt(second) * NANOS_PER_SECOND + 980_000_000n)));
  }
  return { clock, estimate: estimate!, bytes: clock.evidence(estimate!.asOf) };
}

/** Digest of some host identity record. */
const HOST = Uint8Array.from(sha256(new TextEncoder().encode('a host')));

const faultOf = (bytes: Uint8Array): EvidenceFault['fault'] | undefined => {
  const result = recompute(bytes);
  return 'fault' in result ? result.fault : undefined;
};

test('a hundred thousand estimates are recomputed bit for bit from their records alone', () => {
  let count = 0;
  let issued = 0;
  for (let seed = 1; count < 100_000; seed++) {
    const life = new Life(seed, 501);
    const clock = new Clock(cardConfig(), `boot-${seed}`);
    if (seed % 2 === 0) clock.useIdentity(HOST);
    for (let second = 0; second < 500; second++) {
      life.feed(clock, second);
      for (const at of [970_000_000n, 975_000_000n, 980_000_000n, 985_000_000n]) {
        const estimate = clock.estimate(life.mono(nanos(BigInt(second) * NANOS_PER_SECOND + at)));
        const again = recompute(clock.evidence(estimate.asOf));
        if ('fault' in again) assert.fail(`${again.fault} at ${again.at}, seed ${seed}, second ${second}`);
        assert.equal(again.estimate.interval?.earliest, estimate.interval?.earliest);
        assert.equal(again.estimate.interval?.latest, estimate.interval?.latest);
        assert.equal(again.estimate.state, estimate.state);
        // The whole estimate, now and then: it is the slow part.
        if (count % 50 === 0) assert.deepEqual(again.estimate, estimate);
        count += 1;
        if (estimate.interval !== undefined) issued += 1;
      }
    }
  }
  assert.ok(issued > 60_000, `${issued} of ${count} estimates issued an interval`);
});

test('one altered byte anywhere is detected, whatever it is changed to', () => {
  const { bytes } = lived(3, 60, HOST);
  assert.equal(faultOf(bytes), undefined);
  for (let i = 0; i < bytes.length; i++) {
    for (const change of [0x01, 0x80, 0xff]) {
      const altered = bytes.slice();
      altered[i]! ^= change;
      assert.notEqual(faultOf(altered), undefined, `byte ${i} changed by ${change}`);
    }
  }
});

test('a shortened, lengthened or empty record is refused', () => {
  const { bytes } = lived(3, 40);
  for (let length = 0; length < bytes.length; length += 7) assert.notEqual(faultOf(bytes.slice(0, length)), undefined);
  assert.equal(faultOf(Uint8Array.of(...bytes, 0)), 'not-canonical');
  assert.equal(faultOf(new Uint8Array(LIMITS.evidenceBytesMax + 1)), 'too-long');
});

test('a record of one card is small', () => {
  const { bytes } = lived(1, 3_000);
  assert.ok(bytes.length < 2_500, `${bytes.length} bytes`);
});

test('a record decodes to inputs that encode to the same bytes', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const { bytes } = lived(seed, 45);
    const recomputed = recompute(bytes);
    assert.ok(!('fault' in recomputed));
    assert.deepEqual(encodeEvidence(recomputed.inputs, recomputed.estimate), bytes);
  }
});

test('bytes of strangers never throw', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => 'fault' in recompute(bytes)));
});

// ---- forged records: changed, and their digest put right again

type Path = readonly (bigint | string | number)[];

/** The record with the value at `path` changed, its digest computed anew. */
function forged(bytes: Uint8Array, path: Path, change: (value: CborValue) => CborValue): Uint8Array {
  const decoded = decodeCbor(bytes);
  assert.ok('value' in decoded);
  const altered = changed(decoded.value, path, change);
  assert.ok(isMap(altered));
  const encoded = encodeCbor(altered);
  encoded.set(sha256(encoded.subarray(0, encoded.length - 35)), encoded.length - 32);
  return encoded;
}

function changed(value: CborValue, path: Path, change: (value: CborValue) => CborValue): CborValue {
  const [key, ...rest] = path;
  if (key === undefined) return change(value);
  if (isMap(value)) {
    const map = new Map<CborKey, CborValue>(value);
    map.set(key as CborKey, changed(map.get(key as CborKey)!, rest, change));
    return map;
  }
  if (value instanceof Uint8Array) {
    const inner = decodeCbor(value);
    assert.ok('value' in inner);
    return encodeCbor(changed(inner.value, path, change));
  }
  assert.ok(Array.isArray(value) && typeof key === 'number');
  return (value as readonly CborValue[]).map((item, i) => (i === key ? changed(item, rest, change) : item));
}

const plusOne = (value: CborValue): CborValue => (value as bigint) + 1n;

const FORGERIES: readonly {
  readonly name: string;
  readonly path: Path;
  readonly change: (value: CborValue) => CborValue;
  readonly fault: EvidenceFault['fault'];
}[] = [
  {
    name: 'a result whose interval is a nanosecond narrower',
    path: [9n, 'earliest'],
    change: plusOne,
    fault: 'mismatch',
  },
  {
    name: 'a result with a smaller term',
    path: [9n, 'budget', 0],
    change: (v) => (v as bigint) - 1n,
    fault: 'mismatch',
  },
  { name: 'a reading a nanosecond off', path: [8n, 0, 0, 0, 1], change: plusOne, fault: 'mismatch' },
  { name: 'a better declared accuracy', path: [3n, 'sources', 0, 'accuracy'], change: () => 1n, fault: 'mismatch' },
  { name: 'another version', path: [0n], change: plusOne, fault: 'version' },
  { name: 'a negative bracket', path: [8n, 0, 0, 0, 2], change: () => -1n, fault: 'not-a-record' },
  {
    name: 'an oscillator nobody knows',
    path: [3n, 'sources', 0, 'oscillator'],
    change: () => 'quartz',
    fault: 'not-a-record',
  },
  { name: 'a term nobody knows', path: [3n, 'floors'], change: () => new Map([['luck', 1n]]), fault: 'not-a-record' },
  { name: 'a code nobody knows', path: [5n, 1], change: () => 'all-is-well', fault: 'not-a-record' },
  { name: 'no leap seconds', path: [4n, 2], change: () => [], fault: 'not-a-record' },
  { name: 'a source too few', path: [8n], change: () => [], fault: 'not-a-record' },
  { name: 'a configuration that is not CBOR', path: [3n], change: () => new Uint8Array([0xff]), fault: 'not-a-record' },
  { name: 'a report called good that was not', path: [7n, 0, 1, 1], change: () => 'none', fault: 'inconsistent' },
  { name: 'a good report from later than the latest', path: [7n, 0, 1, 0], change: plusOne, fault: 'inconsistent' },
  { name: 'an identity a byte short', path: [10n], change: () => HOST.subarray(1), fault: 'not-a-record' },
  { name: 'an identity that is a number', path: [10n], change: () => 1n, fault: 'not-a-record' },
  { name: 'another instant', path: [2n], change: plusOne, fault: 'mismatch' },
  {
    name: 'an edge no report confirmed',
    path: [8n, 0, 1, 0, 3],
    change: (v) => (v as bigint) + 10n ** 12n,
    fault: 'inconsistent',
  },
  {
    name: 'an edge with a phase that is never believed',
    path: [8n, 0, 1, 0, 1],
    change: () => 2_000_000n,
    fault: 'inconsistent',
  },
];

for (const { name, path, change, fault } of FORGERIES) {
  test(`refused with a digest put right: ${name}`, () => {
    const { bytes } = lived(3, 60);
    assert.equal(faultOf(forged(bytes, path, change)), fault);
  });
}

test('a forged digest alone is refused', () => {
  const { bytes } = lived(3, 60);
  const altered = bytes.slice();
  altered[altered.length - 1]! ^= 1;
  assert.equal(faultOf(altered), 'digest');
});

test('random numbers put into a record, its digest put right, never throw and never pass for another interval', () => {
  const { bytes, estimate } = lived(5, 60);
  const decoded = decodeCbor(bytes);
  assert.ok('value' in decoded);
  const places = leavesOf(decoded.value).filter(([key]) => key !== 11n && key !== 9n);
  const value = fc.oneof(fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), fc.bigInt(-3n, 3n), fc.constant(null));
  fc.assert(
    fc.property(fc.nat(places.length - 1), value, (place, put) => {
      const result = recompute(forged(bytes, places[place]!, () => put));
      if ('fault' in result) return;
      assert.equal(result.estimate.interval?.earliest, estimate.interval?.earliest);
      assert.equal(result.estimate.interval?.latest, estimate.interval?.latest);
    }),
    { numRuns: 2_000 },
  );
});

function leavesOf(value: CborValue, path: Path = []): Path[] {
  if (isMap(value)) return [...value].flatMap(([key, item]) => leavesOf(item, [...path, key]));
  if (Array.isArray(value)) return (value as readonly CborValue[]).flatMap((item, i) => leavesOf(item, [...path, i]));
  if (value instanceof Uint8Array && value.length > 32) {
    const inner = decodeCbor(value);
    return 'value' in inner ? leavesOf(inner.value, path) : [path];
  }
  return [path];
}

test('the host identity in force at an estimate is in its evidence, and moves no interval', () => {
  const anonymous = lived(3, 60);
  const named = lived(3, 60, HOST);
  assert.deepEqual(named.estimate.interval, anonymous.estimate.interval);
  for (const [made, identity] of [
    [anonymous, undefined],
    [named, HOST],
  ] as const) {
    assert.deepEqual(made.estimate.identity, identity);
    const again = recompute(made.bytes);
    assert.ok(!('fault' in again));
    assert.deepEqual(again.inputs.identity, identity);
    assert.deepEqual(again.estimate, made.estimate);
  }
  // What comes into force later belongs to later estimates.
  named.clock.useIdentity(undefined);
  assert.deepEqual(named.clock.evidence(named.estimate.asOf), named.bytes);
});

test('evidence is given of the last estimate only', () => {
  const { clock, estimate } = lived(2, 20);
  assert.throws(() => clock.evidence(nanos(estimate.asOf + 1n) as bigint as typeof estimate.asOf), /last estimate/);
});

test('what was decoded is what was observed', () => {
  const { bytes } = lived(7, 50);
  const evidence = decodeEvidence(bytes);
  assert.ok(!('fault' in evidence));
  assert.equal(evidence.inputs.bootId, 'a-boot-id');
  const [track] = evidence.inputs.record.sources;
  assert.ok(track!.readings.length > 5 && track!.readings.every((r) => r.source === 'card0'));
  assert.ok(track!.edges.every((e) => e.reference === 'gnss0'));
});

// ---- vectors

type EvidenceVector = {
  readonly name: string;
  readonly input: string;
  readonly expect:
    | { readonly fault: string }
    | {
        readonly state: string;
        readonly code: string;
        readonly earliest_ns: string | null;
        readonly latest_ns: string | null;
        readonly guarantee_ns: string | null;
      };
  readonly why: string;
};

const vectors = JSON.parse(readFileSync(new URL('../../vectors/evidence.json', import.meta.url), 'utf8')) as {
  readonly vectors: readonly EvidenceVector[];
};

for (const { name, input, expect, why } of vectors.vectors) {
  test(`vector ${name}: ${why}`, () => {
    const result = recompute(fromHex(input)!);
    if ('fault' in result) return assert.deepEqual({ fault: result.fault }, expect);
    const { state, code, interval, guarantee } = result.estimate;
    const said = {
      state,
      code,
      earliest_ns: interval?.earliest.toString() ?? null,
      latest_ns: interval?.latest.toString() ?? null,
      guarantee_ns: guarantee?.toString() ?? null,
    };
    assert.deepEqual(said, expect);
    assert.deepEqual(encodeEvidence(result.inputs, result.estimate), fromHex(input));
  });
}
