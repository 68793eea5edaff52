/** What happens in the network, as the agent's own event log tells it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../src/core/codec/sha256.ts';
import { monoInstant } from '../../src/core/time/nanos.ts';
import { tellNetworkEvent } from '../../src/main/network-events.ts';
import type { AgentEvent } from '../../src/ports/event-log.ts';
import type { NetworkEvent } from '../../src/ports/network-view.ts';

const KID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

function told(event: NetworkEvent): AgentEvent[] {
  const events: AgentEvent[] = [];
  tellNetworkEvent({ tell: (one) => events.push(one) }, (index) => (index === 2 ? KID : undefined), event);
  return events;
}

test('a peer that joins is told with the key of the validator it speaks for', () => {
  assert.deepEqual(told({ kind: 'peer-joined', name: 'p', validator: 2 }), [
    { kind: 'peer-joined', peer: 'p', kid: KID },
  ]);
  assert.deepEqual(told({ kind: 'peer-left', name: 'p', validator: undefined }), [
    { kind: 'peer-left', peer: 'p', kid: undefined, code: undefined },
  ]);
});

test('a proven fault names what is proven and whom it convicts', () => {
  const fault = { code: 'E1', validator: 2, kid: KID, digest: sha256(KID) } as const;
  assert.deepEqual(told({ kind: 'fault-proven', fault }), [
    { kind: 'fault-found', code: 'validator-at-fault', kid: KID, detail: 'E1' },
  ]);
});

test('a cut that contradicts ours and a clock apart are warnings; a clock no longer apart is none', () => {
  assert.deepEqual(told({ kind: 'order-contradicted', slot: 7 }), [{ kind: 'warned', code: 'order-contradicted' }]);
  const alarm = { code: 'peer-time-apart', who: 2, since: monoInstant(0n) } as const;
  assert.deepEqual(told({ kind: 'time-alarm', alarm, isRaised: true }), [{ kind: 'warned', code: 'peer-time-apart' }]);
  assert.deepEqual(told({ kind: 'time-alarm', alarm, isRaised: false }), []);
});

test('what happens thousands of times a second is not told one by one', () => {
  assert.deepEqual(told({ kind: 'statement-heard', validator: 2, delay: undefined }), []);
  assert.deepEqual(told({ kind: 'subject-accepted', id: sha256(KID) }), []);
});
