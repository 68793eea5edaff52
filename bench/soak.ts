/**
 * Hours of a network under load: does anything grow that should not?
 *
 *     node bench/soak.ts [--hours 2] [--validators 4] [--rate 40] [--every 60] [--samples FILE] [--json]
 *
 * Real validators (validator-load.ts) take `--rate` subjects a second in all, and each of them answers a reader: status twice a
 * second, pages of the order, the certificate of a subject that was ordered lately. Every `--every` seconds are read, from outside: resident
 * memory, open descriptors and processor time of each process (proc(5)), what each keeps on disk, and what its metrics say of
 * heap, latency and skipped beats. Each sample goes to `--samples` as a line of JSON at once, so a run that is cut short has its figures.
 *
 * Told at the end: a table by time, and what grew, as a least-squares slope over the second half, when caches are full and everything
 * is compiled. Lanes and order are kept for ever, so disk grows by design: by how much is what is told. No figure is asserted.
 */

import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Member } from '../test/network/local-network.ts';
import { figure, say, tellFigures } from './figures.ts';
import {
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
  type LoadedNetwork,
} from './validator-load.ts';

const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '2' },
    validators: { type: 'string', default: '4' },
    rate: { type: 'string', default: '40' },
    every: { type: 'string', default: '60' },
    samples: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const validators = Number(values.validators);
const SUBMIT_EVERY_MS = 250;
const READ_EVERY_MS = 500;
/** Every so many turns a reader asks for a page of the order and a certificate as well. */
const READ_MUCH_EVERY = 10;
const PAGE = 64;
/** Rows of the table that is told at the end, at most. */
const ROWS_MAX = 24;
const MB = 1_048_576;

/** What one process takes and holds. */
type Held = {
  readonly residentMb: number;
  readonly heapMb: number;
  readonly descriptors: number;
  readonly cpuSeconds: number;
  readonly laneMb: number;
  readonly followedMb: number;
  readonly stateMb: number;
  readonly skipped: number;
};

type Sample = {
  readonly minutes: number;
  readonly held: readonly Held[];
  readonly final: number;
  readonly accepted: number;
  readonly lost: number;
  readonly reads: number;
  readonly readFailures: readonly string[];
  readonly reportMs: readonly [number, number];
  readonly finalMs: readonly [number, number];
  readonly commitMs: readonly [number, number];
};

/** Reads what a page, an auditor and a client of one validator would. */
class Reader {
  readonly #member: Member;
  #stopped = false;
  reads = 0;
  /** Bounded: what went wrong, the newest few. */
  readonly failures: string[] = [];

  constructor(member: Member) {
    this.#member = member;
  }

  async run(): Promise<void> {
    for (let turn = 0; !this.#stopped; turn++) {
      await this.#ask('/v1/status');
      if (turn % READ_MUCH_EVERY === 0) await this.#readMuch();
      await pause(READ_EVERY_MS);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #readMuch(): Promise<void> {
    const size = Number((await this.#ask<{ size: string }>('/v1/order/status'))?.size ?? 0);
    if (size === 0) return;
    const from = Math.max(0, size - PAGE);
    const page = await this.#ask<{ entries: { subject: string }[] }>(`/v1/order?from=${from}&limit=${PAGE}`);
    const subject = page?.entries[0]?.subject;
    if (subject !== undefined) await this.#ask(`/v1/subjects/${subject}/certificate`, true);
  }

  async #ask<T>(path: string, isBinary = false): Promise<T | undefined> {
    this.reads += 1;
    try {
      const { status, bytes } = await this.#member.ask(path);
      if (status !== 200) throw new Error(`${status} ${bytes.toString('utf8').slice(0, 120)}`);
      return isBinary ? undefined : (JSON.parse(bytes.toString()) as T);
    } catch (error) {
      this.failures.push(`${new Date().toISOString()} ${path}: ${(error as Error).message}`);
      if (this.failures.length > 20) this.failures.shift();
      return undefined;
    }
  }
}

/** Offers the rate until it is stopped, the same to every validator. */
class Load {
  readonly #clients: readonly Client[];
  #stopped = false;
  #offered = 0;

  constructor(clients: readonly Client[]) {
    this.#clients = clients;
  }

  async run(rate: number): Promise<void> {
    const from = performance.now();
    for (let turn = 1; !this.#stopped; turn++) {
      const due = Math.floor(((performance.now() - from) * rate) / 1_000);
      const share = Math.floor((due - this.#offered) / this.#clients.length);
      for (const client of this.#clients) client.offer(share);
      this.#offered += share * this.#clients.length;
      await pause(Math.max(1, from + turn * SUBMIT_EVERY_MS - performance.now()));
    }
  }

  stop(): void {
    this.#stopped = true;
  }
}

type Latencies = Readonly<Record<'report' | 'final' | 'commit', Histogram>>;

class Soak {
  readonly #network: LoadedNetwork;
  readonly #readers: readonly Reader[];
  readonly #from = performance.now();
  #latencies: Latencies | undefined;
  readonly samples: Sample[] = [];

  constructor(network: LoadedNetwork, readers: readonly Reader[]) {
    this.#network = network;
    this.#readers = readers;
  }

  async sample(): Promise<void> {
    const { members, clients } = this.#network;
    const texts = await Promise.all(
      members.map(async (member) => (await patiently(() => member.ask('/metrics'))).bytes.toString()),
    );
    const of = (name: string): Histogram => merged(texts.map((text) => histogramIn(text, name)));
    const latencies: Latencies = {
      report: of('momentd_subject_report_seconds'),
      final: of('momentd_subject_finality_seconds'),
      commit: of('momentd_commit_duration_seconds'),
    };
    const before = this.#latencies ?? latencies;
    this.#latencies = latencies;
    const one: Sample = {
      minutes: (performance.now() - this.#from) / 60_000,
      held: members.map((member, i) => heldBy(member, texts[i]!)),
      final: Math.min(...(await Promise.all(members.map(sizeOf)))),
      accepted: total(clients, ({ accepted }) => accepted),
      lost: total(clients, ({ refused, withheld }) => refused + withheld),
      reads: total(this.#readers, ({ reads }) => reads),
      readFailures: this.#readers.flatMap(({ failures }) => failures.splice(0)),
      reportMs: quantiles(before.report, latencies.report),
      finalMs: quantiles(before.final, latencies.final),
      commitMs: quantiles(before.commit, latencies.commit),
    };
    this.samples.push(one);
    if (values.samples !== undefined) appendFileSync(values.samples, `${JSON.stringify(one)}\n`);
  }
}

function heldBy(member: Member, metrics: string): Held {
  const status = readFileSync(`/proc/${member.pid}/status`, 'latin1');
  const { stateDir } = member.files;
  return {
    residentMb: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1_024,
    heapMb: metric(metrics, 'momentd_heap_used_bytes') / MB,
    descriptors: readdirSync(`/proc/${member.pid}/fd`).length,
    cpuSeconds: cpuSecondsOf(member.pid),
    laneMb: bytesIn(join(stateDir, 'lane')) / MB,
    followedMb: bytesIn(join(stateDir, 'lanes')) / MB,
    stateMb: bytesIn(stateDir) / MB,
    skipped: metric(metrics, 'momentd_beats_skipped_total'),
  };
}

function metric(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? NaN);
}

/** Bytes of all files below; a file that goes meanwhile counts nothing. */
function bytesIn(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return bytes;
}

function total<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}

/** Least-squares slope per hour. */
function slopeAnHour(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const at = samples.map(({ minutes }) => minutes / 60);
  const [meanAt, meanValue] = [total(at, (x) => x) / at.length, total(samples, of) / at.length];
  const [xy, xx] = samples.reduce<readonly [number, number]>(
    ([up, down], sample, i) => [up + (at[i]! - meanAt) * (of(sample) - meanValue), down + (at[i]! - meanAt) ** 2],
    [0, 0],
  );
  return xy / xx;
}

const mean = (sample: Sample, of: (held: Held) => number): number => total(sample.held, of) / sample.held.length;
const pair = ([p50, p99]: readonly [number, number]): string => `${p50.toFixed(0)}/${p99.toFixed(0)}`;

function tell(samples: readonly Sample[]): void {
  say(
    'each process, mean of all: resident and heap in MB, descriptors, share of a core, disk in MB; latencies p50/p99 in ms',
  );
  say('   min  resident    heap    fds    core     disk     final   report ms     final ms    commit ms   lost');
  const step = Math.max(1, Math.ceil((samples.length - 1) / ROWS_MAX));
  for (let i = step; i < samples.length; i += step) tellRow(samples[i]!, samples[i - step]!);

  const half = samples.slice(Math.floor(samples.length / 2));
  const last = samples.at(-1)!;
  const grew = (what: string, unit: string, of: (held: Held) => number): void => {
    const slope = slopeAnHour(half, (sample) => mean(sample, of));
    const [from, to] = [mean(half[0]!, of), mean(last, of)];
    say(`${what}: ${from.toFixed(1)} at half time, ${to.toFixed(1)} at the end, ${slope.toFixed(2)} ${unit} an hour`);
    figure({ what: `${what} at the end`, value: to, unit });
    figure({ what: `${what}, slope over the second half`, value: slope, unit: `${unit}/h` });
  };
  grew('resident memory', 'MB', ({ residentMb }) => residentMb);
  grew('JavaScript heap', 'MB', ({ heapMb }) => heapMb);
  grew('descriptors', '', ({ descriptors }) => descriptors);
  grew('own lane', 'MB', ({ laneMb }) => laneMb);
  grew('followed lanes', 'MB', ({ followedMb }) => followedMb);
  grew('all that is kept', 'MB', ({ stateMb }) => stateMb);
  grew('beats skipped', '', ({ skipped }) => skipped);
  for (const [what, of] of [
    ['first report', (sample: Sample) => sample.reportMs],
    ['final', (sample: Sample) => sample.finalMs],
    ['commit', (sample: Sample) => sample.commitMs],
  ] as const) {
    const medianOf = (some: readonly Sample[]): number => {
      const sorted = some
        .map((sample) => of(sample)[0])
        .filter(Number.isFinite)
        .sort((a, b) => a - b);
      return sorted[Math.floor(sorted.length / 2)] ?? NaN;
    };
    const quarter = Math.max(1, Math.floor(samples.length / 4));
    const [first, end] = [medianOf(samples.slice(0, quarter)), medianOf(samples.slice(-quarter))];
    say(`${what} p50: ${first.toFixed(0)} ms in the first quarter, ${end.toFixed(0)} ms in the last`);
    figure({
      what: `${what} p50, last quarter`,
      value: end,
      unit: 'ms',
      baseline: 'first quarter',
      ratio: end / first,
    });
  }
  say(
    `${last.minutes.toFixed(0)} minutes, ${last.accepted} subjects taken, ${last.final} final, ${last.lost} refused or withheld; ` +
      `${last.reads} reads, ${total(samples, ({ readFailures }) => readFailures.length)} of them failed`,
  );
  figure({ what: 'subjects taken', value: last.accepted, unit: 'subjects' });
  figure({ what: 'subjects refused or withheld', value: last.lost, unit: 'subjects' });
}

function tellRow(sample: Sample, before: Sample): void {
  const seconds = (sample.minutes - before.minutes) * 60;
  const cores = (mean(sample, ({ cpuSeconds }) => cpuSeconds) - mean(before, ({ cpuSeconds }) => cpuSeconds)) / seconds;
  const cells: readonly (readonly [string, number])[] = [
    [sample.minutes.toFixed(0), 6],
    [mean(sample, ({ residentMb }) => residentMb).toFixed(1), 10],
    [mean(sample, ({ heapMb }) => heapMb).toFixed(1), 8],
    [mean(sample, ({ descriptors }) => descriptors).toFixed(1), 7],
    [cores.toFixed(3), 8],
    [mean(sample, ({ stateMb }) => stateMb).toFixed(1), 9],
    [`${sample.final}`, 10],
    [pair(sample.reportMs), 12],
    [pair(sample.finalMs), 13],
    [pair(sample.commitMs), 13],
    [`${sample.lost}`, 7],
  ];
  say(cells.map(([text, width]) => text.padStart(width)).join(''));
}

await withNetwork(validators, async (network) => {
  const readers = network.members.map((member) => new Reader(member));
  const load = new Load(network.clients);
  const soak = new Soak(network, readers);
  const under = [load.run(Number(values.rate)), ...readers.map((reader) => reader.run())];
  const from = performance.now();
  const end = from + Number(values.hours) * 3_600_000;
  await soak.sample();
  for (let turn = 1; performance.now() < end; turn++) {
    await pause(Math.max(1, Math.min(end, from + turn * Number(values.every) * 1_000) - performance.now()));
    await soak.sample();
  }
  load.stop();
  for (const reader of readers) reader.stop();
  await Promise.all(under);
  tell(soak.samples);
  await sameOrder(network.members);
});
tellFigures('soak');
