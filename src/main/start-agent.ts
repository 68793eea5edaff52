/**
 * The composition of one running agent, top to bottom: read what is configured, open what is kept, build the heart, connect
 * the world, serve the faces. Stopping is the same list backwards.
 */

import { join } from 'node:path';
import { Agent } from '../agent/agent.ts';
import { CommitProtocol } from '../agent/commit-protocol.ts';
import { keyOfGenesis, networkIdOf } from '../core/attestation/genesis.ts';
import { Clock } from '../core/clock/clock.ts';
import { toHex } from '../core/codec/hex.ts';
import { divideUp, seconds } from '../core/time/nanos.ts';
import { Validator } from '../core/validator.ts';
import { hostClock } from '../io/clocks/host-clock.ts';
import { clockConfigOf } from '../io/config/clock-config.ts';
import type { Config } from '../io/config/config.ts';
import { loadLeapTable } from '../io/config/leap-table.ts';
import { loadConfig } from '../io/config/load.ts';
import { pinoLog } from '../io/host/log.ts';
import { nodeTimers } from '../io/host/timers.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { fileDisk, fileDiskWith } from '../io/storage/file-disk.ts';
import { loadNative } from '../io/clocks/native.ts';
import { openStorage } from '../io/storage/open-storage.ts';
import type { Log } from '../ports/log.ts';
import type { RunningAgent, StartAgent } from '../ports/running-agent.ts';
import { hostIdentityKeeper } from './host-identity.ts';
import { buildSources } from './sources.ts';
import { eventLogOf, openFaces } from './faces.ts';
import { keepIndex } from './keep-index.ts';
import { watchIntegrity } from './watch-integrity.ts';
import { dutiesOf, joinNetwork, type Joined } from './network.ts';
import { readGenesis, readSigner } from './open-files.ts';
import { watchService } from './service.ts';
import { startObserver } from './start-observer.ts';
import { VERSION } from './version.ts';

/** After a full disk signing is tried again this often. */
const RETRY_AFTER = seconds(5);
const CHECKPOINT_EVERY = seconds(10);

/** Starts what the configuration says this agent is. */
export const startAgent: StartAgent = async (configPath, options = {}): Promise<RunningAgent> => {
  const config = await loadConfig(configPath);
  const log = pinoLog(options.logLevel ?? config.log.level);
  const { role } = config.validator;
  return role === 'validator' ? startValidator(config, log) : startObserver(config, role, log);
};

async function startValidator(config: Config, log: Log): Promise<RunningAgent> {
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
    const duties = dutiesOf(genesis, network, signer, native?.sha256Ranges);
    const clock = new Clock(clockConfig, host.bootId);
    const service = watchService(process.env, log, config.validator.heartbeat);
    const events = eventLogOf(host);
    const { sources, telemetry } = buildSources(config, { host, log, leapTable });
    const agent = new Agent(
      {
        validator: new Validator({
          clock,
          head: commits.head,
          startedAt,
          agenda: duties.agenda,
          hashRanges: native?.sha256Ranges,
        }),
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
          faces.metrics.beat();
        },
        onCommit: (took) => {
          faces.metrics.committed(took);
          faces.alerts.committed(took);
        },
      },
      { heartbeat: config.validator.heartbeat, retryAfter: RETRY_AFTER, checkpointEvery: CHECKPOINT_EVERY },
    );

    const judge = { network, keyOf: keyOfGenesis(genesis), checkSignature };
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
      watch: (event) => faces.happened(event),
    });
    undo.push(() => joined.close());
    const { self } = duties;
    const faces = await openFaces({
      config,
      genesis,
      leapTable,
      host,
      log,
      events,
      view: agent,
      joined,
      self,
      directory: laneDirectory,
    });
    undo.push(() => faces.close());
    undo.push(() => agent.stop());
    await agent.acquire();
    await joined.membership.start();
    undo.push(() => joined.membership.stop());
    // Once more, and first: what the agent signs last still goes out.
    undo.push(() => agent.stop());
    await agent.start();
    faces.alerts.start();
    undo.push(() => faces.alerts.stop());
    const integrity = watchIntegrity({ directory: laneDirectory, network, publicKey: signer.publicKey, log });
    undo.push(() => integrity.stop());
    service.ready();
    undo.push(() => service.stopping());
    log.write('info', 'momentd is running', {
      version: VERSION,
      network: genesis.name,
      kid: toHex(signer.kid),
      socket: config.api.socket,
      url: faces.url,
    });
    return {
      socket: config.api.socket,
      url: faces.url,
      laneDirectory,
      status: () => agent.status(),
      stop: unwind,
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}
