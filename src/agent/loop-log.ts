/** What the validator does that an operator reads in the log; what it signs is in the lane and not repeated there. */

import { unreachable } from '../core/assert.ts';
import { CODES } from '../core/codes.ts';
import type { Effect } from '../core/validator.ts';
import type { Log } from '../ports/log.ts';

export function logEffect(log: Log, effect: Exclude<Effect, { readonly kind: 'commit' }>): void {
  switch (effect.kind) {
    case 'clock-changed': {
      const { from, to, code } = effect.transition;
      const level = to === 'locked' || to === 'acquiring' ? 'info' : to === 'faulted' ? 'error' : 'warn';
      return log.write(level, 'clock state changed', { from, to, code, why: CODES[code].sentence });
    }
    case 'attesting-changed': {
      const { code } = effect;
      if (code === undefined) return log.write('info', 'signing statements');
      const { sentence: why, remedy } = CODES[code];
      return log.write('warn', 'not signing', { code, why, remedy });
    }
    case 'warned':
      return log.write('warn', 'clock warning', { code: effect.code, why: CODES[effect.code].sentence });
    default:
      unreachable(effect);
  }
}
