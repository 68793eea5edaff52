/** What the loop does, as events for those who watch: effects as they come, and changes that only a comparison shows. */

import type { Estimate } from '../core/clock/estimate.ts';
import type { Observation } from '../core/clock/observation.ts';
import type { Code } from '../core/codes.ts';
import type { Effect } from '../core/validator.ts';
import type { EventSink } from '../ports/event-log.ts';
import type { SourceView } from '../ports/view.ts';
import type { Committed } from './commit-protocol.ts';

export class LoopEvents {
  readonly #sink: EventSink;
  /** By configured name, so bounded by the configuration. */
  readonly #verdicts = new Map<string, SourceView['verdict']>();
  readonly #presence = new Map<string, Code>();

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  performed(effect: Effect): void {
    switch (effect.kind) {
      case 'clock-changed': {
        const { from, to, code } = effect.transition;
        return this.#sink.tell({ kind: 'clock-changed', from, to, code });
      }
      case 'attesting-changed':
        return this.#sink.tell({ kind: 'attesting-changed', code: effect.code });
      case 'warned':
        return this.#sink.tell({ kind: 'warned', code: effect.code });
      case 'commit':
        // Told when it is durable.
        return;
    }
  }

  committed(statements: readonly Committed[]): void {
    for (const { id, statement } of statements)
      this.#sink.tell({
        kind: 'statement-committed',
        seq: statement.seq,
        id,
        statement: statement.kind,
        tai: statement.time.tai,
        guarantee: statement.time.guarantee,
      });
  }

  refused(code: Code, detail: string): void {
    this.#sink.tell({ kind: 'commit-refused', code, detail });
  }

  /** Each source's verdict when it differs from that of the beat before. */
  judged({ sources }: Estimate): void {
    for (const { name, verdict, code } of sources) {
      const from = this.#verdicts.get(name);
      if (from === verdict) continue;
      this.#verdicts.set(name, verdict);
      this.#sink.tell({ kind: 'source-judged', source: name, from, to: verdict, code });
    }
  }

  observed(observation: Observation): void {
    if (observation.kind !== 'presence') return;
    const { source, present, code } = observation;
    if (this.#presence.get(source) === code) return;
    this.#presence.set(source, code);
    this.#sink.tell({ kind: 'presence-changed', source, present, code });
  }
}
