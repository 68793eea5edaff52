/**
 * Whether a reference is believed: the judgement of one health report, and of a reference as a whole.
 *
 * GNSS is evidence, not an oracle (design section 4). A report is good only when every field that is demanded is present
 * and well; an absent field never reads as good. The receiver's own accuracy figure is never asked. What follows from
 * distrust, a source that coasts from its last confirmed edge, is decided in source-estimate.ts.
 */

import type { Code } from '../codes.ts';
import { leapStateAt, type LeapTable } from '../time/leap-seconds.ts';
import { isBefore, magnitude, seconds, since, type MonoInstant, type Nanos, type TaiInstant } from '../time/nanos.ts';
import type { ReferenceSpec } from './configuration.ts';
import type { ReferenceHealth } from './observation.ts';
import type { ReferenceTrack } from './record.ts';

/** How long around a leap second a receiver may name either offset: its report comes some seconds around the step. */
const LEAP_GRACE = seconds(5);

/**
 * Why a report is not good; undefined when it is. `tai` is roughly when it was made (any clock that is not a leap second
 * off will do); undefined when no clock was read yet, which leaves its TAI-UTC unproven.
 */
export function faultOfReport(
  spec: ReferenceSpec,
  report: ReferenceHealth,
  leapTable: LeapTable,
  tai: TaiInstant | undefined,
): Code | undefined {
  return faultOfReception(spec, report) ?? faultOfInterference(spec, report) ?? faultOfLeap(report, leapTable, tai);
}

function faultOfReception(spec: ReferenceSpec, report: ReferenceHealth): Code | undefined {
  if (report.fix === 'none') return 'reference-no-fix';
  if (report.timeValid === false) return 'reference-time-invalid';
  // Nothing said of fix or time is not a loss that the card sees too: a cut serial line leaves the card its pulse.
  if (report.fix === undefined || report.timeValid === undefined) return 'reference-health-missing';
  if (report.antenna === 'short' || report.antenna === 'open') return 'reference-antenna-fault';
  if (spec.satellitesMin > 0 && !(report.satellitesUsed !== undefined && report.satellitesUsed >= spec.satellitesMin))
    return 'reference-few-satellites';
  return undefined;
}

function faultOfInterference(spec: ReferenceSpec, report: ReferenceHealth): Code | undefined {
  const isDemanded = spec.interferenceReport === 'required';
  if (report.spoofing === 'indicated' || report.spoofing === 'affirmed') return 'reference-spoofed';
  if (isDemanded && report.spoofing !== 'none') return 'reference-spoofed';
  if (report.jamming === 'critical') return 'reference-jammed';
  if (isDemanded && report.jamming !== 'none' && report.jamming !== 'warning') return 'reference-jammed';
  return undefined;
}

function faultOfLeap(report: ReferenceHealth, table: LeapTable, tai: TaiInstant | undefined): Code | undefined {
  if (report.leapSource === undefined || report.leapSource === 'default' || report.leapSource === 'unknown')
    return 'leap-source-unproven';
  if (report.taiUtcSeconds === undefined) return 'tai-utc-unknown';
  // Before any clock was read only the table's newest value can be meant. Without this a reference that is itself the only
  // clock would never be read: its first reading waits for a good report. The report after that reading is judged in full.
  if (tai === undefined)
    return report.taiUtcSeconds === table.steps.at(-1)?.taiUtcSeconds ? undefined : 'tai-utc-unknown';
  const leap = leapStateAt(table, tai);
  // An expired table can contradict nobody.
  if (leap.kind === 'expired') return undefined;
  if (leap.kind === 'before-table') return 'tai-utc-disagrees';
  if (report.taiUtcSeconds === leap.taiUtcSeconds) return undefined;
  const isNearStep = table.steps.some(
    (step, i) =>
      magnitude(since(tai, step.fromTai)) <= LEAP_GRACE &&
      (report.taiUtcSeconds === step.taiUtcSeconds || report.taiUtcSeconds === table.steps[i - 1]?.taiUtcSeconds),
  );
  return isNearStep ? undefined : 'tai-utc-disagrees';
}

/** Why a reference is not believed at `asOf`; undefined when it is. */
export function distrustOf(
  spec: ReferenceSpec,
  track: ReferenceTrack,
  leapTable: LeapTable,
  asOf: MonoInstant,
  tai: TaiInstant | undefined,
): Code | undefined {
  if (track.suspicion !== undefined) return track.suspicion.code;
  if (spec.health === 'none') return undefined;
  if (track.latest === undefined) return 'reference-health-missing';
  const fault = faultOfReport(spec, track.latest, leapTable, tai);
  if (fault !== undefined) return fault;
  if (since(asOf, track.latest.at) > spec.healthAgeMax) return 'reference-health-stale';
  if (track.goodSince === undefined || isBefore(asOf, track.goodSince)) return 'reference-settling';
  return since(track.latest.at, track.goodSince) < spec.trustAfter ? 'reference-settling' : undefined;
}

/**
 * Faults that the card sees as well as we do, so that its servo lets go of the reference. With any other fault the card
 * may go on following what we do not believe.
 */
const KNOWN_TO_THE_CARD: ReadonlySet<Code> = new Set<Code>(['reference-no-fix', 'reference-time-invalid']);

/**
 * How long a card may have followed a reference we did not believe before the card itself saw it go: a receiver on its way
 * down fades before it loses its fix. The servo is counted for this beside its settling; a card that may have followed for
 * longer has no known phase any more (fold.ts).
 */
export const FADING_MAX: Nanos = seconds(10);

/** Whether a card may still be following a reference that is distrusted for `code`. */
export const mayStillSteer = (code: Code): boolean => !KNOWN_TO_THE_CARD.has(code);
