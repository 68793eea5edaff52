/**
 * The bounded record an estimate is computed from: what was observed, and what of it is still believed.
 *
 * Observations are folded into this record (fold.ts) and an estimate is a pure function of it (estimate.ts), so the
 * evidence of an estimate is the record itself. Arrays are replaced, never changed, so a record can be kept as it was
 * without copying. Fields under `folding` steer later folds only and are no part of the evidence.
 */

import type { Code } from '../codes.ts';
import { shift, since, type MonoInstant, type Nanos, type TaiInstant } from '../time/nanos.ts';
import type { ClockConfig, SourceSpec } from './configuration.ts';
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
  /**
   * How far the device's clock may have stepped: set by edges that do not fit, while it is not known whether the reference
   * or the device moved. It widens the phase term; undefined while edges fit.
   */
  readonly doubt: Nanos | undefined;
  /** Why the record of this source was last emptied; undefined: never, or filled again. */
  readonly cleared: Code | undefined;
  readonly folding: SourceFolding;
};

export type SourceFolding = {
  /** Edges that no good health report has followed yet. */
  readonly pending: readonly LabelledEdge[];
  /** Confirmed edges, some seconds apart, kept to fall back on when a reference becomes suspect. */
  readonly older: readonly LabelledEdge[];
  /** Edges in a row that the oscillator cannot explain, the phase of the first, and the doubt it raised. */
  readonly strayEdges: number;
  readonly firstStray: { readonly phase: Nanos; readonly doubt: Nanos } | undefined;
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
  readonly unrecordable: number;
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
  strayEdges: 0,
  firstStray: undefined,
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
    doubt: undefined,
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
  unrecordable: 0,
};

/**
 * A rough TAI for `at`, good enough to look up leap seconds: from the first source, in configured order, whose newest
 * reading is plausible.
 */
export function roughTai(config: ClockConfig, record: ClockRecord, at: MonoInstant): TaiInstant | undefined {
  for (const { readings } of record.sources) {
    const last = readings.at(-1);
    if (last !== undefined && last.reading >= config.plausibleAfter) return shift(last.reading, since(at, last.before));
  }
  return undefined;
}

/** A source whose past says nothing of it any more, for `code`. */
export function cleared(track: SourceTrack, code: Code): SourceTrack {
  return { ...emptySource(track.name), oscillator: track.oscillator, edgeSeen: track.edgeSeen, cleared: code };
}

// ---- the record as a value

export const trackOf = (record: ClockRecord, name: string): SourceTrack => record.sources.find((s) => s.name === name)!;
export const referenceOf = (record: ClockRecord, name: string): ReferenceTrack =>
  record.references.find((r) => r.name === name)!;

export function setSource(record: ClockRecord, track: SourceTrack): ClockRecord {
  return { ...record, sources: record.sources.map((s) => (s.name === track.name ? track : s)) };
}

export function setReference(record: ClockRecord, track: ReferenceTrack): ClockRecord {
  return { ...record, references: record.references.map((r) => (r.name === track.name ? track : r)) };
}

export function withSource(
  record: ClockRecord,
  name: string,
  change: (track: SourceTrack) => SourceTrack,
): ClockRecord {
  const track = record.sources.find((s) => s.name === name);
  return track === undefined ? counted(record, 'unknownSource') : setSource(record, change(track));
}

export function mapSourcesOf(
  config: ClockConfig,
  record: ClockRecord,
  reference: string,
  change: (track: SourceTrack, spec: SourceSpec) => SourceTrack,
): ClockRecord {
  const sources = record.sources.map((track) => {
    const spec = config.sources.find((s) => s.name === track.name)!;
    return spec.reference === reference ? change(track, spec) : track;
  });
  return { ...record, sources };
}

export function counted(record: ClockRecord, counter: keyof Counters): ClockRecord {
  return { ...record, counters: { ...record.counters, [counter]: record.counters[counter] + 1 } };
}
