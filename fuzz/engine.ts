/**
 * The fuzzing loop: takes an input of the corpus, changes it, runs the target, and keeps it where it went somewhere new.
 *
 * Everything is drawn from one seed, so the same seed and the same number of runs make the same inputs. A finding is a throw,
 * an input that takes too long, or memory that is held on to. Each is shrunk, kept once, and the search goes on.
 */

import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { streamOf, type Random } from '../src/sim/random.ts';
import { below, mutateBytes, mutateText, mutateToward, pick } from './mutate-bytes.ts';
import { keepTree, mutateCbor, mutateJson } from './mutate-tree.ts';
import { heldBytes, threadMillis } from './resources.ts';
import type { Form, Target } from './target.ts';
import { comparisonsOf, Coverage, type Comparison } from './trace.ts';

export type Bounds = {
  /** Processor time of one input, milliseconds. */
  readonly millisMax: number;
  /** Memory still held after collection beyond what was held after the first inputs, bytes. */
  readonly heldBytesMax: number;
};

export const BOUNDS: Bounds = { millisMax: 250, heldBytesMax: 32 * 1_048_576 };

export type Finding = {
  readonly kind: 'throw' | 'slow' | 'held';
  readonly what: string;
  /** The shortest input found that shows it; empty for memory, which no one input holds. */
  readonly input: Uint8Array;
  readonly atRun: number;
};

export type Report = {
  readonly target: string;
  readonly seed: number;
  readonly runs: number;
  readonly seconds: number;
  /** Branches of the program some input took, and how many inputs of the corpus show them all. */
  readonly branches: number;
  readonly corpus: number;
  /** How often each outcome came. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
};

export type Options = {
  readonly seed: number;
  /** Whether to stop before run `done`. */
  readonly isOver: (done: number) => boolean;
  readonly bounds?: Bounds;
  /** False for the comparison without guidance. */
  readonly isGuided?: boolean;
  /** Memory is weighed after this many inputs, again and again. */
  readonly weighEvery?: number;
  /** The search ends with this many findings. */
  readonly findingsMax?: number;
  /** More inputs to begin with. */
  readonly seeds?: readonly Uint8Array[];
};

type Kept = { readonly input: Uint8Array; comparisons: readonly Comparison[] };

const CORPUS_MAX = 1_024;
const FINDINGS_MAX = 16;
const OUTCOMES_MAX = 256;
const HELD_EVERY = 131_072;
const YIELD_EVERY = 256;
const HELD_FROM = 2_048;
const SHRINK_TRIES_MAX = 1_000;
const SHRINK_SLOW_TRIES_MAX = 24;

export async function fuzz(target: Target, options: Options): Promise<Report> {
  return new Session(target, options).run();
}

/** Runs one input; what is wrong with it, or undefined. */
export async function examine(
  target: Target,
  input: Uint8Array,
  bounds = BOUNDS,
): Promise<Omit<Finding, 'atRun'> | undefined> {
  const before = threadMillis();
  try {
    const outcome = target.run(input);
    if (outcome instanceof Promise) await outcome;
  } catch (error) {
    return { kind: 'throw', what: whatOf(error), input };
  }
  const millis = threadMillis() - before;
  return millis > bounds.millisMax ? { kind: 'slow', what: `more than ${bounds.millisMax} ms`, input } : undefined;
}

class Session {
  readonly #target: Target;
  readonly #options: Options;
  readonly #bounds: Bounds;
  readonly #random: Random;
  readonly #coverage = new Coverage();
  readonly #corpus: Kept[] = [];
  readonly #outcomes = new Map<string, number>();
  readonly #findings = new Map<string, Finding>();
  #runs = 0;
  #heldAtFirst: number | undefined;

  constructor(target: Target, options: Options) {
    this.#target = target;
    this.#options = options;
    this.#bounds = options.bounds ?? BOUNDS;
    this.#random = streamOf(options.seed, target.name);
  }

  async run(): Promise<Report> {
    const started = performance.now();
    for (const seed of this.#seeds()) await this.#take(seed, true);
    while (!this.#options.isOver(this.#runs) && this.#findings.size < (this.#options.findingsMax ?? FINDINGS_MAX)) {
      await this.#take(this.#next(), false);
      // What native memory JavaScript let go of is given back between turns of the event loop only.
      if (this.#runs % YIELD_EVERY === 0) await nextTurn();
      if (this.#runs === HELD_FROM || this.#runs % (this.#options.weighEvery ?? HELD_EVERY) === 0) this.#weigh();
    }
    return {
      target: this.#target.name,
      seed: this.#options.seed,
      runs: this.#runs,
      seconds: (performance.now() - started) / 1_000,
      branches: this.#coverage.reached,
      corpus: this.#corpus.length,
      outcomes: Object.fromEntries([...this.#outcomes].sort(([, a], [, b]) => b - a)),
      findings: [...this.#findings.values()],
    };
  }

  /** The target's own, and others in pieces that are no longer than an input may be. */
  *#seeds(): Generator<Uint8Array> {
    yield* this.#target.seeds;
    const size = this.#target.inputBytesMax;
    for (const seed of this.#options.seeds ?? [])
      for (let at = 0; at < seed.length; at += size) yield seed.subarray(at, at + size);
  }

  #next(): Uint8Array {
    const random = this.#random;
    // Half of the time one of the newest: what was just reached is the least explored.
    const newest = Math.max(0, this.#corpus.length - 16);
    const at =
      below(random, 2) === 0
        ? newest + below(random, this.#corpus.length - newest)
        : below(random, this.#corpus.length);
    const parent = this.#corpus[at]!;
    let input = parent.input;
    for (let changes = 1 + below(random, 1 << below(random, 3)); changes > 0; changes--) {
      const other = pick(random, this.#corpus).input;
      input = this.#mutated(input, other, parent.comparisons);
    }
    if (input.length > this.#target.inputBytesMax) input = input.subarray(0, this.#target.inputBytesMax);
    const { mend } = this.#target;
    return mend === undefined || below(random, 8) === 0 ? input : mend(input, random);
  }

  #mutated(input: Uint8Array, other: Uint8Array, comparisons: readonly Comparison[]): Uint8Array {
    const random = this.#random;
    const toward =
      comparisons.length > 0 && below(random, 4) === 0
        ? mutateToward(random, input, pick(random, comparisons))
        : undefined;
    if (toward !== undefined) return toward;
    return MUTATORS[pick(random, this.#target.forms)](random, input, other) ?? mutateBytes(random, input, other);
  }

  async #take(input: Uint8Array, isSeed: boolean): Promise<void> {
    this.#runs += 1;
    this.#coverage.reset();
    const before = performance.now();
    let outcome: string | undefined;
    try {
      const result = this.#target.run(input);
      outcome = result instanceof Promise ? await result : result;
    } catch (error) {
      await this.#found({ kind: 'throw', what: whatOf(error), input, atRun: this.#runs });
    }
    const isSlow = performance.now() - before > this.#bounds.millisMax;
    if (isSlow) await this.#judgeSlow(input);
    const isNewOutcome = outcome !== undefined && this.#count(outcome);
    const isGuided = this.#options.isGuided ?? true;
    const isNew = this.#coverage.take();
    if (isSeed || (isGuided && !isSlow && outcome !== undefined && (isNew || isNewOutcome)))
      this.#keep(input, isGuided);
  }

  /** The wall clock also counts what other processes did: only processor time, twice, makes a finding. */
  async #judgeSlow(input: Uint8Array): Promise<void> {
    const slow = (await examine(this.#target, input, this.#bounds))?.kind === 'slow';
    if (slow)
      await this.#found({ kind: 'slow', what: `more than ${this.#bounds.millisMax} ms`, input, atRun: this.#runs });
  }

  #count(outcome: string): boolean {
    const count = this.#outcomes.get(outcome);
    if (count === undefined && this.#outcomes.size >= OUTCOMES_MAX) return false;
    this.#outcomes.set(outcome, (count ?? 0) + 1);
    return count === undefined;
  }

  #keep(input: Uint8Array, isGuided: boolean): void {
    const comparisons = isGuided ? comparisonsOf(() => this.#settled(input)) : [];
    const kept = { input: input.slice(), comparisons: distinct(comparisons) };
    if (this.#target.forms.includes('cbor')) keepTree(kept.input);
    if (this.#corpus.length < CORPUS_MAX) this.#corpus.push(kept);
    else this.#corpus[this.#target.seeds.length + below(this.#random, CORPUS_MAX - this.#target.seeds.length)] = kept;
  }

  /** Runs it again for what it compares; a promise is left to itself, its comparisons are those before the first wait. */
  #settled(input: Uint8Array): void {
    try {
      const outcome = this.#target.run(input);
      if (outcome instanceof Promise) outcome.catch(() => undefined);
    } catch {
      // A seed that throws was already found.
    }
  }

  async #found(finding: Finding): Promise<void> {
    const key = `${finding.kind} ${finding.what.replaceAll(/\d+/g, 'n')}`;
    if (this.#findings.has(key)) return;
    this.#findings.set(key, finding);
    this.#findings.set(key, { ...finding, input: await this.#shrunk(finding) });
  }

  /** Pieces taken out for as long as it still fails in the same way. */
  async #shrunk({ input, what, kind }: Finding): Promise<Uint8Array> {
    let least = input;
    let tries = kind === 'slow' ? SHRINK_SLOW_TRIES_MAX : SHRINK_TRIES_MAX;
    for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
      for (let at = 0; at < least.length && tries > 0; tries--) {
        const shorter = Uint8Array.from([...least.subarray(0, at), ...least.subarray(at + size)]);
        const again = await examine(this.#target, shorter, this.#bounds);
        if (again?.kind === kind && again.what === what) least = shorter;
        else at += size;
      }
    return least.slice();
  }

  /** Memory held between inputs, after collection. */
  #weigh(): void {
    const held = heldBytes();
    this.#heldAtFirst ??= held;
    const growth = held - this.#heldAtFirst - this.#corpus.reduce((sum, { input }) => sum + input.length, 0);
    if (growth > this.#bounds.heldBytesMax)
      this.#findings.set('held', {
        kind: 'held',
        what: `${growth} bytes more are held after ${this.#runs} inputs`,
        input: new Uint8Array(),
        atRun: this.#runs,
      });
  }
}

type Mutator = (random: Random, input: Uint8Array, other: Uint8Array) => Uint8Array | undefined;

const MUTATORS: Readonly<Record<Form, Mutator>> = {
  bytes: mutateBytes,
  text: mutateText,
  cbor: mutateCbor,
  json: mutateJson,
};

/** Each pair once; comparisons of a loop repeat. */
function distinct(comparisons: readonly Comparison[]): readonly Comparison[] {
  return [...new Map(comparisons.map((pair) => [`${String(pair.found)}|${String(pair.wanted)}`, pair])).values()];
}

/** Name, message and the innermost place of our own: what tells one failure from another. */
function whatOf(error: unknown): string {
  if (!(error instanceof Error)) return `not an Error: ${String(error)}`;
  const place = /\/((?:src|fuzz|test)\/[^\s)]+)/.exec(error.stack ?? '')?.[1] ?? 'somewhere';
  return `${error.name}: ${error.message.slice(0, 300)} (${place})`;
}
