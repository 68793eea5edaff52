/**
 * What the evidence behind a sample of a period's statements says: that each interval follows from it, in which state the
 * clock was, how its phase and frequency moved, and from which sources and assumptions the time came.
 *
 * Between two samples the clock was in one state when both name it with the same beginning in the same boot; otherwise the
 * time between them counts for the worse of the two states.
 */

import { evidenceAgainst } from '../attestation/evidence-of-statement.ts';
import { toHex } from '../codec/hex.ts';
import type { Code } from '../codes.ts';
import type { ClockConfig } from '../clock/configuration.ts';
import type { Recomputed } from '../clock/evidence.ts';
import { assumptionsOf } from '../clock/explain.ts';
import { stabilityOf, type StabilityPoint } from '../clock/stability.ts';
import type { ClockState } from '../clock/state.ts';
import {
  divideDown,
  earlierOf,
  laterOf,
  longerOf,
  nanos,
  plus,
  shorterOf,
  since,
  ZERO,
  type MonoInstant,
  type Nanos,
  type TaiInstant,
} from '../time/nanos.ts';
import { isFault } from '../verdict.ts';
import type { Mark, PeriodQuery } from './period.ts';

export type Spread = { readonly least: Nanos; readonly greatest: Nanos; readonly mean: Nanos; readonly count: number };

/** What stood behind the time, from the newest configuration seen. */
export type Provenance = {
  readonly sources: readonly {
    name: string;
    kind: string;
    group: string;
    reference: string | null;
    oscillator: string;
  }[];
  readonly references: readonly { name: string; health: string; satellites_min: number }[];
  readonly leapTable: string;
  readonly assumptions: readonly string[];
};

export type EvidenceFigures = {
  readonly looked: number;
  readonly recomputed: number;
  readonly missing: number;
  readonly wrong: readonly { readonly index: number; readonly code: Code; readonly detail: string }[];
  readonly states: Readonly<Record<'locked' | 'holdover' | 'unknown', Nanos>>;
  readonly offset: Spread | undefined;
  readonly frequencyPpt: Spread | undefined;
  readonly stability: readonly StabilityPoint[];
  readonly boots: readonly string[];
  readonly hostIdentities: readonly string[];
  readonly configurations: number;
  readonly provenance: Provenance | undefined;
};

type Seen = {
  readonly tai: TaiInstant;
  readonly state: ClockState;
  readonly boot: string;
  readonly since: MonoInstant;
};

const WRONG_MAX = 20;
const NAMES_MAX = 100;

export class EvidenceWalk {
  readonly #query: PeriodQuery;
  #looked = 0;
  #recomputed = 0;
  #missing = 0;
  readonly #wrong: { index: number; code: Code; detail: string }[] = [];
  readonly #states = { locked: ZERO, holdover: ZERO, unknown: ZERO };
  readonly #offset = new RunningSpread();
  readonly #frequency = new RunningSpread();
  readonly #phases: { tai: TaiInstant; phase: Nanos }[] = [];
  readonly #boots = new Set<string>();
  readonly #identities = new Set<string>();
  readonly #configs = new Set<ClockConfig>();
  #config: ClockConfig | undefined;
  #before: Seen | undefined;

  constructor(query: PeriodQuery) {
    this.#query = query;
  }

  /** Takes the samples in order, each with its evidence record, where it is still kept. */
  take({ statement, index, tai }: Mark, bytes: Uint8Array | undefined): void {
    this.#looked += 1;
    if (bytes === undefined) {
      this.#missing += 1;
      this.#before = undefined;
      return;
    }
    const found = evidenceAgainst(statement, bytes);
    if (isFault(found)) {
      if (this.#wrong.length < WRONG_MAX) this.#wrong.push({ index, code: found.fault, detail: found.detail });
      this.#before = undefined;
      return;
    }
    this.#recomputed += 1;
    this.#note(found, tai);
  }

  figures(): EvidenceFigures {
    return {
      looked: this.#looked,
      recomputed: this.#recomputed,
      missing: this.#missing,
      wrong: this.#wrong,
      states: { ...this.#states },
      offset: this.#offset.spread(),
      frequencyPpt: this.#frequency.spread(),
      stability: stabilityOfSamples(this.#phases),
      boots: [...this.#boots],
      hostIdentities: [...this.#identities],
      configurations: this.#configs.size,
      provenance: this.#config === undefined ? undefined : provenanceOf(this.#config),
    };
  }

  #note({ estimate, inputs }: Recomputed, tai: TaiInstant): void {
    const seen: Seen = { tai, state: estimate.state, boot: inputs.bootId, since: estimate.since };
    if (this.#before !== undefined) this.#addState(this.#before, seen);
    this.#before = seen;
    const phase = estimate.sources.find(({ estimate: own }) => own?.phase !== undefined)?.estimate?.phase;
    if (phase !== undefined) {
      this.#offset.add(phase);
      this.#phases.push({ tai, phase });
    }
    if (estimate.pace !== undefined) this.#frequency.add(nanos(0n - estimate.pace.rateCentre));
    if (this.#boots.size < NAMES_MAX) this.#boots.add(inputs.bootId);
    if (inputs.identity !== undefined && this.#identities.size < NAMES_MAX)
      this.#identities.add(toHex(inputs.identity));
    this.#config = inputs.config;
    if (this.#configs.size < NAMES_MAX) this.#configs.add(inputs.config);
  }

  #addState(before: Seen, now: Seen): void {
    const { from, to } = this.#query;
    const length = since(earlierOf(now.tai, to), laterOf(before.tai, from));
    const worse = [before.state, now.state].find((state) => state !== 'locked') ?? 'locked';
    const state = worse === 'locked' || worse === 'holdover' ? worse : 'unknown';
    this.#states[state] = plus(this.#states[state], length);
  }
}

function provenanceOf(config: ClockConfig): Provenance {
  return {
    sources: config.sources.map(({ name, kind, group, reference, oscillator }) => ({
      name,
      kind,
      group,
      reference: reference ?? null,
      oscillator,
    })),
    references: config.references.map(({ name, health, satellitesMin }) => ({
      name,
      health,
      satellites_min: satellitesMin,
    })),
    leapTable: config.leapTable.source,
    assumptions: assumptionsOf(config),
  };
}

/** Only where the samples lie evenly: a tenth of a step is what a heartbeat may shift them by. */
function stabilityOfSamples(samples: readonly { tai: TaiInstant; phase: Nanos }[]): readonly StabilityPoint[] {
  if (samples.length < 3) return [];
  const steps = samples.slice(1).map(({ tai }, i) => Number(since(tai, samples[i]!.tai)));
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  if (steps.some((step) => Math.abs(step - mean) > mean / 10)) return [];
  return stabilityOf({ phase: Float64Array.from(samples, ({ phase }) => Number(phase)), tauSeconds: mean / 1e9 });
}

class RunningSpread {
  #least = ZERO;
  #greatest = ZERO;
  #sum = ZERO;
  #count = 0;

  add(value: Nanos): void {
    this.#least = this.#count === 0 ? value : shorterOf(this.#least, value);
    this.#greatest = this.#count === 0 ? value : longerOf(this.#greatest, value);
    this.#sum = plus(this.#sum, value);
    this.#count += 1;
  }

  spread(): Spread | undefined {
    if (this.#count === 0) return undefined;
    return {
      least: this.#least,
      greatest: this.#greatest,
      mean: divideDown(this.#sum, this.#count),
      count: this.#count,
    };
  }
}
