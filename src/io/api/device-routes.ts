/** The devices behind the time and the host they stand in, as they are now. Bounded by the configuration, so not paged. */

import type { DevicesView } from '../../ports/device-view.ts';
import type { HostMeters } from '../../ports/host-meters.ts';
import { renderOscillator, renderReceiver, renderSourceDetail } from './render-devices.ts';
import type { RouteGroup } from './route-group.ts';
import { PROBLEMS } from './schemas/common.ts';
import { hostSchema, oscillatorsSchema, receiversSchema, sourcesSchema } from './schemas/devices.ts';

export const deviceRoutes =
  (view: { readonly devices: DevicesView }): RouteGroup =>
  (app) => {
    app.get(
      '/v1/sources',
      {
        schema: {
          summary: 'Every source: verdict, interval and its own budget',
          response: { 200: sourcesSchema, ...PROBLEMS },
        },
      },
      () => ({ sources: view.devices.sources().map(renderSourceDetail) }),
    );
    app.get(
      '/v1/receivers',
      { schema: { summary: 'Every receiver: health, sky, radio', response: { 200: receiversSchema, ...PROBLEMS } } },
      () => ({ receivers: view.devices.receivers().map(renderReceiver) }),
    );
    app.get(
      '/v1/oscillator',
      {
        // The driver's attributes are read for each.
        config: { cost: 10 },
        schema: {
          summary: 'Every oscillator: what it may drift and what it says',
          response: { 200: oscillatorsSchema, ...PROBLEMS },
        },
      },
      () => ({ oscillators: view.devices.oscillators().map(renderOscillator) }),
    );
  };

export const hostRoute =
  (meters: () => Promise<HostMeters>): RouteGroup =>
  (app) => {
    app.get(
      '/v1/host',
      { schema: { summary: 'What the host and the process have left', response: { 200: hostSchema, ...PROBLEMS } } },
      async () => {
        const { uptimeSeconds, processors, load, memoryBytes, memoryFreeBytes, stateFreeBytes, process } =
          await meters();
        return {
          uptime_s: uptimeSeconds,
          processors,
          load_1m: load,
          memory_bytes: memoryBytes,
          memory_free_bytes: memoryFreeBytes,
          state_free_bytes: stateFreeBytes ?? null,
          process: {
            uptime_s: process.uptimeSeconds,
            cpu_s: process.cpuSeconds,
            resident_bytes: process.residentBytes,
            heap_bytes: process.heapBytes,
            descriptors: process.descriptors ?? null,
            loop_busy_share: process.loopBusyShare,
            loop_delay_p99_ms: process.loopDelayP99Ms,
          },
        };
      },
    );
  };
