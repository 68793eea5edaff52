/** How the clock runs: its phase against the reference, the host's frequency, and how steady both are. Measured, never a bound. */

import { Chart, agoAxis, plainAxis, valueAxis } from '../chart.js';
import { colour, faint } from '../colours.js';
import { byId } from '../dom.js';
import { duration, ends, offset, parse, signed, span } from '../nanos.js';

/** @typedef {import('../answers.js').Drift} Drift */
/** @typedef {import('../answers.js').Summary} Summary */
/** @typedef {(number | null)[]} Column */

const HEIGHT = 170;

/** @type {{ phase: Chart, frequency: Chart, stability: Chart } | undefined} */
let charts;
/** What is shown, for the words under the cursor. */
/** @type {Drift} */
let shown = { bucket_ns: '0', truncated: false, points: [], stability: [] };
/** @type {number[]} */
let times = [];

/**
 * @param {Drift} drift
 * @returns {string | undefined}
 */
export function showOscillator(drift) {
  if (drift.points.length === 0) return 'Nothing has been measured yet.';
  shown = drift;
  charts ??= makeCharts();
  const newest = parse(drift.points.at(-1)?.from_tai_ns) ?? 0n;
  times = drift.points.map(({ from_tai_ns: from }) => offset(BigInt(from), newest) / 1e9);
  charts.phase.show([times, ...columnsOf(drift.points.map((point) => point.offset_ns))]);
  charts.frequency.show([times, ...columnsOf(drift.points.map((point) => point.frequency_ppt))]);
  const stable = drift.stability.filter(({ tdev_ns: tdev, mtie_ns: mtie }) => (tdev ?? 0) > 0 && (mtie ?? 0) > 0);
  charts.stability.show([
    stable.map(({ tau_s: tau }) => tau),
    stable.map(({ tdev_ns: tdev }) => tdev),
    stable.map(({ mtie_ns: mtie }) => mtie),
  ]);
  return undefined;
}

function makeCharts() {
  return {
    phase: rangeChart('phase-chart', {
      label: 'Phase of the clock against its reference over time',
      text: (ns) => signed(BigInt(Math.round(ns))),
      summaryOf: (index) => shown.points[index]?.offset_ns,
      exact: (summary) => {
        const { least, most } = ends(BigInt(summary.least), BigInt(summary.greatest));
        return `${signed(BigInt(summary.mean))}, from ${least} to ${most}`;
      },
    }),
    frequency: rangeChart('frequency-chart', {
      label: 'Frequency of the host’s raw clock against TAI over time',
      text: ppbOf,
      summaryOf: (index) => shown.points[index]?.frequency_ppt,
      exact: (summary) =>
        `${ppbOf(Number(summary.mean))}, from ${ppbOf(Number(summary.least))} to ${ppbOf(Number(summary.greatest))}`,
    }),
    stability: stabilityChart(),
  };
}

/**
 * Mean as a line inside the range from least to greatest.
 * @param {string} id
 * @param {{ label: string, text: (value: number) => string, summaryOf: (index: number) => Summary | null | undefined, exact: (summary: Summary) => string }} how
 */
function rangeChart(id, { label, text, summaryOf, exact }) {
  const edge = { width: 0, points: { show: false } };
  return new Chart(byId(id), {
    label,
    height: HEIGHT,
    options: {
      scales: { x: { time: false } },
      axes: [agoAxis(), valueAxis(text)],
      series: [
        {},
        { stroke: () => colour('acquiring'), width: 1.6, points: { show: false } },
        { ...edge, stroke: 'transparent' },
        { ...edge, stroke: 'transparent' },
      ],
      bands: [{ series: [3, 2], fill: () => faint('acquiring', 0.22) }],
    },
    describe: (index) => {
      const summary = summaryOf(index);
      const when = index === times.length - 1 ? 'Newest' : `${span(-(times[index] ?? 0))} ago`;
      return `${when}: ${summary === null || summary === undefined ? 'not measured' : exact(summary)}`;
    },
  });
}

function stabilityChart() {
  return new Chart(byId('stability-chart'), {
    label: 'Time deviation and MTIE of the measured phase by averaging time',
    height: HEIGHT,
    options: {
      scales: { x: { time: false, distr: 3 }, y: { distr: 3 } },
      axes: [
        { ...plainAxis(), size: 30, values: (_plot, splits) => splits.map((tau) => (isDecade(tau) ? `${tau} s` : '')) },
        valueAxis((ns) => (isDecade(ns) ? duration(BigInt(Math.max(1, Math.round(ns)))) : '')),
      ],
      series: [
        {},
        { label: 'TDEV', stroke: () => colour('locked'), width: 1.8, points: { show: true, size: 5 } },
        { label: 'MTIE', stroke: () => colour('holdover'), width: 1.8, dash: [6, 4], points: { show: true, size: 5 } },
      ],
    },
    describe: (index) => {
      const points = shown.stability.filter(({ tdev_ns: tdev, mtie_ns: mtie }) => (tdev ?? 0) > 0 && (mtie ?? 0) > 0);
      const point = points[index];
      if (point === undefined) return 'Too short a record for statistics.';
      return `Over ${point.tau_s} s: TDEV (line) ${digits(point.tdev_ns)} ns, MTIE (dashed) ${digits(point.mtie_ns)} ns, ADEV ${digits(point.adev_ppb)} ppb`;
    },
  });
}

/**
 * @param {readonly (Summary | null)[]} summaries
 * @returns {[Column, Column, Column]} mean, least, greatest
 */
function columnsOf(summaries) {
  const column = (/** @type {'mean' | 'least' | 'greatest'} */ what) =>
    summaries.map((summary) => (summary === null ? null : Number(summary[what])));
  return [column('mean'), column('least'), column('greatest')];
}

/** @param {number} ppt */
function ppbOf(ppt) {
  const ppb = ppt / 1_000;
  const size = Math.abs(ppb);
  return `${ppb.toFixed(size >= 100 || Number.isInteger(ppb) ? 0 : size >= 10 ? 1 : 3).replace('-', '−')} ppb`;
}

/** @param {number} value */
const isDecade = (value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9;

/** @param {number | null} value */
const digits = (value) => (value === null ? 'unknown' : value.toPrecision(3));
