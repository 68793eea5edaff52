/** The alerts: what fires, what is over, and by which rules. */

import { CODES } from '../../core/codes.ts';
import type { ActiveAlert, PastAlert, RuleStanding } from '../../core/alerts/alert-book.ts';
import type { AlertRule } from '../../core/alerts/rule.ts';
import { floatSeconds } from '../../core/time/float-seconds.ts';
import type { AlertsState, AlertsView } from '../../ports/alerts-view.ts';
import type { RouteGroup } from './route-group.ts';
import { alertRulesSchema, alertsQuery, alertsSchema } from './schemas/alerts.ts';
import { PROBLEMS } from './schemas/common.ts';

export const alertRoutes =
  (view: AlertsView): RouteGroup =>
  (app) => {
    app.get<{ Querystring: Page }>(
      '/v1/alerts',
      {
        schema: {
          summary: 'Alerts: pending, firing, and over',
          querystring: alertsQuery,
          response: { 200: alertsSchema, ...PROBLEMS },
        },
      },
      (request) => renderAlerts(view.alerts(), request.query),
    );
    app.get(
      '/v1/alerts/rules',
      { schema: { summary: 'The alert rules in force', response: { 200: alertRulesSchema, ...PROBLEMS } } },
      () => ({ rules: view.alerts().standings.map(renderStanding) }),
    );
  };

type Page = { readonly limit: number; readonly offset: number };

function renderAlerts({ asOf, active, past }: AlertsState, { limit, offset }: Page) {
  return {
    as_of_mono_ns: asOf.toString(),
    active: active.map(renderActive),
    past: past.slice(offset, offset + limit).map(renderPast),
    past_total: past.length,
  };
}

function renderActive({ rule, subject, state, since, firingSince, value, worst }: ActiveAlert) {
  return {
    ...named(rule, subject),
    state,
    since_mono_ns: since.toString(),
    firing_since_mono_ns: firingSince?.toString() ?? null,
    value,
    worst,
    threshold: rule.threshold,
  };
}

function renderPast({ rule, subject, since, firingSince, resolvedAt, worst, because }: PastAlert) {
  return {
    ...named(rule, subject),
    since_mono_ns: since.toString(),
    firing_since_mono_ns: firingSince.toString(),
    resolved_mono_ns: resolvedAt.toString(),
    worst,
    because,
  };
}

function renderStanding({ rule, unknown }: RuleStanding) {
  const { code, severity, unit, fires, threshold, clear, pendingFor, keepFor } = rule;
  return {
    code,
    severity,
    ...CODES[code],
    unit,
    fires,
    threshold,
    clear,
    pending_s: floatSeconds(pendingFor),
    keep_s: floatSeconds(keepFor),
    cannot_judge: unknown ?? null,
  };
}

const named = ({ code, severity, unit }: AlertRule, subject: string | undefined) => ({
  code,
  severity,
  source: subject ?? null,
  ...CODES[code],
  unit,
});
