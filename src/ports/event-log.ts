/**
 * What happened, for those who watch from outside: a bounded log of typed events. The loop and the network tell; faces follow.
 *
 * Events are plain values. An id is the place of an event in this run of the agent; a run has a name, so that an id of an
 * earlier run is never mistaken for one of this. The log forgets the oldest and says so: a follower that comes too late
 * learns that it missed something, never silently.
 */

import type { AlertCode, AlertUnit, Severity } from '../core/alerts/rule.ts';
import type { Code } from '../core/codes.ts';
import type { MonoInstant, Nanos, TaiInstant } from '../core/time/nanos.ts';
import type { ClockStateName, SourceView } from './view.ts';

export type AgentEvent =
  | { readonly kind: 'clock-changed'; readonly from: ClockStateName; readonly to: ClockStateName; readonly code: Code }
  /** Signing began (`code` undefined) or stopped, for this reason. */
  | { readonly kind: 'attesting-changed'; readonly code: Code | undefined }
  | { readonly kind: 'warned'; readonly code: Code }
  | {
      readonly kind: 'source-judged';
      readonly source: string;
      /** Undefined the first time. */
      readonly from: SourceView['verdict'] | undefined;
      readonly to: SourceView['verdict'];
      readonly code: Code | undefined;
    }
  /** A source or receiver is gone or answers again. */
  | { readonly kind: 'presence-changed'; readonly source: string; readonly present: boolean; readonly code: Code }
  | {
      readonly kind: 'statement-committed';
      readonly seq: bigint;
      readonly id: Uint8Array;
      readonly statement: string;
      readonly tai: TaiInstant;
      readonly guarantee: Nanos;
    }
  | { readonly kind: 'commit-refused'; readonly code: Code; readonly detail: string }
  | {
      readonly kind: 'alert-changed';
      readonly code: AlertCode;
      readonly severity: Severity;
      /** The source it is about, where it is about one. */
      readonly source: string | undefined;
      /** It began to fire, or it is over. */
      readonly isRaised: boolean;
      /** The number that made it fire; when it is over, the worst meanwhile. */
      readonly value: number;
      readonly unit: AlertUnit;
    }
  /** `kid` is the validator's, where the peer is one. */
  | { readonly kind: 'peer-joined'; readonly peer: string; readonly kid: Uint8Array | undefined }
  | {
      readonly kind: 'peer-left';
      readonly peer: string;
      readonly kid: Uint8Array | undefined;
      readonly code: Code | undefined;
    }
  /** A validator is convicted of this by a proof that is kept. */
  | { readonly kind: 'fault-found'; readonly code: Code; readonly kid: Uint8Array; readonly detail: string }
  /** `count` subjects became final, from this position of the order on. */
  | { readonly kind: 'subjects-final'; readonly first: bigint; readonly count: number };

export type EventKind = AgentEvent['kind'];

/** An event with its place in this run and the instant at which it was told. */
export type LoggedEvent = {
  readonly id: number;
  readonly at: MonoInstant;
  /** What the host's own clock said, milliseconds since 1970: to find it in a log file, never a time we vouch for. */
  readonly hostUtcMs: number;
  readonly event: AgentEvent;
};

export type EventPage = {
  readonly events: readonly LoggedEvent[];
  /** Everything asked for up to this id is in `events`: what to ask from next. */
  readonly upTo: number;
  /** Events up to this id, later than the id asked from, may have been of the kinds asked for and are no longer kept. */
  readonly forgottenUpTo: number | undefined;
};

export type EventQuery = {
  readonly limit: number;
  /** Undefined: all kinds. */
  readonly kinds: ReadonlySet<EventKind> | undefined;
};

export interface EventSink {
  tell(event: AgentEvent): void;
}

export interface EventFeed {
  /** Name of this run of the agent: eight hexadecimal digits. */
  readonly run: string;
  /** Id of the newest event; 0 before the first. Ids grow by one. */
  readonly newest: number;
  /** The events later than `id`, oldest first. */
  after(id: number, query: EventQuery): EventPage;
  /** Calls `wake` after a turn of the loop in which something was told. The returned function ends it. */
  watch(wake: () => void): () => void;
}
