/**
 * One source's interval at an instant, with its budget, from that source's record alone.
 *
 * A device's clock is extrapolated by the host's raw clock from its best reading, then corrected by the phase its edges
 * showed, and widened by what its own oscillator can have done since the last confirmed edge. A reference that is read
 * directly is extrapolated by the host's clock alone. Every term bounds one cause (budget.ts); nothing is estimated
 * statistically and nothing is left out: where a term cannot be bounded the source is unusable, with a reason.
 */

import type { Code } from '../codes.ts';
import { longerOf, magnitude, minus, nanos, negate, plus, seconds, shift, since, ZERO } from '../time/nanos.ts';
import { intervalAround, type Interval } from '../time/interval.ts';
import type { MonoInstant, Nanos, TaiInstant } from '../time/nanos.ts';
import { agedRate, driftOver, fasterOf, ppt, ratesPlus, type Ppt } from '../time/rate.ts';
import { guaranteeOf, raisedTo, type Budget } from './budget.ts';
import type { ClockConfig, SourceSpec } from './configuration.ts';
import { phaseHullOf, phaseOf, type PhaseHull } from './edges.ts';
import { extrapolate, growthRate, rateLimit, rateOf } from './extrapolation.ts';
import type { Extrapolated, RateAssumption, RateBound } from './extrapolation.ts';
import { FADING_MAX, mayStillSteer } from './health.ts';
import type { LabelledEdge, Reading } from './observation.ts';
import { deviceDrift, learnedRate, OSCILLATORS, RATE_UNDISCIPLINED } from './oscillator.ts';
import type { ReferenceTrack, SourceTrack } from './record.ts';
import { bracketMiddle, halfBracket, newestAge, readingsWithin } from './window.ts';

/** How a bound grows if nothing new is learned. */
export type Growth = {
  /** Rate of the clock against the host's, and its half-width over the next seconds, ppt. */
  readonly rateCentre: Ppt;
  readonly rateHalf: Ppt;
  /** Growth of the guarantee while the source coasts, readings still arriving. */
  readonly coasting: Ppt;
  readonly agingPerDay: Ppt;
  /** Wander of the host, where it carries the time alone; ppt per second. */
  readonly wander: Ppt;
  /** What the servo may still add at once. */
  readonly reserve: Nanos;
  /** How long the source stays usable while it coasts; undefined: until its guarantee is too wide. */
  readonly lifetime: Nanos | undefined;
};

export type SourceEstimate = {
  readonly spec: SourceSpec;
  readonly centre: TaiInstant;
  readonly budget: Budget;
  readonly interval: Interval;
  /** Undefined while the reference is followed; otherwise why the source coasts. */
  readonly coasting: Code | undefined;
  readonly growth: Growth;
  /** The device's phase as last measured against its reference, for drift history; undefined: nothing measures it. */
  readonly phase: Nanos | undefined;
  /** For display: the class figure and the learned one. */
  readonly driftSpec: Ppt;
  readonly driftLearned: Ppt | undefined;
};

export type SourceOutcome = SourceEstimate | { readonly spec: SourceSpec; readonly unusable: Code };

export type SourceNeeds = {
  readonly config: ClockConfig;
  readonly spec: SourceSpec;
  readonly track: SourceTrack;
  /** The source's reference and why it is not believed; undefined when it has none. */
  readonly reference: { readonly track: ReferenceTrack; readonly distrust: Code | undefined } | undefined;
  readonly asOf: MonoInstant;
};

/** How long `now()` may extrapolate an estimate; fbclock refuses beyond the same ten seconds. */
export const NOW_SPAN: Nanos = seconds(10);

export function rateAssumptionOf(config: ClockConfig, spec: SourceSpec): RateAssumption {
  if (spec.measures === 'reference') return { rateMax: config.hostRateMax, wander: config.hostWander, servo: ppt(0) };
  const device = fasterOf(OSCILLATORS[spec.oscillator].rate, RATE_UNDISCIPLINED);
  return {
    rateMax: ppt(config.hostRateMax + device + spec.steering.rate),
    wander: config.hostWander,
    servo: spec.steering.rate,
  };
}

/** What a reading may be wrong by beyond its bracket, where that differs between readings; undefined: undeclared. */
export function errorOfReading(spec: SourceSpec, reading: Reading): Nanos | undefined {
  if (spec.measures === 'device') return ZERO;
  return accuracyOf(spec, reading, spec.sawtooth);
}

/** The larger of what the reading declares and what the configuration does, and the sawtooth nobody foretold. */
function accuracyOf(spec: SourceSpec, reading: Reading, sawtooth: Nanos): Nanos | undefined {
  const { declaredError } = reading;
  if (spec.accuracy === undefined && declaredError === undefined) return undefined;
  const larger = (declaredError ?? ZERO) > (spec.accuracy ?? ZERO) ? declaredError! : spec.accuracy!;
  return plus(larger, sawtooth);
}

/** The source's interval at `asOf`, or why it has none. */
export function estimateSource(needs: SourceNeeds): SourceOutcome {
  const { config, spec, track, asOf } = needs;
  const unusable = (code: Code): SourceOutcome => ({ spec, unusable: code });
  const window = usableReadings(needs);
  const age = newestAge(window, asOf);
  if (age === undefined) return unusable(track.cleared ?? 'source-no-readings');
  if (age > spec.readingAgeMax) return unusable('source-readings-stale');
  if (window.some((r) => errorOfReading(spec, r) === undefined)) return unusable('source-error-undeclared');
  const ill = oscillatorFault(spec, track, asOf);
  if (ill !== undefined) return unusable(ill);
  const assumption = rateAssumptionOf(config, spec);
  const errorOf = (r: Reading): Nanos => errorOfReading(spec, r)!;
  const rate = rateOf(window, assumption, errorOf);
  if (rate === undefined) return unusable('source-host-rate');
  const read = extrapolate(window, rate, assumption, asOf, errorOf);
  const phase = phaseAt(needs, read.centre);
  if ('unusable' in phase) return unusable(phase.unusable);
  return assemble(needs, { age, assumption, rate, read, phase });
}

/** Readings before `asOf`; of a reference, only those its health has confirmed. */
function usableReadings({ spec, track, reference, asOf }: SourceNeeds): readonly Reading[] {
  const newest = track.readings.at(-1);
  const upTo = newest !== undefined && newest.after > asOf ? asOf : undefined;
  if (spec.measures === 'device' || reference?.track.lastGood === undefined)
    return readingsWithin(track.readings, undefined, upTo);
  const confirmed = reference.track.lastGood.at;
  return readingsWithin(track.readings, undefined, upTo !== undefined && upTo < confirmed ? upTo : confirmed);
}

function oscillatorFault(spec: SourceSpec, track: SourceTrack, asOf: MonoInstant): Code | undefined {
  if (track.oscillator?.locked === false) return 'oscillator-unlocked';
  if (spec.oscillatorTelemetry === 'optional') return undefined;
  const isFresh = track.oscillator?.locked === true && since(asOf, track.oscillator.at) <= OSCILLATOR_AGE_MAX;
  return isFresh ? undefined : 'oscillator-health-missing';
}

/** Oscillator telemetry is polled every few seconds; a minute without it is silence. */
const OSCILLATOR_AGE_MAX = seconds(60);

/** How a new reading stands to what the window foretells. */
export type Contradiction = {
  /** The two may lie this far apart although both are right. */
  readonly allowed: Nanos;
  /** They lie further apart: the reading is wrong, or the clock that was read has stepped. */
  readonly isCertain: boolean;
};

/** Compares a reading with the forecast of a window that does not hold it; an empty window foretells nothing. */
export function contradiction(
  config: ClockConfig,
  spec: SourceSpec,
  window: readonly Reading[],
  reading: Reading,
): Contradiction {
  if (window.length === 0) return { allowed: ZERO, isCertain: false };
  const assumption = rateAssumptionOf(config, spec);
  const errorOf = (r: Reading): Nanos => errorOfReading(spec, r) ?? ZERO;
  const rate = rateOf(window, assumption, errorOf);
  if (rate === undefined) return { allowed: ZERO, isCertain: true };
  const foretold = extrapolate(window, rate, assumption, bracketMiddle(reading), errorOf);
  const both = plus(halfBracket(reading), foretold.bracket);
  const allowed = plus(
    both,
    driftOver(rateLimit(rate), both),
    foretold.extrapolation,
    errorOf(reading),
    errorOf(foretold.reading),
    spec.granularity,
    spec.granularity,
    nanos(1),
  );
  return { allowed, isCertain: magnitude(since(reading.reading, foretold.centre)) > allowed };
}

// ---- the device's own clock against its reference

type PhaseBound = PhaseHull & {
  /** Accuracy of the reference as it reached the device. */
  readonly sawtooth: Nanos;
  /** Time since the phase was last confirmed. */
  readonly elapsed: Nanos;
  readonly learned: Ppt | undefined;
  readonly measured: boolean;
};

/** The device's phase when its clock says `centre`: measured by edges, or declared. */
function phaseAt(needs: SourceNeeds, centre: TaiInstant): PhaseBound | { readonly unusable: Code } {
  const { spec, track, reference, asOf } = needs;
  if (spec.measures === 'reference')
    return { centre: ZERO, half: spec.phaseOffset ?? ZERO, sawtooth: spec.sawtooth, elapsed: ZERO, ...UNMEASURED };
  if (track.edges.length > 0) return measuredPhase(spec, track, centre);
  if (spec.phaseOffset === undefined)
    return { unusable: reference?.track.suspicion?.code ?? track.cleared ?? reference?.distrust ?? 'source-no-edges' };
  const declared = { centre: ZERO, half: spec.phaseOffset, sawtooth: ZERO, ...UNMEASURED };
  // The declared bound holds at the last good report; what came after it is not vouched for by anyone.
  const lastGood = reference?.track.lastGood;
  if (lastGood !== undefined) return { ...declared, elapsed: magnitude(since(asOf, lastGood.at)) };
  return reference?.distrust === undefined ? { ...declared, elapsed: ZERO } : { unusable: reference.distrust };
}

const UNMEASURED = { learned: undefined, measured: false } as const;

function measuredPhase(spec: SourceSpec, track: SourceTrack, centre: TaiInstant): PhaseBound {
  const hull = phaseHullOf(track.edges);
  const last = track.edges.at(-1)!;
  const first = oldestOf(track);
  const isForetold = track.edges.every((edge) => edge.sawtoothPs !== undefined);
  // Each of the two phases is known to the spread of its neighbours, a step of the stamp, and a nanosecond of rounding.
  const known = plus(hull.half, spec.quantisation, isForetold ? ZERO : spec.sawtooth, nanos(1));
  return {
    centre: hull.centre,
    half: plus(hull.half, track.doubt ?? ZERO),
    sawtooth: isForetold ? ZERO : spec.sawtooth,
    elapsed: magnitude(since(centre, last.stamp)),
    learned: learnedRate({ at: first.stamp, phase: phaseOf(first) }, { at: last.stamp, phase: phaseOf(last) }, known),
    measured: true,
  };
}

const minusPhase = (stamp: TaiInstant, phase: Nanos): TaiInstant => shift(stamp, negate(phase));

function oldestOf(track: SourceTrack): LabelledEdge {
  const anchor = track.anchors[0];
  const edge = track.edges[0]!;
  return anchor !== undefined && anchor.stamp < edge.stamp ? anchor : edge;
}

// ---- everything together

type Parts = {
  readonly age: Nanos;
  readonly assumption: RateAssumption;
  readonly rate: RateBound;
  readonly read: Extrapolated;
  readonly phase: PhaseBound;
};

function assemble(needs: SourceNeeds, parts: Parts): SourceOutcome {
  const { config, spec, reference } = needs;
  const { rate, read, phase } = parts;
  const centre = minusPhase(read.centre, phase.centre);
  if (centre < config.plausibleAfter) return { spec, unusable: 'source-date-implausible' };
  const leap = leapAmbiguity(config, spec, centre, read.reading);
  if (leap === undefined) return { spec, unusable: 'source-leap-ambiguous' };
  const stillSteered = isStillSteered(needs, phase);
  const budget: Budget = {
    'source-accuracy': accuracyOf(spec, read.reading, phase.sawtooth)!,
    'path-delay': spec.pathDelay,
    'read-bracket': plus(read.bracket, driftOver(rateLimit(rate), read.bracket)),
    'phase-offset': phase.half,
    quantisation: phase.measured ? plus(spec.quantisation, nanos(1)) : ZERO,
    'drift-since-sample': driftOfPhase(needs, phase, stillSteered),
    extrapolation: read.extrapolation,
    granularity: spec.granularity,
    'leap-ambiguity': leap,
    floor: ZERO,
  };
  const raised = raisedTo(raisedTo(budget, spec.floors), config.floors);
  return {
    spec,
    centre,
    budget: raised,
    interval: intervalAround(centre, guaranteeOf(raised)),
    coasting: coastingOf(spec, reference?.distrust, parts),
    growth: growthOf(needs, parts, stillSteered),
    driftSpec: OSCILLATORS[spec.oscillator].rate,
    phase: phase.measured ? phase.centre : undefined,
    driftLearned: phase.learned,
  };
}

/**
 * Whether the device's servo may be following pulses that nobody labels or believes. That labelled edges stop does not show
 * that pulses do: a cut serial line takes our labels and leaves the card its pulse.
 */
function isStillSteered({ spec, reference }: SourceNeeds, phase: PhaseBound): boolean {
  if (spec.measures === 'reference' || reference === undefined) return false;
  // Without edges nothing tells what came between the last good report and the loss (fold.ts): it may have been followed.
  if (reference.distrust !== undefined) return !phase.measured || mayStillSteer(reference.distrust);
  return phase.measured && phase.elapsed > spec.edgeAgeMax;
}

function driftOfPhase({ spec }: SourceNeeds, phase: PhaseBound, stillSteered: boolean): Nanos {
  if (spec.measures === 'reference') return ZERO;
  return deviceDrift({
    spec: OSCILLATORS[spec.oscillator],
    learned: phase.learned ?? ppt(0),
    steering: { ...spec.steering, settle: plus(spec.steering.settle, FADING_MAX) },
    stillSteered,
    elapsed: phase.elapsed,
  });
}

/** Why a source coasts; undefined while it is fed. */
function coastingOf(spec: SourceSpec, distrust: Code | undefined, { age, phase }: Parts): Code | undefined {
  if (distrust !== undefined) return distrust;
  if (spec.measures === 'reference') return age > spec.edgeAgeMax ? 'source-readings-stale' : undefined;
  return phase.measured && phase.elapsed > spec.edgeAgeMax ? 'source-edges-stale' : undefined;
}

/**
 * A second where a UTC label does not say which second it means; undefined where the table does not reach. What a reading
 * meant stays unknown however far it is extrapolated, so its own time counts as well as the time asked for.
 */
function leapAmbiguity(
  config: ClockConfig,
  spec: SourceSpec,
  centre: TaiInstant,
  { reading }: Reading,
): Nanos | undefined {
  if (spec.labels === 'tai') return ZERO;
  if (centre >= config.leapTable.expires) return undefined;
  const isNear = (at: TaiInstant): boolean =>
    config.leapTable.steps.some((step) => magnitude(since(at, step.fromTai)) <= LEAP_REACH);
  return isNear(centre) || isNear(reading) ? seconds(1) : ZERO;
}

/**
 * Three seconds to either side of a step, as a clock that may be a second off tells it: the leap second itself, its
 * repetition, and a label that comes late.
 */
const LEAP_REACH = seconds(3);

function growthOf(needs: SourceNeeds, { age, assumption, rate, phase }: Parts, stillSteered: boolean): Growth {
  const { spec, asOf } = needs;
  const oscillator = OSCILLATORS[spec.oscillator];
  const rateHalf = growthRate(rate, assumption, asOf, NOW_SPAN);
  if (spec.measures === 'reference')
    return {
      rateCentre: rate.centre,
      rateHalf,
      coasting: growthRate(rate, assumption, asOf, ZERO),
      agingPerDay: ppt(0),
      wander: needs.config.hostWander,
      reserve: ZERO,
      lifetime: longerOf(minus(spec.readingAgeMax, age), ZERO),
    };
  const { elapsed } = phase;
  // Ageing that has gone on for `elapsed` counts linearly from here on, on top of its square.
  const aged = agedRate(oscillator.agingPerDay, elapsed);
  const drift = ratesPlus(fasterOf(oscillator.rate, phase.learned ?? ppt(0)), aged);
  const unspent = stillSteered ? ZERO : minus(plus(spec.steering.settle, FADING_MAX), elapsed);
  return {
    rateCentre: rate.centre,
    rateHalf: ppt(rateHalf + drift + spec.steering.rate),
    coasting: ppt(drift + (stillSteered ? spec.steering.rate : 0n)),
    agingPerDay: oscillator.agingPerDay,
    wander: ppt(0),
    reserve: unspent > 0n ? driftOver(spec.steering.rate, unspent) : ZERO,
    lifetime: undefined,
  };
}
