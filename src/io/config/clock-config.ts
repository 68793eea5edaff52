/**
 * The clock core's configuration out of the file's: sources and references with the defaults of their kinds.
 *
 * The file may only raise a bound: a configured accuracy below the kind's default leaves the default in force.
 */

import {
  defaultClockConfig,
  defaultReferenceSpec,
  defaultSourceSpec,
  type ClockConfig,
  type ReferenceSpec,
  type SourceSpec,
} from '../../core/clock/configuration.ts';
import type { SourceName } from '../../core/clock/observation.ts';
import type { LeapTable } from '../../core/time/leap-seconds.ts';
import { longerOf, ZERO, type Nanos } from '../../core/time/nanos.ts';
import type { Config, ReceiverConfig, SourceConfig } from './config.ts';

export function clockConfigOf({ clock, sources, receivers }: Config, leapTable: LeapTable): ClockConfig {
  return defaultClockConfig(
    {
      sources: sources.map(sourceSpecOf),
      references: [
        ...receivers.map(referenceSpecOf),
        ...sources.filter(({ kind }) => kind === 'sim').map((source) => defaultReferenceSpec(referenceOf(source)!)),
      ],
      leapTable,
    },
    {
      hostRateMax: clock.host_rate_max,
      hostWander: clock.host_wander,
      faultsMax: clock.faults_max,
      groupsMin: clock.groups_min,
      limit: clock.limit,
      lockAfter: clock.lock_after,
      relockAfter: clock.relock_after,
      floors: { floor: clock.floor },
    },
  );
}

/** The receiver a source follows. A simulated card brings its own. */
export function referenceOf(source: SourceConfig): SourceName | undefined {
  if (source.kind === 'sim') return source.reference ?? `${source.name}-gnss`;
  return 'reference' in source ? source.reference : undefined;
}

function sourceSpecOf(source: SourceConfig): SourceSpec {
  const reference = referenceOf(source);
  const base = defaultSourceSpec(source.kind, source.name, {
    reference,
    ...(source.group === undefined ? {} : { group: source.group }),
  });
  return {
    ...base,
    accuracy: raised(base.accuracy, source.source_accuracy),
    pathDelay: raised(base.pathDelay, source.path_delay),
    floors: { ...base.floors, floor: raised(base.floors.floor ?? ZERO, source.floor) },
    ...('oscillator' in source && source.oscillator !== undefined ? { oscillator: source.oscillator } : {}),
    ...('phase_offset' in source && source.phase_offset !== undefined ? { phaseOffset: source.phase_offset } : {}),
  };
}

function raised<D extends Nanos | undefined>(byKind: D, configured: Nanos | undefined): D | Nanos {
  if (configured === undefined) return byKind;
  return byKind === undefined ? configured : longerOf(byKind, configured);
}

function referenceSpecOf(receiver: ReceiverConfig): ReferenceSpec {
  return {
    ...defaultReferenceSpec(receiver.name),
    health: receiver.health,
    healthAgeMax: receiver.health_age_max,
    trustAfter: receiver.trust_after,
    satellitesMin: receiver.satellites_min,
    interferenceReport: receiver.interference_report,
  };
}
