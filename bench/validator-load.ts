/**
 * Real validators under load, for the benchmarks that need them: `momentd run` processes on this host, clients that submit over
 * their unix sockets, and what can be read off them from outside: processor time, histograms, the order they agreed on.
 */

import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../src/cli/free-ports.ts';
import { writeLocalNetwork } from '../src/cli/local-network.ts';
import { LIMITS } from '../src/core/limits.ts';
import { readToken } from '../src/io/api/token.ts';
import { Member } from '../test/network/local-network.ts';
import { say } from './figures.ts';

/** Entries asked for at once. */
const ORDER_PAGE = 256;
/** Batches that one client has under way; a validator that answers slower than this is not offered more. */
const IN_FLIGHT_MAX = 8;

export type LoadedNetwork = {
  readonly members: readonly Member[];
  readonly clients: readonly Client[];
};

/** Starts a network, waits until everyone signs and knows everyone, lets `use` work with it, and removes it whatever happens. */
export async function withNetwork(validators: number, use: (network: LoadedNetwork) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'momentd-bench-'));
  const ports = await freePorts(validators);
  const written = await writeLocalNetwork({ directory, networkName: 'bench', validators, ports });
  const members = written.map((files) => new Member(files));
  const clients: Client[] = [];
  try {
    for (const member of members) member.start();
    for (const member of members)
      await member.until<{ peers: number }>('/v1/network', ({ peers }) => peers === validators - 1);
    for (const member of members)
      await member.until<{ attesting: { reason: unknown } }>(
        '/v1/status',
        ({ attesting }) => attesting.reason === null,
      );
    for (const member of members) clients.push(new Client(member, await readToken(member.files.stateDir)));
    await use({ members, clients });
    for (const client of clients) client.close();
    await Promise.all(members.map((member) => member.stop('SIGINT')));
  } finally {
    for (const client of clients) client.close();
    await Promise.all(members.map((member) => member.stop('SIGKILL')));
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Submits to one validator over connections that stay open. */
export class Client {
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

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export type Histogram = ReadonlyMap<number, number>;

export async function sizeOf(member: Member): Promise<number> {
  const { size } = await patiently(() => member.json<{ size: string }>('/v1/order/status'));
  return Number(size);
}

/** Asks again where a connection that was kept was closed meanwhile. */
export async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

/** User and system time of a process: fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function histogramIn(text: string, name: string): Histogram {
  const buckets = new Map<number, number>();
  for (const [, le, count] of text.matchAll(new RegExp(`^${name}_bucket\\{le="([^"]+)"\\} (\\d+)$`, 'gm')))
    buckets.set(le === '+Inf' ? Infinity : Number(le), Number(count));
  return buckets;
}

/** A counter without labels, or the sum of one with them. */
export function counterIn(text: string, name: string): number {
  let sum = 0;
  for (const [, value] of text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))) sum += Number(value);
  return sum;
}

export function merged(all: readonly Histogram[]): Histogram {
  const sum = new Map<number, number>();
  for (const one of all) for (const [le, count] of one) sum.set(le, (sum.get(le) ?? 0) + count);
  return sum;
}

/** Median and 99th percentile of what came between two looks, in milliseconds. */
export function quantiles(before: Histogram, after: Histogram): readonly [number, number] {
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

/** What all have of the order must be the same, byte for byte; one may have less of it than another. */
export async function sameOrder(members: readonly Member[]): Promise<void> {
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
