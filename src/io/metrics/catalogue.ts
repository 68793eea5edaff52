/**
 * Every metric that is read from a snapshot: name, help, labels, and how its number follows from the snapshot.
 *
 * Names end in their base unit (seconds, bytes, ratio) or in `_total`. What is not known has no series: absence is never 0.
 * Labels come from closed tables (states, verdicts, codes, budget terms) or from the configuration, so their number is
 * bounded. docs/metrics.md lists the same names; a test holds catalogue, document and assertions together.
 */

import { CLOCK_STATES } from '../../core/clock/state.ts';
import { floorDivide, NANOS_PER_SECOND } from '../../core/time/nanos.ts';
import { unixNanosOf, type LeapTable } from '../../core/time/leap-seconds.ts';
import { API_REFUSALS } from '../../ports/api-use.ts';
import type { SourceView } from '../../ports/view.ts';
import { NETWORK_ROWS } from './network-catalogue.ts';
import { counter, flag, gauge, labelled, type MetricRow } from './row.ts';
import { floatSeconds } from '../../core/time/float-seconds.ts';

const VERDICTS = ['truechimer', 'falseticker', 'shares-cause', 'unusable'] as const satisfies SourceView['verdict'][];

const CLOCK_ROWS: readonly MetricRow[] = [
  labelled('gauge', 'momentd_clock_state', 'Whether the clock is in this state (1) or not (0).', {
    labels: ['state'],
    read: ({ status }) =>
      CLOCK_STATES.map((state) => ({ labels: { state }, value: flag(status.time.state === state) })),
  }),
  labelled('gauge', 'momentd_clock_reason', 'The code of why the clock is in its state; always 1.', {
    labels: ['code'],
    read: ({ status }) => [{ labels: { code: status.time.reason.code }, value: 1 }],
  }),
  gauge('momentd_guarantee_seconds', 'Half-width of the guaranteed interval now.', ({ status: { time } }) =>
    time.guarantee === undefined ? undefined : floatSeconds(time.guarantee),
  ),
  gauge('momentd_guarantee_limit_seconds', 'Half-width above which nothing is signed.', ({ meters }) =>
    floatSeconds(meters.limit),
  ),
  gauge('momentd_uncertainty_seconds', 'Statistical half-width (two sigma); no bound.', ({ status: { time } }) =>
    time.uncertainty === undefined ? undefined : floatSeconds(time.uncertainty),
  ),
  labelled('gauge', 'momentd_budget_seconds', 'One term of the guarantee, as of the last beat.', {
    labels: ['term'],
    read: ({ status }) => status.budget.map(({ term, nanos }) => ({ labels: { term }, value: floatSeconds(nanos) })),
  }),
  gauge(
    'momentd_limit_reached_in_seconds',
    'Time until the limit if every reference were lost now, at the least.',
    ({ status }) => status.secondsUntilLimit,
  ),
  gauge('momentd_tai_utc_offset_seconds', 'TAI-UTC.', ({ status }) => status.time.taiUtcSeconds),
  gauge(
    'momentd_leap_table_expiry_timestamp_seconds',
    'Unix time after which the leap second table promises nothing.',
    ({ meters }) => expiryUnixSeconds(meters.leapTable),
  ),
  gauge(
    'momentd_host_clock_rate_error_ratio',
    'How much faster the raw clock of the host runs than TAI; measured, no bound.',
    ({ meters: { hostRate } }) => (hostRate === undefined ? undefined : Number(hostRate) / 1e12),
  ),
  labelled('counter', 'momentd_observations_refused_total', 'Observations the clock core did not use, by reason.', {
    labels: ['reason'],
    read: ({ meters: { dropped } }) => [
      { labels: { reason: 'reading-wide' }, value: dropped.readingsWide },
      { labels: { reason: 'reading-stray' }, value: dropped.readingsStray },
      { labels: { reason: 'reading-untrusted' }, value: dropped.readingsUntrusted },
      { labels: { reason: 'edge-stray' }, value: dropped.edgesStray },
      { labels: { reason: 'edge-unconfirmed' }, value: dropped.edgesUnconfirmed },
      { labels: { reason: 'source-unknown' }, value: dropped.unknownSource },
      { labels: { reason: 'unrecordable' }, value: dropped.unrecordable },
    ],
  }),
];

const SOURCE_ROWS: readonly MetricRow[] = [
  labelled('gauge', 'momentd_source_verdict', 'Whether the source has this verdict (1) or not (0).', {
    labels: ['source', 'kind', 'verdict'],
    read: ({ status }) =>
      status.sources.flatMap(({ name, kind, verdict: given }) =>
        VERDICTS.map((verdict) => ({ labels: { source: name, kind, verdict }, value: flag(verdict === given) })),
      ),
  }),
  labelled('gauge', 'momentd_source_reason', 'The code of why the source is not used or coasts; always 1.', {
    labels: ['source', 'code'],
    read: ({ status }) =>
      status.sources.flatMap(({ name, reason }) =>
        reason === undefined ? [] : [{ labels: { source: name, code: reason.code }, value: 1 }],
      ),
  }),
  labelled('gauge', 'momentd_source_reading_age_seconds', 'Age of the newest reading kept of the source.', {
    labels: ['source', 'kind'],
    read: ({ meters }) =>
      meters.sources.flatMap(({ name, kind, age }) =>
        age === undefined ? [] : [{ labels: { source: name, kind }, value: floatSeconds(age) }],
      ),
  }),
  labelled('gauge', 'momentd_source_phase_seconds', 'Measured phase of the source against its reference; no bound.', {
    labels: ['source', 'kind'],
    read: ({ meters }) =>
      meters.sources.flatMap(({ name, kind, phase }) =>
        phase === undefined ? [] : [{ labels: { source: name, kind }, value: floatSeconds(phase) }],
      ),
  }),
];

const LANE_ROWS: readonly MetricRow[] = [
  gauge('momentd_attesting', 'Whether statements are signed (1) or not (0).', ({ status }) =>
    flag(status.attesting.reason === undefined),
  ),
  labelled('gauge', 'momentd_attesting_refusal', 'The code of why nothing is signed; 1, and absent while signing.', {
    labels: ['code'],
    read: ({ status: { attesting } }) =>
      attesting.reason === undefined ? [] : [{ labels: { code: attesting.reason.code }, value: 1 }],
  }),
  counter('momentd_statements_total', 'Statements in the lane since its beginning.', ({ status }) =>
    Number(status.lane.size),
  ),
  gauge(
    'momentd_lane_checkpoint_age_seconds',
    'Since the last checkpoint of this run, or since the start before the first.',
    ({ meters }) => floatSeconds(meters.checkpoint.age),
  ),
  gauge(
    'momentd_lane_entries_since_checkpoint',
    'Entries of the lane that no checkpoint covers yet.',
    ({ meters }) => meters.checkpoint.entriesSince,
  ),
  gauge('momentd_state_free_bytes', 'Free bytes where lane and evidence are kept.', ({ freeBytes }) => freeBytes),
];

const LOOP_ROWS: readonly MetricRow[] = [
  counter('momentd_beats_total', 'Beats of the loop since the start.', ({ meters }) => meters.beats),
  counter(
    'momentd_beats_skipped_total',
    'Beats that found the previous commit still under way.',
    ({ meters }) => meters.beatsSkipped,
  ),
  gauge('momentd_inbox_waiting', 'Events waiting for the loop.', ({ status }) => status.inbox.waiting),
  gauge(
    'momentd_inbox_waiting_max',
    'Events that may wait before samples are dropped.',
    ({ status }) => status.inbox.waitingMax,
  ),
  counter(
    'momentd_inbox_dropped_total',
    'Samples dropped because the inbox was full.',
    ({ status }) => status.inbox.dropped,
  ),
  counter('process_cpu_seconds_total', 'User and system time of the process.', (s) => s.process.cpuSeconds),
  gauge('process_resident_memory_bytes', 'Resident memory of the process.', (s) => s.process.residentBytes),
  gauge('process_open_fds', 'Open file descriptors of the process.', (s) => s.process.openDescriptors),
  gauge('momentd_heap_used_bytes', 'Memory in use by JavaScript objects.', (s) => s.process.heapUsedBytes),
  counter(
    'momentd_loop_active_seconds_total',
    'Time the event loop was busy since the start.',
    (s) => s.process.loopActiveSeconds,
  ),
  gauge('momentd_simulated', 'Whether any source is simulated (1), so that the time is not real.', ({ status }) =>
    flag(status.simulated),
  ),
  labelled('gauge', 'momentd_build_info', 'The running release; always 1.', {
    labels: ['version'],
    read: ({ status }) => [{ labels: { version: status.version }, value: 1 }],
  }),
];

const ALERT_ROWS: readonly MetricRow[] = [
  labelled('gauge', 'momentd_alert_firing', 'Whether an alert of this rule fires inside the agent (1) or not (0).', {
    labels: ['code', 'severity'],
    read: ({ alerts: { standings, active } }) =>
      standings.map(({ rule: { code, severity } }) => {
        const fires = active.some(({ rule, state }) => rule.code === code && state === 'firing');
        return { labels: { code, severity }, value: flag(fires) };
      }),
  }),
];

const API_ROWS: readonly MetricRow[] = [
  gauge('momentd_api_followers', 'Programs and pages that follow the events now.', ({ api }) => api.followers),
  counter(
    'momentd_api_requests_total',
    'Requests the local API answered, refusals included.',
    ({ api }) => api.answered,
  ),
  labelled('counter', 'momentd_api_refused_total', 'Requests turned away before they were looked at, by code.', {
    labels: ['code'],
    read: ({ api }) => API_REFUSALS.map((code) => ({ labels: { code }, value: api.refusedFor(code) })),
  }),
];

/** In the order in which they are shown. */
export const CATALOGUE: readonly MetricRow[] = [
  ...CLOCK_ROWS,
  ...SOURCE_ROWS,
  ...LANE_ROWS,
  ...NETWORK_ROWS,
  ...ALERT_ROWS,
  ...API_ROWS,
  ...LOOP_ROWS,
];

/** Whole seconds: a leap table expires at a UTC midnight. */
function expiryUnixSeconds({ expires, steps }: LeapTable): number | undefined {
  const last = steps.at(-1);
  return last === undefined
    ? undefined
    : Number(floorDivide(unixNanosOf(expires, last.taiUtcSeconds), NANOS_PER_SECOND));
}
