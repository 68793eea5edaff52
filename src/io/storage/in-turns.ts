/** Does long work a piece at a time, and lets whatever else waits for the loop have its turn between them. */

import type { Pieces } from '../../core/codec/pieces.ts';

export async function inTurns<T>(pieces: Pieces<T>): Promise<T> {
  for (;;) {
    const step = pieces.next();
    if (step.done === true) return step.value;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
