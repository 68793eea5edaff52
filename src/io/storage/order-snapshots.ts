/**
 * Where a start of the order begins: at the newest snapshot that holds, else at the beginning of the lanes.
 *
 * A snapshot is believed after four questions: did our key sign it, do the lanes here begin with what it was made from, does the
 * order log begin with what it calls final, and do the votes it counts stand in the lanes. While the lanes are whole, whatever
 * fails is told with a code and costs reading them from the beginning; once one was pruned there is no such beginning, and
 * a snapshot that is missing or wrong ends the start. One is written when the lanes have grown by so much that reading it
 * costs less than reading them.
 */

import { assert } from '../../core/assert.ts';
import { decodeSignedStatement } from '../../core/attestation/verify-statement.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import { FlatWriter } from '../../core/codec/flat-bytes.ts';
import type { Pieces } from '../../core/codec/pieces.ts';
import { decodeEntry } from '../../core/log/entry.ts';
import { LIMITS } from '../../core/limits.ts';
import { decodeOrderEntry, type OrderEntry } from '../../core/ordering/order-entry.ts';
import { SEAL_BYTES } from '../../core/ordering/order-snapshot.ts';
import type { Ordering } from '../../core/ordering/ordering.ts';
import { fault, isFault, type Fault } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { KeptLanes, KeptLog, KeptOrder } from '../../ports/kept-log.ts';
import { inTurns } from './in-turns.ts';

/** The file of the newest snapshot. */
export interface SnapshotShelf {
  get(): Promise<Uint8Array | undefined>;
  /** Durable and whole, in place of the one before. */
  put(bytes: Uint8Array): Promise<void>;
  remove(): Promise<void>;
}

export type OrderSnapshotsNeeds = {
  readonly ordering: Ordering;
  readonly lanes: KeptLanes;
  readonly kids: readonly Uint8Array[];
  readonly orderLog: KeptLog;
  readonly shelf: SnapshotShelf;
  /** Makes the state a file of ours, and back: core/ordering/order-snapshot.ts with the agent's key. */
  readonly seal: (state: readonly Uint8Array[]) => Pieces<Uint8Array>;
  readonly unseal: (bytes: Uint8Array) => Uint8Array | Fault;
};

/** Lane entries that cost as much to read as so many bytes of a snapshot cost to write. */
const BYTES_PER_ENTRY = 1_024;

const STATE_BYTES_MAX = LIMITS.orderSnapshotBytesMax - SEAL_BYTES;

export class OrderSnapshots implements KeptOrder {
  readonly #needs: OrderSnapshotsNeeds;
  /** Lane entries in the newest snapshot, and its size. */
  #entries = 0;
  #bytes = 0;

  constructor(needs: OrderSnapshotsNeeds) {
    this.#needs = needs;
  }

  /** Bytes of the newest snapshot; 0 without one. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Lane entries that the newest snapshot spares a start. */
  get entries(): number {
    return this.#entries;
  }

  get isNeeded(): boolean {
    return this.#needs.kids.some((_, index) => this.#firstKept(index) > 0);
  }

  async load(): Promise<readonly OrderEntry[] | Fault | undefined> {
    const { ordering, shelf } = this.#needs;
    const bytes = await shelf.get();
    const unread = bytes === undefined ? undefined : this.#read(bytes);
    if (bytes === undefined || unread !== undefined) {
      if (this.isNeeded) throw missing(unread?.detail ?? 'there is none');
      return unread;
    }
    const behind = this.#needs.kids.findIndex((_, index) => ordering.sizeOf(index) < this.#firstKept(index));
    if (behind >= 0) {
      const size = ordering.sizeOf(behind);
      ordering.reset();
      throw missing(`it stands at entry ${size}, and those before ${this.#firstKept(behind)} are gone`);
    }
    const recent = (await this.#misfit()) ?? (await this.#recentEntries());
    if (isFault(recent)) {
      ordering.reset();
      if (this.isNeeded)
        throw new AgentError('order-state-wrong', `start from the snapshot of the order: ${recent.detail}`);
      return recent;
    }
    ordering.recall(recent);
    this.#entries = this.#entriesIn();
    this.#bytes = bytes.length;
    return recent;
  }

  get isDue(): boolean {
    if (this.#needs.ordering.contradictedSlot !== undefined) return false;
    return (
      this.#entriesIn() - this.#entries >= Math.max(LIMITS.orderSnapshotEveryEntries, this.#bytes / BYTES_PER_ENTRY)
    );
  }

  async keep(taken: () => void = () => undefined): Promise<boolean> {
    const { ordering, orderLog, shelf, seal } = this.#needs;
    assert(ordering.decidedHead.size <= orderLog.size, 'a snapshot is not ahead of the order log');
    const entries = this.#entriesIn();
    const state = new FlatWriter();
    await inTurns(ordering.saving(state));
    taken();
    // Too large to be read again: the next start goes on from the one before.
    if (state.size > STATE_BYTES_MAX) return false;
    const bytes = await inTurns(seal(state.chunks()));
    await shelf.put(bytes);
    this.#entries = entries;
    this.#bytes = bytes.length;
    return true;
  }

  async drop(): Promise<void> {
    if (this.isNeeded) return;
    await this.#needs.shelf.remove();
    this.#entries = 0;
    this.#bytes = 0;
  }

  #entriesIn(): number {
    const { ordering, kids } = this.#needs;
    return kids.reduce((sum, _, lane) => sum + ordering.sizeOf(lane), 0);
  }

  #firstKept(index: number): number {
    const { lanes, kids } = this.#needs;
    return lanes.lane(kids[index]!)?.firstKept ?? 0;
  }

  /** Why the ordering could not take these bytes in; undefined when it did. */
  #read(bytes: Uint8Array): Fault | undefined {
    const { ordering, unseal } = this.#needs;
    const state = unseal(bytes);
    if (isFault(state)) return state;
    return ordering.load(state) ? undefined : fault('order-snapshot-format', 'the state in it does not read');
  }

  /** Why the ordering that was loaded does not continue what is stored here; undefined when it does. */
  async #misfit(): Promise<Fault | undefined> {
    const { ordering, lanes, kids, orderLog } = this.#needs;
    for (const [index, kid] of kids.entries()) {
      const { size, root } = ordering.prefixOf(index);
      const lane = lanes.lane(kid);
      if (size > 0 && (lane === undefined || !(await begins(lane, size, root))))
        return fault('order-snapshot-stale', `the lane of validator ${index} does not begin with its ${size} entries`);
    }
    const { size, root } = ordering.decidedHead;
    if (!(await begins(orderLog, size, root)))
      return fault('order-snapshot-stale', `the order log does not begin with its ${size} entries`);
    const decided = ordering.decidedVote;
    for (const { voter, seq } of decided?.votes ?? []) {
      const lane = lanes.lane(kids[voter]!);
      // A vote that was pruned was there when the lane was: its prefix was compared.
      if (seq < this.#firstKept(voter)) continue;
      const [entry] = lane === undefined || seq >= lane.size ? [] : await lane.read(seq, seq + 1);
      if (entry === undefined || !isVote(entry, decided!.subject))
        return fault('order-snapshot-stale', `entry ${seq} of validator ${voter} is not the vote it counts`);
    }
    return undefined;
  }

  async #recentEntries(): Promise<OrderEntry[] | Fault> {
    const { ordering, orderLog } = this.#needs;
    const { size } = ordering.decidedHead;
    const from = size - ordering.recentSize;
    const entries: OrderEntry[] = [];
    for (const bytes of await orderLog.read(from, size)) {
      const entry = decodeOrderEntry(bytes);
      if (isFault(entry) || entry.index !== from + entries.length)
        return fault('order-snapshot-stale', `entry ${from + entries.length} of the order log does not read`);
      entries.push(entry);
    }
    return entries;
  }
}

async function begins(log: KeptLog, size: number, root: Uint8Array): Promise<boolean> {
  return log.size >= size && compareBytes(await log.rootAt(size), root) === 0;
}

function isVote(entry: Uint8Array, subject: Uint8Array): boolean {
  const decoded = decodeEntry(entry);
  const signed = isFault(decoded) ? decoded : decodeSignedStatement(decoded.statement);
  if (isFault(signed)) return false;
  return signed.statement.kind === 'cut-vote' && compareBytes(signed.statement.subject, subject) === 0;
}

const missing = (what: string): AgentError =>
  new AgentError('order-state-missing', `read the snapshot of the order, because a lane is pruned: ${what}`);
