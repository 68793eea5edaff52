/**
 * The lanes of the other validators, kept: what arrives is followed, what is missing is fetched.
 *
 * A lane is either followed (statements as they come) or being caught up with (ranges from several peers), never both: two
 * writers of one copy would cross. What arrives meanwhile waits, and goes on from where the ranges end. Whoever has joined,
 * and one peer every few seconds, is asked how long its lanes are, so that the end of a lane whose validator is away comes
 * too. A lane that grows is always a little longer elsewhere: only what has been missing for a beat is fetched.
 *
 * At rest the heartbeats of a lane are stored some at a time, lanes in turn: among a hundred, storing each by itself (a write, a sync
 * and a thread woken) cost more than checking it. What waits counts for nothing: no order, no vote, no cosignature rests on it.
 */

import type { LaneFault } from '../../core/attestation/fault.ts';
import { toHex } from '../../core/codec/hex.ts';
import { LIMITS } from '../../core/limits.ts';
import type { Fault } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { KeptLanes } from '../../ports/kept-log.ts';
import type { Log } from '../../ports/log.ts';
import type { Network, PeerName } from '../../ports/network.ts';
import { catchUp } from '../inbound/catch-up.ts';
import type { ReceivedStatement } from '../inbound/judge-statement.ts';
import type { EntryJudge, LaneEntryView } from '../inbound/lane-entries.ts';
import { LaneFollower } from '../inbound/lane-follower.ts';

export type LaneKeepingNeeds = {
  readonly network: Pick<Network, 'laneSizes' | 'fetchRange' | 'peers'>;
  readonly lanes: KeptLanes;
  readonly judge: EntryJudge;
  readonly log: Log;
  /** Entries of a lane that are durable now; the lane is `from` + their number long. */
  readonly stored: (kid: Uint8Array, from: number, entries: readonly LaneEntryView[]) => void;
  readonly fault: (fault: LaneFault) => void;
  /** True of a statement that nobody waits for. */
  readonly mayWait: (statement: ReceivedStatement) => boolean;
  /** A peer sent entries that do not hold. */
  readonly blame: (peer: PeerName, found: Fault) => void;
};

type Kept = {
  readonly kid: Uint8Array;
  readonly follower: LaneFollower;
  /** Heard, and not yet handed to the follower. */
  patient: ReceivedStatement[];
  isCatchingUp: boolean;
  /** The lane is known to be at least this long. */
  seenSize: number;
  /** How long it was known to be a beat ago. */
  seenSizeBefore: number;
};

/** Shorter catch-ups are everyday: one lost frame. */
const TOLD_FROM = 256;

export class LaneKeeping {
  readonly #needs: LaneKeepingNeeds;
  readonly #kept: ReadonlyMap<string, Kept>;
  readonly #ending = new AbortController();
  #catching = 0;
  #turn = 0;
  #beats = 0;

  constructor(needs: LaneKeepingNeeds, kids: readonly Uint8Array[]) {
    this.#needs = needs;
    this.#kept = new Map(kids.map((kid) => [toHex(kid), this.#keep(kid)]));
  }

  async start(): Promise<void> {
    for (const { follower } of this.#kept.values()) await follower.start();
  }

  /** Ends what is being fetched and waits for what is being stored. */
  async stop(): Promise<void> {
    this.hurry();
    this.#ending.abort(new Error('stopped'));
    for (const { follower } of this.#kept.values()) await follower.settled();
  }

  isFrozen(kid: Uint8Array): boolean {
    return this.#kept.get(toHex(kid))?.follower.isFrozen === true;
  }

  isCatchingUp(kid: Uint8Array): boolean {
    return this.#kept.get(toHex(kid))?.isCatchingUp === true;
  }

  /** Statements that hold on their own, in any order. */
  offer(received: readonly ReceivedStatement[]): void {
    // Finality waits for every lane, so that one word that matters takes all that waits along.
    if (!received.every((statement) => this.#needs.mayWait(statement))) this.hurry();
    const byLane = Map.groupBy(received, ({ signed }) => toHex(signed.kid));
    for (const [name, statements] of byLane) {
      const kept = this.#kept.get(name);
      if (kept === undefined || kept.follower.isFrozen) continue;
      kept.patient.push(...statements);
      const mayWait = kept.patient.length < LIMITS.lanePatientEntriesMax && statements.every(this.#needs.mayWait);
      if (!mayWait) this.#handOver(kept);
    }
  }

  /** Somebody waits for the lanes: what waited for company is stored. */
  hurry(): void {
    for (const kept of this.#kept.values()) this.#handOver(kept);
  }

  /** Once a second or so: stores what has waited its turn, and fetches what is still missing and is not being stored. */
  beat(): void {
    this.#beats += 1;
    let place = 0;
    for (const kept of this.#kept.values()) {
      const isTurn = (this.#beats + place++) % LIMITS.lanePatienceBeats === 0;
      if (isTurn || !kept.patient.every(this.#needs.mayWait)) this.#handOver(kept);
      if (kept.seenSizeBefore > this.#knownOf(kept) && !kept.follower.isStoring) this.#planCatchUp(kept);
      kept.seenSizeBefore = kept.seenSize;
    }
  }

  /** Asks one peer, each in its turn, how long its lanes are. */
  askAround(): void {
    const peers = this.#needs.network.peers();
    const peer = peers[this.#turn++ % Math.max(1, peers.length)];
    if (peer !== undefined) void this.#ask(peer.name, (kept, size) => (kept.seenSize = Math.max(kept.seenSize, size)));
  }

  /** Asks a peer that has joined how long its lanes are, and catches up where they are longer than ours. Never rejects. */
  joined(peer: PeerName): Promise<void> {
    return this.#ask(peer, (kept) => this.#planCatchUp(kept));
  }

  async #ask(peer: PeerName, isLonger: (kept: Kept, size: number) => void): Promise<void> {
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(LIMITS.requestWaitMsMax)]);
    try {
      for (const { kid, size } of await this.#needs.network.laneSizes(peer, signal)) {
        const kept = this.#kept.get(toHex(kid));
        // Nothing is believed of a size but that it is worth asking.
        if (kept !== undefined && size > this.#knownOf(kept)) isLonger(kept, size);
      }
    } catch (error) {
      this.#needs.log.write('debug', 'a peer did not say how long its lanes are', { peer, error: String(error) });
    }
  }

  #keep(kid: Uint8Array): Kept {
    const { lanes, log } = this.#needs;
    const follower = new LaneFollower(kid, {
      replicas: lanes,
      stored: (_kid, entries) => this.#stored(kid, entries),
      gap: (_kid, seen) => {
        const kept = this.#kept.get(toHex(kid))!;
        kept.seenSize = Math.max(kept.seenSize, Number(seen) + 1);
        this.#planCatchUp(kept);
      },
      fault: (fault) => this.#needs.fault(fault),
      failed: (error) => {
        // The copy grew by another way: the follower has read again where it ends.
        if (error instanceof AgentError && error.code === 'range-unavailable') return;
        log.write('error', 'a lane could not be stored', { kid: toHex(kid), error: String(error) });
      },
    });
    return { kid, follower, patient: [], isCatchingUp: false, seenSize: 0, seenSizeBefore: 0 };
  }

  #handOver(kept: Kept): void {
    if (kept.patient.length === 0) return;
    const statements = kept.patient;
    kept.patient = [];
    for (const { signed } of statements) kept.seenSize = Math.max(kept.seenSize, Number(signed.statement.seq) + 1);
    kept.follower.offer(statements);
  }

  #stored(kid: Uint8Array, entries: readonly LaneEntryView[]): void {
    const size = this.#needs.lanes.lane(kid)?.size ?? 0;
    this.#needs.stored(kid, size - entries.length, entries);
  }

  #sizeOf({ kid }: Kept): number {
    return this.#needs.lanes.lane(kid)?.size ?? 0;
  }

  /** How long the lane is with what waits to be stored: what a peer has of it beyond that is missing here. */
  #knownOf(kept: Kept): number {
    return this.#sizeOf(kept) + kept.patient.length;
  }

  #planCatchUp(kept: Kept): void {
    if (kept.isCatchingUp || kept.follower.isFrozen || this.#ending.signal.aborted) return;
    if (this.#catching >= LIMITS.catchUpsAtOnceMax) return;
    // It follows what is fetched.
    this.#handOver(kept);
    kept.isCatchingUp = true;
    this.#catching += 1;
    void this.#catchUp(kept).finally(() => {
      kept.isCatchingUp = false;
      this.#catching -= 1;
    });
  }

  async #catchUp(kept: Kept): Promise<void> {
    const { network, lanes, judge, log, blame } = this.#needs;
    let isFruitless = false;
    try {
      await kept.follower.hold();
      const before = this.#sizeOf(kept);
      const peers = network.peers().map(({ name }) => name);
      const stored = (_kid: Uint8Array, entries: readonly LaneEntryView[]): void => this.#stored(kept.kid, entries);
      const needs = { network, replicas: lanes, judge, stored, blame };
      const outcome = await catchUp(needs, kept.kid, peers, this.#ending.signal);
      const fields = { kid: toHex(kept.kid), from: before, size: outcome.size };
      if (outcome.kind === 'stuck') log.write('debug', 'catching up with a lane got stuck', fields);
      else if (outcome.size - before >= TOLD_FROM) log.write('info', 'caught up with a lane', fields);
      isFruitless = outcome.size === before;
    } catch (error) {
      if (!this.#ending.signal.aborted)
        log.write('error', 'catching up with a lane failed', { kid: toHex(kept.kid), error: String(error) });
    }
    await kept.follower.reload();
    if (!isFruitless) return;
    // A size somebody claimed and nobody could show is forgotten, and what would follow it.
    kept.follower.forget();
    kept.seenSize = this.#sizeOf(kept);
  }
}
