/** What the process costs its host, read when someone asks. */

import { readdir } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';

export type ProcessReading = {
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  /** Time the event loop was busy since the start; its rate is the share of a core the loop takes. */
  readonly loopActiveSeconds: number;
  /** Undefined where /proc does not tell. */
  readonly openDescriptors: number | undefined;
};

export async function processReading(): Promise<ProcessReading> {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const descriptors = await readdir('/proc/self/fd').catch(() => undefined);
  return {
    cpuSeconds: (user + system) / 1e6,
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    loopActiveSeconds: performance.eventLoopUtilization().active / 1e3,
    // The listing itself holds one descriptor while it reads.
    openDescriptors: descriptors === undefined ? undefined : Math.max(0, descriptors.length - 1),
  };
}
