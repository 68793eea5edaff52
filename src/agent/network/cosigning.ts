/**
 * Checkpoints of all lanes: whoever holds the lane verified cosigns them, and cosignatures are gathered.
 *
 * A checkpoint counts here only when its root is that of the entries we verified ourselves; what is ahead of our copy waits
 * for it. Two roots of one validator for one size are a fork and a proof of it. Everyone gathers everyone's cosignatures from
 * the notes that go round, so that whoever is asked can show a checkpoint that many vouch for. docs/spec/lane.md.
 */

import { openOwnCheckpoint, forkBetween } from '../../core/attestation/fault-proof.ts';
import type { LaneFault } from '../../core/attestation/fault.ts';
import { kidOf } from '../../core/attestation/cose-sign1.ts';
import type { StatementJudge } from '../../core/attestation/verify-statement.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import type { Checkpoint } from '../../core/log/checkpoint.ts';
import { cosignedAt, cosignerKey } from '../../core/log/cosignature.ts';
import { originOf } from '../../core/log/origin.ts';
import { consistencyPlan, proofOf } from '../../core/log/proofs.ts';
import {
  decodeNote,
  decodeSignatureLine,
  encodeNote,
  signaturesBy,
  type Note,
  type NoteKey,
} from '../../core/log/signed-note.ts';
import { encodeAddCheckpoint } from '../../core/log/witness.ts';
import { LIMITS } from '../../core/limits.ts';
import { isFault } from '../../core/verdict.ts';
import { seconds, since, times, type MonoInstant, type Nanos } from '../../core/time/nanos.ts';
import type { CheckpointShelf, KeptLanes, KeptLog } from '../../ports/kept-log.ts';
import type { Log } from '../../ports/log.ts';
import type { ReceivedCheckpoint } from '../inbound/judge-checkpoint.ts';

export type CosigningNeeds = {
  readonly network: Digest;
  readonly judge: StatementJudge;
  readonly lanes: KeptLanes;
  /** Of all validators, by index. */
  readonly publicKeys: readonly Uint8Array[];
  /** Our own index; undefined for one who only gathers. */
  readonly self: number | undefined;
  /** The size we cosigned last for an origin, and the C2SP call that cosigns: its answer is a signature line. */
  readonly cosignedSize: (origin: string) => number;
  readonly cosign: (request: Uint8Array) => Promise<string | undefined>;
  readonly shelf: CheckpointShelf;
  readonly publish: (note: Uint8Array) => void;
  readonly fork: (fault: LaneFault) => void;
  readonly gathered: (validator: number, size: number, cosigners: number) => void;
  readonly now: () => MonoInstant;
  readonly log: Log;
};

/** One checkpoint that fits our copy, with who vouches for it. */
export type GatheredCheckpoint = {
  readonly checkpoint: Checkpoint;
  readonly note: Uint8Array;
  /** Validator indexes, ascending. */
  readonly cosigners: readonly number[];
};

type Held = {
  readonly origin: string;
  /** Newest last. */
  recent: GatheredCheckpoint[];
  pending: ReceivedCheckpoint | undefined;
  cosignedAt: MonoInstant | undefined;
};

/** Checkpoints of one lane that still gather cosignatures. */
const RECENT_MAX = 4;
/** Everyone cosigns everyone's lane: with n validators each lane waits n times this, so that notes stay few. */
const COSIGN_EVERY: Nanos = seconds(3);

export class Cosigning {
  readonly #needs: CosigningNeeds;
  readonly #held: readonly Held[];
  readonly #kids: readonly Uint8Array[];
  readonly #cosigners: readonly NoteKey[];
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(needs: CosigningNeeds) {
    this.#needs = needs;
    this.#kids = needs.publicKeys.map(kidOf);
    const origins = this.#kids.map((kid) => originOf({ network: needs.network, kid }));
    this.#cosigners = needs.publicKeys.map((key, i) => cosignerKey(origins[i]!, key));
    this.#held = origins.map((origin) => ({ origin, recent: [], pending: undefined, cosignedAt: undefined }));
  }

  /** Reads what was gathered before. */
  async start(): Promise<void> {
    for (const { origin } of this.#held) {
      const note = await this.#needs.shelf.get(origin);
      if (note !== undefined) await this.#takeNote(note);
    }
  }

  /** Resolves when what was taken is dealt with. */
  settled(): Promise<void> {
    return this.#last;
  }

  /** The checkpoint to show of a lane: the newest that a quorum of others vouches for, else the one with most. */
  best(validator: number): GatheredCheckpoint | undefined {
    const { recent } = this.#held[validator]!;
    const most = Math.max(...recent.map(({ cosigners }) => cosigners.length));
    return recent.findLast(({ cosigners }) => cosigners.length === most);
  }

  /** A checkpoint of our own lane, just signed. */
  own(note: Uint8Array): void {
    this.#plan(async () => {
      await this.#takeNote(note);
      this.#needs.publish(note);
    });
  }

  /** Checkpoints whose own signature holds, from peers. */
  take(received: readonly ReceivedCheckpoint[]): void {
    // One turn for all: they are judged one after another anyway, and only so many wait.
    if (this.#waiting >= this.#held.length * RECENT_MAX) return;
    this.#plan(async () => {
      for (const one of received) await this.#consider(one);
    });
  }

  /** A lane grew: what waited for it may fit now. */
  grew(validator: number): void {
    const held = this.#held[validator]!;
    const { pending } = held;
    if (pending === undefined || this.#sizeOf(validator) < pending.checkpoint.size) return;
    held.pending = undefined;
    this.#plan(() => this.#consider(pending));
  }

  #plan(work: () => Promise<void>): void {
    this.#waiting += 1;
    this.#last = this.#last
      .then(work)
      .catch((error: unknown) => {
        this.#needs.log.write('error', 'a checkpoint could not be dealt with', { error: String(error) });
      })
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #takeNote(note: Uint8Array): Promise<void> {
    const opened = openOwnCheckpoint(this.#needs.judge, note);
    if (!isFault(opened)) await this.#consider({ note, ...opened });
  }

  async #consider(received: ReceivedCheckpoint): Promise<void> {
    const { checkpoint, note, kid } = received;
    const validator = this.#kids.findIndex((other) => compareBytes(other, kid) === 0);
    if (validator < 0) return;
    const held = this.#held[validator]!;
    const rival = held.recent.find((one) => one.checkpoint.size === checkpoint.size);
    if (rival !== undefined && compareBytes(rival.checkpoint.root, checkpoint.root) !== 0) {
      const fork = forkBetween(this.#needs.judge, rival.note, note);
      if (fork !== undefined) this.#needs.fork(fork);
      return;
    }
    const oldest = held.recent.length < RECENT_MAX ? 0 : held.recent[0]!.checkpoint.size;
    if (checkpoint.size === 0 || checkpoint.size < oldest) return;
    const lane = this.#needs.lanes.lane(kid);
    if (lane === undefined || lane.size < checkpoint.size) {
      if (checkpoint.size > (held.pending?.checkpoint.size ?? 0)) held.pending = received;
      return;
    }
    if (compareBytes(await lane.rootAt(checkpoint.size), checkpoint.root) !== 0) {
      this.#needs.log.write('error', 'a checkpoint is not of the lane that is stored here', {
        origin: held.origin,
        size: checkpoint.size,
      });
      return;
    }
    await this.#gather(validator, held, received, lane);
  }

  async #gather(validator: number, held: Held, { note, checkpoint }: ReceivedCheckpoint, lane: KeptLog): Promise<void> {
    const before = held.recent.find((one) => one.checkpoint.size === checkpoint.size);
    let gathered = this.#merge(checkpoint, before?.note, note);
    const ours = await this.#cosign(validator, held, gathered, lane);
    if (ours !== undefined) gathered = this.#merge(checkpoint, gathered.note, ours);
    if (gathered.cosigners.length === before?.cosigners.length) return;
    held.recent = [...held.recent.filter((one) => one !== before), gathered]
      .sort((a, b) => a.checkpoint.size - b.checkpoint.size)
      .slice(-RECENT_MAX);
    await this.#needs.shelf.put(held.origin, this.best(validator)!.note);
    if (ours !== undefined) this.#needs.publish(ours);
    this.#needs.gathered(validator, checkpoint.size, gathered.cosigners.length);
  }

  /** The owner's signature and every validator's cosignature that holds, from both notes of one checkpoint. */
  #merge(checkpoint: Checkpoint, a: Uint8Array | undefined, b: Uint8Array): GatheredCheckpoint {
    const notes = [a, b].flatMap((bytes) => {
      const note = bytes === undefined ? undefined : decodeNote(bytes);
      return note === undefined || isFault(note) ? [] : [note];
    });
    const text = notes[0]!.text;
    const byOwner = notes[0]!.signatures.filter(({ name }) => name === checkpoint.origin).slice(0, 1);
    const cosigners: number[] = [];
    const signatures = [...byOwner];
    for (const [index, key] of this.#cosigners.entries()) {
      const found = notes.map((note) => this.#cosignatureIn(note, key)).find((one) => one !== undefined);
      if (found === undefined || key.name === checkpoint.origin) continue;
      if (signatures.length >= LIMITS.noteSignaturesMax) break;
      cosigners.push(index);
      signatures.push(found);
    }
    return { checkpoint, cosigners, note: encodeNote({ text, signatures }) };
  }

  #cosignatureIn(note: Note, key: NoteKey) {
    const [cosignature] = signaturesBy(note, key);
    if (cosignature === undefined) return undefined;
    return isFault(cosignedAt(note, key, this.#needs.judge.checkSignature)) ? undefined : cosignature;
  }

  /** Our cosignature on it, as a note; undefined when it is ours, is not due, or is refused. */
  async #cosign(
    validator: number,
    held: Held,
    { checkpoint, note, cosigners }: GatheredCheckpoint,
    lane: KeptLog,
  ): Promise<Uint8Array | undefined> {
    const { self, cosign, cosignedSize, now } = this.#needs;
    if (self === undefined || validator === self || cosigners.includes(self)) return undefined;
    const every = times(COSIGN_EVERY, BigInt(this.#held.length));
    if (held.cosignedAt !== undefined && since(now(), held.cosignedAt) < every) return undefined;
    const oldSize = cosignedSize(held.origin);
    if (oldSize > checkpoint.size) return undefined;
    const plan = consistencyPlan(oldSize, checkpoint.size);
    const proof = proofOf(plan, await lane.hashes(plan.flat()));
    const line = await cosign(encodeAddCheckpoint({ oldSize, proof, note }));
    const signature = line === undefined ? undefined : decodeSignatureLine(line.trimEnd());
    const opened = decodeNote(note);
    if (signature === undefined || isFault(opened)) return undefined;
    held.cosignedAt = now();
    return encodeNote({ text: opened.text, signatures: [...opened.signatures, signature] });
  }

  #sizeOf(validator: number): number {
    return this.#needs.lanes.lane(this.#kids[validator]!)?.size ?? 0;
  }
}
