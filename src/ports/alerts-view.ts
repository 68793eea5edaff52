/** What faces may see of the alerts: snapshots, plain data. The rules are core/alerts; deploy/prometheus has the same. */

import type { ActiveAlert, PastAlert, RuleStanding } from '../core/alerts/alert-book.ts';
import type { NetworkFacts } from '../core/alerts/facts.ts';
import type { MonoInstant } from '../core/time/nanos.ts';

export type AlertsState = {
  readonly asOf: MonoInstant;
  /** Pending and firing, the gravest first. */
  readonly active: readonly ActiveAlert[];
  /** What is over, newest first; since the start of the agent, at most LIMITS.alertHistoryMax. */
  readonly past: readonly PastAlert[];
  readonly standings: readonly RuleStanding[];
  /** What was known of the network at the last look; undefined without one. */
  readonly network: NetworkFacts | undefined;
  /** Connected peers below which it alerts; undefined where nobody else is needed. */
  readonly peersMin: number | undefined;
};

export interface AlertsView {
  alerts(): AlertsState;
}
