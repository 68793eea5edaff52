/** Four real hosts on 127.0.0.1: introductions, delivery with full validation, gossip to an archive, requests. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { LaneWriter, rigAgent, rigGenesis, startMesh, type RigAgent } from './network-rig.ts';

const rig = rigGenesis(4);

describe('four validators on loopback', { timeout: 60_000 }, () => {
  let agents: RigAgent[];
  before(async () => {
    agents = await startMesh(rig);
  });
  after(() => Promise.all(agents.map((agent) => agent.stop())));

  test('each knows the others as validators by their hello', () => {
    for (const agent of agents) {
      const peers = agent.network.peers();
      assert.equal(peers.length, 3);
      assert.ok(peers.every(({ role, kid }) => role === 'validator' && kid !== undefined));
    }
  });

  test('statements reach everyone by direct streams, each judged in full', async () => {
    const lane = new LaneWriter(rig, rig.signers[0]!);
    const entries = lane.many(300);
    agents[0]!.network.publish('statements', entries);
    await Promise.all(agents.slice(1).map((agent) => agent.until(() => agent.statements.length >= 300)));
    for (const agent of agents.slice(1)) {
      assert.deepEqual(
        agent.statements.map(({ signed }) => signed.statement.seq),
        Array.from({ length: 300 }, (_, i) => BigInt(i)),
      );
      assert.ok(agent.statements.every(({ delay }) => delay !== undefined));
    }
    assert.equal(agents[0]!.statements.length, 0);
  });
});
