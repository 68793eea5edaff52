/**
 * One validator's copies of all lanes: what it accepted, and how much of that would survive a crash.
 *
 * Entries are accepted only if they continue the copy (lane-rules.ts). Two signed statements that cannot both be in one
 * honest lane freeze the copy for good, and the proof is kept. Entries from ahead wait, a few; the rest comes by sync.
 */

import { faultBetween, type LaneFault } from '../../core/attestation/fault.ts';
import { stepFault } from '../../core/attestation/lane-rules.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import type { LaneItem } from '../../core/ordering/order-builder.ts';

export type StoredEntry = LaneItem & { readonly bytes: Uint8Array };

/** Entries that wait for their predecessors, per lane. */
const AHEAD_MAX = 256;

type Copy = {
  readonly entries: StoredEntry[];
  /** Bytes of all its entries, forgotten ones too. */
  bytes: number;
  /** The first so many are known to have been there, and no more than that. */
  forgotten: number;
  /** Entries that are on disk. */
  durable: number;
  /** Entries handed to the ordering. */
  fed: number;
  readonly ahead: Map<number, StoredEntry>;
  proof: LaneFault | undefined;
};

export class LaneStore {
  readonly #copies: readonly Copy[];

  constructor(lanes: number) {
    this.#copies = Array.from({ length: lanes }, () => ({
      entries: [],
      bytes: 0,
      forgotten: 0,
      durable: 0,
      fed: 0,
      ahead: new Map(),
      proof: undefined,
    }));
  }

  sizes(): number[] {
    return this.#copies.map((copy) => copy.entries.length);
  }

  entries(lane: number): readonly StoredEntry[] {
    return this.#copies[lane]!.entries;
  }

  bytesOf(lane: number): number {
    return this.#copies[lane]!.bytes;
  }

  /** Lets go of all but the newest `keep` entries of each lane. Their places hold the oldest that stays, so places stay places. */
  forget(keep: number): void {
    for (const copy of this.#copies) {
      const first = copy.entries.length - keep;
      if (first <= copy.forgotten) continue;
      copy.entries.fill(copy.entries[first]!, 0, first);
      copy.forgotten = first;
    }
  }

  frozenLanes(): number[] {
    return [...this.#copies.keys()].filter((lane) => this.#copies[lane]!.proof !== undefined);
  }

  /** True when the copy holds this very entry, or knows that the lane is forked: nothing more to learn. */
  isKnown(lane: number, seq: number, bytes: Uint8Array): boolean {
    const copy = this.#copies[lane]!;
    if (copy.proof !== undefined || seq < copy.forgotten) return true;
    const held = copy.entries[seq] ?? copy.ahead.get(seq);
    return held !== undefined && compareBytes(held.bytes, bytes) === 0;
  }

  /** Takes in a judged entry; returns how many entries the copy grew by. */
  offer(lane: number, entry: StoredEntry): number {
    const copy = this.#copies[lane]!;
    if (copy.proof !== undefined) return 0;
    const seq = Number(entry.signed.statement.seq);
    const before = copy.entries.length;
    if (seq < copy.forgotten) return 0;
    if (seq < before) {
      copy.proof = faultBetween(copy.entries[seq]!.signed, entry.signed);
      return 0;
    }
    if (seq > before) {
      if (copy.ahead.size < AHEAD_MAX) copy.ahead.set(seq, entry);
      return 0;
    }
    for (let next: StoredEntry | undefined = entry; next !== undefined;) {
      const last = copy.entries.at(-1);
      if (last !== undefined && stepFault(last.signed, next.signed) !== undefined) {
        copy.proof = faultBetween(last.signed, next.signed);
        break;
      }
      copy.entries.push(next);
      copy.bytes += next.bytes.length;
      next = copy.ahead.get(copy.entries.length);
      copy.ahead.delete(copy.entries.length);
    }
    return copy.entries.length - before;
  }

  /** fsync: all that was accepted survives a crash from now on. */
  sync(): void {
    for (const copy of this.#copies) copy.durable = copy.entries.length;
  }

  /** Entries that are durable and not yet fed, of lanes that are wanted. */
  *unfed(wants: (lane: number) => boolean): Generator<{ lane: number; entry: StoredEntry }> {
    for (let progress = true; progress;) {
      progress = false;
      for (const [lane, copy] of this.#copies.entries()) {
        while (copy.fed < copy.durable && wants(lane)) {
          const entry = copy.entries[copy.fed]!;
          copy.fed += 1;
          progress = true;
          yield { lane, entry };
        }
      }
    }
  }

  /** The ordering goes on from where a snapshot left it: so many entries of each lane are in it. */
  skip(sizes: readonly number[]): void {
    for (const [lane, copy] of this.#copies.entries()) copy.fed = sizes[lane]!;
  }

  /** The process died: what was not synced is gone, and the ordering will be fed from the beginning. */
  crash(): void {
    for (const copy of this.#copies) {
      copy.entries.length = copy.durable;
      copy.fed = 0;
      copy.ahead.clear();
    }
  }
}
