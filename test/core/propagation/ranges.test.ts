import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LIMITS } from '../../../src/core/limits.ts';
import { RangePlan, type Range } from '../../../src/core/propagation/range-plan.ts';
import {
  decodeAddresses,
  decodeRangeAnswer,
  decodeRequest,
  decodeSizes,
  encodeAddresses,
  encodeRangeAnswer,
  encodeRequest,
  encodeSizes,
  packEntries,
  unpackEntries,
} from '../../../src/core/propagation/requests.ts';
import { encodeCbor } from '../../../src/core/codec/cbor.ts';
import { isFault } from '../../../src/core/verdict.ts';

const KID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

test('requests and answers are read back as they were made', () => {
  for (const request of [{ kind: 'sizes' }, { kind: 'peers' }, { kind: 'range', kid: KID, from: 5, to: 9 }] as const)
    assert.deepEqual(decodeRequest(encodeRequest(request)), request);
  const sizes = [{ kid: KID, size: 2 ** 40 }];
  assert.deepEqual(decodeSizes(encodeSizes(sizes)), sizes);
  const answer = { isDeflated: true, packed: Uint8Array.of(9) };
  assert.deepEqual(decodeRangeAnswer(encodeRangeAnswer(answer)), answer);
  assert.deepEqual(decodeAddresses(encodeAddresses(['/ip4/1.2.3.4/tcp/1'])), ['/ip4/1.2.3.4/tcp/1']);
});

test('a request that is none is a fault', () => {
  const wrong = [
    [],
    [3n],
    [0n, 0n],
    [1n, KID, 0n],
    [1n, KID, 5n, 5n],
    [1n, KID, 6n, 5n],
    [1n, KID, -1n, 5n],
    [1n, KID, 0n, BigInt(LIMITS.rangeEntriesMax) + 1n],
    [1n, KID.slice(1), 0n, 5n],
    [1n, KID, 2n ** 60n, 2n ** 60n + 1n],
  ];
  for (const value of wrong) {
    const read = decodeRequest(encodeCbor(value));
    assert.equal(isFault(read) && read.fault, 'request-format', JSON.stringify(value.map(String)));
  }
  assert.ok(isFault(decodeRequest(new Uint8Array(LIMITS.requestBytesMax + 1))));
  assert.ok(isFault(decodeSizes(encodeCbor([[KID]]))));
  assert.ok(isFault(decodeSizes(encodeCbor(Array.from({ length: LIMITS.validatorsMax + 1 }, () => [KID, 0n])))));
  assert.ok(isFault(decodeRangeAnswer(encodeCbor([1n, KID]))));
  assert.ok(isFault(decodeAddresses(encodeCbor(['x'.repeat(257)]))));
  assert.ok(isFault(decodeAddresses(encodeCbor(Array.from({ length: 17 }, () => 'x')))));
});

test('no bytes make a reader throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      decodeRequest(bytes);
      decodeSizes(bytes);
      decodeRangeAnswer(bytes);
      decodeAddresses(bytes);
      unpackEntries(bytes, 10);
    }),
  );
});

test('entries are packed up to the bound, at least one, and unpacked the same', () => {
  const entry = fc.uint8Array({ minLength: 1, maxLength: 500 });
  fc.assert(
    fc.property(fc.array(entry, { minLength: 1, maxLength: 30 }), (entries) => {
      assert.deepEqual(unpackEntries(packEntries(entries), entries.length), entries);
      assert.ok(isFault(unpackEntries(packEntries(entries), entries.length - 1)));
    }),
  );
  const large = new Uint8Array(LIMITS.laneEntryBytesMax);
  const packed = packEntries(Array.from({ length: 100 }, () => large));
  assert.ok(packed.length <= LIMITS.rangeBytesMax);
  assert.equal(
    (unpackEntries(packed, 100) as Uint8Array[]).length,
    Math.floor(LIMITS.rangeBytesMax / (large.length + 3)),
  );
  for (const wrong of [
    [0, 0, 0],
    [0, 0, 2, 1],
    [0, 0],
    [255, 255, 255, 1],
  ])
    assert.ok(isFault(unpackEntries(Uint8Array.from(wrong), 10)), String(wrong));
});

// ---- the plan

const entries = (range: Range, count = range.to - range.from): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => Uint8Array.of((range.from + i) & 0xff));

/** Plays a catch-up by chance: short answers, failures, a liar. Returns what was stored. */
function play(total: number, choices: readonly number[], liar: string | undefined): { stored: number; asked: number } {
  const plan = new RangePlan({ from: 0, target: total });
  const peers = ['a', 'b', 'c'];
  const open: { peer: string; range: Range }[] = [];
  let stored = 0;
  let asked = 0;
  for (let step = 0; step < 10_000 && !plan.isDone; step++) {
    const choice = choices[step % choices.length]!;
    for (const peer of peers) {
      const range = plan.next(peer, total);
      if (range !== undefined) open.push({ peer, range });
    }
    const held = open.length;
    assert.ok(held <= LIMITS.rangesAtOnceMax, 'no more is under way than allowed');
    const [next] = open.splice(choice % Math.max(1, open.length), 1);
    if (next === undefined) break;
    asked += 1;
    // The honest never fail for good: a peer that failed a range is not asked for it again, so only one of them fails.
    if (choice % 7 === 0 && next.peer === 'b') plan.failed(next.range, next.peer);
    else {
      const size = next.range.to - next.range.from;
      plan.arrived(next.range, next.peer, entries(next.range, Math.max(1, size - (choice % size))));
    }
    for (let ready = plan.ready(); ready !== undefined; ready = plan.ready()) {
      assert.equal(ready.from, stored, 'what is ready continues the lane');
      if (ready.peer === liar) plan.spoiled(ready.peer);
      else {
        plan.took(ready.entries.length);
        stored += ready.entries.length;
      }
    }
  }
  return { stored, asked };
}

test('a lane is caught up whole and in order, whatever order and length answers have', () => {
  const choices = fc.array(fc.nat(2_000), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      choices,
      fc.constantFrom(undefined, 'c'),
      (total, chosen, liar) => {
        assert.equal(play(total, chosen, liar).stored, total);
      },
    ),
    // A liar found out after short answers: its parts and the rests would all be asked for at once.
    { numRuns: 60, examples: [[8_193, [357], 'c']] },
  );
});

test('a peer whose entries do not hold is not asked again, and what it sent is asked of others', () => {
  const plan = new RangePlan({ from: 0, target: 3_000 });
  const first = plan.next('liar', 3_000)!;
  const second = plan.next('liar', 3_000)!;
  plan.arrived(first, 'liar', entries(first));
  plan.spoiled('liar');
  assert.equal(plan.ready(), undefined);
  assert.equal(plan.next('liar', 3_000), undefined);
  assert.deepEqual(plan.next('honest', 3_000), first);
  plan.arrived(second, 'liar', entries(second));
  assert.deepEqual(plan.next('honest', 3_000), second);
});

test('nobody is asked for what he does not have, and a plan goes forward only', () => {
  const plan = new RangePlan({ from: 2_000, target: 5_000 });
  assert.equal(plan.next('short', 2_000), undefined);
  assert.deepEqual(plan.next('long', 5_000), { from: 2_000, to: 3_024 });
  assert.equal(new RangePlan({ from: 5, target: 5 }).isDone, true);
  assert.throws(() => new RangePlan({ from: 6, target: 5 }), /forward/);
});
