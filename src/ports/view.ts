/**
 * What faces (API, CLI, metrics) may see of the agent: snapshots, plain data, never the inside of the loop.
 *
 * Instants and durations stay branded bigints here; each face turns them into decimal strings at its own edge.
 */

import type { DriftAnswer } from '../core/clock/drift-history.ts';
import type { Counters } from '../core/clock/record.ts';
import type { StabilityPoint } from '../core/clock/stability.ts';
import type { Code } from '../core/codes.ts';
import type { Role } from '../core/peers/hello.ts';
import type { LeapTable } from '../core/time/leap-seconds.ts';
import type { MonoInstant, Nanos, TaiInstant } from '../core/time/nanos.ts';
import type { Ppt } from '../core/time/rate.ts';
import type { DevicesView } from './device-view.ts';

export type ClockStateName = 'acquiring' | 'locked' | 'holdover' | 'unsynchronized' | 'faulted';

/** Why something is as it is: the code, the sentence that holds, what would clear it. */
export type Reason = { readonly code: Code; readonly sentence: string; readonly remedy: string };

export type BudgetTermView = { readonly term: string; readonly nanos: Nanos };

export type SourceView = {
  readonly name: string;
  readonly kind: string;
  /** Sources that share a cause count once. */
  readonly cause: string;
  readonly verdict: 'truechimer' | 'falseticker' | 'shares-cause' | 'unusable';
  readonly reason: Reason | undefined;
  readonly earliest: TaiInstant | undefined;
  readonly latest: TaiInstant | undefined;
};

/** The belief at one instant of the raw clock. Without an interval, `reason` says why there is none. */
export type TimeView = {
  readonly asOf: MonoInstant;
  readonly state: ClockStateName;
  readonly reason: Reason;
  readonly earliest: TaiInstant | undefined;
  readonly latest: TaiInstant | undefined;
  readonly guarantee: Nanos | undefined;
  /** Statistical half-width, shown, never used for ordering. */
  readonly uncertainty: Nanos | undefined;
  readonly taiUtcSeconds: number | undefined;
  /** Derived: Unix nanoseconds of the interval's middle; repeats in a leap second. */
  readonly nanoMoment: bigint | undefined;
};

export type StatusView = {
  readonly version: string;
  readonly startedAt: MonoInstant;
  readonly bootId: string;
  readonly network: { readonly name: string; readonly id: Uint8Array };
  /** Whoever is no validator has a lane of no entries and a time without an interval, for the reason given. */
  readonly role: Role;
  readonly validator: { readonly publicKey: Uint8Array; readonly kid: Uint8Array };
  readonly time: TimeView;
  readonly budget: readonly BudgetTermView[];
  readonly secondsUntilLimit: number | undefined;
  readonly assumptions: readonly string[];
  /**
   * The last estimate at its own instant: what the sources' intervals are compared with, for they lie at that instant too.
   * `time` has moved on since. Undefined before the first estimate; its ends are undefined where none was issued.
   */
  readonly estimate:
    | {
        readonly asOf: MonoInstant;
        readonly earliest: TaiInstant | undefined;
        readonly latest: TaiInstant | undefined;
      }
    | undefined;
  readonly sources: readonly SourceView[];
  /** Digest of the host identity record in force. */
  readonly identity: Uint8Array | undefined;
  /** `code` undefined while statements are signed; otherwise why not, and since when. */
  readonly attesting: { readonly since: MonoInstant; readonly reason: Reason | undefined };
  readonly lane: {
    readonly size: bigint;
    readonly lastTai: TaiInstant | undefined;
    readonly lastId: Uint8Array | undefined;
  };
  readonly inbox: { readonly waiting: number; readonly waitingMax: number; readonly dropped: number };
  readonly simulated: boolean;
};

/** One statement of the lane, as its bytes stand there. */
export type StatementView = {
  readonly seq: bigint;
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
  readonly earliest: TaiInstant;
  readonly latest: TaiInstant;
  readonly kind: string;
  readonly taiUtcSeconds: number;
  readonly evidence: Uint8Array;
};

/** Drift over a span up to now, in buckets of one length, and the stability of the measured phase in the newest gapless run. */
export type DriftView = DriftAnswer & { readonly stability: readonly StabilityPoint[] };

export interface AgentView {
  status(): StatusView;
  /** The interval now, extrapolated from the last estimate; cheap enough for every request. */
  now(): TimeView;
  /** Calls `wake` after every beat, when the bound may have become narrower. The returned function ends it. */
  watchBeats(wake: () => void): () => void;
  /** The devices behind the time, as far as they told. */
  readonly devices: DevicesView;
  /** Up to `limit` statements from `from` upwards. */
  statements(from: bigint, limit: number): Promise<readonly StatementView[]>;
  /** What was measured over the last `span`, in at most `pointsMax` buckets. */
  drift(span: Nanos, pointsMax: number): DriftView;
  /** What the guarantee was made of and which states there were over the last `span`, in at most `pointsMax` buckets. */
  history(span: Nanos, pointsMax: number): DriftAnswer;
  /** The evidence record with this digest; undefined when it was never ours or its retention has passed. */
  evidence(digest: Uint8Array): Promise<Uint8Array | undefined>;
  /** The host identity record in force, signed; undefined when there is none. */
  readonly identity: Uint8Array | undefined;
  /** The signed host identity record with this digest; undefined when it was never ours or is no longer kept. */
  identityRecord(digest: Uint8Array): Promise<Uint8Array | undefined>;
  /**
   * A file of our lane by its C2SP tlog-tiles path (`checkpoint`, `tile/0/000`, `tile/entries/000.p/7`); undefined where
   * there is none, or where the path is not one of those.
   */
  laneFile(path: string): Promise<Uint8Array | undefined>;
  /** The canonical genesis record of the network. */
  readonly genesis: Uint8Array;
}

/** What only graphs and alerts need beside the status. Counts are since the start of the agent. */
export type MetersView = {
  readonly beats: number;
  /** Beats that found the previous commit still under way. */
  readonly beatsSkipped: number;
  /** Guarantee of the last beat's estimate; undefined when it issued no interval. */
  readonly guarantee: Nanos | undefined;
  /** The guarantee above which nothing is signed. */
  readonly limit: Nanos;
  /** How fast the host's raw clock runs against TAI, as of the last beat. */
  readonly hostRate: Ppt | undefined;
  /** What the clock core dropped, by reason. */
  readonly dropped: Counters;
  readonly leapTable: LeapTable;
  readonly sources: readonly SourceMeters[];
  readonly checkpoint: {
    /** Since the last checkpoint written in this run, or since the start before the first. */
    readonly age: Nanos;
    readonly entriesSince: number;
  };
};

export type SourceMeters = {
  readonly name: string;
  readonly kind: string;
  /** Age of the newest reading kept; undefined while none is. */
  readonly age: Nanos | undefined;
  /** Measured phase against its reference: an observation, no bound. */
  readonly phase: Nanos | undefined;
};

export interface MeteredView {
  status(): StatusView;
  meters(): MetersView;
}
