/**
 * Scenarios in which the reference goes away and the receiver says so: the assumptions hold, the card coasts.
 */

import { ClockWorld } from '../clock-world.ts';
import type { FaultName } from '../faults.ts';
import type { OscillatorGrade } from '../grades.ts';
import { TIME_CARD } from '../card.ts';
import type { Scenario, ScriptStep, StagingNeeds } from './scenario.ts';
import { makeCard, makeHost, oneCardConfig, startOf, type CardChoice } from './stage.ts';

/** A fault of the only card, on and off. */
export function faultSpan(
  fault: FaultName,
  fromSeconds: number,
  untilSeconds: number,
  magnitude?: number,
): ScriptStep[] {
  const step = { kind: 'fault', device: 'card0', fault } as const;
  return [
    { ...step, atSeconds: fromSeconds, on: true, ...(magnitude === undefined ? {} : { magnitude }) },
    { ...step, atSeconds: untilSeconds, on: false },
  ];
}

function oneCardStage(
  needs: StagingNeeds,
  script: readonly ScriptStep[],
  grade: OscillatorGrade = 'rb',
  choice: CardChoice = {},
) {
  const host = makeHost(needs, startOf(needs));
  const world = new ClockWorld(host, [makeCard(needs, host, 'card0', { grade, ...choice })]);
  return { world, config: oneCardConfig(needs, { card: { oscillator: grade } }), script, breaks: [] };
}

/** What is left after a rubidium's discipline: the card drifts at up to this, in ppb, beside its noise and ageing. */
const RB_HOLDOVER_PPB = 0.005;

export const HOLDOVER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'gnss-loss',
    summary: 'the antenna is cut for hours, then mended',
    sourceType: 'card+extts',
    secondsMin: 1_800,
    stage: (needs) => {
      const from = needs.durationSeconds * needs.random.between(0.2, 0.3);
      const until = needs.durationSeconds * needs.random.between(0.6, 0.8);
      return oneCardStage(needs, faultSpan('antenna-cut', from, until));
    },
  },
  {
    name: 'gnss-loss-ocxo',
    summary: 'the same with an OCXO card',
    sourceType: 'card+extts, ocxo',
    secondsMin: 1_800,
    stage: (needs) => {
      const from = needs.durationSeconds * needs.random.between(0.2, 0.3);
      return oneCardStage(needs, faultSpan('antenna-cut', from, needs.durationSeconds * 0.7), 'ocxo');
    },
  },
  {
    name: 'antenna-flaps',
    summary: 'a loose antenna connector: the fix comes and goes for seconds and minutes',
    sourceType: 'card+extts',
    secondsMin: 1_200,
    stage: (needs) => {
      const script: ScriptStep[] = [];
      for (let at = 60; at < needs.durationSeconds;) {
        const lost = at + 600 * needs.random.unit() ** 3;
        script.push(...faultSpan('antenna-cut', at, lost));
        at = lost + 5 + 300 * needs.random.unit() ** 2;
      }
      return oneCardStage(needs, script);
    },
  },
  {
    name: 'holdover-24h',
    summary: 'a rubidium card, six hours in lock, then a day without its antenna, drifting near what its class allows',
    sourceType: 'card+extts',
    secondsMin: 111_600,
    stage: (needs) => {
      const holdoverPpb = needs.random.chance(0.5) ? RB_HOLDOVER_PPB : -RB_HOLDOVER_PPB;
      const card = { ...TIME_CARD, holdoverPpb };
      return oneCardStage(needs, faultSpan('antenna-cut', 21_600, 108_000), 'rb', { card });
    },
  },
  {
    name: 'receiver-silent',
    summary: 'the receiver stops talking and pulsing, and comes back',
    sourceType: 'card+extts',
    secondsMin: 600,
    stage: (needs) => {
      const from = needs.durationSeconds * 0.3;
      return oneCardStage(needs, faultSpan('receiver-silent', from, from + needs.durationSeconds * 0.3));
    },
  },
  {
    name: 'pps-drop',
    summary: 'pulses go missing, half of them and then all',
    sourceType: 'card+extts',
    secondsMin: 600,
    stage: (needs) => {
      const third = needs.durationSeconds / 4;
      return oneCardStage(needs, [
        ...faultSpan('pps-drop', third, 2 * third, 0.5),
        ...faultSpan('pps-drop', 2 * third + 1, 3 * third, 1),
      ]);
    },
  },
  {
    name: 'pps-jitter',
    summary: 'a noisy pulse line, inside the declared accuracy',
    sourceType: 'card+extts',
    secondsMin: 600,
    stage: (needs) =>
      // Six nanoseconds, cut at four sigma: 24 ns beside the 25 ns of a healthy pulse, under the 50 ns declared.
      oneCardStage(needs, faultSpan('pps-jitter', needs.durationSeconds / 3, needs.durationSeconds * 0.8, 6)),
  },
  {
    name: 'jamming',
    summary: 'the band is jammed and the receiver says so',
    sourceType: 'card+extts',
    secondsMin: 600,
    stage: (needs) =>
      oneCardStage(needs, faultSpan('jamming', needs.durationSeconds / 3, needs.durationSeconds * 0.6, 100)),
  },
  {
    name: 'hot-unplug',
    summary: 'the card vanishes from the bus and comes back',
    sourceType: 'card+extts',
    secondsMin: 600,
    stage: (needs) =>
      oneCardStage(needs, faultSpan('unplugged', needs.durationSeconds / 3, needs.durationSeconds * 0.5)),
  },
  {
    name: 'leap-default',
    summary: "cold start: for twelve minutes the receiver knows only its firmware's leap count, and says so",
    sourceType: 'card+extts',
    secondsMin: 1_500,
    stage: (needs) => oneCardStage(needs, faultSpan('leap-default', 0, 750)),
  },
];
