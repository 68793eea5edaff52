/**
 * How a Byzantine validator departs from the protocol, by vice. Everything it sends is well signed: what can be caught by a
 * signature check alone is not worth simulating more than once (the flood sends some of that too).
 */

import type { Report } from '../../core/attestation/reports.ts';
import type { Statement } from '../../core/attestation/statement.ts';
import { sha256Of } from '../../core/codec/sha256.ts';
import { interval } from '../../core/time/interval.ts';
import { earlierOf, nanos, shift } from '../../core/time/nanos.ts';
import { streamOf, type Random } from '../random.ts';
import type { Plan, Span, Vice } from './plan.ts';
import type { Schedule } from './schedule.ts';
import type { Conduct, Draft } from './conduct-type.ts';
import type { ValidatorClock } from './validator-clock.ts';

const MS = 1_000_000;
const JUNK_REPORTS = 40;

export const HONEST: Conduct = {};

type Needs = { readonly plan: Plan; readonly schedule: Schedule; readonly index: number };

/** The conduct of validator `index` by the plan; `HONEST` for one that is. */
export function conductOf(needs: Needs): Conduct {
  const byzantine = needs.plan.byzantine.get(needs.index);
  if (byzantine === undefined) return HONEST;
  const draw = streamOf(needs.plan.seed, `conduct of ${needs.index}`);
  const isOn = (): boolean => needs.schedule.now >= byzantine.span.fromNs && needs.schedule.now < byzantine.span.toNs;
  return Object.assign({}, ...byzantine.vices.map((vice) => VICE_CONDUCTS[vice](draw, isOn))) as Conduct;
}

/** Shifts the clock of a stale or future-dated validator for its span. */
export function bendClock(needs: Needs, clock: ValidatorClock): void {
  const byzantine = needs.plan.byzantine.get(needs.index);
  if (byzantine === undefined) return;
  const draw = streamOf(needs.plan.seed, `bent clock of ${needs.index}`);
  for (const vice of byzantine.vices) {
    const shiftNs = clockShift(vice, draw);
    if (shiftNs !== 0)
      during(
        needs.schedule,
        byzantine.span,
        () => (clock.shiftNs = shiftNs),
        () => (clock.shiftNs = 0),
      );
  }
}

function clockShift(vice: Vice, draw: Random): number {
  if (vice === 'stale') return -Math.floor(draw.between(50, 2_000) * MS);
  // An hour ahead: that lane can say nothing more for an hour, and must not stop the others.
  if (vice === 'future') return Math.floor((draw.chance(0.3) ? 3_600_000 : draw.between(50, 2_000)) * MS);
  return 0;
}

function during(schedule: Schedule, { fromNs, toNs }: Span, begin: () => void, end: () => void): void {
  schedule.after(fromNs - schedule.now, begin);
  schedule.after(toNs - schedule.now, end);
}

const VICE_CONDUCTS: Readonly<Record<Vice, (draw: Random, isOn: () => boolean) => Conduct>> = {
  // From some moment on it keeps two lanes, and shows each to half of the others.
  fork: (draw, isOn) => forking(draw, isOn, () => true),
  // One sequence number gets two statements.
  equivocate: (draw, isOn) => {
    let signed = 0;
    return forking(draw, isOn, () => signed++ === 0);
  },
  stale: () => HONEST,
  future: () => HONEST,
  liar: (draw, isOn) => ({
    bendReports: (reports, time) => (isOn() ? reports.map((report) => falseReport(draw, report, time)) : reports),
  }),
  flood: (draw, isOn) => ({
    bendReports: (reports) => (isOn() ? [...reports, ...junkReports(draw, reports)] : reports),
  }),
  withhold: (_, isOn) => ({ sends: (_to, own) => (isOn() ? undefined : own) }),
  partial: (draw, isOn) => {
    const parity = draw.chance(0.5) ? 1 : 0;
    return { sends: (to, own) => (isOn() && to % 2 === parity ? undefined : own) };
  },
  'false-vote': (_, isOn) => ({
    // All liars of a run agree on the same false cut: the worst they can do together.
    bendVote: (vote) =>
      isOn() ? { ...vote, order: { ...vote.order, root: sha256Of(vote.order.root, Uint8Array.of(1)) } } : vote,
  }),
  'mute-voter': () => ({ bendVote: () => undefined }),
  censor: (_, isOn) => ({ minds: (id) => !isOn() || id[0]! % 2 === 0 }),
};

function forking(draw: Random, isOn: () => boolean, isTwinned: () => boolean): Conduct {
  const side = draw.chance(0.5) ? 1 : 0;
  let hasForked = false;
  return {
    alsoSigns(_draft: Draft, statement: Statement): Statement | undefined {
      // The first statement has no predecessor to disagree about.
      if (statement.seq === 0n || (!hasForked && !isOn()) || !isTwinned()) return undefined;
      hasForked = true;
      return { ...statement, evidence: sha256Of(statement.evidence, Uint8Array.of(2)) };
    },
    sends: (to, own, also) => (also !== undefined && to % 2 === side ? also : own),
  };
}

/** Seen up to 2 s earlier than it was, or by an interval a second wide; never one that could not be encoded. */
function falseReport(draw: Random, report: Report, time: Draft['time']): Report {
  const early = nanos(-Math.floor(draw.between(0, 2_000) * MS));
  const last = shift(time.tai, time.guarantee);
  const style = draw.unit();
  if (style < 0.3) return { ...report, seen: interval(last, last) };
  const earliest = shift(report.seen.earliest, early);
  const latest = style < 0.6 ? report.seen.latest : shift(earliest, nanos(1n));
  return { ...report, seen: interval(earliest, earlierOf(latest, last)) };
}

function junkReports(draw: Random, like: readonly Report[]): Report[] {
  const seen = like[0]?.seen;
  if (seen === undefined) return [];
  return Array.from({ length: JUNK_REPORTS }, () => ({
    subject: Uint8Array.from({ length: 32 }, () => draw.bits32() & 0xff),
    seen,
  }));
}
