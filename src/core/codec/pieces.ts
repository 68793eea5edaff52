/** Work that stops between pieces, so that whoever does it may let others have their turn. */

/** Yields after each piece, and returns what came of them. */
export type Pieces<T> = Generator<undefined, T, undefined>;

/** All pieces at one go. */
export function wholeOf<T>(pieces: Generator<unknown, T, undefined>): T {
  for (;;) {
    const step = pieces.next();
    if (step.done === true) return step.value;
  }
}
