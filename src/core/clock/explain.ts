/**
 * An estimate in words: what is promised, term by term, on which assumptions, and what each source had to say.
 *
 * For people; programs read the estimate itself. Every number is one of the estimate's or the configuration's.
 */

import { toHex } from '../codec/hex.ts';
import { CODES, type Code } from '../codes.ts';
import { formatNanos, formatTai } from '../time/text.ts';
import type { Ppt } from '../time/rate.ts';
import { BUDGET_TERMS, type BudgetTerm } from './budget.ts';
import type { ClockConfig, ReferenceSpec, SourceSpec } from './configuration.ts';
import type { SourceView } from './ensemble.ts';
import type { Estimate } from './estimate.ts';
import { OSCILLATORS } from './oscillator.ts';

/** What each term bounds, in words a person who pays for it can check. */
export const TERM_MEANINGS: Readonly<Record<BudgetTerm, string>> = {
  'source-accuracy': 'error of the reference itself against TAI, as declared',
  'path-delay': 'antenna, cable and asymmetry that calibration did not remove',
  'read-bracket': 'half of the time in which the device was read',
  'phase-offset': 'spread of the measured phase, doubt about it, and disagreement between sources',
  quantisation: 'step in which edges are stamped',
  'drift-since-sample': "the device's oscillator and servo since the last confirmed edge",
  extrapolation: "the host's oscillator since the reading used",
  granularity: "step in which the device's clock is read",
  'leap-ambiguity': 'a second, near a leap second that UTC labels do not tell apart',
  floor: 'what the operator adds for the unmodelled',
};

/** The whole estimate as lines of text. */
export function explain(estimate: Estimate, config: ClockConfig): string[] {
  return [
    ...explainState(estimate),
    ...explainBudget(estimate),
    ...estimate.sources.map(explainSource),
    ...estimate.references.map(
      ({ name, distrust }) =>
        `reference ${name}: ${distrust === undefined ? 'trusted' : `not trusted: ${said(distrust)}`}`,
    ),
    estimate.identity === undefined ? 'host identity: none was in force' : `host identity ${toHex(estimate.identity)}`,
    ...assumptionsOf(config).map((assumption) => `assumed: ${assumption}`),
  ];
}

const said = (code: Code): string => `${CODES[code].sentence} [${code}]`;

function explainState(e: Estimate): string[] {
  const lines = [`state ${e.state}: ${said(e.code)}`];
  if (e.now !== undefined && e.now !== e.code) lines.push(`now: ${said(e.now)}`);
  if (e.interval === undefined) {
    lines.push('no interval is issued in this state');
    if (e.now !== undefined) lines.push(`remedy: ${CODES[e.now].remedy}`);
    return lines;
  }
  lines.push(
    `true time lies between ${formatTai(e.interval.earliest)} and ${formatTai(e.interval.latest)}`,
    `guarantee ${formatNanos(e.guarantee!)} to either side; statistical uncertainty ${formatNanos(e.uncertainty!)} (k = 2, for display)`,
    `within its limit for ${e.secondsUntilLimit} s if every reference were lost now`,
    e.taiUtcSeconds === undefined ? said('tai-utc-unknown') : `TAI-UTC is ${e.taiUtcSeconds} s`,
  );
  for (const warning of e.warnings) lines.push(`warning: ${said(warning)}`);
  return lines;
}

function explainBudget({ budget, guarantee }: Estimate): string[] {
  if (budget === undefined) return [];
  const lines = BUDGET_TERMS.map((term) => {
    const amount = formatNanos(budget[term]).padStart(14);
    return `  ${term.padEnd(18)} ${amount}  ${TERM_MEANINGS[term]}`;
  });
  return [...lines, `  ${'guarantee'.padEnd(18)} ${formatNanos(guarantee!).padStart(14)}  sum of the above`];
}

function explainSource({ name, group, verdict, code, estimate }: SourceView): string {
  const why = code === undefined ? '' : `: ${said(code)}`;
  if (estimate === undefined) return `source ${name} (group ${group}) ${verdict}${why}`;
  const { earliest, latest } = estimate.interval;
  const drift =
    estimate.driftLearned === undefined
      ? ''
      : `; drift ${ppbText(estimate.driftSpec)} by class, ${ppbText(estimate.driftLearned)} learned`;
  return `source ${name} (group ${group}) ${verdict}${why}; ${formatTai(earliest)} to ${formatTai(latest)}${drift}`;
}

/** The declarations the guarantee rests on, one sentence each. */
export function assumptionsOf(config: ClockConfig): readonly string[] {
  return [
    `the host's raw clock runs within ${ppbText(config.hostRateMax)} of TAI and changes its rate by less than ${ppbText(config.hostWander)} per second`,
    `at most ${config.faultsMax ?? 'floor((n - 1) / 2)'} of the n usable groups of sources are wrong`,
    ...config.sources.flatMap(assumptionsOfSource),
    ...config.references.map(assumptionOfReference),
    `leap seconds are as in ${config.leapTable.source}`,
  ];
}

function assumptionsOfSource(spec: SourceSpec): string[] {
  const accuracy = spec.accuracy === undefined ? 'what each reading declares' : formatNanos(spec.accuracy);
  const lines = [
    `${spec.name}: the reference is right within ${accuracy}, its path within ${formatNanos(spec.pathDelay)}`,
    `${spec.name}: the device was read inside the bracket that the kernel stamped`,
  ];
  if (spec.measures === 'reference') return lines;
  const { rate, agingPerDay } = OSCILLATORS[spec.oscillator];
  const { rate: pull, settle } = spec.steering;
  lines.push(
    `${spec.name}: its ${spec.oscillator} oscillator, once disciplined, stays within ${ppbText(rate)} and ages less than ${ppbText(agingPerDay)} a day`,
    `${spec.name}: its servo pulls by less than ${ppbText(pull)} and lets go within ${formatNanos(settle)} of a loss it sees`,
  );
  if (spec.phaseOffset !== undefined)
    lines.push(`${spec.name}: where no edges measure it, its phase is within ${formatNanos(spec.phaseOffset)}`);
  return lines;
}

const assumptionOfReference = ({ name, health }: ReferenceSpec): string =>
  health === 'none'
    ? `${name}: the operator vouches for its health; it reports none`
    : `${name}: trouble was reported no later than the next health report, or no edge before it was wrong beyond the accuracy`;

/** Parts per billion with what digits there are: `0.015 ppb`. */
function ppbText(rate: Ppt): string {
  const [size, sign] = rate < 0n ? [0n - rate, '-'] : [rate as bigint, ''];
  const fraction = (size % 1_000n).toString().padStart(3, '0').replace(/0+$/, '');
  return `${sign}${size / 1_000n}${fraction === '' ? '' : `.${fraction}`} ppb`;
}
