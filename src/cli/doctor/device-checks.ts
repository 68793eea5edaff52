/**
 * Checks of the configured devices: there, permitted, not in somebody else's hands. Looks only: no serial port and no clock
 * is opened, because opening a serial line moves its modem wires and a second reader steals bytes.
 */

import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { findPpsInput, findPtpClock } from '../../io/clocks/discovery.ts';
import { fileTree } from '../../io/clocks/sysfs.ts';
import type { Config, ReceiverConfig, SourceConfig } from '../../io/config/config.ts';
import { portHolders, type PortHolder } from '../../io/receiver/port-holders.ts';
import { listTimeCards } from '../../io/timecard/time-cards.ts';
import type { Code } from '../../core/codes.ts';
import { finding, passed, type Finding } from './finding.ts';

export type DoctorRoots = { readonly devRoot: string; readonly sysRoot: string; readonly procRoot: string };

export type DeviceNeeds = {
  readonly roots: DoctorRoots;
  /** Whether this configuration's agent runs: then it holds its own devices, rightly. */
  readonly agentRuns: boolean;
  readonly holdersOf?: (path: string, procRoot: string) => Promise<readonly PortHolder[]>;
};

export async function checkDevices(config: Config, needs: DeviceNeeds): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const receiver of config.receivers) findings.push(await checkReceiver(receiver, needs));
  for (const source of config.sources) findings.push(await checkSource(source, needs));
  return findings;
}

async function checkReceiver({ name, device }: ReceiverConfig, needs: DeviceNeeds): Promise<Finding> {
  const subject = `receiver ${name}`;
  const refused = await refusalOfPath(device, constants.R_OK | constants.W_OK);
  if (refused === 'device-absent') return finding(subject, 'fail', 'receiver-port-absent', device);
  if (refused !== undefined) return finding(subject, 'fail', refused, device);
  const others = await othersHolding(device, needs);
  if (others.length > 0) return finding(subject, 'fail', 'receiver-port-held', `${device} by ${wordsOf(others)}`);
  return passed(subject, device);
}

async function checkSource(source: SourceConfig, needs: DeviceNeeds): Promise<Finding> {
  const subject = `source ${source.name}`;
  switch (source.kind) {
    case 'sim':
      return finding(subject, 'warn', 'source-simulated', 'kind = "sim"');
    case 'system':
      return passed(subject, 'the system clock, as wide as its daemon admits');
    case 'phc': {
      const found = findPtpClock(needs.roots, source.device);
      return found.kind === 'missing'
        ? finding(subject, 'fail', found.code, found.message)
        : checkClock(subject, found.device.path, needs);
    }
    case 'pps': {
      const found = findPpsInput(needs.roots, source.device);
      return found.kind === 'missing'
        ? finding(subject, 'fail', found.code, found.message)
        : checkPulse(subject, found.device.path);
    }
    case 'timecard': {
      const cards = listTimeCards(fileTree, needs.roots);
      const card = cards.find(({ name, serial }) => [name, serial].includes(source.card));
      if (card?.phc === undefined)
        return finding(subject, 'fail', 'source-not-wired', `no time card ${source.card} with a PTP clock is here`);
      return checkClock(subject, card.phc, needs);
    }
  }
}

async function checkPulse(subject: string, path: string): Promise<Finding> {
  const refused = await refusalOfPath(path, constants.R_OK);
  return refused === undefined ? passed(subject, path) : finding(subject, 'fail', refused, path);
}

/** A clock may be open elsewhere: many may read one, but whoever steers it must be known. */
async function checkClock(subject: string, path: string, needs: DeviceNeeds): Promise<Finding> {
  const refused = await refusalOfPath(path, constants.R_OK);
  if (refused !== undefined) return finding(subject, 'fail', refused, path);
  const others = await othersHolding(path, needs);
  if (others.length > 0) return finding(subject, 'warn', 'clock-held-elsewhere', `${path} by ${wordsOf(others)}`);
  return passed(subject, path);
}

async function refusalOfPath(path: string, permissions: number): Promise<Code | undefined> {
  try {
    await access(path, permissions);
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'EACCES' || code === 'EPERM' || code === 'EROFS' ? 'device-forbidden' : 'device-absent';
  }
}

async function othersHolding(
  path: string,
  { roots, agentRuns, holdersOf = portHolders }: DeviceNeeds,
): Promise<readonly PortHolder[]> {
  const holders = await holdersOf(path, roots.procRoot);
  // Node calls its main thread so; while our agent answers, that is it.
  return agentRuns ? holders.filter(({ name }) => !/^(?:node|MainThread|momentd)/.test(name)) : holders;
}

const wordsOf = (holders: readonly PortHolder[]): string =>
  holders.map(({ name, pid }) => `${name} (process ${pid})`).join(', ');
