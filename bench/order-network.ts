/**
 * Subjects ordered by a network of real validators: `momentd run` processes on this host (the program as it stands in the
 * tree, by type stripping), simulated cards, libp2p on loopback, durable lanes; clients submit batches over the unix sockets.
 *
 *     node bench/order-network.ts [--validators 4] [--rates 500,1000,2000,3500,5000] [--seconds 8] [--cpu-prof DIR] [--json]
 *
 * The offered rate rises stage by stage. A stage is sustained when nothing was refused and what was not final at its end is
 * less than what two seconds bring. Printed for each: final subjects per second at the slowest validator, time to the own
 * report and to finality (from the validators' histograms, interpolated within a bucket), processor time per subject of all
 * validators together, and how many subjects share a statement and how many frames are read for one. At the end what all have of the order must be the same. Baseline: the pure ordering pipeline (ordering.ts) in
 * the same run, which is what one validator's order costs without network, disk, signature or API.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cpuUsage, execPath } from 'node:process';
import { parseArgs } from 'node:util';
import type { Member } from '../test/network/local-network.ts';
import { figure, say, tellFigures } from './figures.ts';
import {
  counterIn,
  cpuSecondsOf,
  histogramIn,
  merged,
  patiently,
  pause,
  quantiles,
  sameOrder,
  sizeOf,
  withNetwork,
  type Client,
  type Histogram,
} from './validator-load.ts';

const { values } = parseArgs({
  options: {
    validators: { type: 'string', default: '4' },
    rates: { type: 'string', default: '500,1000,2000,3500,5000' },
    seconds: { type: 'string', default: '8' },
    'cpu-prof': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const validators = Number(values.validators);
/** Twenty batches a second to each: the API answers some thirty, whatever is in them. */
const SUBMIT_EVERY_MS = 50;
/** What may be on its way to finality at the end of a sustained stage, in seconds of the offered rate. */
const BACKLOG_SECONDS = 2;

type Look = {
  readonly at: number;
  readonly sizes: readonly number[];
  readonly cpuSeconds: number;
  readonly report: Histogram;
  readonly final: Histogram;
  /** Of all validators together. */
  readonly statements: number;
  readonly frames: number;
};

async function main(): Promise<void> {
  const profiles = values['cpu-prof'];
  if (profiles !== undefined) process.env['NODE_OPTIONS'] = `--cpu-prof --cpu-prof-dir=${profiles}`;
  await withNetwork(validators, async ({ members, clients }) => {
    const pipeline = pureCost();
    say(
      `${validators} validators, ${availableParallelism()} cores; one subject's order alone costs ${pipeline.toFixed(1)} us`,
    );
    say('offered/s   taken/s   final/s  report p50/p99 ms   final p50/p99 ms   CPU us/subject  of a core  sustained');
    // Until what is used most is compiled: ten thousand subjects on, one costs a third less.
    await stage(members, clients, { rate: 1_500, seconds: 8 });
    let best = 0;
    for (const rate of values.rates.split(',').map(Number)) {
      const row = await stage(members, clients, { rate, seconds: Number(values.seconds) });
      tellStage(rate, row, pipeline);
      if (row.isSustained) best = Math.max(best, row.takenPerSecond);
    }
    await tellAtTheEnd(members, best);
    await sameOrder(members);
  });
  tellFigures('order-network');
}

type Stage = {
  readonly takenPerSecond: number;
  readonly finalPerSecond: number;
  readonly reportMs: readonly [number, number];
  readonly finalMs: readonly [number, number];
  readonly cpuMicros: number;
  readonly cores: number;
  readonly clientCores: number;
  readonly reportsPerStatement: number;
  readonly framesPerSubject: number;
  readonly isSustained: boolean;
  readonly refused: number;
};

async function stage(
  members: readonly Member[],
  clients: readonly Client[],
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): Promise<Stage> {
  const before = await look(members);
  const lost = (): number => clients.reduce((sum, { refused, withheld }) => sum + refused + withheld, 0);
  const accepted = (): number => clients.reduce((sum, client) => sum + client.accepted, 0);
  const [lostBefore, acceptedBefore, ownCpu] = [lost(), accepted(), cpuUsage()];
  const from = performance.now();
  let offered = 0;
  for (let turn = 0; performance.now() - from < seconds * 1_000; turn++) {
    const due = Math.floor(((performance.now() - from + SUBMIT_EVERY_MS) * rate) / 1_000);
    const share = Math.floor((due - offered) / clients.length);
    for (const client of clients) client.offer(share);
    offered += share * clients.length;
    await pause(Math.max(1, from + (turn + 1) * SUBMIT_EVERY_MS - performance.now()));
  }
  const after = await look(members);
  const { user, system } = cpuUsage(ownCpu);
  await settled(members);
  const rested = await look(members);
  const elapsed = (after.at - before.at) / 1_000;
  const final = Math.min(...after.sizes.map((size, i) => size - before.sizes[i]!));
  const refused = lost() - lostBefore;
  const taken = accepted() - acceptedBefore;
  return {
    takenPerSecond: taken / elapsed,
    finalPerSecond: final / elapsed,
    reportMs: quantiles(before.report, rested.report),
    finalMs: quantiles(before.final, rested.final),
    cpuMicros: ((rested.cpuSeconds - before.cpuSeconds) * 1e6) / Math.max(1, taken),
    cores: (after.cpuSeconds - before.cpuSeconds) / elapsed,
    clientCores: (user + system) / 1e6 / elapsed,
    // Each validator reports each subject.
    reportsPerStatement: (taken * members.length) / Math.max(1, rested.statements - before.statements),
    framesPerSubject: (rested.frames - before.frames) / Math.max(1, taken),
    isSustained: refused <= offered / 1_000 && taken - final <= rate * BACKLOG_SECONDS,
    refused,
  };
}

/** Waits until nothing that was taken is on its way any more, for a bounded time. */
async function settled(members: readonly Member[]): Promise<void> {
  for (let tries = 0, last = -1; tries < 60; tries++) {
    await pause(500);
    const sizes = await Promise.all(members.map(sizeOf));
    if (Math.max(...sizes) === last && Math.min(...sizes) === last) return;
    last = Math.max(...sizes);
  }
}

async function look(members: readonly Member[]): Promise<Look> {
  const sizes = await Promise.all(members.map(sizeOf));
  const at = performance.now();
  const cpuSeconds = members.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0);
  const texts = await Promise.all(
    members.map(async (member) => (await patiently(() => member.ask('/metrics'))).bytes.toString()),
  );
  const sum = (name: string): number => texts.reduce((total, text) => total + counterIn(text, name), 0);
  const of = (name: string): Histogram => merged(texts.map((text) => histogramIn(text, name)));
  return {
    at,
    sizes,
    cpuSeconds,
    report: of('momentd_subject_report_seconds'),
    final: of('momentd_subject_finality_seconds'),
    statements: sum('momentd_statements_total'),
    frames: sum('momentd_network_frames_received_total'),
  };
}

function tellStage(rate: number, row: Stage, pipeline: number): void {
  const [reportP50, reportP99] = row.reportMs;
  const [finalP50, finalP99] = row.finalMs;
  say(
    `${`${rate}`.padStart(9)} ${row.takenPerSecond.toFixed(0).padStart(9)} ${row.finalPerSecond.toFixed(0).padStart(9)} ${`${reportP50.toFixed(0)}/${reportP99.toFixed(0)}`.padStart(18)} ` +
      `${`${finalP50.toFixed(0)}/${finalP99.toFixed(0)}`.padStart(18)} ${row.cpuMicros.toFixed(0).padStart(16)} ` +
      `${row.cores.toFixed(2).padStart(10)}  ${row.isSustained ? 'yes' : `no (${row.refused} refused)`}` +
      `   client ${row.clientCores.toFixed(2)} cores, ${row.reportsPerStatement.toFixed(0)} reports a statement, ` +
      `${row.framesPerSubject.toFixed(2)} frames a subject`,
  );
  const what = (of: string): string => `${of}, ${rate} subjects/s offered to ${validators} validators`;
  const perValidator = row.cpuMicros / validators;
  figure({ what: what('taken'), value: row.takenPerSecond, unit: 'subjects/s' });
  figure({ what: what('final meanwhile'), value: row.finalPerSecond, unit: 'subjects/s' });
  figure({ what: what('first report p50'), value: reportP50, unit: 'ms', target: '< 100' });
  figure({ what: what('first report p99'), value: reportP99, unit: 'ms' });
  figure({ what: what('final p50'), value: finalP50, unit: 'ms', target: '< 1,000' });
  figure({ what: what('final p99'), value: finalP99, unit: 'ms' });
  figure({ what: what('reports a statement'), value: row.reportsPerStatement, unit: 'reports' });
  figure({
    what: what('processor time of a validator per subject'),
    value: perValidator,
    unit: 'us',
    baseline: 'pure ordering pipeline',
    ratio: perValidator / pipeline,
  });
}

async function tellAtTheEnd(members: readonly Member[], best: number): Promise<void> {
  const sizes = await Promise.all(members.map(sizeOf));
  const resident = members.map(({ pid }) => {
    const [, kb] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))!;
    return Number(kb) / 1_024;
  });
  say(
    `sustained ${best.toFixed(0)} subjects/s (target 5,000); ${Math.min(...sizes)} subjects final at all ${validators}`,
  );
  say(`most memory resident, each: ${resident.map((mb) => mb.toFixed(0)).join(', ')} MB`);
  figure({ what: 'sustained', value: best, unit: 'subjects/s', target: '>= 5,000' });
  figure({ what: 'most resident memory of a validator', value: Math.max(...resident), unit: 'MB' });
}

/** Microseconds of the pure pipeline per subject, measured now. */
function pureCost(): number {
  const file = join(import.meta.dirname, 'ordering.ts');
  const text = execFileSync(execPath, [file, '5000', '1', `${validators}`, '--json'], { encoding: 'utf8' });
  const { figures } = JSON.parse(text) as { figures: { what: string; value: number }[] };
  return figures.find(({ what }) => what.startsWith('order pipeline'))!.value;
}

await main();
