/**
 * The faces of a running agent, whatever its role: alerts, metrics, the local API with its page. They read views and are told
 * what happens; nothing of what the agent does passes through here.
 */

import { statfs } from 'node:fs/promises';
import { AlertWatch } from '../agent/alert-watch.ts';
import { EventLog } from '../agent/event-log.ts';
import type { Genesis } from '../core/attestation/genesis.ts';
import { toHex } from '../core/codec/hex.ts';
import { sha256 } from '../core/codec/sha256.ts';
import type { LeapTable } from '../core/time/leap-seconds.ts';
import { alertRoutes } from '../io/api/alert-routes.ts';
import { ApiCounts } from '../io/api/api-counts.ts';
import { dashboardRoutes, readPage } from '../io/api/dashboard-routes.ts';
import { hostRoute } from '../io/api/device-routes.ts';
import { healthRoutes } from '../io/api/health-routes.ts';
import { listen } from '../io/api/listen.ts';
import { networkRoutes } from '../io/api/network-routes.ts';
import type { RouteGroup } from '../io/api/route-group.ts';
import { rpcNetwork } from '../io/api/rpc-network.ts';
import { rpcRoutes } from '../io/api/rpc-routes.ts';
import { buildApi } from '../io/api/server.ts';
import { issueToken } from '../io/api/token.ts';
import { alertThresholdsOf } from '../io/config/alert-thresholds.ts';
import type { Config } from '../io/config/config.ts';
import { coarseTaiNow } from '../io/host/coarse-time.ts';
import { hostMeters } from '../io/host/host-meters.ts';
import { nodeTimers } from '../io/host/timers.ts';
import { Metrics } from '../io/metrics/metrics.ts';
import { processReading } from '../io/metrics/process-reading.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { HostClock } from '../ports/host-clock.ts';
import type { Log } from '../ports/log.ts';
import type { NetworkEvent } from '../ports/network-view.ts';
import type { AgentView, MeteredView } from '../ports/view.ts';
import type { Joined } from './network.ts';
import { tellNetworkEvent } from './network-events.ts';
import { VERSION } from './version.ts';

export type FacesNeeds = {
  readonly config: Config;
  readonly genesis: Genesis;
  readonly leapTable: LeapTable;
  readonly host: HostClock;
  readonly log: Log;
  readonly events: EventLog;
  readonly view: AgentView & MeteredView;
  readonly joined: Joined;
  /** Our own index among the validators. */
  readonly self: number | undefined;
  /** Whose file system is watched for free space. */
  readonly directory: string;
};

export type Faces = {
  readonly alerts: AlertWatch;
  readonly metrics: Metrics;
  /** `http://127.0.0.1:PORT`, or undefined when no port was asked for. */
  readonly url: string | undefined;
  /** Something happened in the network. */
  happened(event: NetworkEvent): void;
  close(): Promise<void>;
};

/** Answers from now on. Alerts are looked at once whoever called starts them. */
export async function openFaces(needs: FacesNeeds): Promise<Faces> {
  const { config, genesis, leapTable, host, log, events, view, joined, self, directory } = needs;
  const freeBytes = (): Promise<number | undefined> => freeBytesOf(directory);
  const meters = hostMeters(freeBytes);
  try {
    const alerts = new AlertWatch(
      { view, network: joined.view, host, timers: nodeTimers, log, events, coarseNow: coarseTaiNow, freeBytes },
      alertThresholdsOf(config, genesis.validators.length),
    );
    const counts = new ApiCounts();
    const metrics = new Metrics({
      view,
      alerts,
      network: joined.view,
      api: counts,
      process: processReading,
      freeBytes,
    });
    const rpc = { view, ownIndex: self, network: rpcNetwork(joined.view, leapTable) };
    const api = await buildApi(view, {
      log,
      version: VERSION,
      metrics: () => metrics.text(),
      counts,
      ...(joined.addCheckpoint !== undefined && { addCheckpoint: joined.addCheckpoint }),
      events,
      token: await issueToken(config.validator.state_dir),
      groups: [
        alertRoutes(alerts),
        healthRoutes({ view, alerts, network: joined.view }),
        networkRoutes(joined.view),
        ...(await dashboard(log)),
        hostRoute(meters.read),
        rpcRoutes(rpc, log),
      ],
    });
    const listening = await listen(api, { socketPath: config.api.socket, port: config.api.port });
    const kidOf = (index: number | undefined): Uint8Array | undefined =>
      index === undefined ? undefined : joined.membership.kids[index];
    return {
      alerts,
      metrics,
      url: listening.addresses.url,
      happened: (event) => {
        tellNetworkEvent(events, kidOf, event);
        metrics.happened(event, host.now());
      },
      close: async () => {
        await listening.close();
        meters.stop();
      },
    };
  } catch (error) {
    meters.stop();
    throw error;
  }
}

export function eventLogOf(host: HostClock): EventLog {
  return new EventLog({
    run: toHex(sha256(new TextEncoder().encode(`${host.bootId} ${host.now()}`))).slice(0, 8),
    now: () => host.now(),
    hostUtcMs: () => Date.now(),
    soon: (wake) => nodeTimers.soon(wake),
  });
}

/** An agent without its page attests all the same. */
async function dashboard(log: Log): Promise<readonly RouteGroup[]> {
  try {
    return [dashboardRoutes(await readPage())];
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    log.write('warn', 'there is no dashboard', { code: error.code, why: error.message });
    return [];
  }
}

/** What an unprivileged process may still write there; undefined when the file system does not say. */
export async function freeBytesOf(directory: string): Promise<number | undefined> {
  const space = await statfs(directory).catch(() => undefined);
  return space === undefined ? undefined : space.bavail * space.bsize;
}
