/**
 * Health at a glance: whether it signs, how many alerts fire, and the score of the network around us (requirement C7) with
 * each deduction. A summary for people and load balancers; nothing is decided by it, and the answer is always 200.
 */

import { CODES } from '../../core/codes.ts';
import { HEALTH_CAUSES } from '../../core/peers/network-health.ts';
import { SEVERITIES } from '../../core/alerts/rule.ts';
import type { AlertsView } from '../../ports/alerts-view.ts';
import type { NetworkStatusView } from '../../ports/network-view.ts';
import type { AgentView } from '../../ports/view.ts';
import type { RouteGroup } from './route-group.ts';
import { PROBLEMS } from './schemas/common.ts';
import { healthSchema } from './schemas/health.ts';

export type HealthNeeds = {
  readonly view: Pick<AgentView, 'status'>;
  readonly alerts: AlertsView;
  /** Undefined: the agent runs without a network. */
  readonly network: { network(): NetworkStatusView } | undefined;
};

export const healthRoutes =
  ({ view, alerts, network }: HealthNeeds): RouteGroup =>
  (app) => {
    app.get(
      '/v1/health',
      { schema: { summary: 'Health at a glance', response: { 200: healthSchema, ...PROBLEMS } } },
      () => {
        const code = view.status().attesting.reason?.code;
        const firing = alerts.alerts().active.filter(({ state }) => state === 'firing');
        const count = (severity: string) => firing.filter(({ rule }) => rule.severity === severity).length;
        return {
          signing: code === undefined,
          reason: code === undefined ? null : { code, ...CODES[code] },
          firing: Object.fromEntries(SEVERITIES.map((severity) => [severity, count(severity)])),
          network: renderNetwork(network?.network()),
        };
      },
    );
  };

function renderNetwork(status: NetworkStatusView | undefined) {
  if (status?.isNetworked !== true) return null;
  const { health, peers, roundTripMedian, heard, validators } = status;
  return {
    score: health.score,
    deductions: health.deductions.map(({ cause, points }) => {
      const { pointsMax, rule } = HEALTH_CAUSES[cause];
      return { cause, points, points_max: pointsMax, rule };
    }),
    peers,
    round_trip_median_ns: roundTripMedian?.toString() ?? null,
    validators: validators.length,
    validators_heard: heard.length,
  };
}
