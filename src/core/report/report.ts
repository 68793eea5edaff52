/**
 * The compliance report of a period: everything the lane and its evidence show, as one plain value and its JSON.
 *
 * It is a function of the lane, the evidence and the question asked, and holds no time of its own making: whoever has the
 * same files and asks the same question gets the same bytes. docs/spec/report.md describes every field.
 */

import type { Code } from '../codes.ts';
import { CODES } from '../codes.ts';
import { toHex } from '../codec/hex.ts';
import type { LaneReport } from '../log/verify-lane.ts';
import type { LeapTable } from '../time/leap-seconds.ts';
import { since, type Nanos, type TaiInstant } from '../time/nanos.ts';
import { formatUtc } from '../time/text.ts';
import type { EvidenceFigures, Spread } from './evidence-figures.ts';
import type { Gap, PeriodFigures, PeriodQuery, ThresholdFigures } from './period.ts';

/** Why nothing was attested in a gap, as the evidence on its far side tells it. */
export type GapReason = {
  readonly code: Code | undefined;
  readonly sentence: string;
  readonly rebooted: boolean | undefined;
};

export type ReportParts = {
  readonly query: PeriodQuery;
  readonly network: Uint8Array;
  readonly networkName: string | undefined;
  readonly validator: { readonly publicKey: Uint8Array; readonly kid: Uint8Array; readonly name: string | undefined };
  readonly lane: LaneReport;
  readonly period: PeriodFigures;
  readonly evidence: EvidenceFigures | undefined;
  readonly reasonOf: (gap: Gap) => GapReason;
  readonly leapTable: LeapTable;
};

export const VERDICTS = ['met', 'met-with-warnings', 'not-shown', 'not-met'] as const;
export type ReportVerdict = (typeof VERDICTS)[number];

export type Report = ReturnType<typeof assembleReport>;

export function assembleReport(parts: ReportParts) {
  const { query, lane, period, evidence } = parts;
  const at = (tai: TaiInstant) => ({ tai_ns: tai.toString(), utc: formatUtc(tai, parts.leapTable) ?? null });
  const thresholds = period.thresholds.map((threshold) => ({
    name: threshold.name,
    limit_ns: text(threshold.limit),
    warning_ns: text(threshold.warning),
    within_ns: text(threshold.within),
    warned_ns: text(threshold.warned),
    above_ns: text(threshold.above),
    unattested_ns: text(period.unattested),
    verdict: verdictOf(threshold, period.unattested),
  }));
  const isTrue = lane.isWhole && (evidence === undefined || evidence.wrong.length === 0);
  return {
    momentd_report: 1,
    network: { id: toHex(parts.network), name: parts.networkName ?? null },
    validator: {
      kid: toHex(parts.validator.kid),
      public_key: toHex(parts.validator.publicKey),
      name: parts.validator.name ?? null,
    },
    period: {
      from: at(query.from),
      to: at(query.to),
      length_ns: text(since(query.to, query.from)),
      gap_after_ns: text(query.gapAfter),
    },
    verdict: isTrue ? worstVerdict(thresholds.map(({ verdict }) => verdict)) : ('not-met' as ReportVerdict),
    lane: {
      whole: lane.isWhole,
      entries: lane.figures.entries,
      checkpoint:
        lane.checkpoint === undefined ? null : { size: lane.checkpoint.size, root: toHex(lane.checkpoint.root) },
      findings: lane.findings.slice(0, 20).map(({ code, detail, path, index }) => ({
        code,
        detail,
        path: path ?? null,
        entry: index ?? null,
      })),
    },
    statements: {
      count: period.statements,
      kinds: period.kinds,
      first: period.first === undefined ? null : { entry: period.first.index, ...at(period.first.tai) },
      last: period.last === undefined ? null : { entry: period.last.index, ...at(period.last.tai) },
      tai_utc_s: period.taiUtcSeconds,
      granularity_ns: '1',
    },
    guarantee_ns:
      period.guarantee === undefined
        ? null
        : {
            least: text(period.guarantee.min),
            p50: text(period.guarantee.p50),
            p99: text(period.guarantee.p99),
            greatest: text(period.guarantee.max),
          },
    coverage: {
      attested_ns: text(period.attested),
      unattested_ns: text(period.unattested),
      attested_share: shareOf(period.attested, since(query.to, query.from)),
    },
    thresholds,
    gaps: {
      count: period.gaps.count,
      left_out: period.gaps.count - period.gaps.longest.length,
      longest: period.gaps.longest.map((gap) => {
        const reason = parts.reasonOf(gap);
        return {
          from: at(gap.from),
          to: at(gap.to),
          length_ns: text(since(gap.to, gap.from)),
          before_entry: gap.before?.index ?? null,
          after_entry: gap.after?.index ?? null,
          reason: { code: reason.code ?? null, sentence: reason.sentence, rebooted: reason.rebooted ?? null },
        };
      }),
    },
    drift: {
      guarantee_growth_ppb_max: period.growthPpbMax.toString(),
      offset_ns: spreadText(evidence?.offset),
      frequency_ppt: spreadText(evidence?.frequencyPpt),
      stability: (evidence?.stability ?? []).map(({ tauSeconds, adev, oadev, mdev, tdev, mtie }) => ({
        tau_s: round(tauSeconds),
        adev_ppb: round(adev),
        oadev_ppb: round(oadev),
        mdev_ppb: round(mdev),
        tdev_ns: round(tdev),
        mtie_ns: round(mtie),
      })),
    },
    evidence:
      evidence === undefined
        ? null
        : {
            looked_at: evidence.looked,
            recomputed: evidence.recomputed,
            not_kept: evidence.missing,
            wrong: evidence.wrong.map(({ index, code, detail }) => ({ entry: index, code, detail })),
            states_ns: {
              locked: text(evidence.states.locked),
              holdover: text(evidence.states.holdover),
            },
            boots: evidence.boots,
            host_identities: evidence.hostIdentities,
            configurations: evidence.configurations,
          },
    traceability:
      evidence?.provenance === undefined
        ? null
        : {
            sources: evidence.provenance.sources,
            references: evidence.provenance.references,
            leap_seconds: evidence.provenance.leapTable,
            assumptions: evidence.provenance.assumptions,
          },
    series: period.slices.map(({ from, attested, worst }) => ({
      from_tai_ns: from.toString(),
      attested_ns: text(attested),
      worst_ns: worst === undefined ? null : text(worst),
    })),
  };
}

/** The bytes that are written and signed. */
export const encodeReport = (report: Report): Uint8Array =>
  new TextEncoder().encode(`${JSON.stringify(report, undefined, 2)}\n`);

function verdictOf({ warned, above }: ThresholdFigures, unattested: Nanos): ReportVerdict {
  if (above > 0n) return 'not-met';
  if (unattested > 0n) return 'not-shown';
  return warned > 0n ? 'met-with-warnings' : 'met';
}

const worstVerdict = (verdicts: readonly ReportVerdict[]): ReportVerdict =>
  VERDICTS[Math.max(0, ...verdicts.map((verdict) => VERDICTS.indexOf(verdict)))]!;

const text = (duration: Nanos): string => duration.toString();

const spreadText = (spread: Spread | undefined) =>
  spread === undefined
    ? null
    : {
        least: text(spread.least),
        greatest: text(spread.greatest),
        mean: text(spread.mean),
        count: spread.count,
      };

/** Rounded down to the sixth digit: 0.999999 is not all of it. */
function shareOf(part: Nanos, whole: Nanos): string {
  const millionths = (part * 1_000_000n) / whole;
  return `${millionths / 1_000_000n}.${(millionths % 1_000_000n).toString().padStart(6, '0')}`;
}

/** Six digits: what is beyond them is noise of the statistics. */
const round = (value: number | undefined): number | null =>
  value === undefined || !Number.isFinite(value) ? null : Number(value.toPrecision(6));

/** What the evidence after a gap says of the time before it. */
export function reasonFromEvidence(
  before: { readonly bootId: string } | undefined,
  after: { readonly bootId: string; readonly machine: { readonly state: string; readonly code: Code } } | undefined,
): GapReason {
  if (after === undefined) return UNKNOWN_REASON;
  const rebooted = before === undefined ? undefined : before.bootId !== after.bootId;
  const { state, code } = after.machine;
  if (state === 'locked' || state === 'holdover')
    return {
      code: undefined,
      sentence:
        'the clock issued intervals all along, and no statement of them was made: the disk or the loop was too slow, or full',
      rebooted,
    };
  return { code, sentence: `the clock was ${state}: ${CODES[code].sentence}`, rebooted };
}

export const UNKNOWN_REASON: GapReason = {
  code: undefined,
  sentence: 'the evidence behind the statement after it is not at hand',
  rebooted: undefined,
};
