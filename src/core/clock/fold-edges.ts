/**
 * Edges folded into the record: pending until health confirms them, stray when the oscillator cannot explain them.
 *
 * What makes an edge stray is decided in edges.ts; here is what follows from it: a doubt of the device's phase at the first
 * stray edge, a suspicion of the reference at the third, and a return to the edges from before the trouble can have begun.
 */

import type { Code } from '../codes.ts';
import { LIMITS } from '../limits.ts';
import { leapStateAt } from '../time/leap-seconds.ts';
import { isBefore, longerOf, magnitude, minus, plus, seconds, shorterOf, since, times, ZERO } from '../time/nanos.ts';
import type { MonoInstant, Nanos } from '../time/nanos.ts';
import type { ClockConfig, SourceSpec } from './configuration.ts';
import { faultAfter, faultOfEdge, hasWalked, phaseHullOf, phaseOf, pushAnchor } from './edges.ts';
import type { LabelledEdge, Reading } from './observation.ts';
import { counted, referenceOf, setReference, setSource, trackOf } from './record.ts';
import type { ClockRecord, ReferenceTrack, SourceTrack } from './record.ts';
import { contradiction } from './source-estimate.ts';

/** Edges in a row that the oscillator cannot explain before the reference is suspect. */
const STRAY_EDGES_MAX = 3;
/** Edges in a row that agree again before a suspicion is lifted. */
const AGREEING_EDGES_MIN = 10;
/** When a reference becomes suspect, edges younger than this are no longer believed either. */
const LOOKBACK = seconds(20);
/** Spacing of the older edges kept for that case. */
const OLDER_SPACING = seconds(5);
const OLDER_EDGES_MAX = 8;

export function foldEdge(config: ClockConfig, record: ClockRecord, edge: LabelledEdge): ClockRecord {
  const spec = config.sources.find((s) => s.name === edge.source);
  const reference = config.references.find((r) => r.name === edge.reference);
  if (spec === undefined || reference === undefined || spec.reference !== edge.reference)
    return counted(record, 'unknownSource');
  if (spec.measures !== 'device') return counted(record, 'unknownSource');
  const before = trackOf(record, spec.name);
  if (before.edgeSeen !== undefined && isBefore(edge.learned, before.edgeSeen)) return counted(record, 'edgesStray');
  const fault = faultOfNext(config, spec, before, edge);
  const track = { ...before, edgeSeen: edge.learned, folding: { ...before.folding, seen: edge } };
  if (fault !== undefined) return foldStrayEdge(config, record, { spec, track, edge, code: fault });
  const suspected = referenceOf(record, reference.name);
  if (suspected.suspicion !== undefined) return foldAgreeingEdge(record, track, suspected);
  const calmed = withoutDoubt(track);
  if (reference.health === 'none') return setSource(record, confirm(calmed, edge));
  const pending = [...calmed.folding.pending, edge];
  const isFull = pending.length > LIMITS.clockPendingEdgesMax;
  const next = isFull ? counted(record, 'edgesUnconfirmed') : record;
  return setSource(next, { ...calmed, folding: { ...calmed.folding, pending: isFull ? pending.slice(1) : pending } });
}

/** Why an edge is not believed, against all that is known. */
function faultOfNext(config: ClockConfig, spec: SourceSpec, track: SourceTrack, edge: LabelledEdge): Code | undefined {
  const { seen } = track.folding;
  if (seen !== undefined && edge.second <= seen.second) return 'receiver-stuck';
  const leap = leapStateAt(config.leapTable, edge.second);
  const fault = faultOfEdge(spec, edge, leap.kind === 'before-table' ? undefined : leap.taiUtcSeconds);
  if (fault !== undefined) return fault;
  const previous = track.folding.pending.at(-1) ?? track.edges.at(-1);
  const jump = previous === undefined ? undefined : faultAfter(spec, previous, edge);
  if (jump !== undefined) return jump;
  // A walk shows against the past: the oldest anchor gives it most time, the younger ones least drift.
  const past = [track.anchors[0], track.anchors.at(-1), track.folding.older[0]];
  return past.some((older) => older !== undefined && hasWalked(spec, older, edge)) ? 'edge-phase-walk' : undefined;
}

/**
 * An edge the oscillator cannot explain is not used. Before anything was confirmed it only restarts the acquisition; after
 * that it raises a doubt at once, and three in a row make the reference suspect, from some seconds before the first.
 */
function foldStrayEdge(config: ClockConfig, record: ClockRecord, stray: Stray): ClockRecord {
  const { track, edge, code } = stray;
  const next = counted(record, 'edgesStray');
  const strayEdges = track.folding.strayEdges + 1;
  const reference = referenceOf(next, edge.reference);
  const isAcquiring = track.edges.length === 0;
  const straying = isAcquiring ? restartedBy(track, edge, code) : doubted(config, stray);
  const after = { ...straying, folding: { ...straying.folding, strayEdges } };
  const counting = setSource(next, after);
  // A receiver that says it is unwell may pulse as it likes: that it strays is no news, and the card sees the same report.
  if (reference.latest !== undefined && reference.goodSince === undefined)
    return setSource(next, { ...track, folding: { ...track.folding, strayEdges } });
  if (reference.suspicion !== undefined) return setReference(counting, { ...reference, folding: { agreeing: 0 } });
  if (strayEdges < STRAY_EDGES_MAX || (isAcquiring && !ACCUSES_THE_LABEL.has(code))) return counting;
  const suspicion = { code, since: edge.learned };
  const suspect = setReference(counting, { ...reference, suspicion, folding: { agreeing: 0 } });
  return setSource(suspect, withoutRecentEdges(after, edge.learned));
}

type Stray = {
  readonly spec: SourceSpec;
  readonly track: SourceTrack;
  readonly edge: LabelledEdge;
  readonly code: Code;
};

/** An acquisition starts again from the edge that jumped; one that cannot be right whatever came before starts nothing. */
function restartedBy(track: SourceTrack, edge: LabelledEdge, code: Code): SourceTrack {
  const pending = code === 'edge-phase-jump' ? [edge] : [];
  return { ...track, cleared: code, folding: { ...track.folding, pending } };
}

/**
 * When reference and device part, either may have moved. That the device's clock stepped is excluded as far as the host's
 * clock watched it: a step larger than twice what a reading may lie from its forecast would have shown. So the phase is
 * in doubt by the jump, up to that size; by a walk, which the host's clock cannot watch, in full. What the pulse moves
 * further while it strays is added: the doubt only grows until edges fit again.
 */
function doubted(config: ClockConfig, { spec, track, edge, code }: Stray): SourceTrack {
  const phase = phaseOf(edge);
  const first = track.folding.firstStray;
  const isLabel = ACCUSES_THE_LABEL.has(code);
  if (first !== undefined && !isLabel) {
    const grown = plus(first.doubt, magnitude(minus(phase, first.phase)));
    return { ...track, doubt: longerOf(track.doubt ?? ZERO, grown) };
  }
  const apart = shorterOf(magnitude(minus(phase, phaseHullOf(track.edges).centre)), seconds(1));
  const unseen = code === 'edge-phase-walk' ? undefined : stepUnseenBy(config, spec, track.readings);
  const doubt = longerOf(track.doubt ?? ZERO, unseen === undefined ? apart : shorterOf(apart, unseen));
  // A wrong label says nothing of where the pulse is, so no motion is measured from it.
  if (isLabel) return { ...track, doubt };
  return { ...track, doubt, folding: { ...track.folding, firstStray: { phase, doubt } } };
}

/** The largest step of a device's clock that its readings would not have shown; undefined when nothing watched it. */
function stepUnseenBy(config: ClockConfig, spec: SourceSpec, readings: readonly Reading[]): Nanos | undefined {
  const newest = readings.at(-1);
  if (newest === undefined || readings.length < 3) return undefined;
  return times(contradiction(config, spec, readings.slice(0, -1), newest).allowed, 2n);
}

const withoutDoubt = (track: SourceTrack): SourceTrack => ({
  ...track,
  doubt: undefined,
  folding: { ...track.folding, strayEdges: 0, firstStray: undefined },
});

/** Faults of the label rather than of the device's clock: they concern every source of the same reference. */
const ACCUSES_THE_LABEL: ReadonlySet<Code> = new Set<Code>(['edge-whole-second', 'edge-tai-slip', 'receiver-stuck']);

function foldAgreeingEdge(record: ClockRecord, track: SourceTrack, reference: ReferenceTrack): ClockRecord {
  const agreeing = reference.folding.agreeing + 1;
  const isLifted = agreeing >= AGREEING_EDGES_MIN;
  const next = setSource(record, isLifted ? withoutDoubt(track) : track);
  return setReference(next, {
    ...reference,
    suspicion: isLifted ? undefined : reference.suspicion,
    folding: { agreeing: isLifted ? 0 : agreeing },
  });
}

/** What is left of a source's edges when its reference turns out to lie: those from before the trouble can have begun. */
function withoutRecentEdges(track: SourceTrack, at: MonoInstant): SourceTrack {
  const isOld = (edge: LabelledEdge): boolean => since(at, edge.learned) >= LOOKBACK;
  const older = track.folding.older.filter(isOld);
  const edges = [...older, ...track.edges.filter(isOld)].slice(-LIMITS.clockEdgesMax);
  const anchors = track.anchors.filter(isOld);
  return {
    ...track,
    edges: edges.length > 0 ? edges : anchors.slice(-1),
    anchors,
    folding: { ...track.folding, pending: [], older },
  };
}

/** A source with one more confirmed edge. */
export function confirm(track: SourceTrack, edge: LabelledEdge): SourceTrack {
  const edges = [...track.edges, edge];
  const leaving = edges.length > LIMITS.clockEdgesMax ? edges.shift() : undefined;
  const newestOlder = track.folding.older.at(-1);
  const isKept =
    leaving !== undefined &&
    (newestOlder === undefined || since(leaving.learned, newestOlder.learned) >= OLDER_SPACING);
  const older = isKept ? [...track.folding.older, leaving].slice(-OLDER_EDGES_MAX) : track.folding.older;
  return {
    ...track,
    edges,
    anchors: pushAnchor(track.anchors, edge),
    cleared: undefined,
    folding: { ...track.folding, older },
  };
}
