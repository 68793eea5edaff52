/**
 * For each alert a history that fires it and one, as near to the threshold as it goes, that must not. Values are in
 * promtool's notation, one sample a minute: `1x10` repeats, `0+5x10` counts up.
 */

export type Series = Readonly<Record<string, string>>;

export type AlertCase = {
  readonly alert: string;
  readonly fires: Series;
  readonly quiet: readonly Series[];
};

const ON = 'job="momentd",instance="a"';
const of = (name: string, labels = ''): string => `${name}{${ON}${labels === '' ? '' : `,${labels}`}}`;
const state = (name: string): string => of('momentd_clock_state', `state="${name}"`);
const verdict = (name: string): string =>
  of('momentd_source_verdict', `source="card0",kind="timecard",verdict="${name}"`);
const ofSource = (name: string): string => of(name, 'source="card0",kind="timecard"');

const EXPIRY = of('momentd_leap_table_expiry_timestamp_seconds');
// promtool's clock begins at the Unix epoch, and the question is asked after 20 minutes (1,200 s).
const DAYS_30_ON = 1_200 + 30 * 86_400;

const bucket = (le: string): string => of('momentd_commit_duration_seconds_bucket', `le="${le}"`);

const COMMITS = of('momentd_commit_duration_seconds_count');

export const ALERT_CASES: readonly AlertCase[] = [
  {
    alert: 'MomentdDown',
    fires: { [of('up')]: '0x30' },
    quiet: [{ [of('up')]: '1x30' }, { 'up{job="other"}': '0x30' }],
  },
  {
    alert: 'MomentdStalled',
    fires: { [of('momentd_beats_total')]: '500x30' },
    quiet: [{ [of('momentd_beats_total')]: '500+1x30' }],
  },
  {
    alert: 'MomentdNotAttesting',
    fires: { [of('momentd_attesting')]: '0x30' },
    quiet: [{ [of('momentd_attesting')]: '1x30' }, { [of('momentd_attesting')]: '1x19 0 1x10' }],
  },
  {
    alert: 'MomentdSimulatedTime',
    fires: { [of('momentd_simulated')]: '1x30' },
    quiet: [{ [of('momentd_simulated')]: '0x30' }],
  },
  {
    alert: 'MomentdClockFaulted',
    fires: { [state('faulted')]: '0x19 1x10' },
    quiet: [{ [state('faulted')]: '0x30', [state('locked')]: '1x30' }],
  },
  {
    alert: 'MomentdGuaranteeOverLimit',
    fires: { [of('momentd_clock_reason', 'code="guarantee-over-limit"')]: '1x30' },
    quiet: [{ [of('momentd_clock_reason', 'code="clock-locked"')]: '1x30' }],
  },
  {
    alert: 'MomentdGuaranteeNearLimit',
    fires: { [of('momentd_guarantee_seconds')]: '8.1e-6x30', [of('momentd_guarantee_limit_seconds')]: '1e-5x30' },
    quiet: [
      { [of('momentd_guarantee_seconds')]: '7.9e-6x30', [of('momentd_guarantee_limit_seconds')]: '1e-5x30' },
      { [of('momentd_guarantee_limit_seconds')]: '1e-5x30' },
    ],
  },
  {
    alert: 'MomentdDriftHigh',
    fires: { [ofSource('momentd_source_phase_seconds')]: '-1.001e-6x30' },
    quiet: [{ [ofSource('momentd_source_phase_seconds')]: '9.99e-7x30' }],
  },
  {
    alert: 'MomentdHoldover',
    fires: { [state('holdover')]: '1x30' },
    quiet: [{ [state('holdover')]: '0x16 1x10' }],
  },
  {
    alert: 'MomentdLimitSoon',
    fires: { [of('momentd_limit_reached_in_seconds')]: '3599x30', [state('holdover')]: '1x30' },
    quiet: [
      { [of('momentd_limit_reached_in_seconds')]: '3600x30', [state('holdover')]: '1x30' },
      { [of('momentd_limit_reached_in_seconds')]: '60x30', [state('holdover')]: '0x30' },
    ],
  },
  {
    alert: 'MomentdFalseticker',
    fires: { [verdict('falseticker')]: '1x30' },
    quiet: [{ [verdict('falseticker')]: '0x30', [verdict('unusable')]: '1x30' }],
  },
  {
    alert: 'MomentdFalsetickerFlapping',
    fires: { [verdict('falseticker')]: '0 0 0 0 0 0 0 0 0 0 1 0 1 0 0 0 0 0 0 0 0' },
    quiet: [{ [verdict('falseticker')]: '0 0 0 0 0 0 0 0 0 0 1 0 1 1 1 1 1 1 1 1 1' }],
  },
  {
    alert: 'MomentdSourceUnusable',
    fires: { [verdict('unusable')]: '1x30' },
    quiet: [{ [verdict('unusable')]: '0x16 1x10' }],
  },
  {
    alert: 'MomentdSourceSilent',
    fires: { [ofSource('momentd_source_reading_age_seconds')]: '31x30' },
    quiet: [{ [ofSource('momentd_source_reading_age_seconds')]: '30x30' }],
  },
  {
    alert: 'MomentdLeapTableExpiring',
    fires: { [EXPIRY]: `${DAYS_30_ON - 1}x30` },
    quiet: [{ [EXPIRY]: `${DAYS_30_ON + 1}x30` }],
  },
  { alert: 'MomentdLeapTableExpired', fires: { [EXPIRY]: '1199x30' }, quiet: [{ [EXPIRY]: '1200x30' }] },
  {
    alert: 'MomentdDiskFull',
    fires: { [of('momentd_attesting_refusal', 'code="disk-full"')]: '1x30' },
    quiet: [{ [of('momentd_attesting_refusal', 'code="clock-starting"')]: '1x30' }],
  },
  {
    alert: 'MomentdDiskFilling',
    fires: { [of('momentd_state_free_bytes')]: '1073741823x30' },
    quiet: [{ [of('momentd_state_free_bytes')]: '1073741824x30' }],
  },
  {
    alert: 'MomentdLaneNotCheckpointed',
    fires: {
      [of('momentd_lane_checkpoint_age_seconds')]: '121x30',
      [of('momentd_lane_entries_since_checkpoint')]: '1x30',
    },
    quiet: [
      {
        [of('momentd_lane_checkpoint_age_seconds')]: '5000x30',
        [of('momentd_lane_entries_since_checkpoint')]: '0x30',
      },
      { [of('momentd_lane_checkpoint_age_seconds')]: '120x30', [of('momentd_lane_entries_since_checkpoint')]: '9x30' },
    ],
  },
  {
    alert: 'MomentdCommitSlow',
    // 60 commits a minute, one of them above half a second; then one in two hundred.
    fires: { [bucket('0.5')]: '0+59x30', [COMMITS]: '0+60x30' },
    quiet: [{ [bucket('0.5')]: '0+199x30', [COMMITS]: '0+200x30' }],
  },
  {
    alert: 'MomentdBeatsSkipped',
    fires: { [of('momentd_beats_total')]: '0+60x30', [of('momentd_beats_skipped_total')]: '0+4x30' },
    quiet: [{ [of('momentd_beats_total')]: '0+60x30', [of('momentd_beats_skipped_total')]: '0+2x30' }],
  },
  {
    alert: 'MomentdSamplesDropped',
    fires: { [of('momentd_inbox_dropped_total')]: '0x17 1x10' },
    quiet: [{ [of('momentd_inbox_dropped_total')]: '7x30' }],
  },
  {
    alert: 'MomentdPeersLow',
    fires: { [of('momentd_peers')]: '1x30', [of('momentd_peers_wanted')]: '2x30' },
    quiet: [
      { [of('momentd_peers')]: '2x30', [of('momentd_peers_wanted')]: '2x30' },
      { [of('momentd_peers')]: '0x30' },
      { [of('momentd_peers')]: '2x19 1 2x10', [of('momentd_peers_wanted')]: '2x30' },
    ],
  },
  {
    alert: 'MomentdLatencyHigh',
    fires: { [of('momentd_peer_round_trip_median_seconds')]: '0.501x30' },
    quiet: [{ [of('momentd_peer_round_trip_median_seconds')]: '0.5x30' }],
  },
  {
    alert: 'MomentdParticipationLow',
    fires: { [of('momentd_participation_ratio')]: '0.659x30' },
    quiet: [{ [of('momentd_participation_ratio')]: '0.66x30' }],
  },
  {
    alert: 'MomentdContainmentFailed',
    fires: { [of('momentd_own_time_apart')]: '0x19 1x10' },
    quiet: [{ [of('momentd_own_time_apart')]: '0x30' }],
  },
  {
    alert: 'MomentdOrderContradicted',
    fires: { [of('momentd_order_contradicted')]: '0x19 1x10' },
    quiet: [{ [of('momentd_order_contradicted')]: '0x30' }],
  },
  {
    alert: 'MomentdLaneNotCosigned',
    fires: { [of('momentd_cosignature_age_seconds')]: '601x30' },
    quiet: [{ [of('momentd_cosignature_age_seconds')]: '600x30' }],
  },
  {
    alert: 'MomentdFinalityWaiting',
    fires: { [of('momentd_finality_wait_seconds')]: '10.1x30' },
    quiet: [{ [of('momentd_finality_wait_seconds')]: '10x30' }],
  },
];
