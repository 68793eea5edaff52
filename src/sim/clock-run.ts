/**
 * One scenario with one seed: the world runs on in virtual time, the clock core observes it, the checker judges it.
 *
 * Every step asks the clock three times what time it is: from the last estimate just before anything new is read (the
 * longest extrapolation), after the new observations, and now and then in between. All three are intervals issued and
 * all three are judged. Around each event of the script the steps are fine, elsewhere as coarse as the run asks for.
 */

import { Clock } from '../core/clock/clock.ts';
import type { Estimate } from '../core/clock/estimate.ts';
import type { Observation } from '../core/clock/observation.ts';
import { nanos, shift, since, type TaiInstant } from '../core/time/nanos.ts';
import { ContainmentChecker, type CheckReport } from './check/containment.ts';
import type { ClockWorld } from './clock-world.ts';
import { streamOf, type Random } from './random.ts';
import type { Scenario, ScriptStep, Staging } from './scenarios/scenario.ts';

export type RunOptions = {
  readonly seed: number;
  readonly durationSeconds: number;
  /** The coarsest step; 1 s is what a real agent does at least. */
  readonly stepSeconds: number;
};

export type RunReport = CheckReport & {
  readonly scenario: string;
  readonly seed: number;
  readonly simulatedSeconds: number;
  readonly stepSeconds: number;
  readonly sourceType: string;
  /** Seconds spent in each state. */
  readonly secondsIn: Readonly<Record<string, number>>;
};

/** Steps are fine from a little before each event of the script until the clock has long reacted. */
const FINE_SECONDS = 1;
const FINE_BEFORE_SECONDS = 5;
const FINE_AFTER_SECONDS = 45;

export function runScenario(
  scenario: Scenario,
  options: RunOptions,
  onEstimate?: (e: Estimate, truth: TaiInstant) => void,
): RunReport {
  const durationSeconds = Math.max(options.durationSeconds, scenario.secondsMin);
  const { seed, stepSeconds } = options;
  const random = streamOf(seed, `${scenario.name}/script`);
  const staging = scenario.stage({ seed, durationSeconds, stepSeconds, random });
  const run = new ClockRun(staging, { ...options, durationSeconds }, onEstimate);
  while (run.step());
  return {
    scenario: scenario.name,
    seed,
    simulatedSeconds: Math.round(run.elapsedSeconds),
    stepSeconds,
    sourceType: scenario.sourceType,
    secondsIn: run.secondsIn,
    ...run.report(),
  };
}

class ClockRun {
  readonly secondsIn: Record<string, number> = {};
  readonly #world: ClockWorld;
  readonly #staging: Staging;
  readonly #options: RunOptions;
  readonly #checker: ContainmentChecker;
  readonly #random: Random;
  readonly #start: TaiInstant;
  readonly #script: readonly ScriptStep[];
  readonly #onEstimate: ((estimate: Estimate, truth: TaiInstant) => void) | undefined;
  #clock: Clock;
  #scripted = 0;
  #estimate: Estimate | undefined;
  readonly #observe = (observation: Observation): void => this.#clock.observe(observation);

  constructor(
    staging: Staging,
    options: RunOptions,
    onEstimate: ((e: Estimate, truth: TaiInstant) => void) | undefined,
  ) {
    this.#staging = staging;
    this.#world = staging.world;
    this.#options = options;
    this.#onEstimate = onEstimate;
    this.#checker = new ContainmentChecker(staging.breaks);
    this.#random = streamOf(options.seed, 'schedule');
    this.#start = staging.world.truth;
    this.#script = [...staging.script].sort((a, b) => a.atSeconds - b.atSeconds);
    this.#clock = new Clock(staging.config, staging.world.host.bootId);
  }

  get elapsedSeconds(): number {
    return Number(since(this.#world.truth, this.#start)) / 1e9;
  }

  /** One step; false when the run is over. */
  step(): boolean {
    const before = this.elapsedSeconds;
    if (before >= this.#options.durationSeconds) return false;
    const next = before + this.#stepSeconds(before) * this.#random.between(0.9, 1.1);
    this.#play(next);
    this.#runTo(next);
    this.#judgeNow();
    this.#world.read(this.#observe);
    this.#judgeEstimate();
    const state = this.#estimate!.state;
    this.secondsIn[state] = Math.round(((this.secondsIn[state] ?? 0) + this.elapsedSeconds - before) * 1e3) / 1e3;
    if (this.#random.chance(1 / 16)) {
      this.#runTo(this.elapsedSeconds + this.#stepSeconds(before) * this.#random.between(0.05, 0.5));
      this.#judgeEstimate();
    }
    return true;
  }

  report(): CheckReport {
    return this.#checker.report();
  }

  #stepSeconds(atSeconds: number): number {
    const { stepSeconds } = this.#options;
    if (stepSeconds <= FINE_SECONDS) return stepSeconds;
    const last = this.#script[this.#scripted - 1]?.atSeconds ?? 0;
    const next = this.#script[this.#scripted]?.atSeconds ?? Infinity;
    const isNear = atSeconds - last < FINE_AFTER_SECONDS || next - atSeconds < FINE_BEFORE_SECONDS + stepSeconds;
    return isNear ? FINE_SECONDS : stepSeconds;
  }

  /** Plays what the script has until `untilSeconds`. */
  #play(untilSeconds: number): void {
    for (;;) {
      const event = this.#script[this.#scripted];
      if (event === undefined || event.atSeconds > untilSeconds) return;
      this.#scripted++;
      this.#runTo(event.atSeconds);
      this.#perform(event);
    }
  }

  #perform(event: ScriptStep): void {
    const { host } = this.#world;
    switch (event.kind) {
      case 'fault':
        this.#world.device(event.device).setFault(event.fault, event.on, event.magnitude);
        return;
      case 'host-stop': {
        const stopped = nanos(Math.round(event.seconds * 1e9));
        if (event.how === 'suspend') host.suspend(stopped);
        else host.pause(stopped);
        if (event.told !== undefined) this.#clock.observe({ kind: 'disruption', at: host.now(), cause: event.told });
        return;
      }
      case 'reboot':
        host.reboot(nanos(Math.round(event.seconds * 1e9)));
        this.#clock = new Clock(this.#staging.config, host.bootId);
        return;
      case 'reset':
        this.#clock.reset(host.now());
        return;
    }
  }

  #runTo(seconds: number): void {
    const target = shift(this.#start, nanos(Math.round(seconds * 1e9)));
    if (target > this.#world.truth) this.#world.advance(target);
  }

  #judgeNow(): void {
    const { earliest, latest, state } = this.#clock.now(this.#world.host.now());
    if (earliest === undefined || latest === undefined) return;
    this.#judge(state, { earliest, latest });
  }

  #judgeEstimate(): void {
    const estimate = this.#clock.estimate(this.#world.host.now());
    this.#estimate = estimate;
    this.#onEstimate?.(estimate, this.#world.truth);
    this.#judge(estimate.state, estimate.interval);
    this.#checker.watch(this.elapsedSeconds, (device) => {
      if (estimate.interval === undefined || estimate.state !== 'locked') return false;
      const view = estimate.sources.find((source) => source.name === device);
      return view?.verdict === 'truechimer' && view.code === undefined;
    });
  }

  #judge(state: string, interval: Estimate['interval']): void {
    this.#checker.judge({ atSeconds: this.elapsedSeconds, truth: this.#world.truth, state, interval });
  }
}
