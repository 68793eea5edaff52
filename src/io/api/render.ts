/**
 * Views as the JSON the API speaks: nanoseconds are decimal strings (a double steps by 256 ns today), digests are
 * lower-case hexadecimal, what is not known is null and never invented.
 */

import { toHex } from '../../core/codec/hex.ts';
import { formatTai } from '../../core/time/text.ts';
import type { Reason, SourceView, StatementView, StatusView, TimeView } from '../../ports/view.ts';

const decimal = (value: bigint | undefined): string | null => (value === undefined ? null : value.toString());

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
    validator: { public_key: toHex(view.validator.publicKey), kid: toHex(view.validator.kid) },
    boot_id: view.bootId,
    started_mono_ns: view.startedAt.toString(),
    time: renderTime(view.time),
    budget: view.budget.map(({ term, nanos }) => ({ term, ns: nanos.toString() })),
    seconds_until_limit: view.secondsUntilLimit ?? null,
    assumptions: [...view.assumptions],
    sources: view.sources.map(renderSource),
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

function renderSource(view: SourceView) {
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

const renderReason = ({ code, sentence, remedy }: Reason) => ({ code, sentence, remedy });
