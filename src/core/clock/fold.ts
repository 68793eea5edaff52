/**
 * Observations folded into the record: what is accepted, what is held back until health confirms it, what is dropped.
 *
 * An edge counts only after a good health report that is later than it, because trouble starts before it is reported; a
 * bad report throws away what came since the last good one. A device that steps, vanishes or is not read for long loses
 * its edges: its phase is no longer known. Every branch drops or keeps what it was given; nothing is averaged here.
 */

import type { Code } from '../codes.ts';
import { isBefore, seconds, since, type MonoInstant } from '../time/nanos.ts';
import type { ClockConfig, SourceSpec } from './configuration.ts';
import { distrustOf, FADING_MAX, faultOfReport, mayStillSteer } from './health.ts';
import type { Disruption, Observation, Reading, ReferenceHealth } from './observation.ts';
import { confirm, foldEdge } from './fold-edges.ts';
import {
  cleared,
  counted,
  emptyReference,
  emptySource,
  mapSourcesOf,
  referenceOf,
  roughTai,
  setReference,
  setSource,
  trackOf,
  withSource,
  type ClockRecord,
  type ReferenceTrack,
  type SourceTrack,
} from './record.ts';
import { isRecordable } from './admission.ts';
import { contradiction } from './source-estimate.ts';
import { bracketEnd, isTooWide, pushReading } from './window.ts';

/** How long a disturbed reading is passed over for a better one. */
const WIDE_WAIT = seconds(2);

const DISRUPTION_CODES: Readonly<Record<Disruption['cause'], Code>> = {
  suspend: 'host-suspended',
  'vm-pause': 'host-paused',
  'clock-step': 'host-clock-stepped',
  'boot-change': 'host-rebooted',
};

/** The record after `observation`. Observations of one source come in the order of their instants. */
export function fold(config: ClockConfig, record: ClockRecord, observation: Observation): ClockRecord {
  if (!isRecordable(observation)) return counted(record, 'unrecordable');
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
      return withSource(record, observation.source, (track) => cleared(track, observation.code));
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
  if (newest !== undefined && isBefore(reading.before, newest.before)) return counted(record, 'readingsStray');
  if (spec.measures === 'reference' && !isReferenceTrusted(config, record, spec))
    return counted(record, 'readingsUntrusted');
  // After a long silence nothing shows that the device's clock ran on undisturbed.
  const isContinuous = newest === undefined || since(reading.before, bracketEnd(newest)) <= spec.readingAgeMax;
  if (!isContinuous) return setSource(record, { ...restarted(track, spec), readings: [reading] });
  // A wide reading is worth having once the others are old: one lucky narrow one must not shut the door for good.
  const isFresh = newest !== undefined && since(reading.before, bracketEnd(newest)) < WIDE_WAIT;
  if (isFresh && isTooWide(window, reading)) return counted(record, 'readingsWide');
  if (contradiction(config, spec, window, reading).isCertain)
    return setSource(counted(record, 'readingsStray'), acquiredAfresh(track, reading));
  return setSource(record, { ...track, readings: pushReading(window, reading) });
}

/**
 * A contradicted window is dropped, and what was learned of the device with it: from two readings that exclude each other
 * nobody can tell whether the device stepped or the host's clock stood still, so neither may be issued on.
 */
const acquiredAfresh = (track: SourceTrack, reading: Reading): SourceTrack => ({
  ...cleared(track, 'source-stepped'),
  readings: [reading],
});

/** A source that starts anew after silence: a device loses its edges, a reference has none to lose. */
const restarted = (track: SourceTrack, spec: SourceSpec): SourceTrack =>
  spec.measures === 'device' ? cleared(track, 'source-readings-stale') : { ...track, readings: [] };

/** Whether a source's reference has earned trust and not lost it, or no report is demanded. */
function isReferenceTrusted(config: ClockConfig, record: ClockRecord, spec: SourceSpec): boolean {
  const reference = config.references.find((r) => r.name === spec.reference);
  if (reference === undefined) return true;
  const { suspicion, latest, goodSince } = referenceOf(record, reference.name);
  if (suspicion !== undefined) return false;
  if (reference.health === 'none') return true;
  return goodSince !== undefined && since(latest!.at, goodSince) >= reference.trustAfter;
}

// ---- health

function foldHealth(config: ClockConfig, record: ClockRecord, report: ReferenceHealth): ClockRecord {
  const spec = config.references.find((r) => r.name === report.reference);
  if (spec === undefined) return counted(record, 'unknownSource');
  const track = referenceOf(record, spec.name);
  if (track.latest !== undefined && isBefore(report.at, track.latest.at)) return record;
  const fault = faultOfReport(spec, report, config.leapTable, roughTai(config, record, report.at));
  // A gap in the reports ends a run of good health as a bad report does.
  const isGap = track.latest !== undefined && since(report.at, track.latest.at) > spec.healthAgeMax;
  if (fault !== undefined) {
    const next = setReference(record, { ...track, latest: report, goodSince: undefined });
    const before = distrustOf(spec, track, config.leapTable, report.at, roughTai(config, record, report.at));
    const isReleased = before !== undefined && mayStillSteer(before) && !mayStillSteer(fault);
    return mapSourcesOf(config, next, spec.name, (source, s) =>
      isReleased && wasFollowedLong(source, report.at)
        ? cleared(source, 'source-phase-unknown')
        : withoutUnconfirmed(source, s, track.lastGood?.at),
    );
  }
  const goodSince = isGap ? report.at : (track.goodSince ?? report.at);
  const after: ReferenceTrack = { ...track, latest: report, lastGood: report, goodSince };
  const next = setReference(record, after);
  if (isGap)
    return mapSourcesOf(config, next, spec.name, (source, s) => withoutUnconfirmed(source, s, track.latest!.at));
  const isTrusted = since(report.at, goodSince) >= spec.trustAfter && track.suspicion === undefined;
  return isTrusted ? mapSourcesOf(config, next, spec.name, (source) => confirmUntil(source, report.at)) : next;
}

/** Whether a card may have followed what we did not believe for longer than a fading receiver is allowed. */
function wasFollowedLong({ edges }: SourceTrack, at: MonoInstant): boolean {
  const newest = edges.at(-1);
  return newest !== undefined && since(at, newest.learned) > FADING_MAX;
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

function confirmUntil(track: SourceTrack, at: MonoInstant): SourceTrack {
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
    cause === 'clock-step' ? { ...track, readings: [] } : { ...emptySource(track.name), cleared: code },
  );
  const references = record.references.map((track) => (cause === 'clock-step' ? track : emptyReference(track.name)));
  return { ...record, sources, references, disruption: { code, at } };
}
