/**
 * Our interval and those of the sources on one axis, to scale, all at the instant of the last estimate. A source too far away
 * for the axis is an arrow with its distance: the scale is ours, or a falseticker would shrink everything else to a line.
 */

import { byId, fill, setAttributes, setText, svg } from '../dom.js';
import { ROW, axis, placer, rowOf } from '../interval-picture.js';
import { duration, middle, offset, parse, signed } from '../nanos.js';
import { judgement } from './verdicts.js';

/** @typedef {import('../answers.js').Status} Status */
/** @typedef {import('../interval-picture.js').Row} Row */
/** @typedef {import('../interval-picture.js').Frame} Frame */

const TOP = 4;
/** Beyond so many of our half-widths a source is off the scale. */
const FAR = 6;

/** @param {Status} status */
export function showScale(status) {
  const picture = byId('scale');
  const earliest = parse(status.estimate?.earliest_ns);
  const latest = parse(status.estimate?.latest_ns);
  const ours = earliest === undefined || latest === undefined ? undefined : { earliest, latest };
  const rows = rowsOf(status.sources, ours === undefined ? undefined : middle(ours.earliest, ours.latest));
  const half = ours === undefined ? undefined : offset(ours.latest, ours.earliest) / 2;
  setText(byId('scale-words'), wordsOf(rows, ours));
  if (half === undefined && rows.length === 0) {
    fill(picture);
    setAttributes(picture, { viewBox: '0 0 10 1', height: 1 });
    return;
  }

  const first = half === undefined ? 0 : 1;
  const bottom = TOP + (rows.length + first) * ROW + 6;
  const frame = { width: Math.max(280, picture.clientWidth), reach: reachOf(rows, half), top: TOP, bottom };
  setAttributes(picture, { viewBox: `0 0 ${frame.width} ${bottom + 22}`, height: bottom + 22 });
  fill(
    picture,
    ...(half === undefined ? [] : ourRow(frame, half, parse(status.time.uncertainty_ns))),
    ...axis(frame),
    ...rows.map((row, at) => rowOf(row, frame, TOP + (at + first) * ROW + ROW / 2)),
  );
}

/**
 * @param {Status['sources']} sources
 * @param {bigint | undefined} centre of our interval; without one the first source's
 */
function rowsOf(sources, centre) {
  /** @type {(Row & { word: string })[]} */
  const rows = [];
  for (const source of sources) {
    const earliest = parse(source.earliest_ns);
    const latest = parse(source.latest_ns);
    if (earliest === undefined || latest === undefined) continue;
    centre ??= middle(earliest, latest);
    rows.push({
      name: source.name,
      ...judgement(source),
      from: offset(earliest, centre),
      to: offset(latest, centre),
      middle: middle(earliest, latest) - centre,
    });
  }
  return rows;
}

/**
 * Half the width of the axis: all of ours, and of the sources those that are not far out.
 * @type {(rows: readonly Row[], half: number | undefined) => number}
 */
function reachOf(rows, half) {
  const ends = rows.map(({ from, to }) => Math.max(Math.abs(from), Math.abs(to)));
  const base = half ?? Math.min(...ends);
  return 1.15 * Math.max(base, ...ends.filter((end) => end <= FAR * base), 1);
}

/**
 * Ours: its ends, and inside them where the time most likely is.
 * @type {(frame: Frame, half: number, uncertainty: bigint | undefined) => SVGElement[]}
 */
function ourRow(frame, half, uncertainty) {
  const x = placer(frame);
  const box = { x: x(-half), width: x(half) - x(-half) };
  const parts = [
    svg('rect', { class: 'ours-band', ...box, y: TOP, height: frame.bottom - TOP }),
    svg('rect', { class: 'ours', ...box, y: TOP + 3, height: ROW - 6, rx: 2 }),
    svg('text', { class: 'strong', x: 0, y: TOP + ROW / 2 + 4 }, 'ours'),
  ];
  if (uncertainty === undefined) return parts;
  const likely = Math.min(half, Number(uncertainty));
  parts.push(
    svg('rect', { class: 'likely', x: x(-likely), width: x(likely) - x(-likely), y: TOP + ROW / 2 - 2, height: 4 }),
  );
  return parts;
}

/** @type {(rows: readonly (Row & { word: string })[], ours: { earliest: bigint, latest: bigint } | undefined) => string} */
function wordsOf(rows, ours) {
  const told = rows.map(({ name, word, middle: at }) => `${name} at ${signed(at)} (${word.toLowerCase()})`);
  if (ours === undefined)
    return rows.length === 0
      ? 'No interval is issued and no source offers one: there is nothing to draw.'
      : `No interval is issued. Sources, against the first of them: ${told.join(', ')}.`;
  const wide = `At the last estimate ours was ${duration(ours.latest - ours.earliest)} wide; zero is its middle.`;
  return `${wide} Sources: ${told.join(', ')}.`;
}
