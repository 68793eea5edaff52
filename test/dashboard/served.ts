/** An agent on virtual time behind the real API on a real port, with the page: what a browser is pointed at. */

import type { TestContext } from 'node:test';
import { AlertWatch } from '../../src/agent/alert-watch.ts';
import { EventLog } from '../../src/agent/event-log.ts';
import type { Nanos } from '../../src/core/time/nanos.ts';
import { alertRoutes } from '../../src/io/api/alert-routes.ts';
import { dashboardRoutes, readPage } from '../../src/io/api/dashboard-routes.ts';
import { listen } from '../../src/io/api/listen.ts';
import type { RouteGroup } from '../../src/io/api/route-group.ts';
import { buildApi } from '../../src/io/api/server.ts';
import { SimDisk } from '../../src/sim/disk.ts';
import { World } from '../agent/harness.ts';
import { THRESHOLDS } from '../core/alerts/made-up-facts.ts';

export type Served = {
  readonly world: World;
  readonly url: string;
  /** Ends the API, as if the agent had died. May be called twice. */
  readonly close: () => Promise<void>;
  readonly get: (path: string) => Promise<unknown>;
};

export async function serve(
  t: TestContext,
  {
    apart = [],
    groups = () => [],
  }: { apart?: readonly Nanos[]; groups?: (world: World) => readonly RouteGroup[] } = {},
): Promise<Served> {
  let events: EventLog | undefined;
  const follow = (world: World): EventLog =>
    (events = new EventLog({
      run: '00000001',
      now: () => world.host.now(),
      hostUtcMs: () => Number(world.truthNow() / 1_000_000n) - 37_000,
      soon: (wake) => setImmediate(wake),
    }));
  const world = await World.begin(t, new SimDisk(), { apart, follow });
  const log = { write: () => undefined };
  const alerts = new AlertWatch(
    {
      view: world.agent,
      network: undefined,
      host: world.host,
      timers: world.timers,
      log,
      coarseNow: () => world.truthNow(),
      freeBytes: () => Promise.resolve(1e12),
      events: events!,
    },
    THRESHOLDS,
  );
  alerts.start();
  const page = dashboardRoutes(await readPage());
  const api = await buildApi(world.agent, {
    log,
    version: '1',
    events: events!,
    groups: [page, alertRoutes(alerts), ...groups(world)],
  });
  const listening = await listen(api, { socketPath: undefined, port: 0 });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= listening.close());
  t.after(close);
  const url = listening.addresses.url!;
  return { world, url, close, get: async (path) => (await fetch(`${url}${path}`)).json() };
}
