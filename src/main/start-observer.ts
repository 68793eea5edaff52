/**
 * The composition of one who follows without signing: the membership of a validator, without what a validator signs. There is
 * no clock, no guard and no lane of its own; the order is worked out from the lanes that are fetched and verified here.
 */

import { join } from 'node:path';
import { Observer } from '../agent/observer.ts';
import { keyOfGenesis, networkIdOf } from '../core/attestation/genesis.ts';
import { toHex } from '../core/codec/hex.ts';
import { loadNative } from '../io/clocks/native.ts';
import { hostClock } from '../io/clocks/host-clock.ts';
import type { Config } from '../io/config/config.ts';
import { loadLeapTable } from '../io/config/leap-table.ts';
import { nodeTimers } from '../io/host/timers.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { fileDiskWith } from '../io/storage/file-disk.ts';
import type { Log } from '../ports/log.ts';
import type { RunningAgent } from '../ports/running-agent.ts';
import { eventLogOf, openFaces } from './faces.ts';
import { dutiesOf, joinNetwork, type Joined } from './network.ts';
import { readGenesis, readSigner } from './open-files.ts';
import { watchService } from './service.ts';
import { VERSION } from './version.ts';

export type FollowingRole = Exclude<Config['validator']['role'], 'validator'>;

export async function startObserver(config: Config, role: FollowingRole, log: Log): Promise<RunningAgent> {
  const { state_dir: stateDir, heartbeat } = config.validator;
  const { bytes: genesisBytes, genesis } = await readGenesis(config.validator.genesis);
  const leapTable = await loadLeapTable(config.clock.leap_seconds_file);
  const signer = await readSigner(config, genesis);
  const undo: (() => Promise<void> | void)[] = [() => signer.release()];
  const unwind = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const network = networkIdOf(genesis);
    const host = hostClock();
    const addon = loadNative();
    const native = addon.loaded ? addon.native : undefined;
    const service = watchService(process.env, log, heartbeat);
    const events = eventLogOf(host);
    const observer = new Observer(
      {
        role,
        host,
        timers: nodeTimers,
        identity: {
          version: VERSION,
          network: { name: genesis.name, id: network },
          validator: { publicKey: signer.publicKey, kid: signer.kid },
          genesis: genesisBytes,
        },
        leapTable,
        limit: config.clock.limit,
        onBeat: (line) => service.alive(line),
      },
      { beatEvery: heartbeat },
    );
    const joined: Joined = await joinNetwork({
      config,
      genesis,
      network,
      judge: { network, keyOf: keyOfGenesis(genesis), checkSignature },
      signer,
      duties: dutiesOf(genesis, network, signer, native?.sha256Ranges),
      storage: { disk: fileDiskWith(native), checkSignature, hashRanges: native?.sha256Ranges },
      ownLane: undefined,
      search: { findSubject: () => Promise.resolve([]) },
      agent: observer,
      now: () => host.now(),
      timers: nodeTimers,
      log,
      version: VERSION,
      watch: (event) => faces.happened(event),
    });
    undo.push(() => joined.close());
    const faces = await openFaces({
      config,
      genesis,
      leapTable,
      host,
      log,
      events,
      view: observer,
      joined,
      self: undefined,
      directory: stateDir,
    });
    undo.push(() => faces.close());
    observer.start();
    undo.push(() => observer.stop());
    await joined.membership.start();
    undo.push(() => joined.membership.stop());
    faces.alerts.start();
    undo.push(() => faces.alerts.stop());
    service.ready();
    undo.push(() => service.stopping());
    log.write('info', 'momentd is running', {
      version: VERSION,
      network: genesis.name,
      role,
      kid: toHex(signer.kid),
      socket: config.api.socket,
      url: faces.url,
    });
    return {
      socket: config.api.socket,
      url: faces.url,
      laneDirectory: join(stateDir, 'lanes'),
      status: () => observer.status(),
      stop: unwind,
    };
  } catch (error) {
    await unwind();
    throw error;
  }
}
