/** What happens in the network as events of the agent's log: the part of it that someone outside may want to follow. */

import type { EventSink } from '../ports/event-log.ts';
import type { NetworkEvent } from '../ports/network-view.ts';

export function tellNetworkEvent(
  sink: EventSink,
  kidOf: (validator: number | undefined) => Uint8Array | undefined,
  event: NetworkEvent,
): void {
  switch (event.kind) {
    case 'peer-joined':
      return sink.tell({ kind: 'peer-joined', peer: event.name, kid: kidOf(event.validator) });
    case 'peer-left':
      return sink.tell({ kind: 'peer-left', peer: event.name, kid: kidOf(event.validator), code: undefined });
    case 'order-grew':
      return sink.tell({
        kind: 'subjects-final',
        first: BigInt(event.entries[0]!.index),
        count: event.entries.length,
      });
    case 'fault-proven': {
      const { code, kid } = event.fault;
      return sink.tell({ kind: 'fault-found', code: 'validator-at-fault', kid, detail: code });
    }
    case 'time-alarm':
      if (event.isRaised) sink.tell({ kind: 'warned', code: event.alarm.code });
      return;
    case 'order-contradicted':
      return sink.tell({ kind: 'warned', code: 'order-contradicted' });
    case 'subject-accepted':
    case 'subject-reported':
    case 'statement-heard':
    case 'cosigned':
      // As many as there are subjects and statements: counted by the metrics, not told one by one.
      return;
  }
}
