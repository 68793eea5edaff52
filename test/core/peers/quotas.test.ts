import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Quotas } from '../../../src/core/peers/quotas.ts';
import { millis, monoInstant, shift } from '../../../src/core/time/nanos.ts';

const START = monoInstant(1n);
const PER_PEER = {
  words: { items: { perSecond: 10, burst: 10 }, bytes: { perSecond: 1_000, burst: 1_000 } },
  deeds: { items: { perSecond: 1, burst: 1 }, bytes: { perSecond: 1_000, burst: 1_000 } },
};
const sizes = (count: number, bytes: number): number[] => Array.from({ length: count }, () => bytes);

test('items and bytes are both counted, and each kind by itself', () => {
  const quotas = new Quotas<keyof typeof PER_PEER>({ perPeer: PER_PEER, peersPerAddress: 2 });
  const sender = { peer: 'p', address: 'a' };
  assert.equal(quotas.admit('words', sender, sizes(12, 10), START), 10);
  assert.equal(quotas.admit('words', sender, sizes(1, 10), START), 0);
  assert.equal(quotas.admit('deeds', sender, sizes(2, 10), START), 1);
  assert.equal(quotas.admit('words', sender, sizes(9, 100), shift(START, millis(1_000))), 9);
});

test('a message larger than what is left is not let in, and what comes after it is not either', () => {
  const quotas = new Quotas<keyof typeof PER_PEER>({ perPeer: PER_PEER, peersPerAddress: 2 });
  assert.equal(quotas.admit('words', { peer: 'p', address: 'a' }, [600, 600, 1], START), 1);
});

test('many identities of one address share what the address may', () => {
  const quotas = new Quotas<keyof typeof PER_PEER>({ perPeer: PER_PEER, peersPerAddress: 2 });
  const admitted = Array.from({ length: 10 }, (_, i) =>
    quotas.admit('words', { peer: `p${i}`, address: 'a' }, sizes(10, 1), START),
  );
  assert.equal(
    admitted.reduce((sum, count) => sum + count, 0),
    20,
  );
  assert.equal(quotas.admit('words', { peer: 'q', address: 'b' }, sizes(10, 1), START), 10);
});

test('a peer that presses gets no less in the end than one that waits', () => {
  const patient = new Quotas<keyof typeof PER_PEER>({ perPeer: PER_PEER, peersPerAddress: 2 });
  const pressing = new Quotas<keyof typeof PER_PEER>({ perPeer: PER_PEER, peersPerAddress: 2 });
  const sender = { peer: 'p', address: 'a' };
  let got = 0;
  for (let ms = 0; ms <= 10_000; ms += 10)
    got += pressing.admit('words', sender, sizes(5, 1), shift(START, millis(ms)));
  let waited = 0;
  for (let ms = 0; ms <= 10_000; ms += 1_000)
    waited += patient.admit('words', sender, sizes(10, 1), shift(START, millis(ms)));
  assert.equal(got, waited);
});

test('whatever is sent, no more is admitted than burst and rate allow', () => {
  const frame = fc.record({
    waitMs: fc.integer({ min: 0, max: 300 }),
    sizes: fc.array(fc.integer({ min: 1, max: 400 })),
  });
  fc.assert(
    fc.property(fc.array(frame), (frames) => {
      const quotas = new Quotas<keyof typeof PER_PEER>({ perPeer: PER_PEER, peersPerAddress: 3 });
      let ms = 0;
      let items = 0;
      let bytes = 0;
      for (const { waitMs, sizes: sent } of frames) {
        ms += waitMs;
        const count = quotas.admit('words', { peer: 'p', address: 'a' }, sent, shift(START, millis(ms)));
        items += count;
        bytes += sent.slice(0, count).reduce((sum, size) => sum + size, 0);
        assert.ok(items <= 10 + ms / 100 && bytes <= 1_000 + ms);
      }
    }),
  );
});
