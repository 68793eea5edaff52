/**
 * The agent as a member of its network: what it hears, keeps, orders, vouches for and says.
 *
 * Put together here, decided elsewhere: the pipeline judges, lane-keeping stores, the order follows from what is stored, the
 * agenda says what is signed. A validator alone runs the same parts over a network with nobody in it. Nothing here reaches
 * the clock: peers' time is compared, told and otherwise left alone.
 */

import { assert } from '../../core/assert.ts';
import { keyOfGenesis, type Genesis } from '../../core/attestation/genesis.ts';
import { kidOf } from '../../core/attestation/cose-sign1.ts';
import type { StatementJudge } from '../../core/attestation/verify-statement.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { LIMITS } from '../../core/limits.ts';
import { encodeEntry } from '../../core/log/entry.ts';
import type { HashRanges } from '../../core/log/hash-ranges.ts';
import type { Agenda } from '../../core/ordering/agenda.ts';
import { itemOf, readItemOf } from '../../core/ordering/lane-item.ts';
import type { OrderEntry } from '../../core/ordering/order-entry.ts';
import type { Ordering } from '../../core/ordering/ordering.ts';
import { slotEnd } from '../../core/ordering/slots.ts';
import type { Tick } from '../../core/ordering/tick.ts';
import type { Standing } from '../../core/peers/standing.ts';
import { DIRECT_MESH_MAX } from '../../core/propagation/recipients.ts';
import type { Interval } from '../../core/time/interval.ts';
import { longerOf, seconds, since, ZERO, type MonoInstant, type TaiInstant } from '../../core/time/nanos.ts';
import type { AlarmShelf, AppendLog, CheckpointShelf, FaultShelf, KeptLanes } from '../../ports/kept-log.ts';
import type { Log, LogFields } from '../../ports/log.ts';
import type { Network, Peer } from '../../ports/network.ts';
import type { NetworkEvent, NetworkWatch } from '../../ports/network-view.ts';
import type { BatchVerifier } from '../../ports/signature-check.ts';
import type { Timers } from '../../ports/timers.ts';
import type { Committed } from '../commit-protocol.ts';
import { lastOf } from '../inbound/catch-up.ts';
import { inboundOf, type Inbound } from '../inbound/inbound.ts';
import { checkpointJudge } from '../inbound/judge-checkpoint.ts';
import { faultJudge, type ReceivedFault } from '../inbound/judge-fault.ts';
import { statementJudge, type ReceivedStatement } from '../inbound/judge-statement.ts';
import { subjectJudge } from '../inbound/judge-subject.ts';
import type { LaneEntryView } from '../inbound/lane-entries.ts';
import { offenceOf } from '../inbound/offences.ts';
import { OrderKeeper, type OrderKeeperNeeds } from '../order/order-keeper.ts';
import { SubjectDesk } from '../order/subject-desk.ts';
import { peerTimeOptions, PeerTimes } from '../peer-time.ts';
import { Cosigning, type CosigningNeeds } from './cosigning.ts';
import { FaultKeeping } from './fault-keeping.ts';
import { LaneKeeping } from './lane-keeping.ts';
import { DropMeter, itemsHandled } from './drop-meter.ts';
import { TimeAnswers } from './time-answers.ts';
import { TimeRounds } from './time-rounds.ts';

export type MembershipNeeds = {
  readonly genesis: Genesis;
  readonly network: Digest;
  readonly judge: StatementJudge;
  readonly batch: BatchVerifier | undefined;
  /** Hashes the leaves of reports, many at a time; core's own way where there is no quicker one. */
  readonly hashRanges?: HashRanges | undefined;
  /** Who is on the wire; a network with nobody in it for one who is alone. */
  readonly transport: Network;
  readonly standing: Standing;
  readonly lanes: KeptLanes;
  readonly orderLog: AppendLog;
  readonly snapshots: OrderKeeperNeeds['snapshots'];
  readonly faults: FaultShelf;
  readonly alarms: AlarmShelf;
  readonly checkpoints: CheckpointShelf;
  readonly ordering: Ordering;
  /** What is due for signing; undefined, like `tick` and `self`, for one who follows and signs nothing. */
  readonly tick: Tick | undefined;
  readonly agenda: Agenda | undefined;
  /** Our own index among the validators. */
  readonly self: number | undefined;
  readonly witness: Pick<CosigningNeeds, 'cosignedSize' | 'cosign'>;
  /** Our interval now; undefined without one. */
  readonly interval: () => Interval | undefined;
  readonly now: () => MonoInstant;
  /** There may be something to sign. */
  readonly poke: () => void;
  /** 32 bytes of chance. */
  readonly blind: () => Uint8Array;
  /** Notes how far the copies that grew by so many entries and the order log reach, so that the next start reads less. */
  readonly noteProgress: (entriesMin: number) => Promise<void>;
  readonly timers: Timers;
  readonly log: Log;
  readonly watch: NetworkWatch;
};

export type MembershipOptions = { readonly peersPerAddress: number };

const BEAT = seconds(1);
/** In beats. */
const ASK_AROUND_EVERY = 5;
const TIME_ROUND_EVERY = 10;
const NOTE_PROGRESS_EVERY = 30;

export class Membership {
  readonly desk: SubjectDesk;
  readonly order: OrderKeeper;
  readonly keeping: LaneKeeping;
  readonly cosigning: Cosigning;
  readonly faults: FaultKeeping;
  readonly times: PeerTimes;
  readonly rounds: TimeRounds;
  readonly inbound: Inbound;
  readonly kids: readonly Uint8Array[];
  readonly #needs: MembershipNeeds;
  /** What was last stored of each lane: when by our raw clock, and the time it says. */
  readonly #lastOf: { heardAt: MonoInstant | undefined; tai: TaiInstant | undefined }[];
  readonly #answers: TimeAnswers | undefined;
  readonly #drops = new DropMeter(60);
  #beats = 0;
  #endBeat: (() => void) | undefined;
  #noting: Promise<void> = Promise.resolve();

  constructor(needs: MembershipNeeds, options: MembershipOptions) {
    this.#needs = needs;
    const { agenda, poke } = needs;
    this.#answers = agenda && new TimeAnswers({ agenda, poke });
    const { genesis, network, transport, lanes, judge, now, log, watch } = needs;
    const publicKeys = genesis.validators.map(({ publicKey }) => publicKey);
    this.kids = publicKeys.map(kidOf);
    this.#lastOf = this.kids.map(() => ({ heardAt: undefined, tai: undefined }));
    this.desk = new SubjectDesk({
      network,
      parameters: genesis.parameters,
      tick: needs.tick,
      interval: needs.interval,
      now,
      passOn: (records) => {
        this.inbound.pipeline.rememberOwn(records);
        transport.publish('subjects', records);
      },
      poke: needs.poke,
      accepted: (id) => watch({ kind: 'subject-accepted', id }),
    });
    this.order = new OrderKeeper({
      ordering: needs.ordering,
      lanes,
      kids: this.kids,
      orderLog: needs.orderLog,
      snapshots: needs.snapshots,
      log,
      grew: (slot, entries) => this.#grew(slot, entries),
      final: (entries) => this.desk.final(entries),
      contradicted: (slot) => watch({ kind: 'order-contradicted', slot }),
    });
    this.faults = new FaultKeeping({
      network,
      shelf: needs.faults,
      indexOf: (kid) => this.indexOf(kid),
      told: (fault) => watch({ kind: 'fault-proven', fault }),
      publish: (proof) => transport.publish('faults', [proof]),
      judge,
      log,
    });
    this.keeping = new LaneKeeping(
      {
        network: transport,
        lanes,
        judge: { ...judge, batch: needs.batch, hashRanges: needs.hashRanges },
        log,
        stored: (kid, from, entries) => this.#stored(this.indexOf(kid)!, from, entries),
        fault: (fault) => void this.faults.found(fault),
        mayWait: ({ signed }) => signed.statement.kind !== 'reports' && !needs.ordering.isBusy,
        blame: (peer, found) => {
          if (needs.standing.offend(peer, offenceOf(found.fault), now())) transport.disconnect(peer);
        },
      },
      this.kids.filter((_, index) => index !== needs.self),
    );
    this.cosigning = new Cosigning({
      network,
      judge,
      lanes,
      publicKeys,
      self: needs.self,
      ...needs.witness,
      shelf: needs.checkpoints,
      publish: (note) => transport.publish('checkpoints', [note]),
      fork: (fault) => void this.faults.found(fault),
      gathered: (validator, size, cosigners) => watch({ kind: 'cosigned', validator, size, cosigners }),
      now,
      log,
    });
    this.times = new PeerTimes(
      { network: transport, judge, interval: needs.interval, now, blind: needs.blind },
      peerTimeOptions({ voices: this.kids.length, turnEvery: seconds(TIME_ROUND_EVERY) }),
    );
    this.rounds = new TimeRounds({
      network: transport,
      times: this.times,
      interval: needs.interval,
      shelf: needs.alarms,
      now,
      log,
      changed: (apart, isRaised) => {
        const kid = transport.peers().find(({ name }) => name === apart.who)?.kid;
        const who = kid === undefined ? undefined : this.indexOf(kid);
        watch({ kind: 'time-alarm', alarm: { code: apart.code, who, since: apart.since }, isRaised });
      },
    });
    this.inbound = this.#makeInbound(options);
  }

  /** Reads the lanes into the order, then goes on the wire. */
  async start(): Promise<void> {
    const { lanes, transport, timers } = this.#needs;
    await this.faults.start();
    await this.keeping.start();
    await this.#rememberOwnReports();
    for (const [index, kid] of this.kids.entries())
      this.#lastOf[index]!.tai = (await lastOf(lanes, kid, lanes.lane(kid)?.size ?? 0))?.statement.time.tai;
    await this.order.start();
    await this.cosigning.start();
    await transport.start(this.inbound.handlers);
    this.#endBeat = timers.every(BEAT, () => this.#beat());
  }

  /** Leaves the wire, then lets what was accepted reach the disk. */
  async stop(): Promise<void> {
    this.#endBeat?.();
    await this.#needs.transport.stop();
    await this.keeping.stop();
    await this.cosigning.settled();
    await this.order.stop();
    await this.#noting;
    await this.#needs.noteProgress(1);
  }

  /** Statements of our own that are durable: everyone may have them, and the order goes on. */
  committed(statements: readonly Committed[]): void {
    const { transport, self } = this.#needs;
    if (statements.length === 0) return;
    assert(self !== undefined, 'only a validator signs');
    const entries = statements.map(({ bytes, body }) => encodeEntry({ statement: bytes, body }));
    this.inbound.pipeline.rememberOwn(entries);
    transport.publish('statements', entries);
    const views = entries.map((entry): LaneEntryView => ({ ...readItemOf(entry), entry }));
    for (const view of views) {
      this.#answers?.committed(view.signed);
      this.#tellReported(view);
    }
    this.#stored(self, statements[0]!.index, views);
    // Our own reports begin what the other lanes are waited for.
    if (this.#needs.ordering.isBusy) this.keeping.hurry();
  }

  /** A checkpoint of our own lane was just signed. */
  checkpointed(note: Uint8Array): void {
    this.cosigning.own(note);
  }

  indexOf(kid: Uint8Array): number | undefined {
    const index = this.kids.findIndex((other) => compareBytes(other, kid) === 0);
    return index < 0 ? undefined : index;
  }

  lastStored(index: number): { readonly heardAt: MonoInstant | undefined; readonly tai: TaiInstant | undefined } {
    return this.#lastOf[index]!;
  }

  /** Share of inbound and outbound items dropped lately, 0..1: queues that were full, here or towards a peer. */
  get droppedShare(): number {
    return this.#drops.share;
  }

  // ---- what arrives

  #makeInbound({ peersPerAddress }: MembershipOptions): Inbound {
    const { genesis, network, judge, self, interval, now, timers, log, standing, batch } = this.#needs;
    return inboundOf(
      {
        judges: {
          statements: statementJudge({
            network,
            keyOf: keyOfGenesis(genesis),
            ownKid: self === undefined ? undefined : this.kids[self],
            now: interval,
            isOverlay: this.kids.length > DIRECT_MESH_MAX,
            isAtRest: () => !this.#needs.ordering.isBusy,
            hashRanges: this.#needs.hashRanges,
            take: (statements) => this.#heard(statements),
          }),
          // Admitted while it is judged: the first sight is the moment of arrival.
          subjects: subjectJudge({
            judge: (bytes, from, id) => this.desk.admit(bytes, `peer ${from.name}`, id),
            take: () => undefined,
          }),
          checkpoints: checkpointJudge({ judge, take: (checkpoints) => this.cosigning.take(checkpoints) }),
          faults: faultJudge({ judge, take: (faults: readonly ReceivedFault[]) => this.faults.take(faults) }),
        },
        standing,
        checkSignature: judge.checkSignature,
        batch,
        now,
        timers,
        log,
        answerTime: (nonce) => this.#answers?.answer(nonce) ?? Promise.resolve(undefined),
        joined: (peer) => this.#joined(peer),
        left: (peer) => this.#left(peer),
      },
      { validatorCount: this.kids.length, peersPerAddress },
    );
  }

  #heard(statements: readonly ReceivedStatement[]): void {
    for (const { signed, delay } of statements) {
      const validator = this.indexOf(signed.kid);
      if (validator !== undefined) this.#needs.watch({ kind: 'statement-heard', validator, delay: delay?.most });
    }
    this.keeping.offer(statements);
  }

  #stored(index: number, from: number, entries: readonly LaneEntryView[]): void {
    const last = this.#lastOf[index]!;
    last.heardAt = this.#needs.now();
    last.tai = entries.at(-1)?.signed.statement.time.tai ?? last.tai;
    this.order.took(index, from, entries);
    this.cosigning.grew(index);
    this.#needs.poke();
  }

  #joined(peer: Peer): void {
    const { log, watch } = this.#needs;
    log.write('info', 'a peer joined', this.#wordsOf(peer));
    watch({ kind: 'peer-joined', name: peer.name, validator: this.#validatorOf(peer) });
    void this.keeping.joined(peer.name);
  }

  #left(peer: Peer): void {
    const { log, watch } = this.#needs;
    this.rounds.forget(peer.name);
    log.write('info', 'a peer left', this.#wordsOf(peer));
    watch({ kind: 'peer-left', name: peer.name, validator: this.#validatorOf(peer) });
  }

  #validatorOf({ kid }: Peer): number | undefined {
    return kid === undefined ? undefined : this.indexOf(kid);
  }

  #wordsOf(peer: Peer): LogFields {
    return { peer: peer.name, address: peer.address, role: peer.hello.role, validator: this.#validatorOf(peer) };
  }

  // ---- what follows

  #grew(slot: number, entries: readonly OrderEntry[]): void {
    const { watch, genesis, interval, now } = this.#needs;
    const at = now();
    const tai = interval()?.latest;
    watch({
      kind: 'order-grew',
      slot,
      entries,
      took: entries.map(({ subject }) => this.desk.tookToFinal(subject, at)),
      finality: tai === undefined ? undefined : longerOf(ZERO, since(tai, slotEnd(slot, genesis.parameters))),
    });
  }

  #tellReported(view: LaneEntryView): void {
    const at = this.#needs.now();
    for (const id of this.desk.reportedIn(view)) {
      const took = this.desk.sinceFirstSeen(id, at);
      if (took !== undefined) this.#needs.watch({ kind: 'subject-reported', id, took } satisfies NetworkEvent);
    }
  }

  /** After a restart our own lane says what was reported already: its newest part is enough for the validity window. */
  async #rememberOwnReports(): Promise<void> {
    const { lanes, self } = this.#needs;
    if (self === undefined) return;
    const own = lanes.lane(this.kids[self]!);
    const from = Math.max(own?.firstKept ?? 0, (own?.size ?? 0) - LIMITS.untiledEntriesMax);
    for (const entry of (await own?.read(from, own.size)) ?? []) this.desk.reportedIn(itemOf(entry));
  }

  #beat(): void {
    const { self } = this.#needs;
    this.#beats += 1;
    this.keeping.beat();
    this.desk.beat();
    this.#drops.note(itemsHandled(this.#needs.transport.counters(), this.inbound.pipeline.counts));
    if (this.#beats % ASK_AROUND_EVERY === 0) this.keeping.askAround();
    // Whoever has no time compares none.
    if (this.#beats % TIME_ROUND_EVERY === 0 && self !== undefined) void this.rounds.round();
    if (this.#beats % NOTE_PROGRESS_EVERY === 0) this.#noteProgress();
    this.#needs.poke();
  }

  #noteProgress(): void {
    this.#noting = this.#noting
      .then(() => this.#needs.noteProgress(LIMITS.copyNoteEntriesMin))
      .catch((error: unknown) => {
        this.#needs.log.write('error', 'how far the copies reach could not be noted', { error: String(error) });
      });
  }
}
