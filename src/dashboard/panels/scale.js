/**
 * Our interval and those of the sources on one axis, to scale, all at the instant of the last estimate. A source too far away
 * for the axis is an arrow with its distance: the scale is ours, or a falseticker would shrink everything else to a line.
 */

import { byId, fill, setAttributes, setText, svg } from '../dom.js';
import { duration, middle, niceStep, offset, parse, signed } from '../nanos.js';
import { toneOf, wordOf } from './verdicts.js';

/** @typedef {import('../answers.js').Status} Status */
/** @typedef {{ name: string, verdict: import('../answers.js').Verdict, from: number, to: number, middle: bigint }} Row in ns */

const ROW = 28;
const GUTTER = 104;
const TOP = 4;

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

  const width = Math.max(280, picture.clientWidth || 600);
  const reach = reachOf(rows, half);
  const x = (/** @type {number} */ ns) => GUTTER + ((ns + reach) / (2 * reach)) * (width - GUTTER - 12);
  const count = rows.length + (half === undefined ? 0 : 1);
  const bottom = TOP + count * ROW + 6;
  setAttributes(picture, { viewBox: `0 0 ${width} ${bottom + 22}`, height: bottom + 22 });
  fill(
    picture,
    ...axis(x, reach, bottom, width),
    ...(half === undefined ? [] : ourRow(x, half, parse(status.time.uncertainty_ns), bottom)),
    ...rows.map((row, at) =>
      sourceRow(row, { x, reach, y: TOP + (at + (half === undefined ? 0 : 1)) * ROW + ROW / 2 }),
    ),
  );
}

/**
 * @param {Status['sources']} sources
 * @param {bigint | undefined} centre of our interval; without one the first source's
 * @returns {Row[]}
 */
function rowsOf(sources, centre) {
  const rows = [];
  for (const { name, verdict, earliest_ns, latest_ns } of sources) {
    const earliest = parse(earliest_ns);
    const latest = parse(latest_ns);
    if (earliest === undefined || latest === undefined) continue;
    centre ??= middle(earliest, latest);
    rows.push({
      name,
      verdict,
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
  const near = ends.filter((end) => end <= 6 * base);
  return 1.15 * Math.max(base, ...near, 1);
}

/** @type {(x: (ns: number) => number, reach: number, bottom: number, width: number) => SVGElement[]} */
function axis(x, reach, bottom, width) {
  const step = niceStep(2 * reach, width > 520 ? 8 : 4);
  const marks = [svg('line', { class: 'axis', x1: x(-reach), x2: x(reach), y1: bottom, y2: bottom })];
  /** @type {SVGElement[]} */
  const all = marks;
  for (let at = Math.ceil(-reach / step) * step; at <= reach; at += step) {
    const ns = Math.round(at);
    all.push(
      svg('line', {
        class: ns === 0 ? 'zero' : 'axis',
        x1: x(ns),
        x2: x(ns),
        y1: ns === 0 ? TOP : bottom,
        y2: bottom + 4,
      }),
      svg('text', { x: x(ns), y: bottom + 17, 'text-anchor': 'middle' }, ns === 0 ? '0' : signed(BigInt(ns))),
    );
  }
  return all;
}

/** @type {(x: (ns: number) => number, half: number, uncertainty: bigint | undefined, bottom: number) => SVGElement[]} */
function ourRow(x, half, uncertainty, bottom) {
  const likely = uncertainty === undefined ? undefined : Math.min(half, Number(uncertainty));
  const box = { x: x(-half), width: x(half) - x(-half) };
  return [
    svg('rect', { class: 'ours-band', ...box, y: TOP, height: bottom - TOP }),
    svg('rect', { class: 'ours', ...box, y: TOP + 3, height: ROW - 6, rx: 2 }),
    ...(likely === undefined
      ? []
      : [
          svg('rect', {
            class: 'likely',
            x: x(-likely),
            width: x(likely) - x(-likely),
            y: TOP + ROW / 2 - 2,
            height: 4,
          }),
        ]),
    svg('text', { class: 'strong', x: 0, y: TOP + ROW / 2 + 4 }, 'ours'),
  ];
}

/** @type {(row: Row, place: { x: (ns: number) => number, reach: number, y: number }) => SVGElement} */
function sourceRow({ name, verdict, from, to, middle: centre }, { x, reach, y }) {
  const label = svg('text', { x: 0, y: y + 4 }, name.length > 15 ? `${name.slice(0, 14)}…` : name);
  const tone = toneOf(verdict);
  if (from > reach || to < -reach) {
    const later = from > reach;
    const tip = later ? x(reach) : x(-reach);
    const back = later ? -9 : 9;
    return svg(
      'g',
      { 'data-tone': tone },
      label,
      svg('path', { class: 'arrow', d: `M${tip} ${y}l${back} -5v10z` }),
      svg(
        'text',
        { class: 'strong', x: tip + 2 * back, y: y + 4, 'text-anchor': later ? 'end' : 'start' },
        `${signed(centre)}, off this scale`,
      ),
    );
  }
  const left = x(Math.max(from, -reach));
  const right = x(Math.min(to, reach));
  return svg(
    'g',
    { 'data-tone': tone },
    label,
    svg('line', { class: 'span-line', x1: left, x2: right, y1: y, y2: y }),
    from >= -reach && svg('line', { class: 'span-end', x1: left, x2: left, y1: y - 6, y2: y + 6 }),
    to <= reach && svg('line', { class: 'span-end', x1: right, x2: right, y1: y - 6, y2: y + 6 }),
  );
}

/** @type {(rows: readonly Row[], ours: { earliest: bigint, latest: bigint } | undefined) => string} */
function wordsOf(rows, ours) {
  const told = rows.map(({ name, verdict, middle: at }) => `${name} ${wordOf(verdict).toLowerCase()} at ${signed(at)}`);
  if (ours === undefined)
    return rows.length === 0
      ? 'No interval is issued and no source offers one: there is nothing to draw.'
      : `No interval is issued. Sources, against the first of them: ${told.join(', ')}.`;
  return `Zero is the middle of our interval, which is ${duration(ours.latest - ours.earliest)} wide. Sources: ${told.join(', ')}.`;
}
