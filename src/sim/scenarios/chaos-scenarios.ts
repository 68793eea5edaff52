/**
 * Scenarios without a plot: everything that may happen inside the assumptions happens at random, and at the same time.
 *
 * What no one thought to stage shows up here: a suspend in the middle of an antenna fault, a card that is unplugged while
 * its reads storm, a receiver that is jammed on its way back. Each seed draws its own hardware and its own mishaps.
 */

import type { OscillatorClass } from '../../core/clock/oscillator.ts';
import { micros, nanos } from '../../core/time/nanos.ts';
import { TIME_CARD } from '../card.ts';
import { ClockWorld } from '../clock-world.ts';
import type { FaultName } from '../faults.ts';
import { TIMING_RECEIVER } from '../receiver.ts';
import type { Scenario, ScriptStep, Staging, StagingNeeds } from './scenario.ts';
import { makeCard, makeHost, oneCardConfig, startOf } from './stage.ts';

type Mishap = { readonly fault: FaultName; readonly magnitude?: (needs: StagingNeeds) => number };

/** Faults that the receiver reports, or that stay inside the declared accuracy together. */
const MISHAPS: readonly Mishap[] = [
  { fault: 'antenna-cut' },
  { fault: 'pps-jitter' },
  { fault: 'jamming', magnitude: (needs) => needs.random.between(0, 2_000) },
  { fault: 'spoofing-reported' },
  { fault: 'leap-default' },
  { fault: 'receiver-silent' },
  { fault: 'pps-drop', magnitude: (needs) => needs.random.unit() },
  { fault: 'read-storm', magnitude: (needs) => needs.random.between(2, 5_000) },
  { fault: 'unplugged' },
];

/** From a blink to an hour, as many short as long. */
const logUniformSeconds = (needs: StagingNeeds): number => 0.2 * 18_000 ** needs.random.unit();

/**
 * Mishaps all along. By default an antenna fault drifts by 8 ns/s for the two seconds until it is reported, beside 25 ns of a
 * healthy pulse and 8 ns of jitter: 49 of the 50 ns that are declared.
 */
function mishaps(needs: StagingNeeds, driftNsPerSecond = 8, jitterNs = 2): ScriptStep[] {
  const script: ScriptStep[] = [];
  const { random, durationSeconds } = needs;
  for (let at = 30; at < durationSeconds; at += 90 * random.exponential()) {
    if (random.chance(0.1)) {
      const how = random.chance(0.5) ? 'suspend' : 'pause';
      const told = how === 'suspend' ? 'suspend' : 'vm-pause';
      script.push({ kind: 'host-stop', how, told, seconds: logUniformSeconds(needs) / 10, atSeconds: at });
    } else if (random.chance(0.03)) script.push({ kind: 'reboot', seconds: 40, atSeconds: at });
    else {
      const { fault, magnitude } = MISHAPS[random.bits32() % MISHAPS.length]!;
      const step = { kind: 'fault', device: 'card0', fault } as const;
      const bounded = { 'antenna-cut': driftNsPerSecond, 'pps-jitter': jitterNs }[fault as string];
      const drawn = bounded ?? magnitude?.(needs);
      const size = drawn === undefined ? {} : { magnitude: drawn };
      script.push({ ...step, atSeconds: at, on: true, ...size });
      script.push({ ...step, atSeconds: at + logUniformSeconds(needs), on: false });
    }
  }
  return script;
}

/** Hardware and declarations drawn together, so that every declared bound is met by the world and nearly used up. */
function anyCard(needs: StagingNeeds): Staging {
  const { random } = needs;
  const whole = (low: number, high: number): number => Math.floor(random.between(low, high + 1));
  const accuracyNs = whole(20, 1_000);
  const pathNs = whole(0, 200);
  const sawtoothNs = whole(0, 25);
  const stampStepNs = whole(1, 50);
  const readStepNs = whole(1, 50);
  const foretellsSawtooth = random.chance(0.5);
  // A noisy pulse teaches the servo a noisy frequency: only a quiet one keeps a rubidium inside its class.
  const grade = accuracyNs < 60 ? CLASSES[whole(0, 3)]! : CLASSES[whole(1, 3)]!;
  const host = makeHost(needs, startOf(needs));
  const device = makeCard(needs, host, 'card0', {
    grade,
    receiver: {
      slowNs: 0.5 * accuracyNs,
      // Cut at four sigma: 0.4 of the accuracy.
      whiteNs: 0.1 * accuracyNs,
      sawtoothNs: 2 * sawtoothNs,
      sawtoothResidualNs: 0,
      biasNs: random.between(-pathNs, pathNs),
      foretellsSawtooth,
    },
    card: {
      ...TIME_CARD,
      latency: { minimumNs: whole(100, 2_000), spreadNs: whole(1, 500), stretchedProbability: 0.02, stretchNs: 5_000 },
      stampStepNs,
      readStepNs,
      windowAdjustNs: whole(0, 90),
      servoSeconds: whole(300, 2_000),
    },
  });
  const config = oneCardConfig(needs, {
    card: {
      oscillator: grade,
      accuracy: nanos(accuracyNs),
      pathDelay: nanos(pathNs),
      sawtooth: nanos(sawtoothNs),
      quantisation: nanos(stampStepNs),
      granularity: nanos(readStepNs),
      edgeJitter: nanos(accuracyNs),
    },
    clock: { limit: micros(50n) },
  });
  // The drift of an unreported antenna fault takes what is left of the accuracy: a tenth, over two seconds.
  return { world: new ClockWorld(host, [device]), config, script: mishaps(needs, 0.05 * accuracyNs, 0), breaks: [] };
}

const CLASSES: readonly Exclude<OscillatorClass, 'crystal'>[] = ['rb', 'ocxo', 'csac', 'tcxo'];

export const CHAOS_SCENARIOS: readonly Scenario[] = [
  {
    name: 'chaos',
    summary: 'everything that a receiver reports and a host may do, at random and at once, on hardware drawn by lot',
    sourceType: 'card+extts, any class',
    secondsMin: 3_600,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const grade = CLASSES[needs.seed % CLASSES.length]!;
      const stampStepNs = [1, 4, 8][needs.random.bits32() % 3]!;
      const windowAdjustNs = Math.floor(needs.random.between(0, 150));
      const device = makeCard(needs, host, 'card0', { grade, card: { ...TIME_CARD, stampStepNs, windowAdjustNs } });
      const config = oneCardConfig(needs, { card: { oscillator: grade } });
      return { world: new ClockWorld(host, [device]), config, script: mishaps(needs), breaks: [] };
    },
  },
  {
    name: 'any-card',
    summary: 'a card drawn by lot, with the declarations that fit it, in chaos',
    sourceType: 'card+extts, any card',
    secondsMin: 3_600,
    stage: anyCard,
  },
  {
    name: 'chaos-worst',
    summary: 'the same on a card that reads at the end of its bracket and drifts as fast as its class may',
    sourceType: 'card+extts, worst case',
    secondsMin: 3_600,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const way = needs.random.chance(0.5) ? 1 : -1;
      const latency = { ...TIME_CARD.latency, latches: way === 1 ? 'first' : 'last' } as const;
      const device = makeCard(needs, host, 'card0', {
        card: { ...TIME_CARD, latency, holdoverPpb: -way * 0.005 },
        // One nanosecond of the 50 is left to the mishaps; the delay of the path is used up.
        receiver: { ...TIMING_RECEIVER, biasNs: way * 20 },
      });
      return {
        world: new ClockWorld(host, [device]),
        config: oneCardConfig(needs),
        script: mishaps(needs),
        breaks: [],
      };
    },
  },
];
