/**
 * What the operator declares: sources, references, and the assumptions under which an interval is guaranteed.
 *
 * Parsed elsewhere, frozen, and carried whole in every evidence record, because the guarantee is only as good as these
 * declarations. Everything is integers with units: Nanos for durations, parts per 10^12 for rates.
 */

import type { LeapTable } from '../time/leap-seconds.ts';
import { leapStep } from '../time/leap-seconds.ts';
import { micros, millis, nanos, seconds, type Nanos, type TaiInstant } from '../time/nanos.ts';
import { ppb, ppm, type Ppt } from '../time/rate.ts';
import type { TermFloors } from './budget.ts';
import type { SourceName } from './observation.ts';
import type { OscillatorClass, Steering } from './oscillator.ts';

export type SourceKind = 'timecard' | 'phc' | 'pps' | 'gnss' | 'system' | 'daemon' | 'library' | 'sim';

export type SourceSpec = {
  readonly name: SourceName;
  readonly kind: SourceKind;
  /** Sources of one group share a cause of error and count once; the first usable one, in configured order, speaks. */
  readonly group: string;
  /** The reference whose health gates this source and whose edges its device stamps; undefined: none. */
  readonly reference: SourceName | undefined;
  /**
   * `device`: a clock with an oscillator of its own, whose phase against the reference is measured by edges or declared.
   * `reference`: every reading is the reference's own word (a pulse, a time of day, a daemon's bound).
   */
  readonly measures: 'device' | 'reference';
  /** Error of the reference against TAI; undefined: every reading must declare its own. */
  readonly accuracy: Nanos | undefined;
  readonly pathDelay: Nanos;
  /** Bound of a device's phase where no edges measure it; undefined: edges are required. */
  readonly phaseOffset: Nanos | undefined;
  /** Step of the edge stamps. */
  readonly quantisation: Nanos;
  /** Step of the readings. */
  readonly granularity: Nanos;
  readonly oscillator: OscillatorClass;
  readonly steering: Steering;
  /** How far an honest edge may lie from its neighbours; an edge outside is not used. */
  readonly edgeJitter: Nanos;
  /** Sawtooth of a pulse whose receiver does not foretell it: added to the accuracy. */
  readonly sawtooth: Nanos;
  /** A measured phase beyond this is refused rather than corrected for. */
  readonly phaseOffsetMax: Nanos;
  /** The newest confirmed edge (or reading of a reference) may be this old before the source coasts. */
  readonly edgeAgeMax: Nanos;
  /** The newest reading may be this old before the source is unusable. */
  readonly readingAgeMax: Nanos;
  /** `utc`: the readings were converted from UTC labels, so leap seconds concern them. */
  readonly labels: 'tai' | 'utc';
  readonly oscillatorTelemetry: 'required' | 'optional';
  /** Least values of the budget's terms for this source. */
  readonly floors: TermFloors;
};

export type ReferenceSpec = {
  readonly name: SourceName;
  /** `none`: the operator vouches for it, and says so in every record. */
  readonly health: 'required' | 'none';
  readonly healthAgeMax: Nanos;
  /** How long good health must last before the reference is believed. */
  readonly trustAfter: Nanos;
  readonly satellitesMin: number;
  /** Whether a receiver that does not report jamming and spoofing is refused. */
  readonly interferenceReport: 'required' | 'optional';
};

export type ClockConfig = {
  readonly sources: readonly SourceSpec[];
  readonly references: readonly ReferenceSpec[];
  /** |rate| of the host's raw clock against TAI. */
  readonly hostRateMax: Ppt;
  /** How fast that rate may change, ppt per second: temperature, load, servo of a device it is compared with. */
  readonly hostWander: Ppt;
  /** Liars tolerated among the groups; undefined: floor((n - 1) / 2) of the usable ones. */
  readonly faultsMax: number | undefined;
  /** Usable groups without which no interval is issued. */
  readonly groupsMin: number;
  /** Half-width above which no interval is issued. */
  readonly limit: Nanos;
  /** Steady tracking before the first lock, and before a return to it. */
  readonly lockAfter: Nanos;
  readonly relockAfter: Nanos;
  /** No reading earlier than this is believed: the release's date, or the last time attested. */
  readonly plausibleAfter: TaiInstant;
  /** Least values of the terms of every source. */
  readonly floors: TermFloors;
  readonly leapTable: LeapTable;
};

/** The earliest date this release believes: 2026-07-01, when its leap table was issued. */
export const RELEASE_DATE: TaiInstant = leapStep(1_782_864_000n, 37).fromTai;

type SpecDefaults = Omit<SourceSpec, 'name' | 'kind' | 'group' | 'reference'>;

const DEVICE: SpecDefaults = {
  measures: 'device',
  // A multi-band timing receiver in fixed-position mode is good to some 5 ns (1 sigma) against GPS time; ionosphere,
  // multipath and GNSS-to-UTC offsets of the constellations stay below 50 ns outside of storms.
  accuracy: nanos(50),
  // 4 m of cable whose delay was not entered, or the tolerance of a calibrated one.
  pathDelay: nanos(20),
  phaseOffset: undefined,
  quantisation: nanos(8),
  granularity: nanos(1),
  oscillator: 'tcxo',
  // A servo with a time constant of 50 s that takes out 250 ns of phase pulls at 5 ppb; a card that sees its fix vanish
  // goes to holdover within 9 s (oscillatord), here 10 s.
  steering: { rate: ppb(5), settle: seconds(10) },
  edgeJitter: nanos(50),
  // Half a period of a receiver's 48 MHz clock, rounded up.
  sawtooth: nanos(11),
  phaseOffsetMax: millis(1),
  edgeAgeMax: seconds(5),
  readingAgeMax: seconds(30),
  labels: 'tai',
  oscillatorTelemetry: 'optional',
  floors: { floor: nanos(5) },
};

const REFERENCE: SpecDefaults = {
  ...DEVICE,
  measures: 'reference',
  oscillator: 'crystal',
  quantisation: nanos(0),
  phaseOffset: nanos(0),
  sawtooth: nanos(0),
};

/** What a source of each kind is taken to be until the configuration says otherwise. */
const DEFAULTS: Readonly<Record<SourceKind, SpecDefaults>> = {
  // An OCP Time Card: edges stamped by the FPGA, rubidium or OCXO; the class must be declared, TCXO until then.
  timecard: DEVICE,
  // A network card's clock: no edges unless wired, so its phase bound must be declared.
  phc: { ...DEVICE, steering: { rate: ppb(100), settle: seconds(60) } },
  // A pulse stamped by an interrupt: the adapter's bracket holds the latency.
  pps: { ...REFERENCE, sawtooth: DEVICE.sawtooth },
  // A serial time of day arrives up to 700 ms late with 300 ms of jitter (gpsd); the bracket should hold that, and
  // a second of accuracy makes it a witness of the whole second only.
  gnss: { ...REFERENCE, accuracy: millis(100), labels: 'utc' },
  // CLOCK_TAI with adjtimex's maxerror: each reading declares its bound.
  system: { ...REFERENCE, accuracy: undefined, pathDelay: nanos(0), labels: 'utc' },
  // A daemon's own bound, declared with each reading.
  daemon: { ...REFERENCE, accuracy: undefined, pathDelay: nanos(0), labels: 'utc' },
  library: { ...REFERENCE, accuracy: undefined, pathDelay: nanos(0), labels: 'utc' },
  // The simulated card stands for a Time Card with rubidium.
  sim: { ...DEVICE, oscillator: 'rb' },
};

/** The specification of a source of `kind`; its group is its own until the configuration joins it to another. */
export function defaultSourceSpec(
  kind: SourceKind,
  name: SourceName,
  overrides: Partial<Omit<SourceSpec, 'name' | 'kind'>> = {},
): SourceSpec {
  return { ...DEFAULTS[kind], name, kind, group: overrides.reference ?? name, reference: undefined, ...overrides };
}

/** A GNSS receiver until the configuration says otherwise. */
export function defaultReferenceSpec(
  name: SourceName,
  overrides: Partial<Omit<ReferenceSpec, 'name'>> = {},
): ReferenceSpec {
  return {
    name,
    health: 'required',
    // Health comes once a second; three may be lost.
    healthAgeMax: millis(4_500),
    trustAfter: seconds(10),
    // oscillatord demands more than three.
    satellitesMin: 4,
    // A Time Card's default receiver settings report neither (CFG-ITFM-ENABLE is off), so demanding it is a choice.
    interferenceReport: 'optional',
    ...overrides,
  };
}

/** A configuration of the given sources with the defaults of this release. */
export function defaultClockConfig(
  needs: Pick<ClockConfig, 'sources' | 'references' | 'leapTable'>,
  overrides: Partial<Omit<ClockConfig, 'sources' | 'references' | 'leapTable'>> = {},
): ClockConfig {
  return {
    // A host's raw counter is calibrated at boot to some tens of ppm and never corrected.
    hostRateMax: ppm(100),
    // 0.1 ppm per degree of a plain crystal, and 0.01 degrees per second in a ventilated host.
    hostWander: ppb(1),
    faultsMax: undefined,
    groupsMin: 1,
    limit: micros(10),
    lockAfter: seconds(5),
    relockAfter: seconds(10),
    plausibleAfter: RELEASE_DATE,
    floors: {},
    ...needs,
    ...overrides,
  };
}
