/**
 * The bounded record an estimate is computed from: what was observed, and what of it is still believed.
 *
 * Observations are folded into this record (fold.ts) and an estimate is a pure function of it (estimate.ts), so the
 * evidence of an estimate is the record itself. Arrays are replaced, never changed, so a record can be kept as it was
 * without copying. Fields under `folding` steer later folds only and are no part of the evidence.
 */

import type { Code } from '../codes.ts';
import { isBefore, shift, since, type MonoInstant, type TaiInstant } from '../time/nanos.ts';
import type { LabelledEdge, OscillatorHealth, Reading, ReferenceHealth, SourceName } from './observation.ts';

/** Why a reference is not believed although it says it is well. */
export type Suspicion = { readonly code: Code; readonly since: MonoInstant };

/** What is known of a reference. `lastGood` is its newest report that was judged good. */
export type ReferenceTrack = {
  readonly name: SourceName;
  readonly latest: ReferenceHealth | undefined;
  readonly lastGood: ReferenceHealth | undefined;
  /** Since when every report was good; undefined while the newest is bad. */
  readonly goodSince: MonoInstant | undefined;
  readonly suspicion: Suspicion | undefined;
  readonly folding: {
    /** Consecutive edges that agreed with the oscillator since the suspicion. */
    readonly agreeing: number;
  };
};

/** What is known of a source. */
export type SourceTrack = {
  readonly name: SourceName;
  /** Accepted readings, oldest first. */
  readonly readings: readonly Reading[];
  /** Confirmed edges, oldest first: a good health report came after each. */
  readonly edges: readonly LabelledEdge[];
  /** Older confirmed edges, sparse, from which drift is learned; oldest first. */
  readonly anchors: readonly LabelledEdge[];
  /** When any edge, believed or not, last arrived. */
  readonly edgeSeen: MonoInstant | undefined;
  readonly oscillator: OscillatorHealth | undefined;
  /** Why the record of this source was last emptied; undefined: never, or filled again. */
  readonly cleared: Code | undefined;
  readonly folding: SourceFolding;
};

export type SourceFolding = {
  /** Edges that no good health report has followed yet. */
  readonly pending: readonly LabelledEdge[];
  /** Confirmed edges, some seconds apart, kept to fall back on when a reference becomes suspect. */
  readonly older: readonly LabelledEdge[];
  /** Readings in a row that contradict the window. */
  readonly strayReadings: readonly Reading[];
  /** Edges in a row that the oscillator cannot explain. */
  readonly strayEdges: number;
  /** The last edge that arrived, believed or not. */
  readonly seen: LabelledEdge | undefined;
};

/** What was dropped, for metrics; never part of the evidence. */
export type Counters = {
  readonly readingsWide: number;
  readonly readingsStray: number;
  readonly readingsUntrusted: number;
  readonly edgesStray: number;
  readonly edgesUnconfirmed: number;
  readonly unknownSource: number;
};

export type ClockRecord = {
  readonly sources: readonly SourceTrack[];
  readonly references: readonly ReferenceTrack[];
  /** The last disruption, until the state machine has seen it. */
  readonly disruption: { readonly code: Code; readonly at: MonoInstant } | undefined;
  readonly counters: Counters;
};

export const EMPTY_FOLDING: SourceFolding = {
  pending: [],
  older: [],
  strayReadings: [],
  strayEdges: 0,
  seen: undefined,
};

export function emptySource(name: SourceName): SourceTrack {
  return {
    name,
    readings: [],
    edges: [],
    anchors: [],
    edgeSeen: undefined,
    oscillator: undefined,
    cleared: undefined,
    folding: EMPTY_FOLDING,
  };
}

export function emptyReference(name: SourceName): ReferenceTrack {
  return {
    name,
    latest: undefined,
    lastGood: undefined,
    goodSince: undefined,
    suspicion: undefined,
    folding: { agreeing: 0 },
  };
}

export const NO_COUNTS: Counters = {
  readingsWide: 0,
  readingsStray: 0,
  readingsUntrusted: 0,
  edgesStray: 0,
  edgesUnconfirmed: 0,
  unknownSource: 0,
};

/** A rough TAI for `at`, good enough to look up leap seconds: from the newest reading of any source. */
export function roughTai(record: ClockRecord, at: MonoInstant): TaiInstant | undefined {
  let newest: Reading | undefined;
  for (const { readings } of record.sources) {
    const last = readings.at(-1);
    if (last !== undefined && (newest === undefined || isBefore(newest.before, last.before))) newest = last;
  }
  return newest === undefined ? undefined : shift(newest.reading, since(at, newest.before));
}
