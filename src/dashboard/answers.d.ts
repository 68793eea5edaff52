/**
 * The answers of the local API as the page reads them: the parts it shows. /v1/openapi.json is the whole description.
 *
 * Nanoseconds are decimal strings; what is not known is null.
 */

export type Reason = { code: string; sentence: string; remedy: string };

export type State = 'acquiring' | 'locked' | 'holdover' | 'unsynchronized' | 'faulted';

export type Verdict = 'truechimer' | 'falseticker' | 'shares-cause' | 'unusable';

export type Source = {
  name: string;
  kind: string;
  cause: string;
  verdict: Verdict;
  reason: Reason | null;
  earliest_ns: string | null;
  latest_ns: string | null;
};

export type Status = {
  version: string;
  simulated: boolean;
  network: { name: string; id: string };
  role: 'validator' | 'archive' | 'light' | 'observer';
  validator: { public_key: string; kid: string };
  started_mono_ns: string;
  time: {
    state: State;
    reason: Reason;
    earliest_ns: string | null;
    latest_ns: string | null;
    guarantee_ns: string | null;
    uncertainty_ns: string | null;
    tai_utc_s: number | null;
    nano_moment: string | null;
    as_of_mono_ns: string;
  };
  estimate: { as_of_mono_ns: string; earliest_ns: string | null; latest_ns: string | null } | null;
  budget: { term: string; ns: string }[];
  seconds_until_limit: number | null;
  assumptions: string[];
  sources: Source[];
  attesting: { signing: boolean; since_mono_ns: string; reason: Reason | null };
  lane: { size: string; last_tai_ns: string | null; last_id: string | null };
};

export type Summary = { least: string; greatest: string; mean: string; count: number };

export type Drift = {
  bucket_ns: string;
  truncated: boolean;
  points: {
    from_tai_ns: string;
    samples: number;
    refused: number;
    worst_state: State;
    offset_ns: Summary | null;
    frequency_ppt: Summary | null;
    guarantee_ns: Summary | null;
  }[];
  stability: {
    tau_s: number;
    adev_ppb: number | null;
    oadev_ppb: number | null;
    mdev_ppb: number | null;
    tdev_ns: number | null;
    mtie_ns: number | null;
  }[];
};

/** Buckets without samples are left out. */
export type History = {
  bucket_ns: string;
  truncated: boolean;
  /** Of each `budget_ns`, in its order. */
  terms: string[];
  points: {
    from_tai_ns: string;
    samples: number;
    refused: number;
    guarantee_ns: Summary | null;
    budget_ns: string[] | null;
    states: Record<State, number>;
  }[];
};

export type Alert = Reason & {
  severity: 'critical' | 'high' | 'warning';
  source: string | null;
  unit: string;
  state: 'pending' | 'firing';
  since_mono_ns: string;
  value: number;
  threshold: number;
};

export type Alerts = { as_of_mono_ns: string; active: Alert[] };

export type Event = { id: string; kind: string; at_mono_ns: string; host_utc: string } & Record<string, unknown>;

export type Peer = {
  name: string;
  address: string;
  role: string;
  validator: number | null;
  round_trip_ns: string | null;
  trust: number;
  /** What the last nonce exchange said of its clock against ours; null where there was none. */
  time: {
    offset: { least_ns: string; most_ns: string };
    guarantee_ns: string;
    consistent: boolean;
  } | null;
};

export type Network = {
  networked: boolean;
  validators: { index: number; name: string; kid: string; self: boolean }[];
  self: number | null;
  heard: number[];
  peers: number;
  time_alarms: { code: string; validator: number | null }[];
  health: { score: number; deductions: { cause: string; points: number }[] };
};

export type Fault = { code: string; validator: number | null; kid: string; digest: string };

export type Lane = {
  validator: number;
  name: string;
  size: string;
  frozen: boolean;
  catching_up: boolean;
  checkpoint: { size: string; cosigners: number[] } | null;
};

export type OrderEntry = {
  index: string;
  subject: string;
  moment_tai_ns: string;
  seen: { earliest_ns: string; latest_ns: string };
  slot: string;
  late: boolean;
};

export type OrderStatus = {
  size: string;
  waiting: { lanes: number[]; voters: number[] };
  decided_tai_ns: string | null;
  contradicted_slot: string | null;
  pool: { subjects: number };
};

export type Receiver = {
  name: string;
  believed: boolean;
  reason: Reason | null;
  presence: { present: boolean; reason: Reason; age_ns: string } | null;
  health: {
    age_ns: string;
    fix: string | null;
    tai_utc_s: number | null;
    leap_source: string | null;
    satellites_used: number | null;
    antenna: string | null;
    jamming: string | null;
    spoofing: string | null;
  } | null;
  make: { software: string; hardware: string; extensions: string[] } | null;
  own_accuracy_ns: number | null;
  sky: {
    age_ns: string;
    satellites: {
      gnss: string;
      satellite_id: number;
      elevation_deg: number | null;
      azimuth_deg: number | null;
      cno_db_hz: number | null;
      used: boolean;
    }[];
  } | null;
  radio: {
    age_ns: string;
    blocks: {
      block: number | null;
      jamming: string;
      antenna: string;
      noise_per_ms: number;
      agc_count: number;
      jamming_indicator: number;
    }[];
  } | null;
};

export type Oscillator = {
  source: string;
  class: string;
  rate_max_ppt: string;
  aging_per_day_max_ppt: string;
  rate_learned_ppt: string | null;
  locked: boolean | null;
  temperature_milli_c: number | null;
  said_age_ns: string | null;
  discipline_locked: boolean | null;
  phase_ns: number | null;
  alarms: string[] | null;
};
