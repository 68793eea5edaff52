/**
 * The worst world the declarations allow: every error stands at its declared bound, and all of them the same way.
 *
 * Nothing here breaks an assumption, so nothing may be missed; and nothing is left over, so a budget that forgets a term
 * is found out. Odd seeds push the truth late, even ones early. What an operator adds as `floor` is used up as well.
 */

import { defaultClockConfig } from '../../core/clock/configuration.ts';
import { BUILT_IN_LEAP_TABLE } from '../../core/time/leap-seconds.ts';
import { nanos } from '../../core/time/nanos.ts';
import { TIME_CARD } from '../card.ts';
import { ClockWorld } from '../clock-world.ts';
import { GRADES } from '../grades.ts';
import type { OscillatorModel } from '../oscillator.ts';
import { SYSTEM_CLOCK_READ } from '../read-latency.ts';
import type { ReceiverModel } from '../receiver.ts';
import { faultSpan } from './holdover-scenarios.ts';
import type { Scenario, StagingNeeds } from './scenario.ts';
import {
  makeCard,
  makeHost,
  makeNetworkClock,
  makePulse,
  makeSystemClock,
  networkSpec,
  oneCardConfig,
  PULSE_LATENCY_NS_MAX,
  pulseSpec,
  receiverSpec,
  startOf,
  systemSpec,
  WIDE_LIMIT,
} from './stage.ts';

/** 1: every error makes the clock believe that it is earlier than it is. -1: later. */
const wayOf = (needs: StagingNeeds): 1 | -1 => (needs.seed % 2 === 0 ? -1 : 1);

/** Declared accuracy, path delay and floor of the default specifications, in ns. */
const ACCURACY_NS = 50;
const PATH_NS = 20;
const FLOOR_NS = 5;
/** Step of a coarse card's counters, and what its operator adds for what is not modelled. */
const COARSE_NS = 200;

/** A receiver whose error is constant: accuracy, path and floor used up. */
const biased = (way: 1 | -1, besideNs = 0): ReceiverModel => ({
  slowNs: 0,
  whiteNs: 0,
  sawtoothNs: 8,
  sawtoothResidualNs: 0,
  biasNs: way * (ACCURACY_NS + PATH_NS + FLOOR_NS + besideNs),
});

/** A read latched at the start of its bracket makes the clock seem earlier than it is, one at the end later. */
const latches = (way: 1 | -1): 'first' | 'last' => (way === 1 ? 'first' : 'last');

/** A host at the edge of its declared rate, its frequency moving as fast as declared. */
function worstHost(needs: StagingNeeds) {
  const periodSeconds = [8, 40, 160, 900][needs.random.bits32() % 4]!;
  const oscillator: OscillatorModel = {
    ...GRADES.crystal,
    frequencyPpb: wayOf(needs) * 98_000,
    whiteFmPpb: 0,
    limits: { deviationPpb: 2_000, wanderPpbPerSecond: 1 },
    sweep: { amplitudePpb: periodSeconds / 2, periodSeconds },
  };
  return makeHost(needs, startOf(needs), { oscillator });
}

/** A rubidium that ages as fast as declared, without noise. */
const worstRubidium = (way: 1 | -1): OscillatorModel => ({
  ...GRADES.rb,
  whiteFmPpb: 0,
  randomWalkFmPpb: 0,
  temperaturePpbPerC: 0,
  agingPpbPerDay: -way * 0.002,
  limits: { deviationPpb: 1, wanderPpbPerSecond: 1 },
});

export const ADVERSARY_SCENARIOS: readonly Scenario[] = [
  {
    name: 'adversary-card',
    summary: 'a card whose every error stands at its declared bound, in lock and in holdover',
    sourceType: 'card+extts, worst case',
    secondsMin: 1_800,
    stage: (needs) => {
      const way = wayOf(needs);
      const host = worstHost(needs);
      const card = {
        ...TIME_CARD,
        latency: { ...TIME_CARD.latency, latches: latches(way) } as const,
        // 15 ppt is what the class may be off by after discipline; a slow clock seems earlier than it is.
        holdoverPpb: -way * 0.015,
      };
      const device = makeCard(needs, host, 'card0', {
        card,
        receiver: biased(way),
        oscillator: worstRubidium(way),
        residualPpb: 0,
      });
      const third = needs.durationSeconds / 3;
      return {
        world: new ClockWorld(host, [device]),
        config: oneCardConfig(needs),
        script: faultSpan('receiver-silent', third, 2.5 * third),
        breaks: [],
      };
    },
  },
  {
    name: 'adversary-coarse-card',
    summary: "a card with coarse counters, every step of them erring the same way, and an operator's floor used up",
    sourceType: 'coarse card+extts, worst case',
    secondsMin: 600,
    stage: (needs) => {
      const way = wayOf(needs);
      const host = worstHost(needs);
      const latency = { ...TIME_CARD.latency, latches: latches(way) };
      // A stamp that is late measures the card ahead, and makes it seem earlier than it is; a read that is low does too.
      const errors = { stampErrorNs: way * (COARSE_NS - 1), readErrorNs: -way * (COARSE_NS - 1) };
      const device = makeCard(needs, host, 'card0', {
        card: { ...TIME_CARD, latency, stampStepNs: 1, ...errors },
        receiver: biased(way, COARSE_NS),
        oscillator: worstRubidium(way),
        residualPpb: 0,
      });
      const config = oneCardConfig(needs, {
        card: {
          quantisation: nanos(COARSE_NS),
          granularity: nanos(COARSE_NS),
          floors: { floor: nanos(FLOOR_NS + COARSE_NS) },
        },
      });
      return { world: new ClockWorld(host, [device]), config, script: [], breaks: [] };
    },
  },
  {
    name: 'adversary-holdover',
    summary: 'an OCXO card without its receiver, off by all that its class allows',
    sourceType: 'card+extts, ocxo, worst case',
    secondsMin: 4_800,
    stage: (needs) => {
      const way = wayOf(needs);
      const host = worstHost(needs);
      const device = makeCard(needs, host, 'card0', {
        card: { ...TIME_CARD, holdoverPpb: -way },
        receiver: biased(way),
        oscillator: { ...worstRubidium(way), agingPpbPerDay: -way * 0.5 },
        residualPpb: 0,
      });
      const config = oneCardConfig(needs, { card: { oscillator: 'ocxo' } });
      const script = faultSpan('receiver-silent', 900, needs.durationSeconds);
      return { world: new ClockWorld(host, [device]), config, script, breaks: [] };
    },
  },
  {
    name: 'adversary-slew',
    summary: 'a card that starts 50 us off and is pulled back as fast as its servo is declared to pull',
    sourceType: 'card+extts, worst case',
    secondsMin: 600,
    stage: (needs) => {
      const way = wayOf(needs);
      const host = worstHost(needs);
      const device = makeCard(needs, host, 'card0', {
        card: {
          ...TIME_CARD,
          latency: { ...TIME_CARD.latency, latches: latches(way) },
          servoSeconds: 50,
          steerPpbMax: 5,
        },
        receiver: biased(way),
        oscillator: worstRubidium(way),
        residualPpb: 0,
      });
      device.setFault('phc-step', true, way * 50_000);
      return { world: new ClockWorld(host, [device]), config: oneCardConfig(needs), script: [], breaks: [] };
    },
  },
  {
    name: 'adversary-serial-cut',
    summary:
      'our line to the receiver is cut, and its pulse drags the card away as fast as the servo is declared to pull',
    sourceType: 'card+extts, worst case',
    secondsMin: 600,
    stage: (needs) => {
      const way = wayOf(needs);
      const host = worstHost(needs);
      const device = makeCard(needs, host, 'card0', {
        // With the 0.3 ppb that its integral part learns before it saturates, all of the 5 ppb that are declared.
        card: { ...TIME_CARD, servoSeconds: 50, steerPpbMax: 4.7 },
        receiver: biased(way),
        oscillator: worstRubidium(way),
        residualPpb: 0,
      });
      const [from, to] = [0.4 * needs.durationSeconds, needs.durationSeconds];
      // A late pulse pulls the card back. No assumption breaks: nobody vouches for a receiver that is not heard.
      const script = [...faultSpan('serial-cut', from, to), ...faultSpan('spoof-walk', from, to, way * 20)];
      return { world: new ClockWorld(host, [device]), config: oneCardConfig(needs), script, breaks: [] };
    },
  },
  {
    name: 'adversary-pulse',
    summary: 'a pulse at the edge of its accuracy, its interrupt always at the same end of the declared latency',
    sourceType: 'pps, worst case',
    secondsMin: 600,
    stage: (needs) => {
      const way = wayOf(needs);
      const host = worstHost(needs);
      // The pulse comes at the start of its bracket when the interrupt took longest: then time is later than believed.
      const latencyNs = way === 1 ? PULSE_LATENCY_NS_MAX : 0;
      // Without a sawtooth correction the whole declared sawtooth of 11 ns is error; 8 ns of it are drawn by the receiver.
      const pulse = makePulse(needs, host, 'pps0', { receiver: biased(way, 7), latencyNs });
      const config = defaultClockConfig(
        {
          sources: [pulseSpec(needs)],
          references: [receiverSpec(needs, 'pps0-gnss')],
          leapTable: BUILT_IN_LEAP_TABLE,
        },
        { limit: WIDE_LIMIT },
      );
      return { world: new ClockWorld(host, [pulse]), config, script: [], breaks: [] };
    },
  },
  {
    name: 'adversary-network-clock',
    summary: "a network card's clock at the end of its declared bound for good",
    sourceType: 'phc, worst case',
    secondsMin: 600,
    stage: (needs) => {
      const way = wayOf(needs);
      const host = worstHost(needs);
      const errorNs = -way * (400 + ACCURACY_NS + PATH_NS + FLOOR_NS);
      const latency = { minimumNs: 480, spreadNs: 60, stretchedProbability: 0, stretchNs: 0, latches: latches(way) };
      const clock = makeNetworkClock(needs, host, 'nic0', { errorNs, latency });
      const config = defaultClockConfig({
        sources: [networkSpec(needs)],
        references: [],
        leapTable: BUILT_IN_LEAP_TABLE,
      });
      return { world: new ClockWorld(host, [clock]), config, script: [], breaks: [] };
    },
  },
  {
    name: 'adversary-system-clock',
    summary: 'a system clock at the end of the bound it declares for good',
    sourceType: 'system, worst case',
    secondsMin: 600,
    stage: (needs) => {
      const way = wayOf(needs);
      const host = worstHost(needs);
      const clock = makeSystemClock(needs, host, 'system', {
        errorNs: -way * (2_000_000 + FLOOR_NS),
        latency: { ...SYSTEM_CLOCK_READ, latches: latches(way) },
        declares: { errorNs: 2_000_000, growthPpb: 0, pollSeconds: 16 },
      });
      const config = defaultClockConfig(
        { sources: [systemSpec(needs)], references: [], leapTable: BUILT_IN_LEAP_TABLE },
        { limit: WIDE_LIMIT },
      );
      return { world: new ClockWorld(host, [clock]), config, script: [], breaks: [] };
    },
  },
];
