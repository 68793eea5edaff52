/** The part of /v1/status that people are shown; the API's schema promises it. */

export type Status = {
  readonly version: string;
  readonly simulated: boolean;
  readonly network: { readonly name: string; readonly id: string };
  readonly role: string;
  readonly validator: { readonly kid: string };
  readonly time: {
    readonly state: string;
    readonly reason: StatusReason;
    readonly earliest: string | null;
    readonly latest: string | null;
    readonly guarantee_ns: string | null;
    readonly uncertainty_ns: string | null;
    readonly tai_utc_s: number | null;
  };
  readonly budget: readonly { readonly term: string; readonly ns: string }[];
  readonly seconds_until_limit: number | null;
  readonly sources: readonly {
    readonly name: string;
    readonly kind: string;
    readonly verdict: string;
    readonly reason: StatusReason | null;
  }[];
  readonly host_identity: string | null;
  readonly attesting: { readonly signing: boolean; readonly reason: StatusReason | null };
  readonly lane: { readonly size: string };
  readonly inbox: { readonly dropped: number };
};

export type StatusReason = { readonly code: string; readonly sentence: string; readonly remedy: string };
