/**
 * How much memory the collector sets aside for objects that die soon.
 *
 * Left alone it goes by the memory of the host: where there are 24 GB up to 192 MB, of which an agent at rest had 84 resident
 * after a minute without a use for them. Two halves of 4 MB are enough for one at rest; halves of 1 MB are not: what they have no
 * room for is kept for long. One that is busy for longer than a start takes gets halves of 16 MB: at 5,000 subjects a second less
 * becomes final in time with 4 MB.
 *
 * The bound proper (`--max-semi-space-size`) is read when Node starts, and that is done by a shell, a service manager or npm. So
 * the growth is stopped instead, whose factor is read at every growth: until a half has its size, and again when it has lost
 * it (a collection of everything takes it from a program that allocates little). A Node that ignored the factor would take
 * what it took before. Whoever set a size himself keeps it.
 */

import { PerformanceObserver } from 'node:perf_hooks';
import v8 from 'node:v8';

const HALF_BYTES = { atRest: 4_194_304, busy: 16_777_216 };
/** So many collections in so short a time. At rest among a hundred one comes every second or two. */
const BUSY = { collections: 128, withinMs: 10_000 };
/** An object of one field and the place that holds it, at least. */
const OBJECT_BYTES = 32;
/** Allocated between two looks: a part of the smallest half, so that no growth is missed. */
const STEP_BYTES = 65_536;
/** It grows once a half was filled with what is still used: 4 MB in all, and room for whatever dies on the way. */
const STEPS_MAX = 256;

/** Lets the young generation grow to its size, now, and no further. To be called before much is loaded. */
export function boundYoungGeneration(): void {
  if ([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((text) => /semi[-_]space/.test(text))) return;
  const kept: object[][] = [];
  for (let i = 0; i < STEPS_MAX && halfBytes() < HALF_BYTES.atRest; i++)
    kept.push(Array.from({ length: STEP_BYTES / OBJECT_BYTES }, (_, at) => ({ at })));
  growUpTo(HALF_BYTES.atRest);
  const startedAt: number[] = [];
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntries()) startedAt.push(startTime);
    startedAt.splice(0, startedAt.length - BUSY.collections);
    const isBusy = startedAt.length === BUSY.collections && startedAt.at(-1)! - startedAt[0]! < BUSY.withinMs;
    growUpTo(isBusy ? HALF_BYTES.busy : HALF_BYTES.atRest);
  }).observe({ entryTypes: ['gc'] });
}

/** The next collection may let it grow, or not. */
function growUpTo(bytes: number): void {
  v8.setFlagsFromString(`--semi-space-growth-factor=${halfBytes() < bytes ? 2 : 1}`);
}

function halfBytes(): number {
  const young = v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return (young?.space_size ?? Infinity) / 2;
}
