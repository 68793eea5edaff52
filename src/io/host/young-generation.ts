/**
 * How much memory the collector sets aside for objects that die soon.
 *
 * Left alone it goes by the memory of the host: where there are 24 GB up to 192 MB, of which an agent at rest had 84 resident
 * after a minute without a use for them. Two halves of 4 MB are enough for one at rest and for one under load; halves of 1 MB
 * are not: what they have no room for is kept for long.
 *
 * The bound proper (`--max-semi-space-size`) is read when Node starts, and that is done by a shell, a service manager or npm. So
 * the growth is stopped instead, whose factor is read at every growth: until a half has its size, and again when it has lost
 * it (a collection of everything takes it from a program that allocates little). A Node that ignored the factor would take
 * what it took before. Whoever set a size himself keeps it.
 */

import { PerformanceObserver } from 'node:perf_hooks';
import v8 from 'node:v8';

const HALF_BYTES = 4_194_304;
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
  for (let i = 0; i < STEPS_MAX && halfBytes() < HALF_BYTES; i++)
    kept.push(Array.from({ length: STEP_BYTES / OBJECT_BYTES }, (_, at) => ({ at })));
  steer();
  new PerformanceObserver(steer).observe({ entryTypes: ['gc'] });
}

/** After a collection: the next may let it grow, or not. */
function steer(): void {
  v8.setFlagsFromString(`--semi-space-growth-factor=${halfBytes() < HALF_BYTES ? 2 : 1}`);
}

function halfBytes(): number {
  const young = v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  return (young?.space_size ?? Infinity) / 2;
}
