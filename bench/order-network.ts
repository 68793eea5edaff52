/**
 * Subjects ordered by a network of real validators: `momentd run` processes on this host (the program as it stands in the
 * tree, by type stripping), simulated cards, libp2p on loopback, durable lanes; clients submit batches over the unix sockets.
 *
 *     node bench/order-network.ts [--validators 4] [--rates 500,1000,2000,3500,5000] [--seconds 8] [--cpu-prof DIR] [--json]
 *
 * The offered rate rises stage by stage. A stage is sustained when nothing was refused and what was not final at its end is
 * less than what two seconds bring. Printed for each: final subjects per second at the slowest validator, time to the own
 * report and to finality (from the validators' histograms, interpolated within a bucket), processor time per subject of all
 * validators together. At the end what all have of the order must be the same. Baseline: the pure ordering pipeline (ordering.ts) in
 * the same run, which is what one validator's order costs without network, disk, signature or API.
 */

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuUsage, execPath } from 'node:process';
import { parseArgs } from 'node:util';
import { freePorts } from '../src/cli/free-ports.ts';
import { writeLocalNetwork } from '../src/cli/local-network.ts';
import { LIMITS } from '../src/core/limits.ts';
import { readToken } from '../src/io/api/token.ts';
import { Member } from '../test/network/local-network.ts';
import { figure, say, tellFigures } from './figures.ts';

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
const SUBMIT_EVERY_MS = 20;
/** What may be on its way to finality at the end of a sustained stage, in seconds of the offered rate. */
const BACKLOG_SECONDS = 2;
/** Entries asked for at once. */
const ORDER_PAGE = 256;
/** Batches that one client has under way; a validator that answers slower than this is not offered more. */
const IN_FLIGHT_MAX = 8;

type Histogram = ReadonlyMap<number, number>;
type Look = {
  readonly at: number;
  readonly sizes: readonly number[];
  readonly cpuSeconds: number;
  readonly report: Histogram;
  readonly final: Histogram;
};

/** Submits to one validator over connections that stay open. */
class Client {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT_MAX });
  readonly #member: Member;
  readonly #token: string;
  #inFlight = 0;
  accepted = 0;
  refused = 0;
  withheld = 0;

  constructor(member: Member, token: string) {
    this.#member = member;
    this.#token = token;
  }

  offer(count: number): void {
    for (let left = count; left > 0; left -= LIMITS.submissionsPerRequestMax) {
      const batch = Math.min(left, LIMITS.submissionsPerRequestMax);
      if (this.#inFlight >= IN_FLIGHT_MAX) this.withheld += batch;
      else void this.#post(batch);
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(count: number): Promise<void> {
    this.#inFlight += 1;
    const digests = Array.from({ length: count }, () => randomBytes(32).toString('hex'));
    return new Promise((resolve) => {
      const over = (accepted: number): void => {
        this.#inFlight -= 1;
        this.accepted += accepted;
        this.refused += count - accepted;
        resolve();
      };
      const asking = request(
        {
          agent: this.#agent,
          socketPath: this.#member.files.socket,
          path: '/v1/subjects/batch',
          method: 'POST',
          headers: { host: 'm', 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => over(response.statusCode === 202 ? text.split('"refused":null').length - 1 : 0));
        },
      );
      asking.on('error', () => over(0));
      asking.end(JSON.stringify({ digests }));
    });
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'momentd-bench-'));
  const ports = await freePorts(validators);
  const written = await writeLocalNetwork({ directory, networkName: 'bench', validators, ports });
  const members = written.map((files) => new Member(files));
  const profiles = values['cpu-prof'];
  if (profiles !== undefined) process.env['NODE_OPTIONS'] = `--cpu-prof --cpu-prof-dir=${profiles}`;
  try {
    for (const member of members) member.start();
    for (const member of members)
      await member.until<{ peers: number }>('/v1/network', ({ peers }) => peers === validators - 1);
    for (const member of members)
      await member.until<{ attesting: { reason: unknown } }>(
        '/v1/status',
        ({ attesting }) => attesting.reason === null,
      );
    const clients = await Promise.all(
      members.map(async (member) => new Client(member, await readToken(member.files.stateDir))),
    );
    const pipeline = pureCost();
    say(
      `${validators} validators, ${availableParallelism()} cores; one subject's order alone costs ${pipeline.toFixed(1)} us`,
    );
    say('offered/s   taken/s   final/s  report p50/p99 ms   final p50/p99 ms   CPU us/subject  of a core  sustained');
    await stage(members, clients, { rate: 200, seconds: 3 }); // until everything is compiled
    let best = 0;
    for (const rate of values.rates.split(',').map(Number)) {
      const row = await stage(members, clients, { rate, seconds: Number(values.seconds) });
      tellStage(rate, row, pipeline);
      if (row.isSustained) best = Math.max(best, row.takenPerSecond);
    }
    await tellAtTheEnd(members, best);
    for (const client of clients) client.close();
    await sameOrder(members);
    await Promise.all(members.map((member) => member.stop('SIGINT')));
  } finally {
    await Promise.all(members.map((member) => member.stop('SIGKILL')));
    rmSync(directory, { recursive: true, force: true });
  }
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

async function sizeOf(member: Member): Promise<number> {
  const { size } = await patiently(() => member.json<{ size: string }>('/v1/order/status'));
  return Number(size);
}

/** Asks again where a connection that was kept was closed meanwhile. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

async function look(members: readonly Member[]): Promise<Look> {
  const sizes = await Promise.all(members.map(sizeOf));
  const at = performance.now();
  const cpuSeconds = members.reduce((sum, { pid }) => sum + cpuSecondsOf(pid), 0);
  const texts = await Promise.all(
    members.map(async (member) => (await patiently(() => member.ask('/metrics'))).bytes.toString()),
  );
  const of = (name: string): Histogram => merged(texts.map((text) => histogramIn(text, name)));
  return {
    at,
    sizes,
    cpuSeconds,
    report: of('momentd_subject_report_seconds'),
    final: of('momentd_subject_finality_seconds'),
  };
}

/** User and system time of a process: fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms. */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function histogramIn(text: string, name: string): Histogram {
  const buckets = new Map<number, number>();
  for (const [, le, count] of text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)$`, 'gm')))
    buckets.set(le === '+Inf' ? Infinity : Number(le), Number(count));
  return buckets;
}

function merged(all: readonly Histogram[]): Histogram {
  const sum = new Map<number, number>();
  for (const one of all) for (const [le, count] of one) sum.set(le, (sum.get(le) ?? 0) + count);
  return sum;
}

/** Median and 99th percentile of what came between two looks, in milliseconds. */
function quantiles(before: Histogram, after: Histogram): readonly [number, number] {
  const buckets = [...after]
    .map(([le, count]) => [le, count - (before.get(le) ?? 0)] as const)
    .sort((a, b) => a[0] - b[0]);
  const total = buckets.at(-1)?.[1] ?? 0;
  const at = (share: number): number => {
    let [floor, below] = [0, 0];
    for (const [le, count] of buckets) {
      if (count >= share * total && count > below)
        return 1_000 * (le === Infinity ? floor : floor + ((le - floor) * (share * total - below)) / (count - below));
      [floor, below] = [le, count];
    }
    return NaN;
  };
  return [at(0.5), at(0.99)];
}

function tellStage(rate: number, row: Stage, pipeline: number): void {
  const [reportP50, reportP99] = row.reportMs;
  const [finalP50, finalP99] = row.finalMs;
  say(
    `${`${rate}`.padStart(9)} ${row.takenPerSecond.toFixed(0).padStart(9)} ${row.finalPerSecond.toFixed(0).padStart(9)} ${`${reportP50.toFixed(0)}/${reportP99.toFixed(0)}`.padStart(18)} ` +
      `${`${finalP50.toFixed(0)}/${finalP99.toFixed(0)}`.padStart(18)} ${row.cpuMicros.toFixed(0).padStart(16)} ` +
      `${row.cores.toFixed(2).padStart(10)}  ${row.isSustained ? 'yes' : `no (${row.refused} refused)`}` +
      `   client ${row.clientCores.toFixed(2)} cores`,
  );
  const what = (of: string): string => `${of}, ${rate} subjects/s offered to ${validators} validators`;
  const perValidator = row.cpuMicros / validators;
  figure({ what: what('taken'), value: row.takenPerSecond, unit: 'subjects/s' });
  figure({ what: what('final meanwhile'), value: row.finalPerSecond, unit: 'subjects/s' });
  figure({ what: what('first report p50'), value: reportP50, unit: 'ms', target: '< 100' });
  figure({ what: what('first report p99'), value: reportP99, unit: 'ms' });
  figure({ what: what('final p50'), value: finalP50, unit: 'ms', target: '< 1,000' });
  figure({ what: what('final p99'), value: finalP99, unit: 'ms' });
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

/** What all have of the order must be the same, byte for byte; one may have less of it than another. */
async function sameOrder(members: readonly Member[]): Promise<void> {
  const size = Math.min(...(await Promise.all(members.map(sizeOf))));
  const digests = await Promise.all(members.map((member) => orderDigest(member, size)));
  if (new Set(digests).size > 1) throw new Error(`orders differ within ${size} entries: ${digests.join(' ')}`);
  say(`the first ${size} entries are the same with all ${members.length}: SHA-256 ${digests[0]}`);
}

async function orderDigest(member: Member, size: number): Promise<string> {
  const digest = createHash('sha256');
  for (let from = 0; from < size; from += ORDER_PAGE) {
    const path = `/v1/order?from=${from}&limit=${Math.min(ORDER_PAGE, size - from)}`;
    const { entries } = await patiently(() => member.json<{ entries: object[] }>(path));
    for (const entry of entries) digest.update(JSON.stringify(entry));
  }
  return digest.digest('hex');
}

/** Microseconds of the pure pipeline per subject, measured now. */
function pureCost(): number {
  const file = join(import.meta.dirname, 'ordering.ts');
  const text = execFileSync(execPath, [file, '5000', '1', `${validators}`, '--json'], { encoding: 'utf8' });
  const { figures } = JSON.parse(text) as { figures: { what: string; value: number }[] };
  return figures.find(({ what }) => what.startsWith('order pipeline'))!.value;
}

await main();
