/**
 * A validator floods another for a minute with ten times its quota; what does the honest traffic feel?
 *
 * Two honest agents in this process, the flooder in a process of its own, coming back whenever it is thrown out. Measured:
 * honest statements lost, their latency from publishing to acceptance undisturbed and under flood, memory at the start and
 * at the end, and how soon the flooder was banned. Design: loss 0, memory flat, p99 below twice the undisturbed.
 *
 *     node bench/flood.ts [--seconds 60] [--kind valid|invalid|oversized|all] [--json]
 */

import { fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { KIND_RULES } from '../src/core/propagation/kinds.ts';
import { FLOODS, type Flood, type FloodTally } from '../test/io/gossip/flooder.ts';
import { hrNow, LaneWriter, rigAgent, rigGenesis, type RigAgent } from '../test/io/gossip/network-rig.ts';
import { figure, say, tellFigures } from './figures.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const VALIDATORS = 4;
const FLOODER = 3;
/** Statements per second of the honest one: a tick of 10 ms. */
const HONEST_MS = 10;

type Figures = { readonly p50Ms: number; readonly p99Ms: number; readonly said: number; readonly lost: number };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '60' },
      kind: { type: 'string', default: 'all' },
      json: { type: 'boolean', default: false },
    },
  });
  const kinds = FLOODS.filter((kind) => values.kind === 'all' || values.kind === kind);
  for (const kind of kinds) await run(kind, Number(values.seconds));
  tellFigures('flood');
}

async function run(kind: Flood, seconds: number): Promise<void> {
  const rig = rigGenesis(VALIDATORS);
  const victim = await rigAgent({ rig, position: 0 });
  await victim.start();
  const address = victim.network.addresses()[0]!;
  const honest = await rigAgent({ rig, position: 1, options: { pinned: [address] } });
  await honest.start();
  await honest.until(() => honest.peers.size === 1);
  const itemsPerSecond = 10 * KIND_RULES.statements.quota.items.perSecond;
  const flooder = fork(new URL('../test/io/gossip/flooder.ts', import.meta.url), [
    `${VALIDATORS}`,
    `${FLOODER}`,
    kind,
    address,
    `${itemsPerSecond}`,
  ]);
  await new Promise((resolve) => flooder.once('message', resolve));
  const lane = new LaneWriter(rig, rig.signers[1]!);
  await speak(honest, victim, lane, 2); // until everything is compiled
  const calm = await speak(honest, victim, lane, Math.min(seconds, 20));
  const heapBefore = heapMb();
  const from = performance.now();
  let bannedAfterMs = NaN;
  void victim
    .until(() => victim.standing.banned(hrNow()).length > 0)
    .then(() => (bannedAfterMs = performance.now() - from));
  flooder.send('go');
  const flooded = await speak(honest, victim, lane, seconds);
  const heapAfter = heapMb();
  const tally = await new Promise<FloodTally>((resolve) => {
    flooder.once('message', (message) => resolve(message as FloodTally));
    flooder.send('stop');
  });
  const show = (f: Figures): string =>
    `p50 ${f.p50Ms.toFixed(2)} ms, p99 ${f.p99Ms.toFixed(2)} ms, ${f.lost} of ${f.said} lost`;
  say(
    `${kind}: ${tally.sentItems} items in ${seconds} s over ${tally.connections} connections, ${tally.refusedConnections} refused`,
  );
  say(`  undisturbed ${show(calm)}`);
  say(`  flooded     ${show(flooded)}   p99 ratio ${(flooded.p99Ms / calm.p99Ms).toFixed(2)} (target < 2)`);
  say(
    `  banned after ${(bannedAfterMs / 1_000).toFixed(1)} s; heap ${heapBefore.toFixed(1)} -> ${heapAfter.toFixed(1)} MB`,
  );
  figure({ what: `${kind} flood: honest statements lost`, value: flooded.lost, unit: 'statements', target: '0' });
  figure({
    what: `${kind} flood: honest p99`,
    value: flooded.p99Ms,
    unit: 'ms',
    baseline: 'undisturbed',
    ratio: flooded.p99Ms / calm.p99Ms,
    target: '< 2',
  });
  figure({
    what: `${kind} flood: memory in use at the end`,
    value: heapAfter,
    unit: 'MB',
    baseline: 'before the flood',
    ratio: heapAfter / heapBefore,
  });
  figure({ what: `${kind} flood: banned after`, value: bannedAfterMs / 1_000, unit: 's' });
  await honest.stop();
  await victim.stop();
}

/** The honest one speaks every tick; the time to acceptance is taken per statement, in order. */
async function speak(honest: RigAgent, victim: RigAgent, lane: LaneWriter, seconds: number): Promise<Figures> {
  const sentAt = new Map<bigint, number>();
  const latencies: number[] = [];
  let said = 0;
  const collect = (): boolean => {
    const now = performance.now();
    for (const { signed } of victim.statements.splice(0)) {
      const at = sentAt.get(signed.statement.seq);
      if (at === undefined || signed.kid.some((byte, i) => byte !== lane.kid[i])) continue;
      latencies.push(now - at);
      sentAt.delete(signed.statement.seq);
    }
    return said > 0 && sentAt.size === 0 && isOver;
  };
  let isOver = false;
  const done = victim.until(collect);
  const end = performance.now() + seconds * 1_000;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const seq = lane.seq;
      sentAt.set(seq, performance.now());
      said += 1;
      isOver = performance.now() >= end;
      honest.network.publish('statements', [lane.next()]);
      if (!isOver) return;
      clearInterval(timer);
      resolve();
    }, HONEST_MS);
  });
  // Whatever has not come ten seconds later is lost.
  await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 10_000))]);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!;
  return { p50Ms: at(0.5), p99Ms: at(0.99), said, lost: sentAt.size };
}

/** What is held after a collection: without one the figure is mostly what the collector has not come to yet. */
function heapMb(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1_048_576;
}

await main();
