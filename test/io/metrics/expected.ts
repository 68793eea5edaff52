/**
 * What each metric must be told as, for the two states of the made-up agent: type, then whole lines without the name. The
 * numbers are texts, because the claim is about what Prometheus reads. An empty list means: no series at all.
 */

import { alertRules } from '../../../src/core/alerts/rules.ts';
import { THRESHOLDS } from '../../core/alerts/made-up-facts.ts';

export type Expected = {
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly locked: readonly string[];
  readonly lost: readonly string[];
};

const gauge = (locked: readonly string[], lost: readonly string[]): Expected => ({ type: 'gauge', locked, lost });
const counter = (locked: readonly string[], lost: readonly string[]): Expected => ({ type: 'counter', locked, lost });

const states = (current: string): string[] =>
  ['acquiring', 'locked', 'holdover', 'unsynchronized', 'faulted'].map(
    (state) => `{state="${state}"} ${state === current ? 1 : 0}`,
  );

const verdicts = (current: string): string[] =>
  ['truechimer', 'falseticker', 'shares-cause', 'unusable'].map(
    (verdict) => `{source="card0",kind="timecard",verdict="${verdict}"} ${verdict === current ? 1 : 0}`,
  );

const refused = (...counts: readonly number[]): string[] =>
  [
    'reading-wide',
    'reading-stray',
    'reading-untrusted',
    'edge-stray',
    'edge-unconfirmed',
    'source-unknown',
    'unrecordable',
  ].map((reason, i) => `{reason="${reason}"} ${counts[i]!}`);

/** Of each kind one, and so many that asked too often. */
const turnedAway = (tooOften: number): string[] =>
  [
    'api-cross-site',
    'api-host-not-local',
    'api-rate-limited',
    'api-token-missing',
    'api-token-wrong',
    'api-too-many-followers',
  ].map((code) => `{code="${code}"} ${code === 'api-rate-limited' ? tooOften : 1}`);

const kinds = (...counts: readonly number[]): string[] =>
  ['faults', 'statements', 'subjects', 'checkpoints'].map((kind, i) => `{kind="${kind}"} ${counts[i]!}`);

/** Every rule, and 1 for those that fire. */
const firing = (...codes: readonly string[]): string[] =>
  alertRules(THRESHOLDS).map(
    ({ code, severity }) => `{code="${code}",severity="${severity}"} ${codes.includes(code) ? 1 : 0}`,
  );

/** Told by the network, and silent without one. */
const ofNetwork = (...lines: readonly string[]): Expected => gauge(lines, []);
const countOfNetwork = (...lines: readonly string[]): Expected => counter(lines, []);

const histogram = (...lines: readonly string[]): Expected => ({ type: 'histogram', locked: lines, lost: lines });

export const EXPECTED: Readonly<Record<string, Expected>> = {
  momentd_clock_state: gauge(states('locked'), states('unsynchronized')),
  momentd_clock_reason: gauge(['{code="clock-locked"} 1'], ['{code="sources-disagree"} 1']),
  momentd_guarantee_seconds: gauge([' 8.5e-8'], []),
  momentd_guarantee_limit_seconds: gauge([' 0.00001'], [' 2.000000001']),
  momentd_uncertainty_seconds: gauge([' 3.1e-8'], []),
  momentd_budget_seconds: gauge(['{term="read-bracket"} 6e-8', '{term="floor"} 2.5e-8'], []),
  momentd_limit_reached_in_seconds: gauge([' 86400'], []),
  momentd_tai_utc_offset_seconds: gauge([' 37'], []),
  momentd_leap_table_expiry_timestamp_seconds: gauge([' 1814140800'], [' 1830000000']),
  momentd_host_clock_rate_error_ratio: gauge([' -0.000012345678'], []),
  momentd_observations_refused_total: counter(refused(1, 2, 3, 4, 5, 6, 8), refused(11, 12, 13, 14, 15, 16, 18)),
  momentd_source_verdict: gauge(verdicts('truechimer'), verdicts('falseticker')),
  momentd_source_reason: gauge([], ['{source="card0",code="source-falseticker"} 1']),
  momentd_source_reading_age_seconds: gauge(['{source="card0",kind="timecard"} 0.125'], []),
  momentd_source_phase_seconds: gauge(['{source="card0",kind="timecard"} -1.3e-8'], []),
  momentd_attesting: gauge([' 1'], [' 0']),
  momentd_attesting_refusal: gauge([], ['{code="disk-full"} 1']),
  momentd_statements_total: counter([' 250'], [' 251']),
  momentd_lane_checkpoint_age_seconds: gauge([' 9'], [' 61']),
  momentd_lane_entries_since_checkpoint: gauge([' 9'], [' 70']),
  momentd_state_free_bytes: gauge([' 5000000000'], []),
  momentd_beats_total: counter([' 260'], [' 261']),
  momentd_beats_skipped_total: counter([' 2'], [' 3']),
  momentd_inbox_waiting: gauge([' 3'], [' 4']),
  momentd_inbox_waiting_max: gauge([' 4096'], [' 8']),
  momentd_inbox_dropped_total: counter([' 7'], [' 9']),
  process_cpu_seconds_total: counter([' 1.5'], [' 2.5']),
  process_resident_memory_bytes: gauge([' 100000000'], [' 100000001']),
  process_open_fds: gauge([' 33'], []),
  momentd_heap_used_bytes: gauge([' 20000000'], [' 20000001']),
  momentd_loop_active_seconds_total: counter([' 0.75'], [' 1.25']),
  momentd_simulated: gauge([' 0'], [' 1']),
  momentd_build_info: gauge(['{version="1.2.3"} 1'], ['{version="1.2.4"} 1']),
  momentd_peers: ofNetwork(' 4'),
  momentd_peers_wanted: ofNetwork(' 2'),
  momentd_peer_round_trip_median_seconds: ofNetwork(' 0.042'),
  momentd_participation_ratio: ofNetwork(' 0.75'),
  momentd_network_items_sent_total: countOfNetwork(...kinds(1, 200, 30, 4)),
  momentd_network_items_dropped_total: countOfNetwork(...kinds(0, 5, 6, 7)),
  momentd_network_frames_received_total: countOfNetwork(' 321'),
  momentd_network_bytes_total: countOfNetwork('{direction="sent"} 123456', '{direction="received"} 654321'),
  momentd_fault_proofs: ofNetwork(' 2'),
  momentd_own_time_apart: ofNetwork(' 0'),
  momentd_order_contradicted: ofNetwork(' 1'),
  momentd_cosignature_age_seconds: ofNetwork(' 12'),
  momentd_finality_wait_seconds: ofNetwork(' 1.25'),
  momentd_network_health_score: ofNetwork(' 65'),
  momentd_network_health_deduction: ofNetwork('{cause="peers"} 30', '{cause="drops"} 5'),
  momentd_api_followers: gauge([' 3'], [' 0']),
  momentd_api_requests_total: counter([' 120'], [' 130']),
  momentd_api_refused_total: counter(turnedAway(0), turnedAway(2)),
  momentd_alert_firing: gauge(firing('alert-order-contradicted'), firing('alert-disk-full')),
  // Two statements heard, one without a delay; two growths of the order 1.5 s apart, with three subjects of which one was
  // not seen before, and one slot whose decision cannot be dated.
  momentd_statement_delay_seconds: histogram('_bucket{le="0.02"} 0', '_bucket{le="0.05"} 1', '_sum 0.03', '_count 1'),
  // Two subjects reported, one within a tick and one later.
  momentd_subject_report_seconds: histogram('_bucket{le="0.01"} 0', '_bucket{le="0.015"} 1', '_sum 0.032', '_count 2'),
  momentd_subject_finality_seconds: histogram('_bucket{le="0.5"} 1', '_bucket{le="0.75"} 2', '_sum 1.25', '_count 2'),
  momentd_slot_decision_seconds: histogram('_bucket{le="0.1"} 0', '_bucket{le="0.25"} 1', '_sum 0.2', '_count 1'),
  momentd_order_growth_interval_seconds: histogram('_bucket{le="1"} 0', '_bucket{le="1.5"} 1', '_sum 1.5', '_count 1'),
  // Two beats with an interval (84 ns each time) before the loss, and one without; one commit of 1.5 ms before it.
  momentd_beat_guarantee_seconds: {
    type: 'histogram',
    locked: ['_bucket{le="5e-8"} 0', '_bucket{le="1e-7"} 2', '_bucket{le="+Inf"} 2', '_sum 1.68e-7', '_count 2'],
    lost: ['_bucket{le="5e-8"} 0', '_bucket{le="1e-7"} 2', '_bucket{le="+Inf"} 2', '_sum 1.68e-7', '_count 2'],
  },
  momentd_commit_duration_seconds: {
    type: 'histogram',
    locked: ['_bucket{le="0.001"} 0', '_bucket{le="0.002"} 1', '_bucket{le="+Inf"} 1', '_sum 0.0015', '_count 1'],
    lost: ['_bucket{le="0.001"} 0', '_bucket{le="0.002"} 1', '_bucket{le="5"} 2', '_sum 3.0015', '_count 2'],
  },
};
