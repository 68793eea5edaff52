/**
 * `/v1/capabilities/:capability`: who offers it. A search asks the DHT and visits strangers, so few run at once, each ends by
 * itself, and one whose asker hangs up ends at once.
 */

import { LIMITS } from '../../core/limits.ts';
import type { NetworkView } from '../../ports/network-view.ts';
import { sendProblem } from './problem.ts';
import { renderCapabilitySearch } from './render-network.ts';
import type { RouteGroup } from './route-group.ts';
import { PROBLEMS } from './schemas/common.ts';
import { capabilityParams, capabilitySearchSchema } from './schemas/network.ts';

export const capabilityRoute =
  (view: NetworkView): RouteGroup =>
  (app) => {
    const searches = new Set<AbortController>();
    app.addHook('preClose', (done) => {
      for (const search of searches) search.abort();
      done();
    });
    app.get<{ Params: { capability: string } }>(
      '/v1/capabilities/:capability',
      {
        exposeHeadRoute: false,
        config: { cost: 20 },
        schema: {
          summary: 'Who offers a capability: what the DHT says, checked against each peer’s signed hello',
          params: capabilityParams,
          response: { 200: capabilitySearchSchema, ...PROBLEMS },
        },
      },
      async (request, reply) => {
        if (searches.size >= LIMITS.apiCapabilitySearchesMax) {
          reply.header('retry-after', '10');
          return sendProblem(reply, 503, 'api-too-many-searches', `${searches.size} run already`);
        }
        const search = new AbortController();
        searches.add(search);
        reply.raw.on('close', () => search.abort());
        const { capability } = request.params;
        try {
          const signal = AbortSignal.any([search.signal, AbortSignal.timeout(LIMITS.capabilitySearchMsMax)]);
          return renderCapabilitySearch(capability, await view.findByCapability(capability, signal));
        } finally {
          searches.delete(search);
        }
      },
    );
  };
