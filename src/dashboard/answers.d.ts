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

export type Alert = Reason & {
  severity: 'critical' | 'warning' | 'info';
  source: string | null;
  unit: string;
  state: 'pending' | 'firing';
  since_mono_ns: string;
  value: number;
  threshold: number;
};

export type Alerts = { as_of_mono_ns: string; active: Alert[] };

export type Event = { id: string; kind: string; at_mono_ns: string; host_utc: string } & Record<string, unknown>;
