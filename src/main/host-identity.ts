/**
 * The host identity of this agent: which rooms tell which fact, put together for the keeper that signs them.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IdentityKeeper } from '../agent/identity-keeper.ts';
import type { Digest } from '../core/codec/sha256.ts';
import { findPtpClock, HOST_ROOTS, type DeviceRoots } from '../io/clocks/discovery.ts';
import { fileTree } from '../io/clocks/sysfs.ts';
import type { Config } from '../io/config/config.ts';
import { coarseTaiNow } from '../io/host/coarse-time.ts';
import { readFirmware, type FirmwareByPlace } from '../io/host/device-firmware.ts';
import { gatherIdentity, type ClockDevice, type Software } from '../io/host/identity-facts.ts';
import { digestOfProgram } from '../io/host/program-files.ts';
import { fileDisk } from '../io/storage/file-disk.ts';
import { IdentityFiles } from '../io/storage/identity-files.ts';
import { listTimeCards } from '../io/timecard/time-cards.ts';
import type { HostClock } from '../ports/host-clock.ts';
import type { Log } from '../ports/log.ts';
import type { Signer } from '../ports/signer.ts';
import { VERSION } from './version.ts';

export type HostIdentityNeeds = {
  readonly config: Config;
  readonly network: Digest;
  readonly signer: Signer;
  readonly host: HostClock;
  readonly log: Log;
};

/** `src/main` and `dist/main` both lie two folders below the package. */
const PACKAGE = fileURLToPath(new URL('../../', import.meta.url));

export function hostIdentityKeeper({ config, network, signer, host, log }: HostIdentityNeeds): IdentityKeeper {
  const store = new IdentityFiles(fileDisk, {
    directory: join(config.validator.state_dir, 'identity'),
    keep: config.evidence.keep,
    dateNow: coarseTaiNow,
  });
  // Both hold for this process: files replaced under a running program are not the program that runs.
  let software: Software | undefined;
  let boots: { readonly count: bigint | undefined } | undefined;
  // Asked again when other devices are there: facts are gathered every minute, and a program is started for these.
  let firmware: { readonly of: string; readonly found: FirmwareByPlace } | undefined;
  return new IdentityKeeper({
    gather: async () => {
      software ??= { version: VERSION, digest: await digestOfProgram(PACKAGE) };
      boots ??= { count: await store.countBoot(host.bootId) };
      const devices = clockDevices(config.sources, HOST_ROOTS);
      const present = JSON.stringify(devices);
      if (firmware?.of !== present)
        firmware = { of: present, found: devices.length === 0 ? new Map() : await readFirmware() };
      const facts = { network, bootCount: boots.count, software, devices, firmware: firmware.found };
      return gatherIdentity({ tree: fileTree, host }, facts);
    },
    store,
    signer,
    log,
  });
}

/** The devices of the configured sources that are there now. */
export function clockDevices(sources: Config['sources'], roots: DeviceRoots): readonly ClockDevice[] {
  return sources.flatMap((source): ClockDevice[] => {
    if (source.kind === 'timecard') {
      const card = listTimeCards(fileTree, roots).find(({ name, serial }) => [name, serial].includes(source.card));
      if (card === undefined) return [];
      const model = card.board === undefined ? 'time card' : `time card (${card.board})`;
      return [{ source: source.name, model, serial: card.serial, folder: card.folder }];
    }
    if (source.kind !== 'phc') return [];
    const found = findPtpClock(roots, source.device);
    if (found.kind !== 'found') return [];
    const { name, clockName } = found.device;
    const folder = join(roots.sysRoot, 'class', 'ptp', name);
    // A PTP clock of a Time Card shares the card's number.
    const card = listTimeCards(fileTree, roots).find(({ phc }) => phc === found.device.path);
    return [{ source: source.name, model: clockName, serial: card?.serial, folder }];
  });
}
