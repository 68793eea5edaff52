/**
 * The commit protocol: the only way a statement comes to be signed. docs/spec/commit-protocol.md.
 *
 *     evidence durable -> reserve in the guard -> sign -> append to the lane -> (the caller publishes)
 *
 * A crash between any two steps loses at most a statement nobody has seen, and never leads to a second statement for one
 * sequence number: the guard holds every byte that was about to be signed, and starting finishes exactly those. Starting,
 * resuming after a full disk and every ordinary commit run the same `#finish`.
 */

import { assert } from '../core/assert.ts';
import { identityOf, sealPayload } from '../core/attestation/cose-sign1.ts';
import { decodeStatement, encodeStatement, zeroDigest, type Statement } from '../core/attestation/statement.ts';
import type { Code } from '../core/codes.ts';
import { sha256, type Digest } from '../core/codec/sha256.ts';
import { encodeEntry } from '../core/log/entry.ts';
import { guardRecordBytesMax, type LaneHead, type Reserved } from '../core/log/guard-record.ts';
import { EMPTY_ROOT } from '../core/log/merkle.ts';
import { asksOfLane, reconcile } from '../core/log/reconcile.ts';
import { LIMITS } from '../core/limits.ts';
import { isBefore, type TaiInstant } from '../core/time/nanos.ts';
import type { Draft } from '../core/validator.ts';
import { isFault } from '../core/verdict.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { EvidenceStore, Guard, Lane } from '../ports/lane.ts';
import type { Signer } from '../ports/signer.ts';

/** A statement that is durable in the lane and may be published. */
export type Committed = {
  readonly index: number;
  /** SHA-256 of its Sig_structure. */
  readonly id: Digest;
  /** The whole COSE_Sign1. */
  readonly bytes: Uint8Array;
  readonly statement: Statement;
  readonly body: Uint8Array | null;
};

export type CommitOutcome =
  | {
      readonly kind: 'committed';
      readonly statements: readonly Committed[];
      /** Statements reserved earlier that a full disk had kept from the lane; they come before `statements`. */
      readonly resumed: readonly Committed[];
    }
  | { readonly kind: 'refused'; readonly code: Code; readonly detail: string };

export type CommitNeeds = {
  readonly guard: Guard;
  readonly lane: Lane;
  readonly evidence: EvidenceStore;
  readonly signer: Signer;
};

export type CommitOptions = { readonly network: Digest };

export class CommitProtocol {
  readonly #needs: CommitNeeds;
  readonly #network: Digest;
  #head: LaneHead | undefined;
  /** Reserved and not in the lane yet: none, unless a full disk came between. */
  #unfinished: readonly Reserved[] = [];
  #busy = false;

  constructor(needs: CommitNeeds, options: CommitOptions) {
    this.#needs = needs;
    this.#network = options.network;
  }

  /** Where the lane stands: the next statement has seq `size` and must be later than `time`. */
  get head(): LaneHead {
    assert(this.#head !== undefined, 'the commit protocol has started');
    return this.#head;
  }

  /**
   * Brings guard and lane together and finishes what was reserved. Returns every statement of the last batch, because a crash
   * may have come before any of them was published; publishing one again does no harm. Rejects with the code of why guard
   * and lane do not belong together, and with those of storage.
   */
  async start(): Promise<readonly Committed[]> {
    assert(this.#head === undefined, 'the commit protocol starts once');
    const { guard, lane, signer } = this.#needs;
    const record = guard.record;
    const asks = asksOfLane(record, lane.size);
    const reconciled = reconcile(
      record,
      {
        size: lane.size,
        rootAtGuard: asks && (await lane.rootAt(asks.from)),
        tail: asks === undefined ? [] : await lane.read(asks.from, asks.to),
      },
      { network: this.#network, publicKey: signer.publicKey },
    );
    if (isFault(reconciled))
      throw new AgentError(reconciled.fault, `open lane ${lane.origin} with its guard: ${reconciled.detail}`);
    if (reconciled.kind === 'first-start') {
      const head = { size: 0, root: EMPTY_ROOT, previous: zeroDigest(), time: undefined, epoch: 0n };
      // Ties the guard to this key and network before anything is signed.
      await guard.reserve({ network: this.#network, publicKey: signer.publicKey, head, reserved: [] });
      this.#head = head;
      return [];
    }
    assert(record !== undefined, 'resuming needs a record');
    this.#head = record.head;
    return this.#finish(record.reserved, reconciled.appended);
  }

  /**
   * Commits drafts, in their order, as the next statements of the lane. When it says `committed` they are durable and may be
   * published; when it says `refused` none was signed, or (`disk-full`) those that were reserved follow with the next commit
   * as `resumed`. One call at a time.
   */
  async commit(drafts: readonly Draft[]): Promise<CommitOutcome> {
    assert(!this.#busy, 'one commit at a time');
    this.#busy = true;
    try {
      const resumed = await this.#resume();
      const late = this.#firstNotLater(drafts);
      if (late !== undefined && resumed.length === 0)
        return { kind: 'refused', code: 'time-not-after-last', detail: late };
      const statements = late === undefined ? await this.#commitNew(drafts) : [];
      return { kind: 'committed', statements, resumed };
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      return { kind: 'refused', code: error.code, detail: error.message };
    } finally {
      this.#busy = false;
    }
  }

  /** Signs and stores a checkpoint of the lane as it is; returns the note. */
  checkpoint(): Promise<Uint8Array> {
    return this.#needs.lane.checkpoint((bytes) => this.#needs.signer.sign(bytes));
  }

  async #commitNew(drafts: readonly Draft[]): Promise<Committed[]> {
    const { guard, lane, evidence, signer } = this.#needs;
    const reserved = this.#place(drafts);

    // 1. Evidence, durable. A crash HERE leaves evidence no statement refers to: harmless, it ages out.
    await evidence.put(drafts.map(({ evidence: bytes, time }) => ({ bytes, digest: sha256(bytes), at: time.tai })));

    // 2. Reserve (seq, time) by writing every byte that will be signed to the guard, durable. A crash HERE, before the call
    //    returns, leaves the old record or this one. With the old one the statements never existed. With this one, starting
    //    signs and publishes them, late but as they were reserved.
    assert(lane.size === this.head.size, 'what was reserved before is in the lane');
    await guard.reserve({ network: this.#network, publicKey: signer.publicKey, head: this.head, reserved });
    this.#unfinished = reserved;

    return this.#finish(reserved, 0);
  }

  /** Steps 3 and 4 for a reserved batch of which the first `appended` are in the lane already. Returns all of it. */
  async #finish(reserved: readonly Reserved[], appended: number): Promise<Committed[]> {
    const { lane } = this.#needs;

    // 3. Sign. A crash HERE loses signatures nobody has seen. Starting makes them again over the same bytes; Ed25519 is
    //    deterministic, so even a signature that did leak would be the same one.
    const committed = reserved.map((item, i) => this.#seal(item, this.head.size + i));

    // 4. Append, durable. A crash HERE leaves some of the first entries in the lane. Starting finds how many, checks that
    //    they are these, and appends the rest.
    await lane.append(committed.slice(appended).map(({ bytes, body }) => encodeEntry({ statement: bytes, body })));
    this.#unfinished = [];
    this.#advance(committed);

    // 5. The caller publishes. A crash HERE leaves durable statements that nobody has: starting returns them again.
    return committed;
  }

  /** Finishes a batch that a full disk stopped after it was reserved. */
  async #resume(): Promise<readonly Committed[]> {
    if (this.#unfinished.length === 0) return [];
    return this.#finish(this.#unfinished, 0);
  }

  /** Gives each draft its place: seq, link to the one before, digest of its evidence. */
  #place(drafts: readonly Draft[]): Reserved[] {
    assert(drafts.length <= LIMITS.commitBatchStatementsMax, 'a batch is bounded by its maker');
    let { previous, epoch: last } = this.head;
    const reserved = drafts.map((draft, i) => {
      const { epoch, kind, time, subject, taiUtcSeconds, body } = draft;
      const seq = BigInt(this.head.size + i);
      assert(epoch >= last, 'epochs of a lane never go back');
      last = epoch;
      const evidence = sha256(draft.evidence);
      const network = this.#network;
      const payload = encodeStatement({ network, epoch, seq, previous, kind, time, subject, taiUtcSeconds, evidence });
      previous = identityOf({ kid: this.#needs.signer.kid, payload });
      return { payload, body };
    });
    assert(guardRecordBytesMax(reserved) <= LIMITS.guardSlotBytes, 'a batch fits one guard slot');
    return reserved;
  }

  #seal({ payload, body }: Reserved, index: number): Committed {
    const { kid } = this.#needs.signer;
    const sealed = sealPayload({ kid, sign: (bytes) => this.#needs.signer.sign(bytes) }, payload);
    const statement = decodeStatement(payload);
    assert(!isFault(statement), 'what was reserved is a statement');
    assert(statement.seq === BigInt(index), 'a statement has the seq of its place');
    return { index, id: sealed.id, bytes: sealed.bytes, statement, body };
  }

  #advance(committed: readonly Committed[]): void {
    const { lane } = this.#needs;
    const last = committed.at(-1);
    if (last === undefined) return;
    assert(lane.size === last.index + 1, 'the lane ends with what was committed');
    const { time, epoch } = last.statement;
    this.#head = { size: lane.size, root: lane.root(), previous: last.id, time: time.tai, epoch };
  }

  /** Time strictly increases within a lane: what is wrong with the first draft that breaks it. */
  #firstNotLater(drafts: readonly Draft[]): string | undefined {
    let last: TaiInstant | undefined = this.head.time;
    for (const { time } of drafts) {
      if (last !== undefined && !isBefore(last, time.tai))
        return `${time.tai} is not after ${last}, nanoseconds of TAI`;
      last = time.tai;
    }
    return undefined;
  }
}
