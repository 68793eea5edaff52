/**
 * What instrumented code writes while it runs: a counter for every branch, and the operands of comparisons.
 *
 * `instrument.ts` puts the counting into the modules as they are loaded. The counters answer after each input whether it went
 * where none went before; the operands say what an input would have to hold to pass a comparison it failed.
 */

export type Operand = number | bigint | string;

/** One comparison that did not hold. */
export type Comparison = { readonly found: Operand; readonly wanted: Operand };

const EDGES_MAX = 65_536;
const COMPARISONS_MAX = 256;
const OPERAND_LENGTH_MAX = 64;

let edgeCount = 0;
let tracing: Comparison[] | undefined;

const counters = new Uint8Array(EDGES_MAX);
/** The same, four at a time: most are zero after any one input. */
const words = new Uint32Array(counters.buffer);

function isEqual(found: unknown, wanted: unknown): boolean {
  if (tracing !== undefined && found !== wanted) note(found, wanted);
  return found === wanted;
}

function note(found: unknown, wanted: unknown): void {
  if (tracing!.length < COMPARISONS_MAX && isOperand(found) && isOperand(wanted)) tracing!.push({ found, wanted });
}

const isOperand = (value: unknown): value is Operand =>
  typeof value === 'number' ||
  typeof value === 'bigint' ||
  (typeof value === 'string' && value.length > 0 && value.length <= OPERAND_LENGTH_MAX);

/** What the instrumented modules reach through `globalThis`: they are loaded before anything could be handed to them. */
export const HOOK = '__momentdFuzz';
Object.defineProperty(globalThis, HOOK, { value: { counters, isEqual }, configurable: true });

/** Room for one more branch; beyond the bound they share a counter. */
export const nextEdge = (): number => Math.min(edgeCount++, EDGES_MAX - 1);

export const edgesInstrumented = (): number => Math.min(edgeCount, EDGES_MAX);

/** Runs `work` and returns the comparisons that failed in it. */
export function comparisonsOf(work: () => void): readonly Comparison[] {
  const noted: Comparison[] = [];
  tracing = noted;
  try {
    work();
  } finally {
    tracing = undefined;
  }
  return noted;
}

/** Which branches were taken, and how often in powers of two: a loop that ran three times is not one that ran thirty. */
export class Coverage {
  readonly #seen = new Uint8Array(EDGES_MAX);
  #reached = 0;

  /** Branches some input took. */
  get reached(): number {
    return this.#reached;
  }

  reset(): void {
    counters.fill(0, 0, edgesInstrumented());
  }

  /** Takes what was counted since `reset`; whether any of it is new. */
  take(): boolean {
    let isNew = false;
    const end = Math.ceil(edgesInstrumented() / 4);
    for (let word = 0; word < end; word++) {
      if (words[word] === 0) continue;
      for (let i = 4 * word; i < 4 * word + 4; i++) if (this.#takeOne(i, BUCKETS[counters[i]!]!)) isNew = true;
    }
    return isNew;
  }

  #takeOne(edge: number, bit: number): boolean {
    const seen = this.#seen[edge]!;
    if ((seen & bit) === bit) return false;
    if (seen === 0) this.#reached += 1;
    this.#seen[edge] = seen | bit;
    return true;
  }
}

/** The bit of a count: 1, 2, 3, 4 to 7, 8 to 15, 16 to 31, 32 to 127, 128 and more. */
const BUCKETS = Uint8Array.from({ length: 256 }, (_, count) => {
  const bounds = [1, 2, 3, 4, 8, 16, 32, 128];
  const at = bounds.findLastIndex((bound) => count >= bound);
  return at < 0 ? 0 : 1 << at;
});
