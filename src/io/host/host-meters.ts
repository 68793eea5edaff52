/** Reads the host's and the process's meters. The two of the event loop cover the time since the last look. */

import { readdir } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, totalmem, uptime } from 'node:os';
import { monitorEventLoopDelay, performance, type EventLoopUtilization } from 'node:perf_hooks';
import type { HostMeters } from '../../ports/host-meters.ts';

const DELAY_STEP_MS = 10;

export function hostMeters(freeBytes: () => Promise<number | undefined>): {
  readonly read: () => Promise<HostMeters>;
  readonly stop: () => void;
} {
  const delay = monitorEventLoopDelay({ resolution: DELAY_STEP_MS });
  delay.enable();
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  const read = async (): Promise<HostMeters> => {
    const since = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    // The histogram counts whole intervals, its own step included.
    const p99 = Math.max(0, delay.percentile(99) / 1e6 - DELAY_STEP_MS);
    delay.reset();
    const { user, system } = process.cpuUsage();
    const { rss, heapUsed } = process.memoryUsage();
    const descriptors = await readdir('/proc/self/fd').catch(() => undefined);
    return {
      uptimeSeconds: uptime(),
      processors: availableParallelism(),
      load: loadavg()[0]!,
      memoryBytes: totalmem(),
      memoryFreeBytes: freemem(),
      stateFreeBytes: await freeBytes(),
      process: {
        uptimeSeconds: process.uptime(),
        cpuSeconds: (user + system) / 1e6,
        residentBytes: rss,
        heapBytes: heapUsed,
        descriptors: descriptors === undefined ? undefined : Math.max(0, descriptors.length - 1),
        loopBusyShare: since.utilization,
        loopDelayP99Ms: p99,
      },
    };
  };
  return { read, stop: () => delay.disable() };
}
