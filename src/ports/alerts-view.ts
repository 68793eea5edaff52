/** What faces may see of the alerts: snapshots, plain data. The rules are core/alerts; deploy/prometheus has the same. */

import type { ActiveAlert, PastAlert, RuleStanding } from '../core/alerts/alert-book.ts';
import type { MonoInstant } from '../core/time/nanos.ts';

export type AlertsState = {
  readonly asOf: MonoInstant;
  /** Pending and firing, the gravest first. */
  readonly active: readonly ActiveAlert[];
  /** What is over, newest first; since the start of the agent, at most LIMITS.alertHistoryMax. */
  readonly past: readonly PastAlert[];
  readonly standings: readonly RuleStanding[];
};

export interface AlertsView {
  alerts(): AlertsState;
}
