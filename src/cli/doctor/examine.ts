/** One examination of a host, with or without a configuration: every check in the order in which one would mend things. */

import { statfs } from 'node:fs/promises';
import { BUILT_IN_LEAP_TABLE, type LeapTable } from '../../core/time/leap-seconds.ts';
import type { Nanos, TaiInstant } from '../../core/time/nanos.ts';
import type { NativeLoad } from '../../io/clocks/native.ts';
import { fileTree } from '../../io/clocks/sysfs.ts';
import type { Config } from '../../io/config/config.ts';
import { loadLeapTable } from '../../io/config/leap-table.ts';
import { loadConfig } from '../../io/config/load.ts';
import type { HostFacts } from '../../io/host/host-facts.ts';
import { listTimeCards } from '../../io/timecard/time-cards.ts';
import { AgentError } from '../../ports/agent-error.ts';
import { lookAtApi } from './api-check.ts';
import { checkDevices, type DoctorRoots } from './device-checks.ts';
import {
  checkFollower,
  checkGuard,
  checkIdentity,
  checkLeapTable,
  checkStateDirectory,
  checkSyncs,
} from './file-checks.ts';
import { checkFirstPeers, checkNetwork } from './network-checks.ts';
import { findingOf, passed, type Finding } from './finding.ts';
import {
  checkAddon,
  checkClockSource,
  checkFreeSpace,
  checkKernelTai,
  checkRequirements,
  checkTimePrograms,
} from './host-checks.ts';

export type ExamineNeeds = {
  readonly roots: DoctorRoots;
  readonly facts: HostFacts;
  readonly native: NativeLoad;
  /** The date, roughly: for the expiry of the leap second table. */
  readonly today: TaiInstant;
  /** Durations of durable writes in a directory, shortest first. */
  readonly measureSyncs: (directory: string) => Promise<readonly Nanos[]>;
};

/**
 * Rejects with `config-unreadable` when there is no such file; a configuration with a mistake is a finding, and then only
 * the host is examined.
 */
export async function examine(configPath: string | undefined, needs: ExamineNeeds): Promise<readonly Finding[]> {
  const read = configPath === undefined ? undefined : await readConfig(configPath);
  const config = read?.config;
  const { leapTable, finding: leaps } = await lookAtLeapTable(config, needs.today);
  const space = config === undefined ? undefined : await statfs(config.validator.state_dir).catch(() => undefined);
  const cards = listTimeCards(fileTree, needs.roots).length;
  const isFollower = config !== undefined && follows(config);
  const kinds = new Set(config?.sources.map(({ kind }) => kind));
  return [
    ...(read === undefined ? [] : [read.finding]),
    ...(config === undefined ? [] : await examineConfigured(config, needs)),
    ...(space === undefined ? [] : [checkFreeSpace(space.bavail * space.bsize)]),
    // It tells no time by the table: only instants shown as UTC are missing from its answers.
    isFollower && leaps.code === 'leap-table-expired' ? { ...leaps, severity: 'warn' } : leaps,
    checkAddon(
      needs.native,
      [...kinds].some((kind) => kind !== 'sim'),
    ),
    ...(isFollower
      ? []
      : [
          checkKernelTai(needs.native, leapTable, kinds.has('system')),
          checkClockSource(needs.facts),
          checkTimePrograms(needs.facts),
          ...checkRequirements(needs.facts, cards, space === undefined ? undefined : space.blocks * space.bsize),
        ]),
  ];
}

/** Whoever follows tells no time and signs nothing: what its clock, and how fast its disk, is nobody's concern. */
const follows = ({ validator }: Config): boolean => validator.role !== 'validator';

async function readConfig(path: string): Promise<{ readonly config: Config | undefined; readonly finding: Finding }> {
  try {
    const config = await loadConfig(path);
    return { config, finding: passed('configuration', config.file) };
  } catch (error) {
    if (error instanceof AgentError && error.code === 'config-unreadable') throw error;
    return { config: undefined, finding: findingOf('configuration', error) };
  }
}

async function lookAtLeapTable(
  config: Config | undefined,
  today: TaiInstant,
): Promise<{ readonly leapTable: LeapTable; readonly finding: Finding }> {
  const hasReceiver = config !== undefined && config.receivers.length > 0;
  try {
    const leapTable = await loadLeapTable(config?.clock.leap_seconds_file);
    return { leapTable, finding: checkLeapTable(leapTable, today, hasReceiver) };
  } catch (error) {
    return { leapTable: BUILT_IN_LEAP_TABLE, finding: findingOf('leap second table', error) };
  }
}

async function examineConfigured(config: Config, needs: ExamineNeeds): Promise<readonly Finding[]> {
  const { validator, api } = config;
  const look = await lookAtApi(api.socket, api.port);
  const state = await checkStateDirectory(validator.state_dir);
  const syncs =
    state.code === 'state-unusable' || follows(config)
      ? []
      : [
          await needs.measureSyncs(validator.state_dir).then(
            (steps) => checkSyncs(steps, validator.heartbeat),
            (error: unknown) => findingOf('disk sync', error),
          ),
        ];
  return [
    ...(await checkIdentity(config)),
    state,
    follows(config) ? await checkFollower(config) : await checkGuard(validator.guard),
    ...syncs,
    ...look.findings,
    ...(config.network === undefined
      ? []
      : [checkFirstPeers(config.network), ...(await checkNetwork(config.network, look.agentRuns))]),
    ...(await checkDevices(config, { roots: needs.roots, agentRuns: look.agentRuns })),
  ];
}
