/**
 * The rules, each beside the reason of its waiting time. Where a quantity is continuous and noisy, the alert ends a step on
 * the good side of where it began; where it is a count of few or a claim, waiting alone keeps it from flapping.
 */

import { floatSeconds } from '../time/float-seconds.ts';
import { seconds, ZERO, type Nanos } from '../time/nanos.ts';
import type { AlertFacts, NetworkFacts, SourceFacts } from './facts.ts';
import type { CountName, Recent } from './recent.ts';
import type { AlertRule, Judgement, Reading } from './rule.ts';
import type { AlertThresholds } from './thresholds.ts';

const minutes = (count: number): Nanos => seconds(60 * count);

/** The 99th percentile of the commits is above the threshold when more than this share of them is. */
const SLOW_COMMITS_MAX = 0.01;

const NO_NETWORK = 'the agent runs without a network';
const NOT_YET = 'the network has not told it yet';

type Unfinished = Omit<AlertRule, 'clear' | 'keepFor' | 'judge'> & { readonly clear?: number };
type Judge = AlertRule['judge'];

export function alertRules(given: AlertThresholds): readonly AlertRule[] {
  const rule = ({ clear, ...rest }: Unfinished, judge: Judge): AlertRule => ({
    ...rest,
    clear: clear ?? rest.threshold,
    keepFor: given.keep,
    judge,
  });
  return [
    ...loopRules(given, rule),
    ...clockRules(given, rule),
    ...sourceRules(given, rule),
    ...laneRules(given, rule),
    ...networkRules(given, rule),
  ];
}

type MakeRule = (rule: Unfinished, judge: Judge) => AlertRule;

/** A claim: 1 or 0, and it fires above 0. */
const CLAIM = { unit: 'flag', fires: 'above', threshold: 0 } as const;

function loopRules({ beatsSkippedMax }: AlertThresholds, rule: MakeRule): readonly AlertRule[] {
  return [
    rule(
      {
        code: 'alert-stalled',
        severity: 'critical',
        unit: 'count',
        fires: 'below',
        threshold: 1,
        pendingFor: minutes(1),
      },
      (_, recent) =>
        recent.spans(minutes(2))
          ? one(recent.growth('beats', minutes(2)))
          : unknown('watched for less than two minutes'),
    ),
    rule({ code: 'alert-simulated-time', severity: 'warning', ...CLAIM, pendingFor: minutes(5) }, (facts) =>
      claim(facts.isSimulated),
    ),
    rule(
      {
        code: 'alert-beats-skipped',
        severity: 'warning',
        unit: 'ratio',
        fires: 'above',
        threshold: beatsSkippedMax,
        pendingFor: minutes(5),
      },
      (_, recent) => share(recent, 'beatsSkipped', 'beats', 'no beat in five minutes'),
    ),
    rule(
      {
        code: 'alert-samples-dropped',
        severity: 'warning',
        unit: 'count',
        fires: 'above',
        threshold: 0,
        pendingFor: ZERO,
      },
      (_, recent) => one(recent.growth('samplesDropped', minutes(5))),
    ),
  ];
}

function clockRules(
  { limitShareMax, limitSoon, leapExpiryMin }: AlertThresholds,
  rule: MakeRule,
): readonly AlertRule[] {
  return [
    // A minute: a start, or a short look away of the reference, is no reason to wake anyone.
    rule({ code: 'alert-not-attesting', severity: 'critical', ...CLAIM, pendingFor: minutes(1) }, (facts) =>
      claim(facts.refusal !== undefined),
    ),
    rule({ code: 'alert-clock-faulted', severity: 'critical', ...CLAIM, pendingFor: ZERO }, (facts) =>
      claim(facts.state === 'faulted'),
    ),
    rule({ code: 'alert-guarantee-over-limit', severity: 'critical', ...CLAIM, pendingFor: ZERO }, (facts) =>
      claim(facts.reason === 'guarantee-over-limit'),
    ),
    rule(
      {
        code: 'alert-guarantee-near-limit',
        severity: 'warning',
        unit: 'ratio',
        fires: 'above',
        threshold: limitShareMax,
        clear: 0.95 * limitShareMax,
        pendingFor: minutes(1),
      },
      ({ guarantee, limit }) =>
        guarantee === undefined ? unknown('no interval is issued') : one(floatSeconds(guarantee) / floatSeconds(limit)),
    ),
    rule({ code: 'alert-holdover', severity: 'warning', ...CLAIM, pendingFor: minutes(5) }, (facts) =>
      claim(facts.state === 'holdover'),
    ),
    rule(
      {
        code: 'alert-limit-soon',
        severity: 'critical',
        unit: 'seconds',
        fires: 'below',
        threshold: floatSeconds(limitSoon),
        clear: 1.1 * floatSeconds(limitSoon),
        pendingFor: ZERO,
      },
      // Only while coasting: while locked it says what a loss would leave, which may rightly be less than an hour.
      ({ state, secondsUntilLimit }) =>
        state !== 'holdover'
          ? []
          : secondsUntilLimit === undefined
            ? unknown('no interval is issued')
            : one(secondsUntilLimit),
    ),
    rule(
      {
        code: 'alert-leap-table-expiring',
        severity: 'warning',
        unit: 'seconds',
        fires: 'below',
        threshold: floatSeconds(leapExpiryMin),
        pendingFor: ZERO,
      },
      leapExpiry,
    ),
    rule(
      {
        code: 'alert-leap-table-expired',
        severity: 'critical',
        unit: 'seconds',
        fires: 'below',
        threshold: 0,
        pendingFor: ZERO,
      },
      leapExpiry,
    ),
  ];
}

function sourceRules(
  { driftMax, verdictChangesMax, sourceSilenceMax }: AlertThresholds,
  rule: MakeRule,
): readonly AlertRule[] {
  const drift = floatSeconds(driftMax);
  return [
    rule(
      {
        code: 'alert-drift-high',
        severity: 'critical',
        unit: 'seconds',
        fires: 'above',
        threshold: drift,
        clear: 0.9 * drift,
        // A servo that has just been switched on swings; half a minute lets it settle.
        pendingFor: seconds(30),
      },
      ofEachSource(({ phase }) => (phase === undefined ? undefined : Math.abs(floatSeconds(phase)))),
    ),
    rule(
      { code: 'alert-falseticker', severity: 'warning', ...CLAIM, pendingFor: minutes(1) },
      ofEachSource(({ isFalseticker }) => Number(isFalseticker)),
    ),
    rule(
      {
        code: 'alert-falseticker-flapping',
        severity: 'warning',
        unit: 'count',
        fires: 'above',
        threshold: verdictChangesMax,
        pendingFor: ZERO,
      },
      (facts, recent) => ofEachSource(({ name }) => recent.changesOfSide(name))(facts),
    ),
    rule(
      { code: 'alert-source-unusable', severity: 'warning', ...CLAIM, pendingFor: minutes(5) },
      ofEachSource(({ isUnusable }) => Number(isUnusable)),
    ),
    rule(
      {
        code: 'alert-source-silent',
        severity: 'warning',
        unit: 'seconds',
        fires: 'above',
        threshold: floatSeconds(sourceSilenceMax),
        pendingFor: minutes(1),
      },
      ofEachSource(({ age }) => (age === undefined ? undefined : floatSeconds(age))),
    ),
  ];
}

function laneRules({ freeBytesMin, checkpointAgeMax }: AlertThresholds, rule: MakeRule): readonly AlertRule[] {
  return [
    rule({ code: 'alert-disk-full', severity: 'critical', ...CLAIM, pendingFor: ZERO }, (facts) =>
      claim(facts.refusal === 'disk-full'),
    ),
    rule(
      {
        code: 'alert-disk-filling',
        severity: 'warning',
        unit: 'bytes',
        fires: 'below',
        threshold: freeBytesMin,
        clear: 1.05 * freeBytesMin,
        pendingFor: minutes(5),
      },
      ({ freeBytes }) =>
        freeBytes === undefined ? unknown('the file system does not say what is free') : one(freeBytes),
    ),
    rule(
      {
        code: 'alert-lane-not-checkpointed',
        severity: 'warning',
        unit: 'seconds',
        fires: 'above',
        threshold: floatSeconds(checkpointAgeMax),
        pendingFor: minutes(1),
      },
      ({ checkpoint }) => (checkpoint.entriesSince === 0 ? [] : one(floatSeconds(checkpoint.age))),
    ),
    rule(
      {
        code: 'alert-commit-slow',
        severity: 'warning',
        unit: 'ratio',
        fires: 'above',
        threshold: SLOW_COMMITS_MAX,
        pendingFor: minutes(5),
      },
      (_, recent) => share(recent, 'commitsSlow', 'commits', 'no commit in five minutes'),
    ),
  ];
}

function networkRules(given: AlertThresholds, rule: MakeRule): readonly AlertRule[] {
  const { peersMin, latencyMax, participationMin, cosignatureAgeMax, finalityWaitMax } = given;
  const latency = floatSeconds(latencyMax);
  return [
    rule(
      {
        code: 'alert-peers-low',
        severity: 'high',
        unit: 'count',
        fires: 'below',
        threshold: peersMin ?? 0,
        pendingFor: minutes(1),
      },
      (facts) =>
        peersMin === undefined && facts.network !== undefined
          ? unknown('the network is so small that nobody else is needed')
          : ofNetwork(({ peers }) => peers)(facts),
    ),
    rule(
      {
        code: 'alert-latency-high',
        severity: 'high',
        unit: 'seconds',
        fires: 'above',
        threshold: latency,
        clear: 0.9 * latency,
        pendingFor: minutes(1),
      },
      ofNetwork((network) => (network.latency === undefined ? undefined : floatSeconds(network.latency))),
    ),
    rule(
      {
        code: 'alert-participation-low',
        severity: 'high',
        unit: 'ratio',
        fires: 'below',
        // No step: of three validators two are 0.667, and a step would never be reached without the third.
        threshold: participationMin,
        pendingFor: minutes(1),
      },
      ofNetwork(({ participation }) => participation),
    ),
    rule(
      { code: 'alert-containment-failed', severity: 'critical', ...CLAIM, pendingFor: ZERO },
      ofNetwork(({ isOwnTimeApart }) => (isOwnTimeApart === undefined ? undefined : Number(isOwnTimeApart))),
    ),
    rule(
      { code: 'alert-order-contradicted', severity: 'critical', ...CLAIM, pendingFor: ZERO },
      ofNetwork(({ isOrderContradicted: holds }) => (holds === undefined ? undefined : Number(holds))),
    ),
    rule(
      {
        code: 'alert-lane-not-cosigned',
        severity: 'warning',
        unit: 'seconds',
        fires: 'above',
        threshold: floatSeconds(cosignatureAgeMax),
        pendingFor: minutes(1),
      },
      ofNetwork(({ cosignatureAge }) => (cosignatureAge === undefined ? undefined : floatSeconds(cosignatureAge))),
    ),
    rule(
      {
        code: 'alert-finality-waiting',
        severity: 'high',
        unit: 'seconds',
        fires: 'above',
        threshold: floatSeconds(finalityWaitMax),
        pendingFor: seconds(30),
      },
      ofNetwork(({ finalityWait }) => (finalityWait === undefined ? undefined : floatSeconds(finalityWait))),
    ),
  ];
}

// ---- how a rule looks

const one = (value: number): readonly Reading[] => [{ subject: undefined, value }];
const claim = (holds: boolean): readonly Reading[] => one(Number(holds));
const unknown = (why: string): Judgement => ({ unknown: why });

const leapExpiry = ({ leapExpiresIn }: AlertFacts): Judgement =>
  leapExpiresIn === undefined ? unknown('the leap second table has no steps') : one(floatSeconds(leapExpiresIn));

function ofEachSource(valueOf: (source: SourceFacts) => number | undefined): (facts: AlertFacts) => Judgement {
  return ({ sources }) => {
    const readings = sources.flatMap((source): Reading[] => {
      const value = valueOf(source);
      return value === undefined ? [] : [{ subject: source.name, value }];
    });
    return readings.length === 0 ? unknown('no source tells it now') : readings;
  };
}

function ofNetwork(valueOf: (network: NetworkFacts) => number | undefined): (facts: AlertFacts) => Judgement {
  return ({ network }) => {
    if (network === undefined) return unknown(NO_NETWORK);
    const value = valueOf(network);
    return value === undefined ? unknown(NOT_YET) : one(value);
  };
}

/** Growth of one count as a share of another's, over five minutes. */
function share(recent: Recent, part: CountName, whole: CountName, none: string): Judgement {
  const all = recent.growth(whole, minutes(5));
  return all === 0 ? unknown(none) : one(recent.growth(part, minutes(5)) / all);
}
