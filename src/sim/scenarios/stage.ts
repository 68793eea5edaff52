/**
 * The stage scenarios are set on: a host, cards, other clocks, and the configuration an operator would write for them.
 *
 * The configuration is the release's default for each kind of source; only the ages are widened when a run takes coarser
 * steps than a real agent does, so that a step is never taken for a silence.
 */

import {
  defaultClockConfig,
  defaultReferenceSpec,
  defaultSourceSpec,
  type ClockConfig,
  type ReferenceSpec,
  type SourceSpec,
} from '../../core/clock/configuration.ts';
import { BUILT_IN_LEAP_TABLE, type LeapTable } from '../../core/time/leap-seconds.ts';
import { longerOf, micros, nanos, shift, taiInstant, type Nanos, type TaiInstant } from '../../core/time/nanos.ts';
import { ppb } from '../../core/time/rate.ts';
import { CardDevice, type CardPlan } from '../card-device.ts';
import { DisciplinedClock, type DisciplinedPlan } from '../disciplined-clock.ts';
import { GRADES } from '../grades.ts';
import { VirtualHost } from '../host-clock.ts';
import { Oscillator, STEADY_ROOM, type Climate, type OscillatorModel } from '../oscillator.ts';
import { PulseDevice, type PulsePlan } from '../pulse-device.ts';
import { streamOf } from '../random.ts';
import { SYSTEM_CLOCK_READ } from '../read-latency.ts';
import type { StagingNeeds } from './scenario.ts';

/** 2026-11-20 or so; each seed begins at its own fraction of a second. */
const EPOCH = taiInstant(1_795_176_037_000_000_000n);

export function startOf(needs: StagingNeeds, epoch: TaiInstant = EPOCH): TaiInstant {
  return shift(epoch, nanos(Math.floor(streamOf(needs.seed, 'start').unit() * 1e9)));
}

export type HostPlan = { readonly oscillator?: OscillatorModel; readonly climate?: Climate };

export function makeHost(needs: StagingNeeds, start: TaiInstant, plan: HostPlan = {}): VirtualHost {
  const random = streamOf(needs.seed, 'host');
  // Crystals of one kind stand tens of ppm apart; each seed has its own.
  const model = plan.oscillator ?? { ...GRADES.crystal, frequencyPpb: random.between(-40_000, 40_000) };
  return new VirtualHost(new Oscillator(model, random), plan.climate ?? STEADY_ROOM, start);
}

export type CardChoice = Partial<Omit<CardPlan, 'name' | 'seed' | 'start'>>;

export function makeCard(needs: StagingNeeds, host: VirtualHost, name: string, choice: CardChoice = {}): CardDevice {
  const residualPpb = streamOf(needs.seed, `${name}/residual`).between(-0.003, 0.003);
  const plan = { leapTable: BUILT_IN_LEAP_TABLE, residualPpb, ...choice };
  return new CardDevice(host, { ...plan, name, seed: needs.seed, start: host.truth });
}

/** Ages that a run with coarse steps needs; never below the defaults. */
function ages(spec: SourceSpec, stepSeconds: number): Pick<SourceSpec, 'edgeAgeMax' | 'readingAgeMax'> {
  return {
    edgeAgeMax: longerOf(spec.edgeAgeMax, secondsOf(2.5 * stepSeconds)),
    readingAgeMax: longerOf(spec.readingAgeMax, secondsOf(4 * stepSeconds)),
  };
}

export function cardSpec(
  needs: StagingNeeds,
  name: string,
  overrides: Partial<Omit<SourceSpec, 'name' | 'kind'>> = {},
): SourceSpec {
  const spec = defaultSourceSpec('sim', name, { reference: `${name}-gnss`, ...overrides });
  return { ...spec, ...ages(spec, needs.stepSeconds) };
}

export function receiverSpec(
  needs: StagingNeeds,
  name: string,
  overrides: Partial<Omit<ReferenceSpec, 'name'>> = {},
): ReferenceSpec {
  const spec = defaultReferenceSpec(name, overrides);
  return { ...spec, healthAgeMax: longerOf(spec.healthAgeMax, secondsOf(2.5 * needs.stepSeconds)) };
}

/** One card with its receiver, as most hosts have. */
export function oneCardConfig(
  needs: StagingNeeds,
  changes: {
    readonly card?: Partial<Omit<SourceSpec, 'name' | 'kind'>>;
    readonly receiver?: Partial<Omit<ReferenceSpec, 'name'>>;
    readonly clock?: Partial<Omit<ClockConfig, 'sources' | 'references' | 'leapTable'>>;
    readonly leapTable?: LeapTable;
  } = {},
): ClockConfig {
  return defaultClockConfig(
    {
      sources: [cardSpec(needs, 'card0', changes.card)],
      references: [receiverSpec(needs, 'card0-gnss', changes.receiver)],
      leapTable: changes.leapTable ?? BUILT_IN_LEAP_TABLE,
    },
    changes.clock,
  );
}

/** A system clock under chrony: 1 ms of error at most, declared as 2 ms and growing at 15 ppm between polls. */
const SYSTEM_PLAN = {
  latency: SYSTEM_CLOCK_READ,
  errorNsMax: 1_000_000,
  ratePpbMax: 20_000,
  declares: { errorNs: 2_000_000, growthPpb: 15_000, pollSeconds: 16 },
};

export function makeSystemClock(
  needs: StagingNeeds,
  host: VirtualHost,
  name = 'system',
  changes: Partial<DisciplinedPlan> = {},
): DisciplinedClock {
  return new DisciplinedClock(host, { ...SYSTEM_PLAN, ...changes, name, seed: needs.seed, start: host.truth });
}

export function systemSpec(needs: StagingNeeds, name = 'system'): SourceSpec {
  const spec = defaultSourceSpec('system', name);
  return { ...spec, ...ages(spec, needs.stepSeconds) };
}

/** A network card's clock under ptp4l: inside 400 ns, read in half a microsecond. */
const NETWORK_PLAN: Pick<DisciplinedPlan, 'latency' | 'errorNsMax' | 'ratePpbMax' | 'declares'> = {
  latency: { minimumNs: 480, spreadNs: 60, stretchedProbability: 0.01, stretchNs: 3_000 },
  errorNsMax: 400,
  ratePpbMax: 20,
  declares: undefined,
};

export function makeNetworkClock(
  needs: StagingNeeds,
  host: VirtualHost,
  name = 'nic0',
  changes: Partial<DisciplinedPlan> = {},
): DisciplinedClock {
  return new DisciplinedClock(host, { ...NETWORK_PLAN, ...changes, name, seed: needs.seed, start: host.truth });
}

export function networkSpec(needs: StagingNeeds, name = 'nic0'): SourceSpec {
  const spec = defaultSourceSpec('phc', name, {
    phaseOffset: nanos(400n),
    steering: { rate: ppb(20n), settle: secondsOf(60) },
  });
  return { ...spec, ...ages(spec, needs.stepSeconds) };
}

export const PULSE_LATENCY_NS_MAX = 30_000;

export function makePulse(
  needs: StagingNeeds,
  host: VirtualHost,
  name = 'pps0',
  changes: Partial<PulsePlan> = {},
): PulseDevice {
  return new PulseDevice(host, {
    name,
    seed: needs.seed,
    start: host.truth,
    leapTable: BUILT_IN_LEAP_TABLE,
    latencyMaxNs: PULSE_LATENCY_NS_MAX,
    ...changes,
  });
}

export function pulseSpec(needs: StagingNeeds, name = 'pps0'): SourceSpec {
  const spec = defaultSourceSpec('pps', name, { reference: `${name}-gnss` });
  return { ...spec, ...ages(spec, needs.stepSeconds) };
}

/** Half-width above which nothing is issued, for hosts without a card. */
export const WIDE_LIMIT: Nanos = micros(100_000n);

const secondsOf = (count: number): Nanos => nanos(Math.round(count * 1e9));
