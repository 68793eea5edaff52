/**
 * Scenarios with several independent sources: a liar among three, a witness of the whole second, leap seconds.
 */

import { defaultClockConfig } from '../../core/clock/configuration.ts';
import { BUILT_IN_LEAP_TABLE, type LeapTable } from '../../core/time/leap-seconds.ts';
import { seconds, shift, taiInstant, type TaiInstant } from '../../core/time/nanos.ts';
import { ClockWorld } from '../clock-world.ts';
import type { FaultName } from '../faults.ts';
import { faultSpan } from './holdover-scenarios.ts';
import type { Scenario, ScriptStep, Staging, StagingNeeds } from './scenario.ts';
import {
  cardSpec,
  makeCard,
  makeHost,
  makeNetworkClock,
  makeSystemClock,
  networkSpec,
  receiverSpec,
  startOf,
  systemSpec,
} from './stage.ts';

const CARDS = ['card0', 'card1', 'card2'] as const;

/** What the liar does, by seed: a thing its receiver does not report. */
const LIES: readonly { readonly fault: FaultName; readonly magnitude: number }[] = [
  { fault: 'spoof-walk', magnitude: 2 },
  { fault: 'spoof-jump', magnitude: -3_000 },
  { fault: 'spoof-jump', magnitude: 250 },
  { fault: 'phc-step', magnitude: 700 },
  { fault: 'tai-slip', magnitude: -37 },
  { fault: 'label-off', magnitude: 1 },
  { fault: 'pps-jitter', magnitude: 500 },
  { fault: 'oscillator-unlocked', magnitude: 30 },
];

/** What each of three unlike sources does when it is its turn to lie. */
const UNLIKE_LIES: readonly { readonly device: string; readonly fault: FaultName; readonly magnitude: number }[] = [
  { device: 'card0', fault: 'spoof-jump', magnitude: 5_000 },
  { device: 'card0', fault: 'spoof-jump', magnitude: -250 },
  { device: 'card0', fault: 'tai-slip', magnitude: -37 },
  { device: 'nic0', fault: 'spoof-walk', magnitude: 3 },
  { device: 'nic0', fault: 'phc-step', magnitude: -40_000 },
  { device: 'system', fault: 'spoof-jump', magnitude: 50_000_000 },
  { device: 'system', fault: 'spoof-jump', magnitude: -1_000_000_000 },
];

/** A leap at `at`: one second more or less. */
function tableWithLeap(at: TaiInstant, by: 1 | -1): LeapTable {
  const last = BUILT_IN_LEAP_TABLE.steps.at(-1)!;
  return {
    source: 'made for a simulation',
    steps: [...BUILT_IN_LEAP_TABLE.steps, { fromTai: at, taiUtcSeconds: last.taiUtcSeconds + by }],
    expires: BUILT_IN_LEAP_TABLE.expires,
  };
}

function leapStage(needs: StagingNeeds, by: 1 | -1, among: 'with a card' | 'alone'): Staging {
  // UTC midnight of 2027-01-01, with 37 s before it; the run begins half its length earlier.
  const leapAt = taiInstant((1_798_761_600n + 37n + (by === 1 ? 1n : -1n)) * 1_000_000_000n);
  const before = Math.floor(needs.durationSeconds / 2);
  const leapTable = tableWithLeap(leapAt, by);
  const host = makeHost(needs, startOf(needs, shift(leapAt, seconds(-before))));
  const cards = among === 'alone' ? [] : [makeCard(needs, host, 'card0', { leapTable })];
  const world = new ClockWorld(host, [...cards, makeSystemClock(needs, host)]);
  // Around the step a kernel may count the second once more or once less: inside what leap-ambiguity covers. A host that
  // restarts right there has no earlier reading to hold the slip against.
  const slip = { kind: 'fault', device: 'system', fault: 'spoof-jump' } as const;
  const script: ScriptStep[] = [
    { ...slip, atSeconds: before - 1, on: true, magnitude: by === 1 ? -999_000_000 : 999_000_000 },
    { ...slip, atSeconds: before, on: false },
  ];
  if (among === 'alone') script.unshift({ kind: 'reboot', atSeconds: before - 1.1, seconds: 0.05 });
  const config = defaultClockConfig(
    {
      sources: [...cards.map(({ name }) => cardSpec(needs, name)), systemSpec(needs)],
      references: cards.map(({ reference }) => receiverSpec(needs, reference)),
      leapTable,
    },
    among === 'alone' ? { limit: seconds(2), lockAfter: seconds(0) } : {},
  );
  return { world, config, script, breaks: [] };
}

export const ENSEMBLE_SCENARIOS: readonly Scenario[] = [
  {
    name: 'liar-among-three',
    summary: 'one of three independent cards lies in a way its receiver does not report',
    sourceType: 'three cards',
    secondsMin: 1_200,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const world = new ClockWorld(
        host,
        CARDS.map((name) => makeCard(needs, host, name)),
      );
      const config = defaultClockConfig({
        sources: CARDS.map((name) => cardSpec(needs, name)),
        references: CARDS.map((name) => receiverSpec(needs, `${name}-gnss`)),
        leapTable: BUILT_IN_LEAP_TABLE,
      });
      const { fault, magnitude } = LIES[needs.seed % LIES.length]!;
      const device = CARDS[needs.random.bits32() % 3]!;
      const script = faultSpan(fault, 300, needs.durationSeconds * 0.8, magnitude).map((step) => ({ ...step, device }));
      return { world, config, script, breaks: [] };
    },
  },
  {
    name: 'liar-among-unlike',
    summary: "a card, a network card's clock and the system clock; one of them lies",
    sourceType: 'card, phc, system',
    secondsMin: 1_200,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const world = new ClockWorld(host, [
        makeCard(needs, host, 'card0'),
        makeNetworkClock(needs, host),
        makeSystemClock(needs, host),
      ]);
      const config = defaultClockConfig({
        sources: [cardSpec(needs, 'card0'), networkSpec(needs), systemSpec(needs)],
        references: [receiverSpec(needs, 'card0-gnss')],
        leapTable: BUILT_IN_LEAP_TABLE,
      });
      const { device, fault, magnitude } = UNLIKE_LIES[needs.seed % UNLIKE_LIES.length]!;
      const script = faultSpan(fault, 300, needs.durationSeconds * 0.8, magnitude).map((step) => ({ ...step, device }));
      return { world, config, script, breaks: [] };
    },
  },
  {
    name: 'spoof-creep',
    summary: "a spoofer walks slower than the card's servo follows; only a second, independent card can tell",
    sourceType: 'two cards',
    secondsMin: 33_000,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const names = CARDS.slice(0, 2);
      const world = new ClockWorld(
        host,
        names.map((name) => makeCard(needs, host, name)),
      );
      const config = defaultClockConfig({
        sources: names.map((name) => cardSpec(needs, name)),
        references: names.map((name) => receiverSpec(needs, `${name}-gnss`)),
        leapTable: BUILT_IN_LEAP_TABLE,
      });
      const untilSeconds = needs.durationSeconds - 300;
      return {
        world,
        config,
        script: faultSpan('spoof-walk', 600, untilSeconds, 0.02),
        breaks: [
          {
            assumption: 'a reference that reports good health pulses within its declared accuracy',
            fromSeconds: 600,
            untilSeconds,
            // Two intervals of +-250 ns fall apart once the pulse is 500 ns off, and the card follows with its servo's lag.
            detectWithinSeconds: 30_000,
            device: 'card0',
            settleSeconds: 300,
          },
        ],
      };
    },
  },
  {
    name: 'cold-label-off',
    summary:
      'from the first pulse on, receiver and card agree on a second that is wrong; the system clock is the witness',
    sourceType: 'card+extts, system',
    secondsMin: 600,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const card = makeCard(needs, host, 'card0');
      const off = needs.random.chance(0.5) ? 1 : -1;
      card.setFault('phc-step', true, off * 1e9);
      const world = new ClockWorld(host, [card, makeSystemClock(needs, host)]);
      const config = defaultClockConfig({
        sources: [cardSpec(needs, 'card0'), systemSpec(needs)],
        references: [receiverSpec(needs, 'card0-gnss')],
        leapTable: BUILT_IN_LEAP_TABLE,
      });
      return {
        world,
        config,
        script: faultSpan('label-off', 0, needs.durationSeconds + 1, off),
        breaks: [
          {
            assumption: 'a reference that reports good health names the right second',
            fromSeconds: 0,
            untilSeconds: needs.durationSeconds + 1,
            detectWithinSeconds: 2,
            device: 'card0',
            settleSeconds: 0,
          },
        ],
      };
    },
  },
  {
    name: 'leap-insert',
    summary: 'a leap second is inserted; the system clock slips around it',
    sourceType: 'card+extts, system',
    secondsMin: 600,
    stage: (needs) => leapStage(needs, 1, 'with a card'),
  },
  {
    name: 'leap-delete',
    summary: 'a leap second is deleted, for the first time ever',
    sourceType: 'card+extts, system',
    secondsMin: 600,
    stage: (needs) => leapStage(needs, -1, 'with a card'),
  },
  {
    name: 'leap-system-alone',
    summary: 'a leap second on a host that has nothing but its system clock and restarts at the wrong moment',
    sourceType: 'system',
    secondsMin: 600,
    stage: (needs) => leapStage(needs, needs.seed % 2 === 0 ? 1 : -1, 'alone'),
  },
  {
    name: 'spoofed-return',
    summary: 'after a loss of the sky the pulse comes back 5 us off; the receiver believes it',
    sourceType: 'card+extts',
    secondsMin: 2_400,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const world = new ClockWorld(host, [makeCard(needs, host, 'card0')]);
      const until = 300 + needs.durationSeconds / 3;
      return {
        world,
        config: defaultClockConfig({
          sources: [cardSpec(needs, 'card0')],
          references: [receiverSpec(needs, 'card0-gnss')],
          leapTable: BUILT_IN_LEAP_TABLE,
        }),
        script: [
          ...faultSpan('antenna-cut', 300, until),
          ...faultSpan('spoof-jump', until - 1, needs.durationSeconds + 1, 5_000),
        ],
        breaks: [
          {
            assumption: 'a reference that reports good health pulses within its declared accuracy',
            fromSeconds: until,
            untilSeconds: needs.durationSeconds + 1,
            detectWithinSeconds: 2,
            device: 'card0',
            settleSeconds: 0,
          },
        ],
      };
    },
  },
];
