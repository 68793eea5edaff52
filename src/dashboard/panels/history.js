/**
 * The guarantee over time, drawn as the stack of terms that it is the sum of, over the states the clock was in. A bucket is
 * drawn as wide as it is; where nothing was recorded there is nothing.
 */

import uPlot from '../uplot/uPlot.js';
import { Chart, agoAxis, valueAxis } from '../chart.js';
import { colour, faint } from '../colours.js';
import { byId, el, fill } from '../dom.js';
import { calendar, duration, offset, parse, span } from '../nanos.js';
import { TERMS } from './budget.js';

/** @typedef {import('../answers.js').History} History */
/** @typedef {import('../answers.js').State} State */

const HEIGHT = 470;
const STRIP = 10;

/** From worst to best: a bucket with several is drawn as the worst of them. */
/** @type {readonly State[]} */
const STATES = ['faulted', 'unsynchronized', 'acquiring', 'holdover', 'locked'];

/**
 * @typedef {object} Drawn
 * @property {number} bucketSeconds
 * @property {bigint} end of the newest bucket
 * @property {number[]} times seconds before `end`
 * @property {(History['points'][number] | undefined)[]} points one per time; undefined where nothing was recorded
 * @property {string[]} told the terms in the order of the answer
 * @property {string[]} terms the terms from the bottom of the stack to its top
 */

/** @type {Chart | undefined} */
let chart;
/** @type {Drawn} */
let shown = { bucketSeconds: 1, end: 0n, times: [], points: [], told: [], terms: [] };

/** @param {() => void} onChange called when another span is chosen */
export function historyPath(onChange) {
  const choice = byId('history-span');
  choice.addEventListener('change', onChange);
  return () => {
    const chosen = /** @type {HTMLInputElement | null} */ (choice.querySelector('input:checked'));
    return `/v1/history?span_s=${chosen?.value ?? '600'}&points=1000`;
  };
}

/**
 * @param {History} history
 * @returns {string | undefined}
 */
export function showHistory(history) {
  if (history.points.length === 0) return 'Nothing has been recorded yet.';
  shown = drawnOf(history);
  chart ??= makeChart(shown.terms);
  chart.show([shown.times, shown.points.map(greatestOf), ...stackOf(shown)]);
  showStates(history);
  return undefined;
}

/**
 * With an empty column wherever buckets are missing, and the last one once more at its end so that it has its width.
 * @param {History} history
 * @returns {Drawn}
 */
function drawnOf({ bucket_ns: bucket, points: recorded, terms: told }) {
  const bucketSeconds = Number(bucket) / 1e9;
  const end = (parse(recorded.at(-1)?.from_tai_ns) ?? 0n) + BigInt(bucket);
  /** @type {Drawn['times']} */
  const times = [];
  /** @type {Drawn['points']} */
  const points = [];
  for (const point of recorded) {
    const at = offset(BigInt(point.from_tai_ns), end) / 1e9;
    const before = times.at(-1);
    if (before !== undefined && at - before > bucketSeconds * 1.5) {
      times.push(before + bucketSeconds);
      points.push(undefined);
    }
    times.push(at);
    points.push(point);
  }
  times.push(0);
  points.push(recorded.at(-1));
  const familiar = TERMS.filter((term) => told.includes(term));
  const terms = familiar.concat(told.filter((term) => !familiar.includes(term)));
  return { bucketSeconds, end, times, points, told, terms };
}

/**
 * Running sums of the terms, the whole first: each is painted over the one before.
 * @param {Drawn} drawn
 */
function stackOf({ points, told, terms }) {
  /** @type {(number | null)[][]} */
  const sums = [];
  /** @type {(number | null)[]} */
  let below = points.map((point) => (point?.budget_ns ? 0 : null));
  for (const term of terms) {
    const at = told.indexOf(term);
    below = below.map((sum, i) => (sum === null ? null : sum + Number(points[i]?.budget_ns?.[at] ?? 0)));
    sums.unshift(below);
  }
  return sums;
}

/** @param {Drawn['points'][number]} point */
const greatestOf = (point) => (point?.guarantee_ns ? Number(point.guarantee_ns.greatest) : null);

/** @param {readonly string[]} terms */
function makeChart(terms) {
  const paths = uPlot.paths.stepped?.({ align: 1 });
  const shape = { ...(paths === undefined ? {} : { paths }), points: { show: false } };
  return new Chart(byId('history-chart'), {
    label: 'Guarantee over time, stacked from the terms of its budget',
    height: HEIGHT,
    options: {
      scales: { x: { time: false }, y: { range: (_plot, _least, most) => [0, Math.max(1, most * 1.12)] } },
      axes: [
        { ...agoAxis(), size: 32 + STRIP, gap: 8 + STRIP },
        valueAxis((ns) => (ns === 0 ? '0' : duration(BigInt(Math.round(ns))))),
      ],
      series: [
        {},
        { ...shape, stroke: () => colour('text'), width: 1.4 },
        ...terms.toReversed().map((term) => ({ ...shape, width: 0, fill: () => colour(`term-${term}`) })),
      ],
      hooks: { drawClear: [drawStates] },
    },
    describe,
  });
}

/**
 * The states behind the stack, faint over the whole height and strong along the foot.
 * @param {uPlot} plot
 */
function drawStates(plot) {
  const { ctx, bbox } = plot;
  const { points, times } = shown;
  ctx.save();
  for (const [i, point] of points.entries()) {
    const from = times[i];
    const to = times[i + 1];
    if (point === undefined || from === undefined || to === undefined) continue;
    const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, 'x', true));
    if (right <= left) continue;
    const state = worstOf(point);
    ctx.fillStyle = faint(state, 0.1);
    ctx.fillRect(left, bbox.top, right - left, bbox.height);
    ctx.fillStyle = colour(state);
    ctx.fillRect(left, bbox.top + bbox.height + 3, right - left + 0.5, STRIP * devicePixelRatio);
  }
  ctx.restore();
}

/**
 * @param {History['points'][number]} point
 * @returns {State}
 */
const worstOf = ({ states }) => STATES.find((state) => states[state] > 0) ?? 'acquiring';

/** @param {number} index */
function describe(index) {
  const point = shown.points[index];
  const at = shown.times[index] ?? 0;
  if (point === undefined) return `${span(-at)} ago: nothing was recorded`;
  const { date, time } = calendar(BigInt(point.from_tai_ns));
  const when = `${date} ${time} TAI, ${worstOf(point)}`;
  if (point.guarantee_ns === null || point.budget_ns === null) return `${when}: no interval was issued`;
  const largest = point.budget_ns
    .map((ns, i) => ({ ns: BigInt(ns), term: shown.told[i] ?? '' }))
    .sort((a, b) => (a.ns < b.ns ? 1 : -1))
    .slice(0, 3)
    .map(({ ns, term }) => `${term} ${duration(ns)}`);
  const { mean, greatest } = point.guarantee_ns;
  return `${when}: guarantee ${duration(BigInt(mean))}, at most ${duration(BigInt(greatest))}; mostly ${largest.join(', ')}`;
}

/**
 * Each state that occurred with its share of the samples: what the colours under the chart mean.
 * @param {History} history
 */
function showStates({ points }) {
  /** @type {Map<State, number>} */
  const counts = new Map();
  let total = 0;
  for (const { states } of points)
    for (const state of STATES) {
      counts.set(state, (counts.get(state) ?? 0) + states[state]);
      total += states[state];
    }
  const items = STATES.toReversed()
    .filter((state) => (counts.get(state) ?? 0) > 0)
    .map((state) => {
      const swatch = el('span', { class: 'swatch', 'aria-hidden': 'true' });
      swatch.style.background = `var(--${state})`;
      return el('li', {}, swatch, `${state} ${percent((counts.get(state) ?? 0) / total)}`);
    });
  const line = el('span', { class: 'line', 'aria-hidden': 'true' });
  fill(byId('history-states'), ...items, el('li', {}, line, 'widest in each step'));
}

/** @param {number} share */
const percent = (share) =>
  share > 0.995 && share < 1 ? '> 99 %' : share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`;
