/**
 * Pulses before anyone knows which second they mark: what a pulse input hands to the pairing with the time of day.
 *
 * Two kinds, because they prove different things. A device clock that latches the pulse in hardware (extts) tells the
 * pulse's place on that device's own time. A pulse stamped by the host's interrupt (/dev/ppsN, RFC 2783) tells where it
 * lies on the host's raw monotonic clock, as a bracket. Neither carries the number of its second: labelling is the
 * business of core/gnss, and of the receiver's time of day.
 */

import type { SourceName } from '../core/clock/observation.ts';
import type { MonoInstant, TaiInstant } from '../core/time/nanos.ts';

/** An edge latched by a device clock. */
export type RawEdge = {
  readonly kind: 'raw-edge';
  /** The source whose device clock latched the edge. */
  readonly source: SourceName;
  /** The device's input: the extts index of a PHC. */
  readonly channel: number;
  /** What the device clock read at the edge, on TAI when the device keeps TAI. */
  readonly stamp: TaiInstant;
  /** When the host learned of it: after the edge, by any delay. */
  readonly learned: MonoInstant;
  /** The device's own count of edges, where it keeps one: a gap is a lost edge. */
  readonly sequence: bigint | undefined;
};

/** A pulse stamped by the host: it happened at some instant in `[before, after]`. */
export type RawPulse = {
  readonly kind: 'raw-pulse';
  /** The source whose input saw the pulse. */
  readonly source: SourceName;
  readonly before: MonoInstant;
  readonly after: MonoInstant;
  /** When the host learned of it: not before `after`. */
  readonly learned: MonoInstant;
  /** The kernel's count of pulses (`assert_sequence`): a gap is a lost pulse. */
  readonly sequence: bigint | undefined;
};

/** Takes edges as they come; must not throw and must not keep the caller waiting. */
export type EdgeSink = (edge: RawEdge | RawPulse) => void;
