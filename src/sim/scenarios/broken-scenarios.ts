/**
 * Scenarios that break a declared assumption of one card on purpose, and say which, and how soon it must be noticed.
 *
 * The detection times are the documented ones (docs/simulation.md): three edges in a row make a reference suspect, three
 * readings in a row a stepped clock, and a slow walk shows once it leaves what jitter and the oscillator can explain.
 */

import { ClockWorld } from '../clock-world.ts';
import type { FaultName } from '../faults.ts';
import { faultSpan } from './holdover-scenarios.ts';
import type { Break, Scenario, ScriptStep, StagingNeeds } from './scenario.ts';
import { makeCard, makeHost, oneCardConfig, startOf } from './stage.ts';

type Broken = {
  readonly name: string;
  readonly summary: string;
  readonly fault: FaultName;
  readonly magnitude: (needs: StagingNeeds) => number;
  readonly assumption: string;
  readonly detectWithinSeconds: number;
  /** A thing that was moved stays moved when the fault is switched off: move it back by this fault. */
  readonly undo?: boolean;
  readonly settleSeconds?: number;
};

const TRUE_PULSE = 'a reference that reports good health pulses within its declared accuracy';
const TRUE_LABEL = 'a reference that reports good health names the right second';
const STEADY_DEVICE = "nobody steps the device's clock";

const sign = (needs: StagingNeeds): number => (needs.random.chance(0.5) ? 1 : -1);

const BROKEN: readonly Broken[] = [
  {
    name: 'spoof-walk',
    summary: 'a spoofer drags the pulse away by 5 ns each second; the receiver believes it',
    fault: 'spoof-walk',
    magnitude: (needs) => 5 * sign(needs),
    assumption: TRUE_PULSE,
    detectWithinSeconds: 180,
  },
  {
    name: 'spoof-jump',
    summary: 'a spoofer moves the pulse by 5 us at once',
    fault: 'spoof-jump',
    magnitude: (needs) => 5_000 * sign(needs),
    assumption: TRUE_PULSE,
    detectWithinSeconds: 10,
  },
  {
    name: 'pps-noise',
    summary: 'the pulse line picks up noise far beyond the declared accuracy',
    fault: 'pps-jitter',
    magnitude: () => 2_000,
    assumption: TRUE_PULSE,
    detectWithinSeconds: 30,
  },
  {
    name: 'label-off',
    summary: 'the time of day names the wrong second',
    fault: 'label-off',
    magnitude: sign,
    assumption: TRUE_LABEL,
    detectWithinSeconds: 10,
  },
  {
    name: 'week-rollover',
    summary: 'the receiver loses 1,024 weeks',
    fault: 'week-rollover',
    magnitude: () => -1_024,
    assumption: TRUE_LABEL,
    detectWithinSeconds: 10,
  },
  {
    name: 'receiver-stuck',
    summary: 'the receiver repeats itself while its pulse goes on',
    fault: 'receiver-stuck',
    magnitude: () => 0,
    assumption: TRUE_LABEL,
    detectWithinSeconds: 10,
  },
  {
    name: 'wrong-leap',
    summary: 'the receiver reports a TAI-UTC that is wrong, and calls it received',
    fault: 'wrong-leap',
    magnitude: () => 14,
    assumption: TRUE_LABEL,
    detectWithinSeconds: 5,
  },
  {
    name: 'phc-step',
    summary: "something steps the card's clock by a millisecond",
    fault: 'phc-step',
    magnitude: (needs) => 1_000_000 * sign(needs),
    assumption: STEADY_DEVICE,
    detectWithinSeconds: 10,
    undo: true,
  },
  {
    name: 'phc-step-small',
    summary: "something steps the card's clock by some hundred nanoseconds",
    fault: 'phc-step',
    magnitude: (needs) => needs.random.between(150, 900) * sign(needs),
    assumption: STEADY_DEVICE,
    detectWithinSeconds: 10,
    undo: true,
  },
  {
    name: 'tai-slip',
    summary: 'the card is set 37 s back, as from a CLOCK_TAI without its offset',
    fault: 'tai-slip',
    magnitude: () => -37,
    assumption: STEADY_DEVICE,
    detectWithinSeconds: 10,
    undo: true,
  },
  {
    name: 'oscillator-unlocked',
    summary: 'the rubidium loses its lock and runs away at 100 ppb',
    fault: 'oscillator-unlocked',
    magnitude: () => 100,
    assumption: 'the oscillator keeps its class while it reports that it is locked',
    detectWithinSeconds: 5,
  },
];

/** How long a scenario takes to lock before anything is broken. */
const WARM_UP_SECONDS = 300;

export const BROKEN_SCENARIOS: readonly Scenario[] = BROKEN.map((broken) => ({
  name: broken.name,
  summary: broken.summary,
  sourceType: 'card+extts',
  secondsMin: 2_400,
  stage: (needs) => {
    const host = makeHost(needs, startOf(needs));
    const world = new ClockWorld(host, [makeCard(needs, host, 'card0')]);
    const fromSeconds = WARM_UP_SECONDS + needs.durationSeconds * needs.random.between(0, 0.2);
    const untilSeconds = fromSeconds + Math.max(600, needs.durationSeconds * 0.2);
    const magnitude = broken.magnitude(needs);
    const script: ScriptStep[] = faultSpan(broken.fault, fromSeconds, untilSeconds, magnitude);
    if (broken.undo === true)
      script.push(...faultSpan(broken.fault, untilSeconds + 0.001, untilSeconds + 0.002, -magnitude));
    const lie: Break = {
      assumption: broken.assumption,
      fromSeconds,
      untilSeconds,
      detectWithinSeconds: broken.detectWithinSeconds,
      device: 'card0',
      settleSeconds: broken.settleSeconds ?? 120,
    };
    return { world, config: oneCardConfig(needs), script, breaks: [lie] };
  },
}));
