/**
 * The one way our own mistakes end: a thrown `BrokenInvariant`, never caught in core.
 *
 * An assertion states what this program owes itself. Bytes from outside are judged with values, never with assertions.
 */

export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

/** Throws `BrokenInvariant` unless `claim` holds. `what` says the claim that failed. */
export function assert(claim: boolean, what: string): asserts claim {
  if (!claim) throw new BrokenInvariant(what);
}

/** Proves to the compiler that a union was handled completely, and to us at run time. */
export function unreachable(value: never): never {
  throw new BrokenInvariant(`unhandled case ${JSON.stringify(value)}`);
}
