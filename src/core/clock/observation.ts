/**
 * What the clock core is told: bracketed readings of device clocks, labelled edges, health of references, disruptions.
 *
 * A reading MUST bracket: the device was read at some instant in `[before, after]` of the raw monotonic clock, and said
 * `reading`. The kernel takes the stamps; nothing here was computed by JavaScript's idea of now. A pulse whose second is
 * known is a reading too: the "device" is the reference itself, and `reading` is the whole second the edge marks.
 */

import type { Code } from '../codes.ts';
import type { MonoInstant, Nanos, TaiInstant } from '../time/nanos.ts';

/** Configured name of a source, such as `card0`; unique in one configuration. */
export type SourceName = string;

/** One bracketed read of a device clock, already on TAI. */
export type Reading = {
  readonly kind: 'reading';
  readonly source: SourceName;
  readonly before: MonoInstant;
  readonly reading: TaiInstant;
  readonly after: MonoInstant;
  /** What the driver cut off the bracket's end (`ts_window_adjust` of a Time Card); added back to `after`. */
  readonly windowAdjust: Nanos;
  /** An error bound the source itself declares for this reading (adjtimex maxerror, clockAccuracy); undefined: none. */
  readonly declaredError: Nanos | undefined;
};

/** An edge of a reference's pulse, latched by a device clock (extts), with the TAI second it was proven to mark. */
export type LabelledEdge = {
  readonly kind: 'edge';
  /** The source whose device clock latched the edge. */
  readonly source: SourceName;
  /** The receiver whose pulse it is. */
  readonly reference: SourceName;
  /** What the device clock read at the edge. */
  readonly stamp: TaiInstant;
  /** The whole TAI second the reference marks with this edge. */
  readonly second: TaiInstant;
  /** Sawtooth error of the pulse in picoseconds as the receiver foretold it (UBX-TIM-TP qErr); undefined: not known. */
  readonly sawtoothPs: bigint | undefined;
  /** When we learned of it: after the edge. */
  readonly learned: MonoInstant;
};

/** How a reference said it feels. Every field may be absent; an absent field never reads as good. */
export type ReferenceHealth = {
  readonly kind: 'health';
  readonly reference: SourceName;
  readonly at: MonoInstant;
  readonly fix: 'none' | 'time-only' | '2d' | '3d' | undefined;
  readonly timeValid: boolean | undefined;
  readonly taiUtcSeconds: number | undefined;
  /** `default` and `unknown` are the receiver's firmware speaking, not the sky. */
  readonly leapSource: 'satellites' | 'default' | 'unknown' | 'configured' | undefined;
  readonly satellitesUsed: number | undefined;
  readonly antenna: 'ok' | 'short' | 'open' | 'unknown' | undefined;
  readonly jamming: 'none' | 'warning' | 'critical' | 'unknown' | undefined;
  readonly spoofing: 'none' | 'indicated' | 'affirmed' | 'unknown' | undefined;
};

/** How a card's oscillator feels. */
export type OscillatorHealth = {
  readonly kind: 'oscillator';
  readonly source: SourceName;
  readonly at: MonoInstant;
  readonly locked: boolean | undefined;
  readonly temperatureMilliC: number | undefined;
};

/** A source that cannot be read any more, or answers again. */
export type SourcePresence = {
  readonly kind: 'presence';
  readonly source: SourceName;
  readonly at: MonoInstant;
  readonly present: boolean;
  /** Why it is gone, or that it is there. */
  readonly code: Code;
};

/** Something happened to the host after which no earlier reading may be extrapolated. */
export type Disruption = {
  readonly kind: 'disruption';
  readonly at: MonoInstant;
  readonly cause: 'suspend' | 'vm-pause' | 'clock-step' | 'boot-change';
};

export type Observation = Reading | LabelledEdge | ReferenceHealth | OscillatorHealth | SourcePresence | Disruption;
