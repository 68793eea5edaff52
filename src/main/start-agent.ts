/**
 * The composition of one running agent, top to bottom: read what is configured, open what is kept, build the heart, connect
 * the world, serve the faces. Stopping is the same list backwards.
 */

import { readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent } from '../agent/agent.ts';
import { AlertWatch } from '../agent/alert-watch.ts';
import { CommitProtocol } from '../agent/commit-protocol.ts';
import { EventLog } from '../agent/event-log.ts';
import { genesisKeyFault, keyOfGenesis, networkIdOf, type Genesis } from '../core/attestation/genesis.ts';
import { parseGenesis } from '../core/attestation/genesis-json.ts';
import { Clock } from '../core/clock/clock.ts';
import { compareBytes } from '../core/codec/cbor.ts';
import { toHex } from '../core/codec/hex.ts';
import { sha256 } from '../core/codec/sha256.ts';
import { divideUp, seconds } from '../core/time/nanos.ts';
import { Validator } from '../core/validator.ts';
import { isFault } from '../core/verdict.ts';
import { alertRoutes } from '../io/api/alert-routes.ts';
import { dashboardRoutes, readPage } from '../io/api/dashboard-routes.ts';
import type { RouteGroup } from '../io/api/route-group.ts';
import { healthRoutes } from '../io/api/health-routes.ts';
import { networkRoutes } from '../io/api/network-routes.ts';
import { rpcNetwork } from '../io/api/rpc-network.ts';
import { ApiCounts } from '../io/api/api-counts.ts';
import { buildApi } from '../io/api/server.ts';
import { hostRoute } from '../io/api/device-routes.ts';
import { listen } from '../io/api/listen.ts';
import { rpcRoutes } from '../io/api/rpc-routes.ts';
import { issueToken } from '../io/api/token.ts';
import { hostClock } from '../io/clocks/host-clock.ts';
import { alertThresholdsOf } from '../io/config/alert-thresholds.ts';
import { clockConfigOf } from '../io/config/clock-config.ts';
import type { Config } from '../io/config/config.ts';
import { loadLeapTable } from '../io/config/leap-table.ts';
import { loadConfig } from '../io/config/load.ts';
import { coarseTaiNow } from '../io/host/coarse-time.ts';
import { hostMeters } from '../io/host/host-meters.ts';
import { pinoLog } from '../io/host/log.ts';
import { nodeTimers } from '../io/host/timers.ts';
import { Metrics } from '../io/metrics/metrics.ts';
import { processReading } from '../io/metrics/process-reading.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { readKeyFile, readPassphraseFile } from '../io/keys/key-store.ts';
import { isPrimeOrder } from '../io/keys/second-opinion.ts';
import { sodiumSigner } from '../io/keys/sodium-signer.ts';
import { fileDisk, fileDiskWith } from '../io/storage/file-disk.ts';
import { loadNative } from '../io/clocks/native.ts';
import { openStorage } from '../io/storage/open-storage.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { Log } from '../ports/log.ts';
import type { RunningAgent, StartAgent } from '../ports/running-agent.ts';
import type { Signer } from '../ports/signer.ts';
import { hostIdentityKeeper } from './host-identity.ts';
import { buildSources } from './sources.ts';
import { keepIndex } from './keep-index.ts';
import { watchIntegrity } from './watch-integrity.ts';
import { dutiesOf, joinNetwork, type Joined } from './network.ts';
import { tellNetworkEvent } from './network-events.ts';
import { watchService } from './service.ts';
import { VERSION } from './version.ts';

/** After a full disk signing is tried again this often. */
const RETRY_AFTER = seconds(5);
const CHECKPOINT_EVERY = seconds(10);

export const startAgent: StartAgent = async (configPath, options = {}): Promise<RunningAgent> => {
  const config = await loadConfig(configPath);
  const log = pinoLog(options.logLevel ?? config.log.level);
  const { bytes: genesisBytes, genesis } = await readGenesis(config.validator.genesis);
  const leapTable = await loadLeapTable(config.clock.leap_seconds_file);
  const clockConfig = clockConfigOf(config, leapTable);
  const signer = await readSigner(config, genesis);
  const undo: (() => Promise<void> | void)[] = [() => signer.release()];
  const unwind = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };

  try {
    const network = networkIdOf(genesis);
    const host = hostClock();
    // Without the addon the lane is the same, byte for byte, and slower.
    const addon = loadNative();
    const native = addon.loaded ? addon.native : undefined;
    const laneDirectory = join(config.validator.state_dir, 'lane');
    const storageNeeds = {
      disk: fileDiskWith(native),
      checkSignature,
      hashRanges: native?.sha256Ranges,
    };
    const storage = await openStorage(storageNeeds, {
      network,
      publicKey: signer.publicKey,
      guardPath: config.validator.guard,
      laneDirectory,
      evidence: {
        directory: join(config.validator.state_dir, 'evidence'),
        bytesMax: config.evidence.size_max_mib * 1_048_576,
        hoursMax: Number(divideUp(config.evidence.keep, 3_600_000_000_000n)),
      },
      createGuard: false,
    });
    undo.push(() => storage.close());

    const commits = new CommitProtocol({ ...storage, signer }, { network });
    const recovered = await commits.start();
    if (recovered.length > 0)
      log.write('info', 'guard and lane agree on the last statements', { statements: recovered.length });

    const startedAt = host.now();
    const duties = dutiesOf(genesis, network, signer);
    const clock = new Clock(clockConfig, host.bootId);
    const service = watchService(process.env, log, config.validator.heartbeat);
    const events = new EventLog({
      run: toHex(sha256(new TextEncoder().encode(`${host.bootId} ${startedAt}`))).slice(0, 8),
      now: () => host.now(),
      hostUtcMs: () => Date.now(),
      soon: (wake) => nodeTimers.soon(wake),
    });
    const { sources, telemetry } = buildSources(config, { host, log, leapTable });
    const agent = new Agent(
      {
        validator: new Validator({ clock, head: commits.head, startedAt, agenda: duties.agenda }),
        sources,
        telemetry,
        host,
        timers: nodeTimers,
        log,
        commits,
        events,
        publish: (statements) => joined.membership.committed(statements),
        agenda: duties.agenda,
        onCheckpoint: (note) => joined.membership.checkpointed(note),
        lane: storage.lane,
        evidence: storage.evidence,
        readLaneFile: (path) => fileDisk.read(join(laneDirectory, path)),
        clock: clockConfig,
        identity: {
          version: VERSION,
          network: { name: genesis.name, id: network },
          validator: { publicKey: signer.publicKey, kid: signer.kid },
          genesis: genesisBytes,
          simulated: config.sources.some(({ kind }) => kind === 'sim'),
        },
        hostIdentity: hostIdentityKeeper({ config, network, signer, host, log }),
        onBeat: (line) => {
          service.alive(line);
          metrics.beat();
        },
        onCommit: (took) => {
          metrics.committed(took);
          alerts.committed(took);
        },
      },
      { heartbeat: config.validator.heartbeat, retryAfter: RETRY_AFTER, checkpointEvery: CHECKPOINT_EVERY },
    );

    const judge = { network, keyOf: keyOfGenesis(genesis), checkSignature };
    const stateDir = config.validator.state_dir;
    const meters = hostMeters(() => freeBytesOf(laneDirectory));
    undo.push(() => meters.stop());
    const index = await keepIndex({ disk: fileDisk, lane: storage.lane, log }, laneDirectory);
    undo.push(() => index.stop());
    const joined: Joined = await joinNetwork({
      config,
      genesis,
      network,
      judge,
      signer,
      duties,
      storage: storageNeeds,
      ownLane: storage.lane,
      search: index.search,
      agent,
      now: () => host.now(),
      timers: nodeTimers,
      log,
      version: VERSION,
      watch: (event) => {
        const kidOf = (index: number | undefined): Uint8Array | undefined =>
          index === undefined ? undefined : joined.membership.kids[index];
        tellNetworkEvent(events, kidOf, event);
        metrics.happened(event, host.now());
      },
    });
    undo.push(() => joined.close());
    const freeBytes = (): Promise<number | undefined> => freeBytesOf(laneDirectory);
    const alerts = new AlertWatch(
      { view: agent, network: joined.view, host, timers: nodeTimers, log, events, coarseNow: coarseTaiNow, freeBytes },
      alertThresholdsOf(config, genesis.validators.length),
    );
    const counts = new ApiCounts();
    const metrics = new Metrics({
      view: agent,
      alerts,
      network: joined.view,
      api: counts,
      process: processReading,
      freeBytes,
    });
    const rpc = { view: agent, ownIndex: duties.self, network: rpcNetwork(joined.view, leapTable) };
    const api = await buildApi(agent, {
      log,
      version: VERSION,
      metrics: () => metrics.text(),
      counts,
      addCheckpoint: joined.addCheckpoint,
      events,
      token: await issueToken(stateDir),
      groups: [
        alertRoutes(alerts),
        healthRoutes({ view: agent, alerts, network: joined.view }),
        networkRoutes(joined.view),
        ...(await dashboard(log)),
        hostRoute(meters.read),
        rpcRoutes(rpc, log),
      ],
    });
    const listening = await listen(api, { socketPath: config.api.socket, port: config.api.port });
    undo.push(() => listening.close());
    undo.push(() => agent.stop());
    await agent.acquire();
    await joined.membership.start();
    undo.push(() => joined.membership.stop());
    // Once more, and first: what the agent signs last still goes out.
    undo.push(() => agent.stop());
    await agent.start();
    alerts.start();
    undo.push(() => alerts.stop());
    const integrity = watchIntegrity({ directory: laneDirectory, network, publicKey: signer.publicKey, log });
    undo.push(() => integrity.stop());
    service.ready();
    undo.push(() => service.stopping());
    log.write('info', 'momentd is running', {
      version: VERSION,
      network: genesis.name,
      kid: toHex(signer.kid),
      socket: config.api.socket,
      url: listening.addresses.url,
    });
    return {
      socket: config.api.socket,
      url: listening.addresses.url,
      laneDirectory,
      status: () => agent.status(),
      stop: unwind,
    };
  } catch (error) {
    await unwind();
    throw error;
  }
};

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
async function freeBytesOf(directory: string): Promise<number | undefined> {
  const space = await statfs(directory).catch(() => undefined);
  return space === undefined ? undefined : space.bavail * space.bsize;
}

async function readGenesis(path: string): Promise<{ readonly bytes: Uint8Array; readonly genesis: Genesis }> {
  let file: Uint8Array;
  try {
    file = await readFile(path);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('genesis-unreadable', `read the genesis record: ${what}`, { cause });
  }
  const parsed = parseGenesis(file);
  if (isFault(parsed)) throw new AgentError(parsed.fault, `read the genesis record ${path}: ${parsed.detail}`);
  const wrongKey = genesisKeyFault({ checkSignature, isPrimeOrder }, parsed.genesis);
  if (wrongKey !== undefined)
    throw new AgentError(wrongKey.fault, `check the genesis record ${path}: ${wrongKey.detail}`);
  return parsed;
}

async function readSigner({ validator }: Config, genesis: Genesis): Promise<Signer> {
  const passphrase =
    validator.passphrase_file === undefined ? undefined : await readPassphraseFile(validator.passphrase_file);
  const signer = sodiumSigner(await readKeyFile(validator.key, passphrase));
  if (genesis.validators.some(({ publicKey }) => compareBytes(publicKey, signer.publicKey) === 0)) return signer;
  signer.release();
  throw new AgentError(
    'key-not-in-genesis',
    `use the key ${validator.key} in network ${genesis.name}: it is not registered`,
  );
}
