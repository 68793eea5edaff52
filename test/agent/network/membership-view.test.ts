/** What faces are told of the order log: what is read of it may have been altered on disk, and then says so by its code. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MembershipView, type MembershipViewNeeds } from '../../../src/agent/network/membership-view.ts';
import { encodeOrderEntry, type OrderEntry } from '../../../src/core/ordering/order-entry.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { digestOf } from '../../core/attestation/actors.ts';

const entry = (index: number): OrderEntry => ({
  index,
  subject: digestOf(`subject ${index}`),
  moment: taiInstant(1_800_000_000_000_000_000n + BigInt(index)),
  seen: interval(taiInstant(1_800_000_000_000_000_000n), taiInstant(1_800_000_000_000_001_000n)),
  slot: 7_200_000_000,
  isLate: false,
});

/** A view of a log of these entries, and of nothing else. */
function viewOf(stored: readonly Uint8Array[]): MembershipView {
  const orderLog = {
    size: stored.length,
    read: (from: number, to: number) => Promise.resolve(stored.slice(from, to)),
  };
  return new MembershipView({ orderLog, genesis: { validators: [] } } as unknown as MembershipViewNeeds);
}

test('a page of the order is what the log has, and nothing beyond its end', async () => {
  const view = viewOf([0, 1, 2].map((i) => encodeOrderEntry(entry(i))));
  assert.deepEqual(await view.order(1n, 10), [entry(1), entry(2)]);
  assert.deepEqual(await view.order(0n, 1), [entry(0)]);
  assert.deepEqual(await view.order(3n, 10), []);
  assert.deepEqual(await view.order(1n << 60n, 10), []);
});

test('an entry that was altered on disk is named, with the code whose remedy helps', async () => {
  const altered = encodeOrderEntry(entry(1));
  altered[0]! ^= 1;
  const view = viewOf([encodeOrderEntry(entry(0)), altered]);
  await assert.rejects(view.order(0n, 10), { code: 'order-log-damaged', message: /entry 1/ });
  assert.equal((await view.order(0n, 1)).length, 1);
});
