/**
 * What the API costs the loop that signs: 100 followers of the events and 200 requests a second for a minute, against the
 * same agent left alone for a minute before.
 *
 *     node bench/api.ts [--seconds 60]
 *
 * A demo agent runs in a process of its own; the load comes from this one. Prints, for both minutes, the statements, the longest
 * gap between two of them, beats that found a commit still under way, and the agent's memory at the end; then the ratios.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { hrtime } from 'node:process';
import { setTimeout as after } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { figure, say, tellFigures } from './figures.ts';

const FOLLOWERS = 100;
const REQUESTS_PER_SECOND = 200;
const PATHS = [
  '/v1/time',
  '/v1/status',
  '/v1/sources',
  '/v1/receivers',
  '/v1/time',
  '/v1/oscillator',
  '/v1/time',
  '/metrics',
];

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, json: { type: 'boolean', default: false } },
});
const seconds = Number(values.seconds);

const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'bin', 'momentd.js'), 'demo'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
try {
  const socketPath = await socketOf(child);
  await get(socketPath, '/v1/time/wait?guarantee_max_ns=10000000&timeout_ms=60000');
  const alone = await minute(socketPath, () => Promise.resolve({ asked: 0, refused: 0, latenciesMs: [] }));
  const loaded = await minute(socketPath, () => load(socketPath));
  report(alone, loaded);
  if (loaded.skipped > 0) process.exitCode = 1;
} finally {
  child.kill('SIGINT');
}

type Load = {
  readonly asked: number;
  readonly refused: number;
  readonly latenciesMs: readonly number[];
  readonly heard?: number;
};
type Minute = Load & {
  readonly statements: number;
  readonly longestGapMs: number;
  readonly skipped: number;
  readonly residentMiB: readonly [before: number, after: number];
  readonly heapMiB: readonly [before: number, after: number];
  readonly busyShare: number;
};

async function minute(socketPath: string, during: () => Promise<Load>): Promise<Minute> {
  const before = await meters(socketPath);
  const counted = await skippedBeats(socketPath);
  const stamps: number[] = [];
  const follower = follow(socketPath, '?kinds=statement-committed', (text) => {
    for (const [, tai] of text.matchAll(/"tai_ns":"(\d+)"/g)) stamps.push(Number(BigInt(tai!) / 1_000n) / 1e3);
  });
  const [load] = await Promise.all([during(), after(seconds * 1_000)]);
  follower();
  const now = await meters(socketPath);
  return {
    ...load,
    statements: stamps.length,
    longestGapMs: Math.max(0, ...stamps.slice(1).map((stamp, i) => stamp - stamps[i]!)),
    skipped: (await skippedBeats(socketPath)) - counted,
    residentMiB: [before.resident_bytes / 2 ** 20, now.resident_bytes / 2 ** 20],
    heapMiB: [before.heap_bytes / 2 ** 20, now.heap_bytes / 2 ** 20],
    busyShare: now.loop_busy_share,
  };
}

async function load(socketPath: string): Promise<Load> {
  let heard = 0;
  const followers = Array.from({ length: FOLLOWERS }, () =>
    follow(socketPath, '?from=0', (text) => (heard += text.split('\nevent: ').length - 1)),
  );
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  const latenciesMs: number[] = [];
  let refused = 0;
  let asked = 0;
  const pending = new Set<Promise<void>>();
  const end = hrtime.bigint() + BigInt(seconds) * 1_000_000_000n;
  const begun = hrtime.bigint();
  while (hrtime.bigint() < end) {
    // As many as are due by now: a late timer is made up for, so that the rate is what is said.
    const due = (Number(hrtime.bigint() - begun) / 1e9) * REQUESTS_PER_SECOND;
    for (; asked < due; asked++) {
      const sent = hrtime.bigint();
      const one = get(socketPath, PATHS[asked % PATHS.length]!, agent)
        .then(({ status }) => {
          if (status !== 200) refused += 1;
          latenciesMs.push(Number(hrtime.bigint() - sent) / 1e6);
        })
        .finally(() => pending.delete(one));
      pending.add(one);
    }
    await after(10);
  }
  await Promise.all(pending);
  for (const stop of followers) stop();
  agent.destroy();
  return { asked, refused, latenciesMs, heard };
}

function report(alone: Minute, loaded: Minute): void {
  const row = (name: string, of: (m: Minute) => string | number): void =>
    say(`${name.padEnd(44)} ${String(of(alone)).padStart(12)} ${String(of(loaded)).padStart(12)}`);
  say(`${''.padEnd(44)} ${'alone'.padStart(12)} ${'loaded'.padStart(12)}`);
  row('statements', (m) => m.statements);
  row('longest gap between statements, ms', (m) => m.longestGapMs.toFixed(1));
  row('beats that found a commit under way', (m) => m.skipped);
  row('event loop busy, share of a core', (m) => m.busyShare.toFixed(3));
  row('resident memory before, MiB', (m) => m.residentMiB[0].toFixed(1));
  row('resident memory after, MiB', (m) => m.residentMiB[1].toFixed(1));
  row('heap before, MiB', (m) => m.heapMiB[0].toFixed(1));
  row('heap after, MiB', (m) => m.heapMiB[1].toFixed(1));
  const sorted = [...loaded.latenciesMs].sort((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? NaN).toFixed(2);
  say(`requests: ${loaded.asked} asked, ${loaded.refused} refused, latency p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`);
  say(`events heard by ${FOLLOWERS} followers: ${loaded.heard}`);
  say(
    `ratio loaded to alone: statements ${(loaded.statements / alone.statements).toFixed(3)}, ` +
      `longest gap ${(loaded.longestGapMs / alone.longestGapMs).toFixed(2)}, ` +
      `resident memory ${(loaded.residentMiB[1] / alone.residentMiB[1]).toFixed(2)}`,
  );
  const toldOf = (what: string, unit: string, of: (m: Minute) => number): void =>
    figure({ what: `${what}, API loaded`, value: of(loaded), unit, baseline: 'alone', ratio: of(loaded) / of(alone) });
  toldOf('statements', 'statements', (m) => m.statements);
  toldOf('longest gap between statements', 'ms', (m) => m.longestGapMs);
  toldOf('resident memory', 'MiB', (m) => m.residentMiB[1]);
  tellFigures('api');
}

// ---- the agent and how it is asked

function socketOf(started: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    started.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-4_096);
      const found = /unix socket ([^)\s]+)\)/.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    started.once('exit', (code) => reject(new Error(`the demo ended with ${code}: ${text}`)));
  });
}

function get(
  socketPath: string,
  path: string,
  agent?: Agent,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, ...(agent === undefined ? {} : { agent }) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', reject).end();
  });
}

/** Follows the events; the returned function ends it. */
function follow(socketPath: string, query: string, take: (text: string) => void): () => void {
  const sent = request({ socketPath, path: `/v1/events${query}`, agent: false }, (response) => {
    response.setEncoding('utf8').on('data', take);
    response.on('error', () => undefined);
  });
  sent.on('error', () => undefined).end();
  return () => void sent.destroy();
}

type Meters = { readonly resident_bytes: number; readonly heap_bytes: number; readonly loop_busy_share: number };

async function meters(socketPath: string): Promise<Meters> {
  return (JSON.parse((await get(socketPath, '/v1/host')).body) as { process: Meters }).process;
}

async function skippedBeats(socketPath: string): Promise<number> {
  const { body } = await get(socketPath, '/metrics');
  return Number(/^momentd_beats_skipped_total (\d+)/m.exec(body)?.[1] ?? NaN);
}
