/** What a fuzz target is: a parser that meets foreign bytes, what to feed it, and what must hold of every input. */

import type { Random } from '../src/sim/random.ts';

/** How inputs of a target are built, so that a mutation keeps what holds them together. */
export type Form = 'bytes' | 'text' | 'cbor' | 'json';

export type Target = {
  readonly name: string;
  /** The modules it exercises, in words. */
  readonly about: string;
  readonly forms: readonly Form[];
  readonly seeds: readonly Uint8Array[];
  /** Inputs grow no longer than this. */
  readonly inputBytesMax: number;
  /** Makes checksums and digests of a mutated input hold, so that what they guard is reached. */
  readonly mend?: (input: Uint8Array, random: Random) => Uint8Array;
  /**
   * Runs one input. Throws where something does not hold: that is a finding. Returns a word for what came of it (`accept`, a
   * reason code); a word never seen before makes the input worth keeping.
   */
  readonly run: (input: Uint8Array) => string | Promise<string>;
};

/** Thrown when a target's own law is broken, so that a finding says which. */
export class BrokenLaw extends Error {
  override readonly name = 'BrokenLaw';
}

export function holds(claim: boolean, what: string): asserts claim {
  if (!claim) throw new BrokenLaw(what);
}

export function sameBytes(a: Uint8Array, b: Uint8Array, what: string): undefined {
  if (Buffer.compare(a, b) !== 0)
    throw new BrokenLaw(
      `${what}: ${Buffer.from(a).toString('hex').slice(0, 200)} against ${Buffer.from(b).toString('hex').slice(0, 200)}`,
    );
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'));
