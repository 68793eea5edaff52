/**
 * The estimate: a pure function of the record, the configuration, the machine's state and the instant asked for.
 *
 * Nothing else enters, so the evidence of an estimate is exactly these inputs, and a stranger who holds them runs this
 * very function and gets the same interval to the nanosecond (evidence.ts).
 */

import type { Digest } from '../codec/sha256.ts';
import type { Code } from '../codes.ts';
import { interval, intersectionOf, type Interval } from '../time/interval.ts';
import { leapStateAt, untilExpiry } from '../time/leap-seconds.ts';
import { minus, plus, seconds, shift, since, type MonoInstant, type Nanos, type TaiInstant } from '../time/nanos.ts';
import { driftOver, type Ppt } from '../time/rate.ts';
import { guaranteeOf, uncertaintyOf, type Budget } from './budget.ts';
import type { ClockConfig } from './configuration.ts';
import { agree, type Agreement, type SourceView } from './ensemble.ts';
import { distrustOf } from './health.ts';
import { jointGrowth, secondsUntil } from './holdover.ts';
import type { SourceName } from './observation.ts';
import { roughTai, type ClockRecord } from './record.ts';
import { estimateSource, type SourceOutcome } from './source-estimate.ts';
import { mayAttest, step, transitionBetween, type ClockInput, type ClockState, type Machine } from './state.ts';
import type { Transition } from './state.ts';

/** Everything an estimate depends on. */
export type EstimateInputs = {
  readonly bootId: string;
  readonly asOf: MonoInstant;
  readonly config: ClockConfig;
  readonly record: ClockRecord;
  /** The machine before this estimate. */
  readonly machine: Machine;
  /** The host identity record in force; undefined when there is none. Told on, never computed with. */
  readonly identity: Digest | undefined;
};

/** What was agreed, whether or not the state allows it to be issued. */
export type Candidate = {
  readonly interval: Interval;
  readonly centre: TaiInstant;
  readonly guarantee: Nanos;
  readonly budget: Budget;
  readonly uncertainty: Nanos;
  /** Where most sources overlap; for display. */
  readonly likely: Interval;
  /** The sources whose ends became the interval's. */
  readonly setBy: readonly SourceName[];
};

export type ReferenceView = { readonly name: SourceName; readonly distrust: Code | undefined };

export type Estimate = {
  readonly bootId: string;
  /** Digest of the host identity record in force (docs/spec/identity.md). */
  readonly identity: Digest | undefined;
  readonly asOf: MonoInstant;
  readonly state: ClockState;
  /** Why the state was entered, and when. */
  readonly code: Code;
  readonly since: MonoInstant;
  /** What holds at this instant where it differs from `code`: why no interval, or why it coasts; undefined: nothing. */
  readonly now: Code | undefined;
  /** The guaranteed interval; undefined unless the state is locked or holdover. */
  readonly interval: Interval | undefined;
  readonly guarantee: Nanos | undefined;
  readonly budget: Budget | undefined;
  readonly uncertainty: Nanos | undefined;
  /** What would be issued if the state allowed it. For display and for doctors, never for a statement. */
  readonly candidate: Candidate | undefined;
  readonly sources: readonly SourceView[];
  readonly references: readonly ReferenceView[];
  /** Whole seconds until the guarantee reaches the limit if every reference were lost now; 0 when it is not issued. */
  readonly secondsUntilLimit: number;
  /** TAI-UTC at the centre; undefined when no valid table and no trusted receiver tells it. */
  readonly taiUtcSeconds: number | undefined;
  /** Whether a statement may be signed: an interval is issued and TAI-UTC is known. */
  readonly isAttestable: boolean;
  readonly warnings: readonly Code[];
  readonly transition: Transition | undefined;
  /** How fast the interval moves and widens after `asOf`: what `now()` extrapolates with. */
  readonly pace: { readonly rateCentre: Ppt; readonly rateHalf: Ppt } | undefined;
};

export type Computed = { readonly estimate: Estimate; readonly machine: Machine };

/** How long before the table's expiry it is said: a month, as for any certificate that a person must renew. */
const LEAP_WARNING = seconds(30 * 86_400);

export function computeEstimate(inputs: EstimateInputs): Computed {
  const { config, record, asOf, bootId, identity } = inputs;
  const tai = roughTai(config, record, asOf);
  const references = config.references.map((spec, i): ReferenceView => {
    return { name: spec.name, distrust: distrustOf(spec, record.references[i]!, config.leapTable, asOf, tai) };
  });
  const outcome = agree(config, sourceOutcomes(inputs, references));
  const { agreement } = outcome;
  const input = inputOf(inputs, agreement, outcome.refusal);
  const stepped = step(inputs.machine, input, asOf, config);
  const isIssued = agreement !== undefined && mayAttest(stepped.state) && isIssuable(input);
  const machine = isIssued ? { ...stepped, held: { asOf, interval: agreement.interval } } : stepped;
  const candidate = agreement === undefined ? undefined : candidateOf(agreement);
  const issued = isIssued ? candidate : undefined;
  const taiUtcSeconds = agreement === undefined ? undefined : taiUtcAt(inputs, references, agreement.centre);
  const growth = agreement === undefined ? undefined : jointGrowth(agreement.setters.map((s) => s.growth));
  const estimate: Estimate = {
    bootId,
    identity,
    asOf,
    state: machine.state,
    code: machine.code,
    since: machine.since,
    now: 'code' in input ? input.code : input.kind === 'over-limit' ? 'guarantee-over-limit' : undefined,
    interval: issued?.interval,
    guarantee: issued?.guarantee,
    budget: issued?.budget,
    uncertainty: issued?.uncertainty,
    candidate,
    sources: outcome.views,
    references,
    secondsUntilLimit:
      issued === undefined || growth === undefined ? 0 : secondsUntil(config.limit, issued.guarantee, growth),
    taiUtcSeconds,
    isAttestable: issued !== undefined && taiUtcSeconds !== undefined,
    warnings: warningsAt(config, agreement?.centre ?? tai),
    transition: transitionBetween(inputs.machine, machine),
    pace: issued === undefined ? undefined : growth,
  };
  return { estimate, machine };
}

function sourceOutcomes({ config, record, asOf }: EstimateInputs, views: readonly ReferenceView[]): SourceOutcome[] {
  return config.sources.map((spec, i) => {
    const at = config.references.findIndex((r) => r.name === spec.reference);
    const reference = at < 0 ? undefined : { track: record.references[at]!, distrust: views[at]!.distrust };
    return estimateSource({ config, spec, track: record.sources[i]!, reference, asOf });
  });
}

const isIssuable = (input: ClockInput): boolean => input.kind === 'tracking' || input.kind === 'coasting';

/** What this estimate means to the machine. */
function inputOf(inputs: EstimateInputs, agreement: Agreement | undefined, refusal: Code | undefined): ClockInput {
  const { config, record, machine, asOf } = inputs;
  if (record.disruption !== undefined) return { kind: 'disruption', code: record.disruption.code };
  if (agreement === undefined) return { kind: 'none', code: refusal! };
  const { held } = machine;
  if (
    held !== undefined &&
    intersectionOf(agreement.interval, grown(held.interval, since(asOf, held.asOf), config)) === undefined
  )
    return { kind: 'disjoint' };
  if (guaranteeOf(agreement.budget) > config.limit) return { kind: 'over-limit' };
  const coasting = agreement.setters.find((s) => s.coasting !== undefined)?.coasting;
  return coasting === undefined ? { kind: 'tracking' } : { kind: 'coasting', code: coasting };
}

/** Where true time must be `elapsed` later, given the host's declared rate and nothing else. */
function grown(held: Interval, elapsed: Nanos, config: ClockConfig): Interval {
  const drift = driftOver(config.hostRateMax, elapsed);
  return interval(shift(held.earliest, minus(elapsed, drift)), shift(held.latest, plus(elapsed, drift)));
}

function candidateOf({ interval: agreed, centre, budget, setters, likely }: Agreement): Candidate {
  return {
    interval: agreed,
    centre,
    guarantee: guaranteeOf(budget),
    budget,
    uncertainty: uncertaintyOf(budget),
    likely: { earliest: likely.earliest, latest: likely.latest },
    setBy: setters.map((s) => s.spec.name),
  };
}

/** TAI-UTC from the table; once it has expired, from a trusted receiver that has it from the satellites. */
function taiUtcAt(
  { config, record }: EstimateInputs,
  views: readonly ReferenceView[],
  tai: TaiInstant,
): number | undefined {
  const leap = leapStateAt(config.leapTable, tai);
  if (leap.kind === 'known') return leap.taiUtcSeconds;
  if (leap.kind === 'before-table') return undefined;
  const told = new Set<number>();
  for (const [i, { distrust }] of views.entries()) {
    const report = record.references[i]!.latest;
    if (distrust === undefined && report?.leapSource === 'satellites' && report.taiUtcSeconds !== undefined)
      told.add(report.taiUtcSeconds);
  }
  return told.size === 1 ? [...told][0] : undefined;
}

function warningsAt(config: ClockConfig, tai: TaiInstant | undefined): readonly Code[] {
  if (tai === undefined) return NO_WARNINGS;
  const left = untilExpiry(config.leapTable, tai);
  if (left <= 0n) return ['leap-table-expired'];
  return left <= LEAP_WARNING ? ['leap-table-expiring'] : NO_WARNINGS;
}

const NO_WARNINGS: readonly Code[] = [];
