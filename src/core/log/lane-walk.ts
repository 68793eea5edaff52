/**
 * A walk along the entries of one lane, in order: every rule one entry and two neighbours can break, and the figures an
 * auditor asks for (gaps, states, widths, drift). Knows nothing of files; verify-lane.ts feeds it.
 *
 * Drift is seen from the lane alone: while a clock is held over, its guarantee grows, so the growth of the guarantee between
 * neighbours, in parts per billion of the time between them, is how fast the validator admits to be drifting.
 */

import { reportsOf } from '../attestation/reports.ts';
import { reportsStepFault, stepFault } from '../attestation/lane-rules.ts';
import { STATEMENT_KINDS, type Statement, type StatementKind } from '../attestation/statement.ts';
import {
  decodeSignedStatement,
  verifyStatement,
  type SignedStatement,
  type StatementJudge,
} from '../attestation/verify-statement.ts';
import { compareBytes } from '../codec/cbor.ts';
import { sha256 } from '../codec/sha256.ts';
import { minus, nanos, since, times, divideUp, type Nanos, type TaiInstant } from '../time/nanos.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import { decodeEntry } from './entry.ts';

/** A change of what stands behind the time: PTP clockClass or clockAccuracy, epoch, TAI-UTC. */
export type StateChange = { readonly index: number; readonly at: TaiInstant; readonly what: string };

export type WalkFigures = {
  readonly entries: number;
  readonly kinds: Readonly<Record<StatementKind, number>>;
  readonly first: TaiInstant | undefined;
  readonly last: TaiInstant | undefined;
  /** The longest silences, longest first. */
  readonly gaps: readonly { readonly index: number; readonly length: Nanos }[];
  readonly changes: readonly StateChange[];
  readonly changesLeftOut: number;
  /** Guarantee (half-width): smallest, largest, and upper bounds of the quantiles from a histogram of powers of two. */
  readonly guarantee:
    { readonly min: Nanos; readonly max: Nanos; readonly p50: Nanos; readonly p99: Nanos } | undefined;
  /** Fastest growth of the guarantee between two neighbours, parts per billion. */
  readonly growthPpbMax: bigint;
};

/** A walk interrupted. */
export type SavedWalk = {
  readonly figures: WalkFigures;
  readonly widths: readonly number[];
  /** The last statement taken, whole. */
  readonly previous: Uint8Array | undefined;
};

/** Told of each statement that holds in its place. */
export type OnStatement = (statement: Statement, index: number) => void;

const GAPS_MAX = 5;
const CHANGES_MAX = 1_000;

export class LaneWalk {
  readonly #judge: StatementJudge;
  readonly #kid: Uint8Array;
  readonly #onStatement: OnStatement;
  #previous: SignedStatement | undefined;
  #entries = 0;
  #first: TaiInstant | undefined;
  #gaps: { index: number; length: Nanos }[] = [];
  #kinds = Object.fromEntries(STATEMENT_KINDS.map((kind) => [kind, 0])) as Record<StatementKind, number>;
  #changes: StateChange[] = [];
  #changesLeftOut = 0;
  /** Guarantees by bit length. */
  #widths: (number | undefined)[] = [];
  #min: Nanos | undefined;
  #max: Nanos | undefined;
  #growthPpbMax = 0n;

  constructor(judge: StatementJudge, kid: Uint8Array, onStatement: OnStatement = () => undefined) {
    this.#judge = judge;
    this.#onStatement = onStatement;
    this.#kid = kid;
  }

  get entries(): number {
    return this.#entries;
  }

  /** Takes the next entry; what is wrong with it, or undefined. After a fault the walk goes on from this entry. */
  take(bytes: Uint8Array): Fault | undefined {
    const index = this.#entries;
    this.#entries += 1;
    const entry = decodeEntry(bytes);
    if (isFault(entry)) return entry;
    const verdict = verifyStatement(this.#judge, entry.statement);
    if (verdict.kind !== 'accept') return fault(verdict.code, verdict.detail);
    const signed = verdict.value;
    const before = this.#previous;
    const wrong = this.#judgePlace(signed, index, before) ?? judgeBody(signed, entry.body, before);
    this.#count(signed.statement, index, before?.statement);
    if (wrong === undefined) this.#onStatement(signed.statement, index);
    this.#previous = signed;
    return wrong;
  }

  /** Passes entries that are not kept; `last` is the statement of the last of them, where it is known. */
  pass(count: number, last: SignedStatement | undefined): void {
    this.#entries += count;
    this.#previous = last;
  }

  /** What `LaneWalk.resume` needs to go on from here. */
  save(): SavedWalk {
    const figures = this.figures();
    return { figures, widths: this.#widths.map((count) => count ?? 0), previous: this.#previous?.bytes };
  }

  static resume(judge: StatementJudge, kid: Uint8Array, saved: SavedWalk, onStatement?: OnStatement): LaneWalk | Fault {
    const walk = new LaneWalk(judge, kid, onStatement);
    const previous = saved.previous === undefined ? undefined : decodeSignedStatement(saved.previous);
    if (isFault(previous)) return previous;
    const { figures } = saved;
    walk.#previous = previous;
    walk.#entries = figures.entries;
    walk.#first = figures.first;
    walk.#gaps = [...figures.gaps];
    walk.#kinds = { ...figures.kinds };
    walk.#changes = [...figures.changes];
    walk.#changesLeftOut = figures.changesLeftOut;
    walk.#widths = [...saved.widths];
    walk.#min = figures.guarantee?.min;
    walk.#max = figures.guarantee?.max;
    walk.#growthPpbMax = figures.growthPpbMax;
    return walk;
  }

  figures(): WalkFigures {
    const { p50, p99 } = { p50: this.#quantile(0.5), p99: this.#quantile(0.99) };
    return {
      entries: this.#entries,
      kinds: { ...this.#kinds },
      first: this.#first,
      last: this.#previous?.statement.time.tai,
      gaps: [...this.#gaps],
      changes: [...this.#changes],
      changesLeftOut: this.#changesLeftOut,
      guarantee:
        this.#min === undefined || this.#max === undefined ? undefined : { min: this.#min, max: this.#max, p50, p99 },
      growthPpbMax: this.#growthPpbMax,
    };
  }

  #judgePlace(signed: SignedStatement, index: number, before: SignedStatement | undefined): Fault | undefined {
    // [REJECT] A lane has one signer.
    if (compareBytes(signed.kid, this.#kid) !== 0) return fault('lane-step-signer', 'another key than the lane is of');
    // [REJECT] A statement stands at its sequence number.
    if (signed.statement.seq !== BigInt(index))
      return fault('lane-step-seq', `seq ${signed.statement.seq} at entry ${index}`);
    return before === undefined ? undefined : stepFault(before, signed);
  }

  #count(statement: Statement, index: number, before: Statement | undefined): void {
    const { time, kind } = statement;
    this.#kinds[kind] += 1;
    this.#first ??= time.tai;
    const bits = time.guarantee.toString(2).length;
    this.#widths[bits] = (this.#widths[bits] ?? 0) + 1;
    if (this.#min === undefined || time.guarantee < this.#min) this.#min = time.guarantee;
    if (this.#max === undefined || time.guarantee > this.#max) this.#max = time.guarantee;
    if (before === undefined) return;
    const length = since(time.tai, before.time.tai);
    if (length <= 0n) return;
    const growth = divideUp(times(minus(time.guarantee, before.time.guarantee), 1_000_000_000n), length);
    if (growth > this.#growthPpbMax) this.#growthPpbMax = growth;
    if (length > (this.#gaps.at(-1)?.length ?? 0n) || this.#gaps.length < GAPS_MAX)
      this.#gaps = [...this.#gaps, { index, length }]
        .sort((a, b) => (a.length < b.length ? 1 : a.length > b.length ? -1 : 0))
        .slice(0, GAPS_MAX);
    for (const what of changesBetween(before, statement)) {
      if (this.#changes.length < CHANGES_MAX) this.#changes.push({ index, at: time.tai, what });
      else this.#changesLeftOut += 1;
    }
  }

  /** The upper end of the power-of-two class in which the quantile lies. */
  #quantile(share: number): Nanos {
    let left = Math.ceil(share * this.#widths.reduce<number>((sum, count) => sum + (count ?? 0), 0));
    for (let bits = 0; bits < this.#widths.length; bits++) {
      left -= this.#widths[bits] ?? 0;
      if (left <= 0) return nanos((1n << BigInt(bits)) - 1n);
    }
    return nanos(0n);
  }
}

/** What the subject says of the body: reports by their Merkle root, others by hash; a heartbeat has neither. */
function judgeBody(
  signed: SignedStatement,
  body: Uint8Array | null,
  before: SignedStatement | undefined,
): Fault | undefined {
  const { statement } = signed;
  if (statement.kind === 'reports') {
    if (body === null) return fault('lane-entry-body', 'a statement of reports without its reports');
    const reports = reportsOf(statement, body);
    if (isFault(reports)) return reports;
    return before === undefined ? undefined : reportsStepFault(before, reports);
  }
  if (body === null)
    return statement.kind === 'cut-vote' ? fault('lane-entry-body', 'a cut vote without its vote') : undefined;
  return compareBytes(sha256(body), statement.subject) === 0
    ? undefined
    : fault('lane-entry-body', 'the body is not the one the subject names');
}

function* changesBetween(before: Statement, after: Statement): Generator<string> {
  const pairs: [string, bigint | number | undefined, bigint | number | undefined][] = [
    ['clock class', before.time.clockClass, after.time.clockClass],
    ['clock accuracy', before.time.clockAccuracy, after.time.clockAccuracy],
    ['epoch', before.epoch, after.epoch],
    ['TAI-UTC', before.taiUtcSeconds, after.taiUtcSeconds],
  ];
  for (const [name, old, now] of pairs) if (old !== now) yield `${name} ${old ?? 'unknown'} to ${now ?? 'unknown'}`;
}
