/** A peer that floods: what the honest say arrives all the same, memory stays bounded, the peer is banned. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Quota } from '../../../src/core/peers/quotas.ts';
import { quotaTable } from '../../../src/core/propagation/quota-table.ts';
import { flood, floodFrames, FLOODS } from './flooder.ts';
import { hrNow, LaneWriter, rigAgent, rigGenesis } from './network-rig.ts';

const rig = rigGenesis(4);
const FLOODER = 3;

/** A fifth of the real quota, so that ten times the quota is no strain on the machine that runs the test. */
const SMALL: Quota = { items: { perSecond: 50, burst: 100 }, bytes: { perSecond: 1_000_000, burst: 1_000_000 } };

const quotas = () => ({ ...quotaTable(4), 'direct statements': SMALL });

for (const kind of FLOODS) {
  test(`ten times the quota, ${kind}: banned, and nothing of the honest is lost`, { timeout: 60_000 }, async (t) => {
    const victim = await rigAgent({ rig, position: 0, quotas: quotas() });
    t.after(() => victim.stop());
    await victim.start();
    const address = victim.network.addresses()[0]!;
    const honest = await rigAgent({ rig, position: 1, options: { pinned: [address] } });
    t.after(() => honest.stop());
    await honest.start();
    await honest.until(() => honest.peers.size === 1);
    const lane = new LaneWriter(rig, rig.signers[1]!);
    let said = 0;
    const speaking = setInterval(() => {
      honest.network.publish('statements', [lane.next()]);
      said += 1;
    }, 50);
    const stop = new AbortController();
    const frames = floodFrames(rig, FLOODER, kind, 100);
    const flooding = flood(rig, { position: FLOODER, kind, address, itemsPerSecond: 500, frames, signal: stop.signal });
    const banned = (): boolean => victim.logged.some(({ message }) => message === 'peer banned');
    const refused = (): boolean => victim.logged.some(({ fields }) => fields['because'] === 'banned');
    // Thrown out, and turned away at the door when it comes back.
    await victim.until(() => (banned() || victim.standing.banned(hrNow()).length > 0) && refused());
    stop.abort();
    await flooding;
    clearInterval(speaking);
    const honestName = honest.network.name;
    const heard = (): number => victim.statements.filter(({ signed }) => isOf(signed.kid, rig.signers[1]!.kid)).length;
    await victim.until(() => heard() === said);
    assert.ok(said > 0);
    assert.equal(victim.standing.trustOf(honestName), 1);
    assert.equal(victim.inbound.pipeline.counts.bugs, 0);
    assert.equal(victim.inbound.pipeline.waitingItems, 0);
    assert.ok(victim.statements.length <= said + 1_000, 'the flood was not taken in');
    assert.ok(victim.peers.has(honestName) && victim.peers.size === 1);
  });
}

const isOf = (kid: Uint8Array, other: Uint8Array): boolean => Buffer.compare(kid, other) === 0;
