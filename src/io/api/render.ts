/**
 * Views as the JSON the API speaks: nanoseconds are decimal strings (a double steps by 256 ns today), digests are
 * lower-case hexadecimal, what is not known is null and never invented.
 */

import { BUDGET_TERMS } from '../../core/clock/budget.ts';
import type { DriftAnswer, Summary } from '../../core/clock/drift-history.ts';
import { toHex } from '../../core/codec/hex.ts';
import { formatTai } from '../../core/time/text.ts';
import type { DriftView, Reason, SourceView, StatementView, StatusView, TimeView } from '../../ports/view.ts';

export const decimal = (value: bigint | undefined): string | null => (value === undefined ? null : value.toString());

export function renderTime(view: TimeView) {
  return {
    state: view.state,
    reason: renderReason(view.reason),
    timescale: 'TAI',
    earliest_ns: decimal(view.earliest),
    latest_ns: decimal(view.latest),
    earliest: view.earliest === undefined ? null : formatTai(view.earliest),
    latest: view.latest === undefined ? null : formatTai(view.latest),
    guarantee_ns: decimal(view.guarantee),
    uncertainty_ns: decimal(view.uncertainty),
    tai_utc_s: view.taiUtcSeconds ?? null,
    nano_moment: decimal(view.nanoMoment),
    as_of_mono_ns: view.asOf.toString(),
  };
}

export function renderStatus(view: StatusView) {
  return {
    version: view.version,
    simulated: view.simulated,
    network: { name: view.network.name, id: toHex(view.network.id) },
    role: view.role,
    validator: { public_key: toHex(view.validator.publicKey), kid: toHex(view.validator.kid) },
    boot_id: view.bootId,
    started_mono_ns: view.startedAt.toString(),
    time: renderTime(view.time),
    budget: view.budget.map(({ term, nanos }) => ({ term, ns: nanos.toString() })),
    seconds_until_limit: view.secondsUntilLimit ?? null,
    assumptions: [...view.assumptions],
    estimate:
      view.estimate === undefined
        ? null
        : {
            as_of_mono_ns: view.estimate.asOf.toString(),
            earliest_ns: decimal(view.estimate.earliest),
            latest_ns: decimal(view.estimate.latest),
          },
    sources: view.sources.map(renderSource),
    host_identity: view.identity === undefined ? null : toHex(view.identity),
    attesting: {
      signing: view.attesting.reason === undefined,
      since_mono_ns: view.attesting.since.toString(),
      reason: view.attesting.reason === undefined ? null : renderReason(view.attesting.reason),
    },
    lane: {
      size: view.lane.size.toString(),
      last_tai_ns: decimal(view.lane.lastTai),
      last_id: view.lane.lastId === undefined ? null : toHex(view.lane.lastId),
    },
    inbox: {
      waiting: view.inbox.waiting,
      waiting_max: view.inbox.waitingMax,
      dropped: view.inbox.dropped,
    },
  };
}

export function renderStatement(view: StatementView) {
  return {
    seq: view.seq.toString(),
    id: toHex(view.id),
    kind: view.kind,
    earliest_ns: view.earliest.toString(),
    latest_ns: view.latest.toString(),
    tai_utc_s: view.taiUtcSeconds,
    evidence: toHex(view.evidence),
    cose_sign1: toHex(view.bytes),
  };
}

export function renderSource(view: SourceView) {
  return {
    name: view.name,
    kind: view.kind,
    cause: view.cause,
    verdict: view.verdict,
    reason: view.reason === undefined ? null : renderReason(view.reason),
    earliest_ns: decimal(view.earliest),
    latest_ns: decimal(view.latest),
  };
}

export function renderDrift(view: DriftView) {
  return {
    bucket_ns: view.length.toString(),
    truncated: view.isTruncated,
    points: view.points.map((point) => ({
      from_tai_ns: point.from.toString(),
      samples: point.samples,
      refused: point.refused,
      worst_state: point.worst,
      offset_ns: renderSummary(point.offset),
      frequency_ppt: renderSummary(point.frequency),
      guarantee_ns: renderSummary(point.guarantee),
    })),
    stability: view.stability.map(({ tauSeconds, adev, oadev, mdev, tdev, hdev, mtie }) => ({
      tau_s: tauSeconds,
      adev_ppb: adev ?? null,
      oadev_ppb: oadev ?? null,
      mdev_ppb: mdev ?? null,
      hdev_ppb: hdev ?? null,
      tdev_ns: tdev ?? null,
      mtie_ns: mtie ?? null,
    })),
  };
}

export function renderHistory({ length, isTruncated, points }: DriftAnswer) {
  return {
    bucket_ns: length.toString(),
    truncated: isTruncated,
    terms: [...BUDGET_TERMS],
    points: points.map(({ from, samples, refused, guarantee, budget, states }) => ({
      from_tai_ns: from.toString(),
      samples,
      refused,
      guarantee_ns: renderSummary(guarantee),
      budget_ns: budget === undefined ? null : BUDGET_TERMS.map((term) => budget[term].toString()),
      states: { ...states },
    })),
  };
}

const renderSummary = (summary: Summary<bigint> | undefined) =>
  summary === undefined
    ? null
    : {
        least: summary.least.toString(),
        greatest: summary.greatest.toString(),
        mean: summary.mean.toString(),
        count: summary.count,
      };

export const renderReason = ({ code, sentence, remedy }: Reason) => ({ code, sentence, remedy });
