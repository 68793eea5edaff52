/**
 * `momentd sim clock`: the clock core in simulated worlds with a known truth, and an account of every interval it issued.
 *
 * Exit codes: 0 the promise held, 1 an interval missed the truth or a broken assumption was noticed late, 2 wrong usage.
 */

import { InvalidArgumentError, Option, type Command } from 'commander';

import { runCampaign, type Campaign, type Progress } from '../sim/clock-campaign.ts';
import { isKept, type BreakSummary, type Quantiles, type ScenarioSummary } from '../sim/check/summary.ts';
import { SCENARIOS } from '../sim/scenarios/catalogue.ts';
import type { Scenario } from '../sim/scenarios/scenario.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';

type Options = {
  readonly scenario: readonly Scenario[];
  readonly seeds: { readonly from: number; readonly to: number };
  readonly duration: number;
  readonly step: number;
  readonly jobs: number;
  readonly json: boolean;
};

/** Registers `sim` and returns it, so that other simulations can be registered under it. */
export function addSim(program: Command): Command {
  const sim = program.command('sim').description("run the agent's parts in simulated worlds where the truth is known");
  sim
    .command('clock')
    .description('check that every interval the clock core issues contains the truth')
    .addOption(
      new Option('--scenario <name|all>', 'scenario to run; repeat or separate by commas')
        .argParser(scenarios)
        .default(SCENARIOS, 'all'),
    )
    .addOption(
      new Option('--seeds <a..b>', 'seeds to run each scenario with')
        .argParser(seedRange)
        .default({ from: 1, to: 3 }, '1..3'),
    )
    .option('--duration <time>', 'simulated time of each run, such as 90s, 30m, 6h, 1d', duration, 3_600)
    .option('--step <time>', 'coarsest step away from events', duration, 1)
    .option('--jobs <n>', 'threads to use', count, 1)
    .option('--json', 'print the account as JSON', false)
    .addHelpText('after', `\nScenarios:\n${SCENARIOS.map((s) => `  ${s.name.padEnd(20)} ${s.summary}`).join('\n')}`)
    .action(guarded(simClock));
  return sim;
}

async function simClock(options: Options): Promise<void> {
  const campaign: Campaign = {
    scenarios: options.scenario,
    seeds: options.seeds,
    durationSeconds: options.duration,
    stepSeconds: options.step,
    jobs: options.jobs,
  };
  const interrupted = new AbortController();
  const onInterrupt = (): void => interrupted.abort();
  process.once('SIGINT', onInterrupt);
  const progress = new ProgressLine();
  const summaries = await runCampaign(campaign, (p) => progress.show(p), interrupted.signal);
  progress.end();
  process.off('SIGINT', onInterrupt);
  const total = totalOf(summaries);
  const kept = summaries.every(isKept);
  const reproduce = summaries.filter((s) => !isKept(s)).map((s) => reproduction(s, campaign));
  if (options.json) {
    const { seeds, durationSeconds, stepSeconds } = campaign;
    sayJson({ kept, seeds, durationSeconds, stepSeconds, total, scenarios: summaries, reproduce });
  } else {
    for (const summary of summaries) sayScenario(summary);
    say(
      `${kept ? 'kept' : 'BROKEN'}: ${grouped(total.simulatedSeconds)} simulated seconds in ${total.runs} runs, ` +
        `${grouped(total.intervals)} intervals issued, ${total.misses} missed the truth inside the assumptions, ` +
        `${total.breaks} assumptions broken on purpose, ${total.late} noticed late`,
    );
    for (const line of reproduce) say(`reproduce: ${line}`);
  }
  if (!kept) process.exitCode = EXIT.no;
}

function totalOf(summaries: readonly ScenarioSummary[]) {
  const sum = (of: (s: ScenarioSummary) => number): number => summaries.reduce((a, s) => a + of(s), 0);
  return {
    runs: sum((s) => s.runs),
    simulatedSeconds: sum((s) => s.simulatedSeconds),
    intervals: sum((s) => s.intervals),
    refused: sum((s) => s.refused),
    misses: sum((s) => s.misses),
    missesWhileBroken: sum((s) => s.missesWhileBroken),
    breaks: sum((s) => s.breaks.reduce((a, b) => a + b.count, 0)),
    late: sum((s) => s.breaks.reduce((a, b) => a + b.late, 0)),
  };
}

function sayScenario(s: ScenarioSummary): void {
  say(
    `${s.scenario.padEnd(20)} ${grouped(s.simulatedSeconds)} s in ${s.runs} runs, ${grouped(s.intervals)} intervals, ` +
      `${grouped(s.refused)} refused, ${s.misses} misses` +
      (s.missesWhileBroken > 0 ? `, ${s.missesWhileBroken} while an assumption was broken` : ''),
  );
  for (const [state, { count, guaranteeNs, ratio }] of Object.entries(s.tightness))
    say(
      `    ${s.sourceType}, ${state} (${grouped(count)}): guarantee ${range(guaranteeNs)} ns, ` +
        `${range(ratio)} times the true error (p50, p99)`,
    );
  for (const b of s.breaks) say(`    ${detection(b)}`);
  if (s.firstMiss !== undefined) {
    const { seed, atSeconds, byNs, guaranteeNs, state } = s.firstMiss;
    say(`    MISS with seed ${seed} at ${atSeconds} s: ${byNs} ns outside +-${guaranteeNs} ns, ${state}`);
  }
}

function detection(b: BreakSummary): string {
  const noticed =
    b.detectedAfterSeconds === undefined ? 'never noticed' : `noticed after ${range(b.detectedAfterSeconds)} s`;
  const late = b.late === 0 ? '' : `, LATE ${b.late} times, first with seed ${b.firstLateSeed ?? '?'}`;
  return `broken ${b.count} times: ${b.assumption}; ${noticed} (p50, p99), documented ${b.detectWithinSecondsMax} s${late}`;
}

function reproduction(s: ScenarioSummary, { durationSeconds, stepSeconds }: Campaign): string {
  const seed = s.firstMiss?.seed ?? s.breaks.find((b) => b.firstLateSeed !== undefined)?.firstLateSeed ?? 1;
  return `momentd sim clock --scenario ${s.scenario} --seeds ${seed}..${seed} --duration ${durationSeconds}s --step ${stepSeconds}s`;
}

const range = ({ p50, p99 }: Quantiles): string => `${p50}, ${p99}`;
const grouped = (n: number): string => n.toString().replace(/\B(?=(\d{3})+$)/g, ',');

/** One line that is rewritten on a terminal, and said once a minute elsewhere. */
class ProgressLine {
  #lastMs = 0;

  show({ done, total, simulatedSeconds }: Progress): void {
    const { stderr } = process;
    const nowMs = performance.now();
    if (nowMs - this.#lastMs < (stderr.isTTY ? 200 : 60_000)) return;
    this.#lastMs = nowMs;
    const line = `${done} of ${total} runs, ${grouped(simulatedSeconds)} simulated seconds`;
    stderr.write(stderr.isTTY ? `\r${line}` : `momentd: ${line}\n`);
  }

  end(): void {
    if (process.stderr.isTTY && this.#lastMs > 0) process.stderr.write('\r\u001b[K');
  }
}

// ---- what the options accept

function scenarios(value: string, before: readonly Scenario[]): readonly Scenario[] {
  if (value === 'all') return SCENARIOS;
  const named = value.split(',').map((name) => {
    const found = SCENARIOS.find((s) => s.name === name);
    if (found === undefined)
      throw new InvalidArgumentError(`there is no scenario "${name}"; momentd sim clock --help lists them.`);
    return found;
  });
  return before === SCENARIOS ? named : [...before, ...named];
}

/** `A..B` or one seed; each fits in 32 bits, which is what the generator takes. */
function seedRange(value: string): Options['seeds'] {
  const match = /^(\d{1,10})(?:\.\.(\d{1,10}))?$/.exec(value);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (match === null || from > to || to >= 2 ** 32)
    throw new InvalidArgumentError('give one seed or a range such as 1..100, each below 2^32.');
  return { from, to };
}

const UNIT_SECONDS = { ms: 0.001, s: 1, m: 60, h: 3_600, d: 86_400 } as const;

/** A length of time in seconds. */
function duration(value: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(value);
  const unit = match?.[2] as keyof typeof UNIT_SECONDS | undefined;
  const length = unit === undefined ? 0 : Number(match![1]) * UNIT_SECONDS[unit];
  if (length < 0.05 || length > 10 * 365 * 86_400)
    throw new InvalidArgumentError('give a time from 50ms to ten years, such as 90s, 30m, 6h, 1d.');
  return length;
}

function count(value: string): number {
  if (!/^[1-9]\d?$/.test(value)) throw new InvalidArgumentError('give a number from 1 to 99.');
  return Number(value);
}
