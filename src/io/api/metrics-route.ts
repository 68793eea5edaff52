/** Where Prometheus looks by itself. Behind the same door as the rest: this machine only. */

import { PROMETHEUS } from './content-types.ts';
import type { RouteGroup } from './route-group.ts';

export const metricsRoute =
  (metrics: () => Promise<string>): RouteGroup =>
  (app) => {
    app.get(
      '/metrics',
      { schema: { summary: 'Metrics in Prometheus’ text format', produces: [PROMETHEUS] } },
      (_, reply) => metrics().then((text) => reply.type(PROMETHEUS).send(text)),
    );
  };
