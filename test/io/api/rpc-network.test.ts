/** The network as the JSON-RPC reads see it: Unix time by the leap table, nothing where nothing is final or known. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { shift, nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { rpcNetwork } from '../../../src/io/api/rpc-network.ts';
import type { NetworkView } from '../../../src/ports/network-view.ts';

const MOMENT = taiInstant(1_795_000_000_123_456_789n);
/** Only what is asked for is there; anything else would throw. */
const network = {
  network: () => ({ isNetworked: true, peers: 4 }),
  orderStatus: () => ({ watermark: MOMENT }),
  subject: (id: Uint8Array) =>
    Promise.resolve({
      position:
        id[0] === 1
          ? { kind: 'final', entry: { moment: MOMENT, seen: interval(MOMENT, shift(MOMENT, nanos(1n))) } }
          : { kind: 'unknown' },
    }),
} as unknown as NetworkView;

test('a final subject and the watermark are told in Unix time, the rest is not', async () => {
  const reads = rpcNetwork(network, BUILT_IN_LEAP_TABLE)!;
  assert.equal(reads.peerCount(), 4);
  assert.equal(await reads.subjectMoment(Uint8Array.of(1)), MOMENT - 37_000_000_000n);
  assert.equal(await reads.subjectMoment(Uint8Array.of(2)), undefined);
  assert.equal(reads.watermark(), MOMENT - 37_000_000_000n);
});

test('an agent without a network has no mesh', () => {
  const alone = { ...network, network: () => ({ isNetworked: false }) } as unknown as NetworkView;
  assert.equal(rpcNetwork(alone, BUILT_IN_LEAP_TABLE), undefined);
});

test('what an expired leap table cannot say is not said', async () => {
  const expired = { ...BUILT_IN_LEAP_TABLE, expires: taiInstant(MOMENT - 1n) };
  const reads = rpcNetwork(network, expired)!;
  assert.equal(await reads.subjectMoment(Uint8Array.of(1)), undefined);
  assert.equal(reads.watermark(), undefined);
});
