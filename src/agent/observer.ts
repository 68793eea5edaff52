/**
 * One who follows without signing, as the faces see it: an observer or an archive.
 *
 * It has no clock, no lane and no guard. What it knows is the membership's: lanes verified, the order that follows, faults,
 * checkpoints. Where a validator would show its time, it says by code that it tells none. Its beat is there for those who
 * watch that the process lives (systemd, the alerts); nothing is done on it.
 */

import type { DriftAnswer } from '../core/clock/drift-history.ts';
import { NO_COUNTS } from '../core/clock/record.ts';
import type { Role } from '../core/peers/hello.ts';
import type { LeapTable } from '../core/time/leap-seconds.ts';
import { ZERO, type MonoInstant, type Nanos } from '../core/time/nanos.ts';
import type { DevicesView } from '../ports/device-view.ts';
import type { HostClock } from '../ports/host-clock.ts';
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
import type { AgentIdentity } from './agent.ts';
import { reasonOf } from './status.ts';

export type ObserverNeeds = {
  readonly role: Exclude<Role, 'validator'>;
  readonly host: HostClock;
  readonly timers: Timers;
  readonly identity: Omit<AgentIdentity, 'simulated'>;
  readonly leapTable: LeapTable;
  /** The guarantee above which a validator with this configuration would not sign: shown, never used. */
  readonly limit: Nanos;
  /** Called after every beat, with one line of state. */
  readonly onBeat: (line: string) => void;
};

const NO_DEVICES: DevicesView = { sources: () => [], receivers: () => [], oscillators: () => [] };
const NO_HISTORY: DriftAnswer = { length: ZERO, points: [], isTruncated: false };

export class Observer implements AgentView, MeteredView {
  readonly devices = NO_DEVICES;
  readonly identity = undefined;
  readonly #needs: ObserverNeeds;
  readonly #beatEvery: Nanos;
  readonly #startedAt: MonoInstant;
  readonly #beatWatchers = new Set<() => void>();
  #beats = 0;
  #endTimer: (() => void) | undefined;

  constructor(needs: ObserverNeeds, options: { readonly beatEvery: Nanos }) {
    this.#needs = needs;
    this.#beatEvery = options.beatEvery;
    this.#startedAt = needs.host.now();
  }

  /** May be called twice. */
  start(): void {
    this.#endTimer ??= this.#needs.timers.every(this.#beatEvery, () => this.#beat());
  }

  /** May be called twice. */
  stop(): void {
    this.#endTimer?.();
    this.#endTimer = undefined;
  }

  #beat(): void {
    this.#beats += 1;
    this.#needs.onBeat(`${this.#needs.role}: follows the network, signs nothing`);
    for (const wake of [...this.#beatWatchers]) wake();
  }

  /** There is never anything to sign. */
  poke(): void {
    // Asked of whoever has a membership.
  }

  interval(): undefined {
    return undefined;
  }

  get genesis(): Uint8Array {
    return this.#needs.identity.genesis;
  }

  now(): TimeView {
    return {
      asOf: this.#needs.host.now(),
      state: 'unsynchronized',
      reason: reasonOf('role-observer'),
      earliest: undefined,
      latest: undefined,
      guarantee: undefined,
      uncertainty: undefined,
      taiUtcSeconds: undefined,
      nanoMoment: undefined,
    };
  }

  status(): StatusView {
    const { role, identity, host } = this.#needs;
    return {
      version: identity.version,
      startedAt: this.#startedAt,
      bootId: host.bootId,
      network: identity.network,
      role,
      validator: identity.validator,
      time: this.now(),
      budget: [],
      secondsUntilLimit: undefined,
      assumptions: [],
      estimate: undefined,
      sources: [],
      identity: undefined,
      attesting: { since: this.#startedAt, reason: reasonOf('role-observer') },
      lane: { size: 0n, lastTai: undefined, lastId: undefined },
      inbox: { waiting: 0, waitingMax: 0, dropped: 0 },
      simulated: false,
    };
  }

  meters(): MetersView {
    return {
      beats: this.#beats,
      beatsSkipped: 0,
      guarantee: undefined,
      limit: this.#needs.limit,
      hostRate: undefined,
      dropped: NO_COUNTS,
      leapTable: this.#needs.leapTable,
      sources: [],
      checkpoint: { age: ZERO, entriesSince: 0 },
    };
  }

  watchBeats(wake: () => void): () => void {
    this.#beatWatchers.add(wake);
    return () => this.#beatWatchers.delete(wake);
  }

  statements(): Promise<readonly StatementView[]> {
    return Promise.resolve([]);
  }

  drift(): DriftView {
    return { ...NO_HISTORY, stability: [] };
  }

  history(): DriftAnswer {
    return NO_HISTORY;
  }

  evidence(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  identityRecord(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  laneFile(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}
