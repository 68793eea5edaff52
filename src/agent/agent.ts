/**
 * The agent: one loop around the validator. Events go into a bounded inbox, the validator says what to do, the agent does
 * it and reports back as another event. Nothing decides here.
 *
 * One beat is: look whether the host slept, let the validator step, commit what it drafted. A commit runs beside the loop
 * (storage waits for disks) and ends as an event; the validator asks for one at a time. After a full disk signing is tried
 * again on every `retryAfter`; after any other failure of storage only a restart, which recovers, signs again.
 */

import type { Code } from '../core/codes.ts';
import type { Observation } from '../core/clock/observation.ts';
import type { DriftAnswer } from '../core/clock/drift-history.ts';
import type { ClockConfig } from '../core/clock/configuration.ts';
import { assumptionsOf } from '../core/clock/explain.ts';
import { LIMITS } from '../core/limits.ts';
import type { Agenda } from '../core/ordering/agenda.ts';
import { PRUNE_RECORD_FILE } from '../core/log/prune-record.ts';
import { parseTilePath, TILE_WIDTH } from '../core/log/tiles.ts';
import { interval, type Interval } from '../core/time/interval.ts';
import { isBefore, shift, since, type MonoInstant, type Nanos } from '../core/time/nanos.ts';
import { ppt } from '../core/time/rate.ts';
import type { Draft, Effect, Validator, ValidatorEvent } from '../core/validator.ts';
import type { DevicesView, DeviceTelemetry } from '../ports/device-view.ts';
import type { EventSink } from '../ports/event-log.ts';
import type { HostClock } from '../ports/host-clock.ts';
import type { EvidenceStore, Lane } from '../ports/lane.ts';
import type { Log } from '../ports/log.ts';
import type { TimeSource } from '../ports/source.ts';
import type { Timers } from '../ports/timers.ts';
import type {
  AgentView,
  DriftView,
  MeteredView,
  MetersView,
  StatementView,
  StatusView,
  TimeView,
} from '../ports/view.ts';
import { CheckpointKeeper } from './checkpoint-keeper.ts';
import type { CommitProtocol, Committed } from './commit-protocol.ts';
import { DeviceWords } from './device-words.ts';
import { DriftRecorder } from './drift-recorder.ts';
import { HostWatch } from './host-watch.ts';
import type { IdentityKeeper } from './identity-keeper.ts';
import { Inbox } from './inbox.ts';
import { LoopEvents } from './loop-events.ts';
import { logEffect } from './loop-log.ts';
import { Pacer } from './pacer.ts';
import { budgetView, reasonOf, sourceMeters, sourceView, timeView } from './status.ts';
import { statementViews } from './statement-views.ts';

export type AgentNeeds = {
  readonly validator: Validator;
  readonly sources: readonly TimeSource[];
  readonly host: HostClock;
  readonly timers: Timers;
  readonly log: Log;
  readonly commits: CommitProtocol;
  /** What adapters know of their devices beyond what they tell the loop. */
  readonly telemetry: DeviceTelemetry;
  /** Is told what happens, for those who watch. */
  readonly events: EventSink;
  /** Takes statements that are durable; may be given one again after a restart. */
  readonly publish: (statements: readonly Committed[]) => void;
  readonly lane: Lane;
  readonly evidence: EvidenceStore;
  /** Reads a file of the lane's directory; undefined when it is not there. */
  readonly readLaneFile: (path: string) => Promise<Uint8Array | undefined>;
  readonly clock: ClockConfig;
  readonly identity: AgentIdentity;
  /** Keeps the host identity record that evidence names. */
  readonly hostIdentity: IdentityKeeper;
  /** Called after every beat: the loop made progress, and the state is this. */
  readonly onBeat?: (line: string) => void;
  /** Called after each commit that succeeded, with how long it took until it was durable. */
  readonly onCommit?: (took: Nanos) => void;
  /** Takes each checkpoint of our lane, once it is durable. */
  readonly onCheckpoint?: (note: Uint8Array) => void;
  /** The agenda of the validator, where it has one: what is due is looked for between beats as well. */
  readonly agenda?: Pick<Agenda, 'hasWork'> | undefined;
};

export type AgentIdentity = {
  readonly version: string;
  readonly network: StatusView['network'];
  readonly validator: StatusView['validator'];
  readonly genesis: Uint8Array;
  readonly simulated: boolean;
};

export type AgentOptions = {
  readonly heartbeat: Nanos;
  /** How long after a full disk signing is tried again. */
  readonly retryAfter: Nanos;
  /** A checkpoint is due after this, however few entries there are. */
  readonly checkpointEvery: Nanos;
};

export class Agent implements AgentView, MeteredView {
  readonly #needs: AgentNeeds;
  readonly #options: AgentOptions;
  readonly #inbox = new Inbox<ValidatorEvent, ValidatorEvent>({ observationsMax: LIMITS.inboxEventsMax });
  readonly #watch: HostWatch;
  readonly #drift = new DriftRecorder();
  readonly #events: LoopEvents;
  readonly #devices: DeviceWords;
  readonly #beatWatchers = new Set<() => void>();
  readonly #startedAt: MonoInstant;
  readonly #pacer: Pacer;
  readonly #checkpoints: CheckpointKeeper;
  #isDrainPlanned = false;
  #isRunning = false;
  #identified: Promise<void> | undefined;
  #endTimer: (() => void) | undefined;
  #committing: Promise<void> = Promise.resolve();
  #retryAt: MonoInstant | undefined;
  #beats = 0;

  constructor(needs: AgentNeeds, options: AgentOptions) {
    this.#needs = needs;
    this.#options = options;
    this.#watch = new HostWatch(needs.host);
    this.#events = new LoopEvents(needs.events);
    this.#devices = new DeviceWords({
      clock: needs.clock,
      telemetry: needs.telemetry,
      now: () => needs.host.now(),
      estimate: () => needs.validator.estimate,
      newestReading: (source) => needs.validator.newestReading(source),
    });
    this.#startedAt = needs.host.now();
    const { commits, lane, log, host } = needs;
    this.#checkpoints = new CheckpointKeeper(
      { commits, lane, log, now: () => host.now(), written: (note) => needs.onCheckpoint?.(note) },
      options.checkpointEvery,
    );
    const { agenda, timers, validator } = needs;
    this.#pacer = new Pacer({
      timers,
      look: () => this.#look(),
      hasWork: () => agenda?.hasWork(validator.head.size) === true,
    });
  }

  /**
   * Starts the sources: a clock takes its time to be believed, and need not wait for lanes to be read and peers to be met.
   * Nothing is estimated, and no evidence made, before `start`. May be called twice.
   */
  async acquire(): Promise<void> {
    if (this.#identified !== undefined) return;
    const { hostIdentity, sources, host } = this.#needs;
    this.#identified = hostIdentity.start(host.now(), (digest) => {
      this.#inbox.putControl({ kind: 'identity-changed', digest });
      this.#planDrain();
    });
    for (const source of sources) await source.start((observation) => this.#observe(observation));
  }

  /** Starts the heartbeat, once the host's identity is known, so that no evidence is without it. May be called twice. */
  async start(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    await this.acquire();
    await this.#identified;
    this.#endTimer = this.#needs.timers.every(this.#options.heartbeat, () => this.#beat());
  }

  /** Stops in reverse, finishes the commit under way and leaves a checkpoint of everything. May be called twice. */
  async stop(): Promise<void> {
    if (this.#identified === undefined) return;
    this.#identified = undefined;
    this.#isRunning = false;
    this.#endTimer?.();
    this.#pacer.stop();
    for (const source of this.#needs.sources.toReversed()) await source.stop();
    await this.#needs.hostIdentity.stop();
    this.#drain();
    await this.#committing;
    this.#drain();
    await this.#checkpoints.finish();
  }

  // ---- the loop

  #observe(observation: Observation): void {
    this.#events.observed(observation);
    this.#devices.observed(observation);
    this.#inbox.putObservation({ kind: 'observed', observation });
    this.#planDrain();
  }

  #beat(): void {
    const disruption = this.#watch.look();
    if (disruption !== undefined) this.#inbox.putControl({ kind: 'observed', observation: disruption });
    const at = this.#needs.host.now();
    if (this.#retryAt !== undefined && !isBefore(at, this.#retryAt)) {
      this.#retryAt = undefined;
      this.#inbox.putControl({ kind: 'storage-ready' });
    }
    this.#inbox.putControl({ kind: 'beat', at });
    this.#drain();
    this.#beats += 1;
    const estimate = this.#needs.validator.estimate!;
    this.#events.judged(estimate);
    this.#drift.record(estimate);
    this.#checkpoints.beat(at);
    this.#needs.hostIdentity.beat(at);
    this.#needs.onBeat?.(this.#summary());
    for (const wake of [...this.#beatWatchers]) wake();
  }

  /** There may be something to sign before the next beat. */
  poke(): void {
    if (this.#isRunning) this.#pacer.poke();
  }

  #look(): void {
    this.#inbox.putControl({ kind: 'due', at: this.#needs.host.now() });
    this.#drain();
  }

  #planDrain(): void {
    if (this.#isDrainPlanned) return;
    this.#isDrainPlanned = true;
    this.#needs.timers.soon(() => this.#drain());
  }

  #drain(): void {
    this.#isDrainPlanned = false;
    for (const event of this.#inbox.takeAll())
      for (const effect of this.#needs.validator.step(event)) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    this.#events.performed(effect);
    if (effect.kind === 'commit') this.#committing = this.#commit(effect.draft);
    else logEffect(this.#needs.log, effect);
  }

  // ---- effects that wait for disks

  async #commit(draft: Draft): Promise<void> {
    const { commits, publish, host } = this.#needs;
    const begun = host.now();
    const outcome = await commits.commit([draft]);
    if (outcome.kind === 'committed') {
      // Statements that a full disk had kept back come first; what was drafted now may be too old to follow them.
      const durable = [...outcome.resumed, ...outcome.statements];
      publish(durable);
      this.#events.committed(durable);
      this.#inbox.putControl({ kind: 'committed', head: commits.head, at: host.now() });
      this.#needs.onCommit?.(since(host.now(), begun));
    } else this.#refused(outcome, host.now());
    this.#planDrain();
    this.poke();
  }

  #refused({ code, detail }: { readonly code: Code; readonly detail: string }, at: MonoInstant): void {
    // Not storage's failure: the next estimate lies later, and the next beat tries again.
    const halts = code !== 'time-not-after-last';
    this.#events.refused(code, detail);
    if (code === 'disk-full') this.#retryAt = shift(at, this.#options.retryAfter);
    if (halts) this.#needs.log.write('error', 'a statement could not be committed', { code, detail });
    this.#inbox.putControl({ kind: 'commit-refused', code, at, halts });
  }

  // ---- what the faces see

  get genesis(): Uint8Array {
    return this.#needs.identity.genesis;
  }

  now(): TimeView {
    const at = this.#needs.host.now();
    const { validator } = this.#needs;
    return timeView(validator.now(at), at, validator.estimate);
  }

  /** The interval now, for whoever stamps an arrival: the same as `now()` without its words. */
  interval(): Interval | undefined {
    const { earliest, latest } = this.#needs.validator.now(this.#needs.host.now());
    return earliest === undefined || latest === undefined ? undefined : interval(earliest, latest);
  }

  status(): StatusView {
    const { validator, identity, clock, host } = this.#needs;
    const { estimate, attesting, head } = validator;
    return {
      version: identity.version,
      startedAt: this.#startedAt,
      bootId: host.bootId,
      network: identity.network,
      role: 'validator',
      validator: identity.validator,
      time: this.now(),
      budget: budgetView(estimate),
      secondsUntilLimit: estimate?.interval === undefined ? undefined : estimate.secondsUntilLimit,
      assumptions: assumptionsOf(clock),
      estimate:
        estimate === undefined
          ? undefined
          : { asOf: estimate.asOf, earliest: estimate.interval?.earliest, latest: estimate.interval?.latest },
      sources: (estimate?.sources ?? []).map((view) => sourceView(view, clock.sources)),
      identity: this.#needs.hostIdentity.current?.digest,
      attesting: {
        since: attesting.since,
        reason: attesting.code === undefined ? undefined : reasonOf(attesting.code),
      },
      lane: {
        size: BigInt(head.size),
        lastTai: head.time,
        lastId: head.size === 0 ? undefined : head.previous,
      },
      inbox: {
        waiting: this.#inbox.length,
        waitingMax: LIMITS.inboxEventsMax,
        dropped: this.#inbox.dropped,
      },
      simulated: identity.simulated,
    };
  }

  get devices(): DevicesView {
    return this.#devices;
  }

  watchBeats(wake: () => void): () => void {
    this.#beatWatchers.add(wake);
    return () => this.#beatWatchers.delete(wake);
  }

  meters(): MetersView {
    const { validator, clock, host, lane } = this.#needs;
    const { estimate } = validator;
    const at = host.now();
    return {
      beats: this.#beats,
      beatsSkipped: validator.beatsSkipped,
      guarantee: estimate?.guarantee,
      limit: clock.limit,
      hostRate: estimate?.pace === undefined ? undefined : ppt(0n - estimate.pace.rateCentre),
      dropped: validator.clockCounters,
      leapTable: clock.leapTable,
      sources: clock.sources.map((spec) => sourceMeters(spec, estimate, validator.newestReading(spec.name), at)),
      checkpoint: { age: this.#checkpoints.age(at), entriesSince: lane.entriesSinceCheckpoint },
    };
  }

  async statements(from: bigint, limit: number): Promise<readonly StatementView[]> {
    const size = this.#needs.validator.head.size;
    if (from >= BigInt(size)) return [];
    const first = Number(from);
    return statementViews(await this.#needs.lane.read(first, Math.min(first + limit, size)));
  }

  evidence(digest: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#needs.evidence.get(digest);
  }

  get identity(): Uint8Array | undefined {
    return this.#needs.hostIdentity.current?.bytes;
  }

  identityRecord(digest: Uint8Array): Promise<Uint8Array | undefined> {
    return this.#needs.hostIdentity.get(digest);
  }

  drift(span: Nanos, pointsMax: number): DriftView {
    const answer = this.#drift.over(span, pointsMax);
    return { ...answer, stability: this.#drift.stability(answer) };
  }

  history(span: Nanos, pointsMax: number): DriftAnswer {
    return this.#drift.over(span, pointsMax);
  }

  async laneFile(path: string): Promise<Uint8Array | undefined> {
    const tile = parseTilePath(path);
    const isServed = path === 'checkpoint' || path === PRUNE_RECORD_FILE || tile !== undefined;
    const bytes = isServed ? await this.#needs.readLaneFile(path) : undefined;
    // Rejects with `lane-pruned` for a tile of entries that went.
    if (bytes === undefined && tile?.level === 'entries' && (tile.index + 1) * TILE_WIDTH <= this.#needs.lane.firstKept)
      await this.#needs.lane.read(tile.index * TILE_WIDTH, (tile.index + 1) * TILE_WIDTH);
    return bytes;
  }

  #summary(): string {
    const { attesting, estimate, head } = this.#needs.validator;
    const state = estimate?.state ?? 'acquiring';
    return attesting.code === undefined
      ? `${state}, ${head.size} statements`
      : `${state}, not signing: ${attesting.code}`;
  }
}
