/**
 * Observations folded into the record: what is accepted, what is held back until health confirms it, what is dropped.
 *
 * An edge counts only after a good health report that is later than it, because trouble starts before it is reported; a
 * bad report throws away what came since the last good one. A device that steps, vanishes or is not read for long loses
 * its edges: its phase is no longer known. Every branch drops or keeps what it was given; nothing is averaged here.
 */

import type { Code } from '../codes.ts';
import { LIMITS } from '../limits.ts';
import { isBefore, magnitude, nanos, plus, seconds, shift, since, ZERO } from '../time/nanos.ts';
import type { MonoInstant, Nanos } from '../time/nanos.ts';
import { leapStateAt } from '../time/leap-seconds.ts';
import type { ClockConfig, ReferenceSpec, SourceSpec } from './configuration.ts';
import { faultAfter, faultOfEdge, hasWalked, pushAnchor } from './edges.ts';
import { extrapolate, rateOf } from './extrapolation.ts';
import { faultOfReport } from './health.ts';
import type { Disruption, LabelledEdge, Observation, Reading, ReferenceHealth } from './observation.ts';
import {
  emptySource,
  roughTai,
  type ClockRecord,
  type Counters,
  type ReferenceTrack,
  type SourceTrack,
} from './record.ts';
import { errorOfReading, rateAssumptionOf } from './source-estimate.ts';
import { bracketEnd, bracketWidth, halfBracket, isTooWide, pushReading } from './window.ts';

/**
 * Readings in a row that contradict the window before the source is acquired afresh: the first. From two readings that
 * exclude each other nobody can tell whether the device stepped or the host stood still, so neither may be issued on.
 */
const STRAY_READINGS_MAX = 1;
/** Edges in a row that the oscillator cannot explain before the reference is suspect. */
const STRAY_EDGES_MAX = 3;
/** Edges in a row that agree again before a suspicion is lifted. */
const AGREEING_EDGES_MIN = 10;
/** When a reference becomes suspect, edges younger than this are no longer believed either. */
const LOOKBACK = seconds(20);
/** Spacing of the older edges kept for that case. */
const OLDER_SPACING = seconds(5);
const OLDER_EDGES_MAX = 8;

const DISRUPTION_CODES: Readonly<Record<Disruption['cause'], Code>> = {
  suspend: 'host-suspended',
  'vm-pause': 'host-paused',
  'clock-step': 'host-clock-stepped',
  'boot-change': 'host-rebooted',
};

/** The record after `observation`. Observations of one source come in the order of their instants. */
export function fold(config: ClockConfig, record: ClockRecord, observation: Observation): ClockRecord {
  switch (observation.kind) {
    case 'reading':
      return foldReading(config, record, observation);
    case 'edge':
      return foldEdge(config, record, observation);
    case 'health':
      return foldHealth(config, record, observation);
    case 'oscillator':
      return withSource(record, observation.source, (track) => {
        // What a device did while its oscillator ran free is not known: earlier edges say nothing of it any more.
        const known = observation.locked === false ? cleared(track, 'oscillator-unlocked') : track;
        return { ...known, oscillator: observation };
      });
    case 'presence':
      if (observation.present) return record;
      return withSource(record, observation.source, (track) => cleared(track, 'source-absent'));
    case 'disruption':
      return foldDisruption(record, observation);
  }
}

// ---- readings

function foldReading(config: ClockConfig, record: ClockRecord, reading: Reading): ClockRecord {
  const spec = config.sources.find((s) => s.name === reading.source);
  if (spec === undefined) return counted(record, 'unknownSource');
  const track = trackOf(record, spec.name);
  const window = track.readings;
  const newest = window.at(-1);
  // Our adapters keep order; a reading that ends before it begins, or comes late, is a kernel stamp we cannot use.
  if (bracketWidth(reading) < 0n || reading.windowAdjust < 0n) return counted(record, 'readingsStray');
  if (newest !== undefined && isBefore(reading.before, newest.before)) return counted(record, 'readingsStray');
  if (spec.measures === 'reference' && !isReferenceWell(config, record, spec))
    return counted(record, 'readingsUntrusted');
  // After a long silence nothing shows that the device's clock ran on undisturbed.
  const isContinuous = newest === undefined || since(reading.before, bracketEnd(newest)) <= spec.readingAgeMax;
  if (!isContinuous) return setSource(record, { ...restarted(track, spec), readings: [reading] });
  if (isTooWide(window, reading)) return counted(record, 'readingsWide');
  if (contradicts(config, spec, window, reading)) return foldStray(record, track, reading);
  const folding = track.folding.strayReadings.length === 0 ? track.folding : { ...track.folding, strayReadings: [] };
  return setSource(record, { ...track, readings: pushReading(window, reading), folding });
}

/** Whether a reading lies outside of what the window foretells, both taken at their widest. */
function contradicts(config: ClockConfig, spec: SourceSpec, window: readonly Reading[], reading: Reading): boolean {
  if (window.length === 0) return false;
  const assumption = rateAssumptionOf(config, spec);
  const errorOf = (r: Reading): Nanos => errorOfReading(spec, r) ?? ZERO;
  const rate = rateOf(window, assumption, errorOf);
  if (rate === undefined) return true;
  const half = halfBracket(reading);
  const middle = shift(reading.before, nanos(bracketWidth(reading) / 2n));
  const foretold = extrapolate(window, rate, assumption, middle, errorOf);
  const allowed = plus(half, foretold.bracket, foretold.extrapolation, errorOf(reading), errorOf(foretold.reading));
  // What the servo may have done and one step of both readings; brackets are turned to the device's time at 1 in 1000.
  const slack = plus(spec.granularity, spec.granularity, nanos(bracketWidth(reading) / 1_000n));
  return magnitude(since(reading.reading, foretold.centre)) > plus(allowed, slack);
}

/** A contradicted window is dropped, and what was learned of the device with it: its phase is not known any more. */
function foldStray(record: ClockRecord, track: SourceTrack, reading: Reading): ClockRecord {
  const strayReadings = [...track.folding.strayReadings, reading];
  const next = counted(record, 'readingsStray');
  if (strayReadings.length < STRAY_READINGS_MAX)
    return setSource(next, { ...track, folding: { ...track.folding, strayReadings } });
  return setSource(next, { ...cleared(track, 'source-stepped'), readings: [reading], oscillator: track.oscillator });
}

/** A source that starts anew after silence: a device loses its edges, a reference has none to lose. */
const restarted = (track: SourceTrack, spec: SourceSpec): SourceTrack =>
  spec.measures === 'device' ? cleared(track, 'source-readings-stale') : { ...track, readings: [] };

function cleared(track: SourceTrack, code: Code): SourceTrack {
  return { ...emptySource(track.name), oscillator: track.oscillator, edgeSeen: track.edgeSeen, cleared: code };
}

/** Whether the newest report of a source's reference was good, or no report is demanded. */
function isReferenceWell(config: ClockConfig, record: ClockRecord, spec: SourceSpec): boolean {
  const reference = config.references.find((r) => r.name === spec.reference);
  if (reference === undefined || reference.health === 'none') return true;
  return record.references.find((r) => r.name === reference.name)?.goodSince !== undefined;
}

// ---- edges

function foldEdge(config: ClockConfig, record: ClockRecord, edge: LabelledEdge): ClockRecord {
  const spec = config.sources.find((s) => s.name === edge.source);
  const reference = config.references.find((r) => r.name === edge.reference);
  if (spec === undefined || reference === undefined || spec.reference !== edge.reference)
    return counted(record, 'unknownSource');
  if (spec.measures !== 'device') return counted(record, 'unknownSource');
  const before = trackOf(record, spec.name);
  if (before.edgeSeen !== undefined && isBefore(edge.learned, before.edgeSeen)) return counted(record, 'edgesStray');
  const fault = faultOfNext(config, spec, before, edge);
  const track = { ...before, edgeSeen: edge.learned, folding: { ...before.folding, seen: edge } };
  if (fault !== undefined) return foldStrayEdge(record, track, edge, fault);
  const calmed = { ...track, folding: { ...track.folding, strayEdges: 0 } };
  const suspected = referenceOf(record, reference.name);
  if (suspected.suspicion !== undefined) return foldAgreeingEdge(record, calmed, suspected);
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
 * that, three in a row make the reference suspect, from some seconds before the first.
 */
function foldStrayEdge(record: ClockRecord, track: SourceTrack, edge: LabelledEdge, code: Code): ClockRecord {
  const next = counted(record, 'edgesStray');
  const strayEdges = track.folding.strayEdges + 1;
  const isAcquiring = track.edges.length === 0;
  // An acquisition starts again from the edge that jumped; one that cannot be right whatever came before starts nothing.
  const pending = isAcquiring ? (code === 'edge-phase-jump' ? [edge] : []) : track.folding.pending;
  const folding = { ...track.folding, pending, strayEdges };
  const counting = setSource(next, { ...track, folding, ...(isAcquiring ? { cleared: code } : {}) });
  const reference = referenceOf(counting, edge.reference);
  // A receiver that says it is unwell may pulse as it likes: that it strays is no news, and the card sees the same report.
  if (reference.latest !== undefined && reference.goodSince === undefined) return counting;
  if (reference.suspicion !== undefined) return setReference(counting, { ...reference, folding: { agreeing: 0 } });
  if (strayEdges < STRAY_EDGES_MAX || (isAcquiring && !ACCUSES_THE_LABEL.has(code))) return counting;
  const since = edge.learned;
  const suspect = setReference(counting, { ...reference, suspicion: { code, since }, folding: { agreeing: 0 } });
  return setSource(suspect, withoutRecentEdges({ ...track, folding }, since));
}

/** Faults of the label rather than of the device's clock: they concern every source of the same reference. */
const ACCUSES_THE_LABEL: ReadonlySet<Code> = new Set<Code>(['edge-whole-second', 'edge-tai-slip', 'receiver-stuck']);

function foldAgreeingEdge(record: ClockRecord, track: SourceTrack, reference: ReferenceTrack): ClockRecord {
  const agreeing = reference.folding.agreeing + 1;
  const isLifted = agreeing >= AGREEING_EDGES_MIN;
  const next = setSource(record, track);
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
function confirm(track: SourceTrack, edge: LabelledEdge): SourceTrack {
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

// ---- health

function foldHealth(config: ClockConfig, record: ClockRecord, report: ReferenceHealth): ClockRecord {
  const spec = config.references.find((r) => r.name === report.reference);
  if (spec === undefined) return counted(record, 'unknownSource');
  const track = referenceOf(record, spec.name);
  if (track.latest !== undefined && isBefore(report.at, track.latest.at)) return record;
  const fault = faultOfReport(spec, report, config.leapTable, roughTai(record, report.at));
  // A gap in the reports ends a run of good health as a bad report does.
  const isGap = track.latest !== undefined && since(report.at, track.latest.at) > spec.healthAgeMax;
  if (fault !== undefined) {
    const next = setReference(record, { ...track, latest: report, goodSince: undefined });
    return mapSourcesOf(config, next, spec.name, (source, s) => withoutUnconfirmed(source, s, track.lastGood?.at));
  }
  const goodSince = isGap ? report.at : (track.goodSince ?? report.at);
  const after: ReferenceTrack = { ...track, latest: report, lastGood: report, goodSince };
  const next = setReference(record, after);
  if (isGap)
    return mapSourcesOf(config, next, spec.name, (source, s) => withoutUnconfirmed(source, s, track.latest!.at));
  const isTrusted = since(report.at, goodSince) >= spec.trustAfter && track.suspicion === undefined;
  return isTrusted ? mapSourcesOf(config, next, spec.name, (source) => confirmUntil(source, report.at, spec)) : next;
}

/** What came after the last good report is not believed once a bad one arrives. */
function withoutUnconfirmed(track: SourceTrack, spec: SourceSpec, lastGood: MonoInstant | undefined): SourceTrack {
  const readings =
    spec.measures === 'device'
      ? track.readings
      : track.readings.filter((r) => lastGood !== undefined && bracketEnd(r) <= lastGood);
  return { ...track, readings, folding: { ...track.folding, pending: [] } };
}

/** Edges before the first confirmation that must agree with one another. */
const FIRST_EDGES_MIN = 3;

function confirmUntil(track: SourceTrack, at: MonoInstant, spec: ReferenceSpec): SourceTrack {
  if (spec.health === 'none') return track;
  const { pending } = track.folding;
  if (pending.length === 0 || (track.edges.length === 0 && pending.length < FIRST_EDGES_MIN)) return track;
  let next = track;
  for (const edge of pending) if (edge.learned <= at) next = confirm(next, edge);
  return { ...next, folding: { ...next.folding, pending: pending.filter((edge) => edge.learned > at) } };
}

// ---- disruption

/**
 * No reading crosses a disruption, and no health report made before it speaks for what comes after. Edges survive a
 * stepped wall clock alone: a card may have lost power in suspend, and another host has another card.
 */
function foldDisruption(record: ClockRecord, { cause, at }: Disruption): ClockRecord {
  const code = DISRUPTION_CODES[cause];
  const sources = record.sources.map((track) =>
    cause === 'clock-step'
      ? { ...track, readings: [], folding: { ...track.folding, strayReadings: [] } }
      : { ...emptySource(track.name), cleared: code },
  );
  const references = record.references.map((track) =>
    cause === 'clock-step'
      ? track
      : { ...track, latest: undefined, lastGood: undefined, goodSince: undefined, suspicion: undefined },
  );
  return { ...record, sources, references, disruption: { code, at } };
}

// ---- the record as a value

const trackOf = (record: ClockRecord, name: string): SourceTrack => record.sources.find((s) => s.name === name)!;
const referenceOf = (record: ClockRecord, name: string): ReferenceTrack =>
  record.references.find((r) => r.name === name)!;

function setSource(record: ClockRecord, track: SourceTrack): ClockRecord {
  return { ...record, sources: record.sources.map((s) => (s.name === track.name ? track : s)) };
}

function setReference(record: ClockRecord, track: ReferenceTrack): ClockRecord {
  return { ...record, references: record.references.map((r) => (r.name === track.name ? track : r)) };
}

function withSource(record: ClockRecord, name: string, change: (track: SourceTrack) => SourceTrack): ClockRecord {
  const track = record.sources.find((s) => s.name === name);
  return track === undefined ? counted(record, 'unknownSource') : setSource(record, change(track));
}

function mapSourcesOf(
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

function counted(record: ClockRecord, counter: keyof Counters): ClockRecord {
  return { ...record, counters: { ...record.counters, [counter]: record.counters[counter] + 1 } };
}
