/** What a run costs: processor time of this thread, and memory held after collection. */

import { memoryUsage, threadCpuUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

export function threadMillis(): number {
  const { user, system } = threadCpuUsage();
  return (user + system) / 1_000;
}

export function heldBytes(): number {
  collect();
  const { heapUsed, external, arrayBuffers } = memoryUsage();
  return heapUsed + external + arrayBuffers;
}
