/** What `momentd watch` shows, as lines of text: a function of what is known and of the room there is. */

import { nanos } from '../../core/time/nanos.ts';
import { formatNanos } from '../../core/time/text.ts';
import type { Status } from '../status-answer.ts';
import { sparkline } from '../spark.ts';
import { fit, harmless, type Ink, type Paint } from '../terminal.ts';

/** An alert of /v1/alerts that fires or is about to. */
export type Alert = {
  readonly code: string;
  readonly severity: string;
  readonly source: string | null;
  readonly sentence: string;
  readonly state: string;
};

export type Watched = {
  readonly address: string;
  readonly status: Status | undefined;
  /** Undefined: the agent has none to tell. */
  readonly alerts: readonly Alert[] | undefined;
  /** Why the agent cannot be asked, while it cannot. */
  readonly lost: string | undefined;
  /** The last guarantees in ns, oldest first; undefined where there was none. */
  readonly guarantees: readonly (number | undefined)[];
  /** Statements a second, over the last looks. */
  readonly growth: number | undefined;
};

export type Room = { readonly columns: number; readonly rows: number; readonly paint: Paint };

const STATE_INK: Readonly<Record<string, Ink>> = {
  locked: 'good',
  holdover: 'warn',
  acquiring: 'warn',
  unsynchronized: 'bad',
  faulted: 'bad',
};

const VERDICT_INK: Readonly<Record<string, Ink>> = { truechimer: 'good', falseticker: 'bad', unusable: 'warn' };

export function frame(watched: Watched, room: Room): readonly string[] {
  const { columns, rows, paint } = room;
  const lines = [...body(watched, room)].map((line) => fit(line, columns));
  const help = fit(paint('faint', 'q quits'), columns);
  // The foot stays in sight however small the window is.
  return lines.length < rows ? [...lines, help] : [...lines.slice(0, Math.max(0, rows - 1)), help].slice(0, rows);
}

function* body(watched: Watched, room: Room): Generator<string> {
  const { status, lost, address } = watched;
  const { paint } = room;
  if (lost !== undefined)
    yield paint('bad', `NOT REACHED: ${harmless(lost)}${status === undefined ? '' : '; below is what it said last'}`);
  if (status === undefined) {
    if (lost === undefined) yield `asking ${address} ...`;
    return;
  }
  const { time, attesting } = status;
  yield `${paint('strong', harmless(`${status.network.name} / ${status.validator.kid}`))}   momentd ${harmless(status.version)}${status.simulated ? paint('warn', '   SIMULATED TIME') : ''}`;
  yield '';
  if (status.role !== 'validator') {
    yield `role       ${harmless(status.role)}: follows the network and signs nothing`;
    yield* alertLines(watched, paint);
    return;
  }
  yield `state      ${paint(STATE_INK[time.state] ?? 'warn', time.state)}: ${harmless(time.reason.sentence)} ${paint('faint', `(${time.reason.code})`)}`;
  if (attesting.reason === null)
    yield `signing    ${paint('good', 'yes')}, ${status.lane.size} statements${growthText(watched.growth)}`;
  else {
    yield `signing    ${paint('bad', 'no')}: ${harmless(attesting.reason.sentence)} ${paint('faint', `(${attesting.reason.code})`)}`;
    yield `remedy     ${harmless(attesting.reason.remedy)}`;
  }
  yield* interval(watched, room);
  yield '';
  for (const { name, kind, verdict, reason } of status.sources)
    yield `${paint(VERDICT_INK[verdict] ?? 'faint', verdict.padEnd(12))} ${harmless(name)} (${harmless(kind)})${reason === null ? '' : `: ${harmless(reason.sentence)}`}`;
  yield* alertLines(watched, paint);
  if (status.inbox.dropped > 0)
    yield paint('warn', `dropped ${status.inbox.dropped} samples: the loop was too slow for its sources`);
}

function* interval({ status, guarantees }: Watched, { columns, paint }: Room): Generator<string> {
  const { time, budget, seconds_until_limit: left } = status!;
  if (time.earliest === null || time.guarantee_ns === null) return;
  yield `earliest   ${time.earliest}`;
  yield `latest     ${time.latest ?? ''}`;
  yield `guarantee  ±${formatNanos(nanos(BigInt(time.guarantee_ns)))}   ${paint('faint', sparkline(guarantees.slice(-Math.max(0, columns - 40))))}`;
  const room = Math.max(10, Math.min(50, columns - 40));
  const total = budget.reduce((sum, { ns }) => sum + Number(ns), 0);
  for (const { term, ns } of budget) {
    if (ns === '0' || total === 0) continue;
    const length = Math.max(1, Math.round((room * Number(ns)) / total));
    yield `           ${formatNanos(nanos(BigInt(ns))).padStart(11)}  ${term.padEnd(18)} ${'█'.repeat(length)}`;
  }
  if (left !== null) yield `holdover   the limit would be reached ${left} s after losing every reference`;
}

function* alertLines({ alerts }: Watched, paint: Paint): Generator<string> {
  if (alerts === undefined) return;
  yield '';
  if (alerts.length === 0) yield paint('faint', 'no alerts');
  for (const { code, severity, source, sentence, state } of alerts) {
    const head = `${state === 'firing' ? severity.toUpperCase() : state} ${harmless(code)}`;
    const ink = state !== 'firing' ? 'faint' : severity === 'critical' ? 'bad' : 'warn';
    const said = state === 'firing' ? sentence : `if it lasts: ${sentence}`;
    yield `${paint(ink, head)} ${harmless(said)}${source === null ? '' : ` (${harmless(source)})`}`;
  }
}

const growthText = (perSecond: number | undefined): string =>
  perSecond === undefined ? '' : `, ${perSecond.toFixed(2)} a second`;

/** One line for a pipe or a log, without colour; the same line again is not worth repeating. */
export function lineOf({ status, lost, alerts }: Watched): string {
  if (lost !== undefined) return `not reached: ${harmless(lost)}`;
  if (status === undefined) return 'asking';
  const { time, attesting, lane } = status;
  const raised = (alerts ?? [])
    .filter(({ state }) => state === 'firing')
    .map(({ code }) => harmless(code))
    .join(', ');
  const alerting = raised === '' ? '' : `, alerts: ${raised}`;
  if (status.role !== 'validator') return `${harmless(status.role)}, signs nothing${alerting}`;
  const width =
    time.guarantee_ns === null
      ? 'no interval'
      : `${time.earliest ?? ''} to ${time.latest ?? ''}, ±${formatNanos(nanos(BigInt(time.guarantee_ns)))}`;
  const signing =
    attesting.reason === null
      ? `statement ${lane.size}`
      : `not signing: ${harmless(attesting.reason.sentence)} (${attesting.reason.code})`;
  return `${time.state} (${time.reason.code}), ${width}, ${signing}${alerting}`;
}
