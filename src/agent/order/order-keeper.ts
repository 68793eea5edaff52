/**
 * The order as it grows here: lanes in, in the order they become durable; final entries out, into the order log.
 *
 * Nothing of it is state of its own: whatever the lanes hold gives the same order, so a start reads them, from where a
 * snapshot left off or from the beginning, and compares what comes out with the log that is there. A lane far ahead of the
 * slowest waits on disk, where it is anyway; here nothing is queued but places.
 */

import { compareBytes } from '../../core/codec/cbor.ts';
import { assert } from '../../core/assert.ts';
import { CODES } from '../../core/codes.ts';
import { leafHash } from '../../core/log/merkle.ts';
import type { OrderHead } from '../../core/ordering/cut.ts';
import { itemOf } from '../../core/ordering/lane-item.ts';
import type { LaneItem } from '../../core/ordering/order-builder.ts';
import { encodeOrderEntry, type OrderEntry } from '../../core/ordering/order-entry.ts';
import type { Ordering, OrderingEffect } from '../../core/ordering/ordering.ts';
import { isFault } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { AppendLog, KeptLanes, KeptLog, KeptOrder } from '../../ports/kept-log.ts';
import type { Log } from '../../ports/log.ts';
import { holdsRoot } from './audit-order-log.ts';

export type OrderKeeperNeeds = {
  readonly ordering: Ordering;
  readonly lanes: KeptLanes;
  /** Whose lane is which, by validator index. */
  readonly kids: readonly Uint8Array[];
  readonly orderLog: AppendLog;
  /** Where to begin; undefined: at the beginning of the lanes. */
  readonly snapshots: KeptOrder | undefined;
  readonly log: Log;
  /** Final entries, once they are durable in the order log and were not there before. */
  readonly grew: (slot: number, entries: readonly OrderEntry[]) => void;
  /** The same, at once and also while the lanes are read at start: what is final is no longer waited for. */
  readonly final: (entries: readonly OrderEntry[]) => void;
  readonly contradicted: (slot: number) => void;
};

/** An entry of a lane as it was verified before it was stored. */
export type StoredEntry = Pick<LaneItem, 'signed' | 'body' | 'reports'> & { readonly entry: Uint8Array };

/** What one decision made final. */
type Batch = { readonly slot: number; readonly entries: readonly OrderEntry[] };

/** Entries read from one lane before the others have their turn, and before the loop has its own. */
const CHUNK = 256;

export class OrderKeeper {
  readonly #needs: OrderKeeperNeeds;
  /** By validator index, once there is something of it. */
  readonly #logs: (KeptLog | undefined)[] = [];
  #isPumping = false;
  #isStopped = false;
  #pumped: Promise<void> = Promise.resolve();
  /** Final entries that are not in the log yet, in their order. */
  #unwritten: Batch[] = [];
  #writing: Promise<void> = Promise.resolve();
  #isWriting = false;
  #entriesRead = 0;
  #audited: Promise<void> = Promise.resolve();
  /** What is read may still be read again without the snapshot. */
  #isTrial = false;
  /** Before the start has come through, entries are read from disk only: it may begin again. */
  #isStarted = false;
  /** Where the order stands is being saved, a piece at a time: it stays there meanwhile. */
  #isHeld = false;

  constructor(needs: OrderKeeperNeeds) {
    this.#needs = needs;
  }

  /** Reads every lane, as far as the slowest allows. Rejects when the log there is another order's. */
  async start(): Promise<void> {
    try {
      await this.#begin();
    } finally {
      this.#isStarted = true;
    }
    this.#planPump();
  }

  async #begin(): Promise<void> {
    if (await this.#resume()) {
      const head = this.#needs.ordering.decidedHead;
      if (await this.#readsOn()) {
        this.#audited = this.#audit(head);
        return;
      }
    }
    await this.#readAll();
  }

  /** The entries below the snapshot were not compared: they are, beside what follows. Never rejects. */
  async #audit(head: OrderHead): Promise<void> {
    const { orderLog, log, snapshots } = this.#needs;
    try {
      if ((await holdsRoot(orderLog, head, () => this.#isStopped)) !== false) return;
      const { sentence: why, remedy } = CODES['order-log-differs'];
      log.write('error', 'an entry of the order log was altered', { code: 'order-log-differs', why, remedy });
      // Without it the next start reads the lanes, and says which entry; where they are pruned, it says this again.
      await snapshots!.drop();
    } catch (error) {
      log.write('error', 'the order log could not be checked', { error: String(error) });
    }
  }

  /** Notes where the order stands, so that the next start reads less, when that is worth it. */
  async keepSnapshot(): Promise<void> {
    const { snapshots } = this.#needs;
    if (snapshots?.isDue !== true) return;
    await this.#writing.catch(() => undefined);
    // More may have become final since; then the next time will do.
    if (this.#isWriting || this.#unwritten.length > 0) return;
    this.#isHeld = true;
    try {
      await snapshots.keep(() => this.#goOn());
    } finally {
      this.#goOn();
    }
  }

  /** What came meanwhile is durable, and is read from disk. */
  #goOn(): void {
    this.#isHeld = false;
    this.#planPump();
  }

  /** Lane entries that the start read. */
  get entriesRead(): number {
    return this.#entriesRead;
  }

  /** Goes on where a snapshot left off; false when there is none that holds. */
  async #resume(): Promise<boolean> {
    const { snapshots, log, final } = this.#needs;
    const recent = await snapshots?.load();
    if (recent === undefined) return false;
    if (isFault(recent)) {
      log.write('warn', 'the snapshot of the order is not used: the lanes are read from their beginning', {
        code: recent.fault,
        detail: recent.detail,
      });
      return false;
    }
    final(recent);
    return true;
  }

  /**
   * Reads what follows the snapshot. False when it leads elsewhere than the order log or the others' votes: the snapshot is
   * gone then, and the ordering at its beginning. Only the lanes themselves convict a log, or a lane; where one of them is
   * pruned nobody can tell who is wrong, and the start ends.
   */
  async #readsOn(): Promise<boolean> {
    const { snapshots, ordering, log } = this.#needs;
    this.#isTrial = true;
    try {
      await this.#readAll();
      if (ordering.contradictedSlot === undefined) return true;
    } catch (error) {
      if (!(error instanceof AgentError) || error.code !== 'order-log-differs') throw error;
    } finally {
      this.#isTrial = false;
    }
    if (snapshots!.isNeeded)
      throw new AgentError('order-state-wrong', 'what follows the snapshot is not what the order log or the votes say');
    log.write('warn', 'the snapshot of the order leads elsewhere: the lanes are read from their beginning', {
      code: 'order-snapshot-stale',
    });
    await snapshots!.drop();
    ordering.reset();
    this.#unwritten = [];
    this.#writing = Promise.resolve();
    return false;
  }

  async #readAll(): Promise<void> {
    const sizes = (): number => this.#needs.kids.reduce((sum, _, lane) => sum + this.#needs.ordering.sizeOf(lane), 0);
    const before = sizes();
    await this.#pump();
    await this.flushed();
    this.#entriesRead = sizes() - before;
  }

  /** Stops reading, and waits for what is being written. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#pumped.catch(() => undefined);
    await this.#writing.catch(() => undefined);
    await this.#audited;
  }

  /** Resolves when what is stored was read, and what is final from it is in the log. */
  async settled(): Promise<void> {
    await this.#pumped;
    await this.#writing;
    await this.#audited;
  }

  /** Resolves when every entry that is final now is in the log. */
  flushed(): Promise<void> {
    return this.#writing;
  }

  /** Entries of a lane that are durable now, the first at index `from`. */
  took(lane: number, from: number, entries: readonly StoredEntry[]): void {
    const { ordering } = this.#needs;
    if (!this.#isStarted || this.#isHeld) return;
    let at = from;
    for (const { signed, body, reports, entry } of entries) {
      if (ordering.sizeOf(lane) !== at || !ordering.wants(lane)) break;
      this.#feed(lane, { signed, body, reports, leaf: leafHash(entry) });
      at += 1;
    }
    this.#planPump();
  }

  #planPump(): void {
    if (this.#isPumping || this.#isHeld || this.#isStopped || this.#nextLane(0) === undefined) return;
    this.#pumped = this.#pump().catch((error: unknown) => {
      this.#needs.log.write('error', 'a lane could not be read for the order', { error: String(error) });
    });
  }

  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let lane = this.#nextLane(0); lane !== undefined && !this.#isEnding; lane = this.#nextLane(lane + 1))
        await this.#readFrom(lane);
    } finally {
      this.#isPumping = false;
    }
  }

  /** Nothing more is read for now. */
  get #isEnding(): boolean {
    return this.#isStopped || this.#isHeld;
  }

  /** The next lane, round robin, that holds entries the order wants and has not got. */
  #nextLane(first: number): number | undefined {
    const { kids, ordering, lanes } = this.#needs;
    for (let i = 0; i < kids.length; i++) {
      const lane = (first + i) % kids.length;
      this.#logs[lane] ??= lanes.lane(kids[lane]!);
      const size = this.#logs[lane]?.size ?? 0;
      if (ordering.sizeOf(lane) < size && ordering.wants(lane)) return lane;
    }
    return undefined;
  }

  async #readFrom(lane: number): Promise<void> {
    const { kids, ordering, lanes } = this.#needs;
    const from = ordering.sizeOf(lane);
    const entries = await lanes.read({ kid: kids[lane]!, from, to: from + CHUNK });
    for (const [i, entry] of entries.entries()) {
      // More of it may have come by the direct way meanwhile.
      if (from + i < ordering.sizeOf(lane)) continue;
      if (this.#isHeld || !ordering.wants(lane)) return;
      this.#feed(lane, itemOf(entry));
    }
  }

  #feed(lane: number, item: LaneItem): void {
    for (const effect of this.#needs.ordering.append(lane, item)) this.#follow(effect);
  }

  #follow(effect: OrderingEffect): void {
    const { log } = this.#needs;
    switch (effect.kind) {
      case 'final':
        this.#needs.final(effect.entries);
        if (effect.entries.length > 0) this.#write(effect.slot, effect.entries);
        return;
      case 'void':
        log.write('info', 'an entry does not count in the order', {
          validator: effect.lane,
          seq: effect.seq,
          code: effect.why.fault,
          detail: effect.why.detail,
        });
        return;
      case 'contradicted':
        if (this.#isTrial) return;
        log.write('error', 'a decided cut is not ours: our copy of a lane is the losing branch of a fork', {
          slot: effect.slot,
        });
        this.#needs.contradicted(effect.slot);
    }
  }

  #write(slot: number, entries: readonly OrderEntry[]): void {
    this.#unwritten.push({ slot, entries });
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#writing = this.#writeAll();
    // Whoever awaits `flushed` sees the failure; nobody need be waiting.
    this.#writing.catch((error: unknown) => {
      this.#needs.log.write('error', 'the order log could not be written', { error: String(error) });
    });
  }

  /**
   * Appends whatever has become final, in one go; what is in the log already must be the same. What could not be written stays
   * first in line for the next try: a log with a hole would be another order.
   */
  async #writeAll(): Promise<void> {
    try {
      while (this.#unwritten.length > 0) {
        const batches = this.#unwritten;
        this.#unwritten = [];
        try {
          await this.#append(batches);
        } catch (error) {
          this.#unwritten = [...batches, ...this.#unwritten];
          throw error;
        }
      }
    } finally {
      this.#isWriting = false;
    }
  }

  async #append(batches: readonly Batch[]): Promise<void> {
    const { orderLog, grew } = this.#needs;
    const entries = batches.flatMap((batch) => batch.entries);
    const first = entries[0]!.index;
    assert(first <= orderLog.size, 'the order log has no hole');
    const known = Math.min(entries.length, orderLog.size - first);
    await this.#compare(entries.slice(0, known));
    if (known < entries.length) await orderLog.append(entries.slice(known).map(encodeOrderEntry));
    const firstNew = entries[known]?.index ?? Infinity;
    for (const { slot, entries: batch } of batches) {
      const fresh = batch.filter(({ index }) => index >= firstNew);
      if (fresh.length > 0) grew(slot, fresh);
    }
  }

  async #compare(entries: readonly OrderEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const from = entries[0]!.index;
    const stored = await this.#needs.orderLog.read(from, from + entries.length);
    for (const [i, entry] of entries.entries()) {
      if (compareBytes(stored[i]!, encodeOrderEntry(entry)) === 0) continue;
      throw new AgentError('order-log-differs', `entry ${entry.index} of the order log is not what the lanes give`, {
        fields: { index: entry.index },
      });
    }
  }
}
