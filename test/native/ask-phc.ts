/** Opens /dev/ptp0, reads it by every call, and prints what came back: the child process of fault-shim.test.ts. */

import { nanos, since } from '../../src/core/time/nanos.ts';
import { CLOCK, requireNative } from '../../src/io/clocks/native.ts';
import { PHC_METHODS, PhcReader } from '../../src/io/clocks/phc-reader.ts';

const native = requireNative();
const reader = new PhcReader(native, {
  path: '/dev/ptp0',
  samples: 5,
  methods: PHC_METHODS,
  crossTimestampError: nanos(100),
});
const failure = await reader.open();
const by: Record<string, unknown> = {};
for (const method of PHC_METHODS) {
  const result = await reader.readBy(method);
  const realtimeNs = native.clockGettime(CLOCK.realtime);
  by[method] =
    result.kind === 'failed'
      ? { kind: result.kind, code: result.code, errno: result.errno }
      : {
          kind: result.kind,
          width: since(result.after, result.before).toString(),
          offset: (result.deviceNs - realtimeNs).toString(),
        };
}
await reader.close();
const open = failure === undefined ? null : { code: failure.code, errno: failure.errno };
process.stdout.write(JSON.stringify({ open, method: reader.method ?? null, by }));
