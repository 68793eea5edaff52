/** The time now, the status with its reasons, and what was measured over time. */

import { seconds } from '../../core/time/nanos.ts';
import type { AgentView } from '../../ports/view.ts';
import { renderDrift, renderHistory, renderStatus, renderTime } from './render.ts';
import type { RouteGroup } from './route-group.ts';
import { PROBLEMS } from './schemas/common.ts';
import { driftSchema, historySchema, spanQuery } from './schemas/drift.ts';
import { statusSchema, timeSchema } from './schemas/status.ts';

export const timeRoutes =
  (view: AgentView): RouteGroup =>
  (app) => {
    app.get(
      '/v1/status',
      { schema: { summary: 'Everything at a glance, with reasons', response: { 200: statusSchema, ...PROBLEMS } } },
      () => renderStatus(view.status()),
    );
    app.get('/v1/time', { schema: { summary: 'The interval now', response: { 200: timeSchema, ...PROBLEMS } } }, () =>
      renderTime(view.now()),
    );
    app.get<{ Querystring: { span_s: number; points: number } }>(
      '/v1/drift',
      {
        config: { cost: 10 },
        schema: {
          summary: 'Offset, frequency, guarantee and state over time, with stability statistics',
          querystring: spanQuery,
          response: { 200: driftSchema, ...PROBLEMS },
        },
      },
      (request) => renderDrift(view.drift(seconds(request.query.span_s), request.query.points)),
    );
    app.get<{ Querystring: { span_s: number; points: number } }>(
      '/v1/history',
      {
        config: { cost: 10 },
        schema: {
          summary: 'The guarantee over time: how wide it was, what it was made of, which states there were',
          querystring: spanQuery,
          response: { 200: historySchema, ...PROBLEMS },
        },
      },
      (request) => renderHistory(view.history(seconds(request.query.span_s), request.query.points)),
    );
  };
