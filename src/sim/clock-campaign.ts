/**
 * Many scenarios with many seeds, on one thread or several; the account is the same to the last byte either way.
 */

import { Worker } from 'node:worker_threads';

import { assert } from '../core/assert.ts';
import { SummaryOfRuns, type ScenarioSummary } from './check/summary.ts';
import { runScenario, type RunOptions, type RunReport } from './clock-run.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { scenarioNamed } from './scenarios/catalogue.ts';

export type Campaign = {
  readonly scenarios: readonly Scenario[];
  readonly seeds: { readonly from: number; readonly to: number };
  readonly durationSeconds: number;
  readonly stepSeconds: number;
  /** Worker threads; 1 runs in the calling thread. */
  readonly jobs: number;
};

export type Progress = { readonly done: number; readonly total: number; readonly simulatedSeconds: number };

/** One run, named so that it can cross to a worker. */
export type RunTask = { readonly scenario: string; readonly options: RunOptions };

/** Runs everything. `onProgress` is told after every run; `signal` ends early with what was reached. */
export async function runCampaign(
  campaign: Campaign,
  onProgress: (progress: Progress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<readonly ScenarioSummary[]> {
  const tasks = tasksOf(campaign);
  const summaries = new Map(campaign.scenarios.map((s) => [s.name, new SummaryOfRuns(s.name)]));
  let done = 0;
  let simulatedSeconds = 0;
  const take = (report: RunReport): void => {
    summaries.get(report.scenario)!.add(report);
    simulatedSeconds += report.simulatedSeconds;
    done++;
    onProgress({ done, total: tasks.length, simulatedSeconds });
  };
  if (campaign.jobs <= 1) await runHere(tasks, take, signal);
  else await runOnWorkers(tasks, campaign.jobs, take, signal);
  return [...summaries.values()].map((s) => s.summary());
}

/** Performs a task in this thread. */
export function perform({ scenario, options }: RunTask): RunReport {
  const found = scenarioNamed(scenario);
  assert(found !== undefined, `a task names a scenario of the catalogue: ${scenario}`);
  return runScenario(found, options);
}

/** Seed by seed, every scenario of a seed before the next: an early end has seen every scenario. */
function tasksOf({ scenarios, seeds, durationSeconds, stepSeconds }: Campaign): RunTask[] {
  const tasks: RunTask[] = [];
  for (let seed = seeds.from; seed <= seeds.to; seed++)
    for (const { name } of scenarios) tasks.push({ scenario: name, options: { seed, durationSeconds, stepSeconds } });
  return tasks;
}

async function runHere(
  tasks: readonly RunTask[],
  take: (report: RunReport) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (const task of tasks) {
    if (signal?.aborted === true) return;
    take(perform(task));
    // Let signals and progress timers in between two runs.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function runOnWorkers(
  tasks: readonly RunTask[],
  jobs: number,
  take: (report: RunReport) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  let next = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(WORKER);
      const feed = (): void => {
        const task = signal?.aborted === true ? undefined : tasks[next++];
        if (task === undefined) void worker.terminate().then(() => resolve(), reject);
        else worker.postMessage(task);
      };
      worker.on('message', (report: RunReport) => {
        take(report);
        feed();
      });
      worker.on('error', reject);
      feed();
    });
  await Promise.all(Array.from({ length: Math.min(jobs, tasks.length) }, one));
}

/** Beside this file, in the form this file has: TypeScript in a clone, JavaScript in the package. */
const WORKER = new URL(`./clock-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
