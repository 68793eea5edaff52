/** `momentd drift`: how the clock drifted over a span, as lines of blocks, with the stability of its phase. */

import { InvalidArgumentError, type Command } from 'commander';
import { nanos } from '../core/time/nanos.ts';
import { formatNanos, parseDuration } from '../core/time/text.ts';
import { getJson, withApiOption } from './api-client.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';
import { furthest, sparkline, squeezed } from './spark.ts';
import { paintFor, type Ink, type Paint } from './terminal.ts';

type Summary = { readonly least: string; readonly greatest: string; readonly mean: string; readonly count: number };

export type DriftAnswer = {
  readonly bucket_ns: string;
  readonly truncated: boolean;
  readonly points: readonly {
    readonly from_tai_ns: string;
    readonly samples: number;
    readonly refused: number;
    readonly worst_state: string;
    readonly offset_ns: Summary | null;
    readonly frequency_ppt: Summary | null;
    readonly guarantee_ns: Summary | null;
  }[];
  readonly stability: readonly {
    readonly tau_s: number;
    readonly adev_ppb: number | null;
    readonly oadev_ppb: number | null;
    readonly mdev_ppb: number | null;
    readonly tdev_ns: number | null;
    readonly mtie_ns: number | null;
  }[];
};

type DriftOptions = { readonly api: string; readonly span: number; readonly points: number; readonly json?: true };

export function addDrift(program: Command): void {
  withApiOption(
    program.command('drift').description('show how the clock drifted: offset, frequency, guarantee, state, stability'),
  )
    .option('--span <duration>', 'how far back from now, such as 10min, 1h, 7d', spanOf, 3_600)
    .option('--points <n>', 'points asked for, 1 to 1000', pointsOf, 300)
    .option('--json', 'answer in JSON, as the API gives it')
    .addHelpText(
      'after',
      '\nExit codes: 0 there is something to show, 1 nothing was measured in that span, 2 it could not be asked.',
    )
    .action(guarded(showDrift));
}

async function showDrift({ api, span, points, json }: DriftOptions): Promise<void> {
  const answer = await getJson<DriftAnswer>(api, `/v1/drift?span_s=${span}&points=${points}`);
  if (answer.points.length === 0) process.exitCode = EXIT.no;
  if (json === true) return sayJson(answer);
  const columns = process.stdout.isTTY ? process.stdout.columns : 100;
  for (const line of driftLines(answer, { columns, paint: paintFor(process.stdout, process.env) })) say(line);
}

const STATE_MARKS: Readonly<Record<string, { readonly mark: string; readonly ink: Ink }>> = {
  locked: { mark: '━', ink: 'good' },
  holdover: { mark: '╌', ink: 'warn' },
  acquiring: { mark: '·', ink: 'faint' },
  unsynchronized: { mark: 'u', ink: 'bad' },
  faulted: { mark: 'F', ink: 'bad' },
};
const FROM_BEST_TO_WORST = Object.keys(STATE_MARKS);

type Point = DriftAnswer['points'][number];

export function driftLines(
  answer: DriftAnswer,
  room: { readonly columns: number; readonly paint: Paint },
): readonly string[] {
  const { points, bucket_ns: bucket, stability } = answer;
  if (points.length === 0) return ['nothing was measured in that span'];
  const { paint } = room;
  const width = Math.max(10, room.columns - 12);
  // Buckets that are missing are holes in the picture, not neighbours.
  const placed = inPlace(points, BigInt(bucket));
  const marks = squeezed(placed, width, (group) => group.reduce((a, b) => (rank(b) > rank(a) ? b : a)));
  const states = marks.map((point) => {
    if (point === undefined) return ' ';
    const { mark, ink } = STATE_MARKS[point.worst_state] ?? { mark: '?', ink: 'bad' as const };
    return paint(ink, mark);
  });
  const row = (name: string, of: (point: Point) => Summary | null, show: (value: number) => string): string[] => {
    const means = placed.map((point) => (point === undefined ? undefined : numberOf(of(point)?.mean)));
    const all = points.flatMap((point) => of(point) ?? []);
    if (all.length === 0) return [`${name.padEnd(11)} not measured`];
    const least = Math.min(...all.map((summary) => Number(summary.least)));
    const greatest = Math.max(...all.map((summary) => Number(summary.greatest)));
    return [
      `${name.padEnd(11)} ${sparkline(squeezed(means, width, furthest))}`,
      paint('faint', `            ${show(least)} to ${show(greatest)}`),
    ];
  };
  const ns = (value: number): string => formatNanos(nanos(Math.round(value)));
  const whole = BigInt(bucket) * BigInt(placed.length);
  return [
    `span        ${formatNanos(nanos(whole))} in ${points.length} buckets of ${formatNanos(nanos(BigInt(bucket)))}${answer.truncated ? ', older ones left out' : ''}`,
    ...row('offset', (point) => point.offset_ns, ns),
    ...row(
      'frequency',
      (point) => point.frequency_ppt,
      (value) => `${(value / 1_000).toFixed(3)} ppb`,
    ),
    ...row('guarantee', (point) => point.guarantee_ns, ns),
    `state       ${states.join('')}`,
    paint(
      'faint',
      `            ${FROM_BEST_TO_WORST.map((state) => `${STATE_MARKS[state]!.mark} ${state}`).join('  ')}`,
    ),
    ...stabilityLines(stability),
  ];
}

const rank = (point: Point | undefined): number =>
  point === undefined ? -1 : FROM_BEST_TO_WORST.indexOf(point.worst_state);
const numberOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

const PLACES_MAX = 4_000;

/** Points at the place of their time; undefined where there was no bucket. A hole too wide to draw is drawn narrower. */
function inPlace(points: readonly Point[], bucket: bigint): readonly (Point | undefined)[] {
  const first = BigInt(points[0]!.from_tai_ns);
  const placed: (Point | undefined)[] = [];
  for (const point of points) {
    const place = bucket === 0n ? placed.length : Number((BigInt(point.from_tai_ns) - first) / bucket);
    while (placed.length < Math.min(place, PLACES_MAX)) placed.push(undefined);
    placed.push(point);
  }
  return placed;
}

function stabilityLines(stability: DriftAnswer['stability']): readonly string[] {
  if (stability.length === 0) return ['', 'stability   no gapless run of measured offsets yet'];
  const cell = (value: number | null): string => (value === null ? '' : value.toPrecision(4)).padStart(12);
  return [
    '',
    `stability   ${'tau s'.padStart(8)}${['ADEV ppb', 'OADEV ppb', 'MDEV ppb', 'TDEV ns', 'MTIE ns'].map((name) => name.padStart(12)).join('')}`,
    ...stability.map(
      (p) =>
        `            ${String(p.tau_s).padStart(8)}${[p.adev_ppb, p.oadev_ppb, p.mdev_ppb, p.tdev_ns, p.mtie_ns].map(cell).join('')}`,
    ),
  ];
}

function spanOf(text: string): number {
  const span = parseDuration(text);
  if (span === undefined || span < 1_000_000_000n)
    throw new InvalidArgumentError('a span is a duration of a second or more, such as 10min or 7d.');
  return Number(span / 1_000_000_000n);
}

function pointsOf(text: string): number {
  const points = Number(text);
  if (!/^\d{1,4}$/.test(text) || points < 1 || points > 1_000) throw new InvalidArgumentError('1 to 1000 points.');
  return points;
}
