/**
 * A chart over time that can be read without seeing it: the picture is uPlot's, the cursor also moves by the arrow keys, and
 * what is under it is said in words.
 *
 * To assistive technology a chart is a slider over its points: that is what moving along it is.
 */

import uPlot from './uplot/uPlot.js';
import { colour } from './colours.js';
import { el, setAttributes, setText } from './dom.js';

/** @typedef {import('./uplot/uPlot.js').default.Options} Options */
/** @typedef {import('./uplot/uPlot.js').default.AlignedData} Data */
/** @typedef {import('./uplot/uPlot.js').default.Axis} Axis */

/** @type {Set<Chart>} */
const charts = new Set();

/** Draws every chart again: the theme has changed. */
export function redrawCharts() {
  for (const chart of charts) chart.redraw();
}

export class Chart {
  /** @type {uPlot | undefined} */
  #plot;
  /** @type {Data} */
  #data = [[]];
  #index = 0;
  #host;
  #readout;
  #options;
  #describe;

  /**
   * @param {HTMLElement} host
   * @param {object} settings
   * @param {string} settings.label what the chart shows
   * @param {number} settings.height
   * @param {Partial<Options> & Pick<Options, 'series'>} settings.options
   * @param {(index: number) => string} settings.describe one point in words
   */
  constructor(host, { label, height, options, describe }) {
    this.#host = el('div', { class: 'chart', tabindex: 0, role: 'slider', 'aria-label': label, 'aria-valuemin': 0 });
    this.#readout = el('p', { class: 'readout', 'aria-hidden': 'true' });
    host.append(this.#host, this.#readout);
    this.#describe = describe;
    this.#options = {
      ...options,
      height,
      width: 320,
      legend: { show: false },
      cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false }, ...options.cursor },
      hooks: {
        ...options.hooks,
        setCursor: [(/** @type {uPlot} */ plot) => this.#say(plot.cursor.idx ?? undefined)],
      },
    };
    this.#host.addEventListener('keydown', (event) => this.#move(event));
    this.#host.addEventListener('focus', () => this.#go(this.#last));
    new ResizeObserver(() => this.#resize()).observe(this.#host);
    charts.add(this);
  }

  /** @param {Data} data the first column ascending */
  show(data) {
    const wasLast = this.#index >= this.#last;
    this.#data = data;
    this.#index = wasLast ? this.#last : Math.min(this.#index, this.#last);
    if (this.#plot === undefined) {
      this.#plot = new uPlot({ ...this.#options, width: this.#width }, data, this.#host);
      // uPlot's own elements are a picture; the slider around them speaks.
      for (const child of this.#host.children) child.setAttribute('aria-hidden', 'true');
    } else this.#plot.setData(data);
    setAttributes(this.#host, { 'aria-valuemax': Math.max(0, this.#last) });
    this.#say(undefined);
  }

  redraw() {
    this.#plot?.redraw(false, true);
  }

  get #last() {
    return this.#data[0].length - 1;
  }

  get #width() {
    return Math.max(160, Math.floor(this.#host.clientWidth));
  }

  #resize() {
    const { height } = this.#options;
    if (this.#plot !== undefined && this.#plot.width !== this.#width)
      this.#plot.setSize({ width: this.#width, height });
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const page = Math.max(1, Math.round(this.#last / 10));
    /** @type {Record<string, number>} */
    const targets = {
      ArrowLeft: this.#index - 1,
      ArrowRight: this.#index + 1,
      ArrowDown: this.#index - 1,
      ArrowUp: this.#index + 1,
      PageDown: this.#index - page,
      PageUp: this.#index + page,
      Home: 0,
      End: this.#last,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.#go(target);
  }

  /** @param {number} index */
  #go(index) {
    this.#index = Math.max(0, Math.min(this.#last, index));
    const x = this.#data[0][this.#index];
    if (this.#plot === undefined || x === undefined) return;
    this.#plot.setCursor({ left: this.#plot.valToPos(x, 'x'), top: this.#plot.bbox.height / 4 });
    this.#say(this.#index);
  }

  /** @param {number | undefined} index of the point under the cursor; undefined: the newest */
  #say(index) {
    if (index !== undefined) this.#index = index;
    const shown = index ?? this.#last;
    const words = shown < 0 ? 'Too little to draw yet.' : this.#describe(shown);
    setText(this.#readout, words);
    setAttributes(this.#host, { 'aria-valuenow': Math.max(0, shown), 'aria-valuetext': words });
  }
}

/** Room for a mark of a time axis, pixels. */
const MARK_WIDTH = 72;
/** Steps of a time axis in seconds. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400];

/**
 * An axis of seconds before now, whose marks say how long ago.
 * @returns {Axis}
 */
export function agoAxis() {
  return {
    ...plainAxis(),
    size: 30,
    splits: (plot, _axis, least, most) => {
      const count = Math.max(2, Math.floor(plot.bbox.width / devicePixelRatio / MARK_WIDTH));
      const step = stepFor((most - least) / count);
      const marks = [];
      for (let at = Math.floor(most / step) * step; at >= least; at -= step) marks.unshift(at);
      return marks;
    },
    values: (_plot, splits) => splits.map((at) => ago(at, Math.abs((splits[1] ?? 0) - (splits[0] ?? 0)))),
  };
}

/**
 * @param {(value: number) => string} text
 * @returns {Axis}
 */
export function valueAxis(text) {
  return { ...plainAxis(), size: 64, values: (_plot, splits) => splits.map(text) };
}

/** @returns {Axis} */
export function plainAxis() {
  return {
    stroke: () => colour('muted'),
    font: '12px Inter, system-ui, sans-serif',
    grid: { stroke: () => colour('grid'), width: 1 },
    ticks: { show: false },
    gap: 6,
  };
}

/** @param {number} least */
const stepFor = (least) => STEPS.find((step) => step >= least) ?? 86_400 * Math.ceil(least / 86_400);

/**
 * In the unit of the step between marks; under a minute's step and over a minute ago as minutes and seconds.
 * @type {(seconds: number, step: number) => string}
 */
function ago(seconds, step) {
  const s = Math.round(-seconds);
  if (s === 0) return 'now';
  if (step % 86_400 === 0) return `−${s / 86_400} d`;
  if (step % 3_600 === 0) return `−${s / 3_600} h`;
  if (step % 60 === 0) return `−${s / 60} min`;
  return s <= 60 ? `−${s} s` : `−${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}`;
}
