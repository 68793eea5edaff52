/**
 * Looks at the agent once a second and keeps its alerts: on a timer of its own, so that it notices a loop that makes no beats.
 *
 * It reads snapshots like any other face. What fires or is over is logged under a constant message and told as an event.
 */

import { AlertBook, type ActiveAlert, type AlertChange } from '../core/alerts/alert-book.ts';
import type { NetworkFacts } from '../core/alerts/facts.ts';
import { SEVERITIES, type AlertRule } from '../core/alerts/rule.ts';
import { alertRules } from '../core/alerts/rules.ts';
import type { AlertThresholds } from '../core/alerts/thresholds.ts';
import { CODES } from '../core/codes.ts';
import { seconds, type Nanos, type TaiInstant } from '../core/time/nanos.ts';
import type { AlertsState, AlertsView } from '../ports/alerts-view.ts';
import type { EventSink } from '../ports/event-log.ts';
import type { HostClock } from '../ports/host-clock.ts';
import type { Log, LogFields, LogLevel } from '../ports/log.ts';
import type { NetworkView } from '../ports/network-view.ts';
import type { Timers } from '../ports/timers.ts';
import type { MeteredView } from '../ports/view.ts';
import { alertFacts, NetworkFactsReader } from './alert-facts.ts';

export type AlertWatchNeeds = {
  readonly view: MeteredView;
  /** Undefined: the agent is built without one. */
  readonly network: NetworkView | undefined;
  readonly host: HostClock;
  readonly timers: Timers;
  readonly log: Log;
  /** The system's idea of the date, for the expiry of the leap table while there is no interval. */
  readonly coarseNow: () => TaiInstant;
  /** Free bytes where the state is kept; undefined when the file system does not say. */
  readonly freeBytes: () => Promise<number | undefined>;
  readonly events: EventSink;
};

const LOOK_EVERY = seconds(1);

export class AlertWatch implements AlertsView {
  readonly #needs: AlertWatchNeeds;
  readonly #book: AlertBook;
  readonly #commitMax: Nanos;
  readonly #peersMin: number | undefined;
  readonly #network: NetworkFactsReader | undefined;
  #commits = 0;
  #commitsSlow = 0;
  #freeBytes: number | undefined;
  #networkFacts: NetworkFacts | undefined;
  #isMeasuring = false;
  #endTimer: (() => void) | undefined;

  constructor(needs: AlertWatchNeeds, thresholds: AlertThresholds) {
    this.#needs = needs;
    this.#book = new AlertBook(alertRules(thresholds));
    this.#commitMax = thresholds.commitMax;
    this.#peersMin = thresholds.peersMin;
    this.#network = needs.network === undefined ? undefined : new NetworkFactsReader(needs.network);
  }

  /** May be called twice. */
  start(): void {
    this.#endTimer ??= this.#needs.timers.every(LOOK_EVERY, () => this.#look());
  }

  /** May be called twice. */
  stop(): void {
    this.#endTimer?.();
    this.#endTimer = undefined;
  }

  /** A statement became durable `took` after it was drafted. */
  committed(took: Nanos): void {
    this.#commits += 1;
    if (took > this.#commitMax) this.#commitsSlow += 1;
  }

  alerts(): AlertsState {
    return {
      asOf: this.#needs.host.now(),
      active: this.#book.active().toSorted(graverFirst),
      past: this.#book.history(),
      standings: this.#book.standings(),
      network: this.#networkFacts,
      peersMin: this.#peersMin,
    };
  }

  #look(): void {
    const { view, host, coarseNow } = this.#needs;
    this.#measureDisk();
    const at = host.now();
    const status = view.status();
    this.#networkFacts = this.#network?.read(at, status.time.latest);
    const facts = alertFacts({
      status,
      meters: view.meters(),
      commits: this.#commits,
      commitsSlow: this.#commitsSlow,
      freeBytes: this.#freeBytes,
      coarseNow: coarseNow(),
      network: this.#networkFacts,
    });
    for (const change of this.#book.look(at, facts)) this.#tell(change);
  }

  /** The file system answers when it can; until then the look goes on with what it said last. */
  #measureDisk(): void {
    if (this.#isMeasuring) return;
    this.#isMeasuring = true;
    void this.#needs.freeBytes().then((free) => {
      this.#freeBytes = free;
      this.#isMeasuring = false;
    });
  }

  #tell({ kind, alert }: AlertChange): void {
    const { log, events } = this.#needs;
    const { rule, subject: source } = alert;
    const { code, severity, unit, threshold } = rule;
    if (kind === 'fired') {
      const fields: LogFields = { code, severity, source, value: alert.value, unit, threshold };
      log.write(levelOf(rule), 'an alert fires', { ...fields, why: CODES[code].sentence, remedy: CODES[code].remedy });
      events.tell({ kind: 'alert-changed', code, severity, source, isRaised: true, value: alert.value, unit });
    } else {
      const { worst, because } = alert;
      log.write('info', 'an alert is over', { code, severity, source, worst, unit, because });
      events.tell({ kind: 'alert-changed', code, severity, source, isRaised: false, value: worst, unit });
    }
  }
}

/** The log's error is for what someone must act on. */
const levelOf = ({ severity }: AlertRule): LogLevel => (severity === 'warning' ? 'warn' : 'error');

const graverFirst = (a: ActiveAlert, b: ActiveAlert): number =>
  SEVERITIES.indexOf(a.rule.severity) - SEVERITIES.indexOf(b.rule.severity);
