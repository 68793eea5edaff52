/** Node's timers as the agent's `Timers`. Node counts in milliseconds: a period is rounded up to the next one. */

import { divideUp, type Nanos } from '../../core/time/nanos.ts';
import type { Timers } from '../../ports/timers.ts';

export const nodeTimers: Timers = {
  soon(wake) {
    setImmediate(wake);
  },
  every(period: Nanos, wake) {
    const timer = setInterval(wake, Number(divideUp(period, 1_000_000n)));
    return () => clearInterval(timer);
  },
};
