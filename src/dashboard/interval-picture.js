/** Intervals as lines over one axis of nanoseconds about zero: what the pictures of sources and of peers have in common. */

import { svg } from './dom.js';
import { niceStep, signed } from './nanos.js';

export const ROW = 28;
/** Room for names at the left. */
export const GUTTER = 104;

/**
 * @typedef {object} Row one interval; instants in ns from zero
 * @property {string} name
 * @property {string} tone
 * @property {number} from
 * @property {number} to
 * @property {bigint} middle
 * @property {[number, number]} [core] drawn thick inside it
 */

/**
 * @typedef {object} Frame
 * @property {number} width
 * @property {number} reach half the width of the axis in ns
 * @property {number} top
 * @property {number} bottom where the axis runs
 */

/** @type {(frame: Frame) => (ns: number) => number} */
export const placer =
  ({ width, reach }) =>
  (ns) =>
    GUTTER + ((ns + reach) / (2 * reach)) * (width - GUTTER - 12);

/**
 * @param {Frame} frame
 * @returns {SVGElement[]}
 */
export function axis(frame) {
  const { width, reach, top, bottom } = frame;
  const x = placer(frame);
  const step = Math.max(1, niceStep(2 * reach, width > 520 ? 8 : 4));
  /** @type {SVGElement[]} */
  const parts = [svg('line', { class: 'axis', x1: x(-reach), x2: x(reach), y1: bottom, y2: bottom })];
  for (let at = Math.ceil(-reach / step) * step; at <= reach; at += step) {
    const ns = Math.round(at);
    const mark = ns === 0 ? { class: 'zero', y1: top } : { class: 'axis', y1: bottom };
    parts.push(
      svg('line', { ...mark, x1: x(ns), x2: x(ns), y2: bottom + 4 }),
      svg('text', { x: x(ns), y: bottom + 17, 'text-anchor': 'middle' }, ns === 0 ? '0' : signed(BigInt(ns))),
    );
  }
  return parts;
}

/**
 * One interval; one that lies off the axis is an arrow with its distance.
 * @param {Row} row
 * @param {Frame} frame
 * @param {number} y
 */
export function rowOf({ name, tone, from, to, middle, core }, frame, y) {
  const { reach } = frame;
  const x = placer(frame);
  const label = svg('text', { x: 0, y: y + 4 }, name.length > 15 ? `${name.slice(0, 14)}…` : name);
  if (from > reach || to < -reach) {
    const isLater = from > reach;
    const tip = isLater ? x(reach) : x(-reach);
    const back = isLater ? -9 : 9;
    return svg(
      'g',
      { 'data-tone': tone },
      label,
      svg('path', { class: 'arrow', d: `M${tip} ${y}l${back} -5v10z` }),
      svg(
        'text',
        { class: 'strong', x: tip + 2 * back, y: y + 4, 'text-anchor': isLater ? 'end' : 'start' },
        `${signed(middle)}, off this scale`,
      ),
    );
  }
  const inside = (/** @type {number} */ ns) => x(Math.max(-reach, Math.min(reach, ns)));
  return svg(
    'g',
    { 'data-tone': tone },
    label,
    svg('line', { class: 'span-line', x1: inside(from), x2: inside(to), y1: y, y2: y }),
    core !== undefined && svg('line', { class: 'span-core', x1: inside(core[0]), x2: inside(core[1]), y1: y, y2: y }),
    from >= -reach && svg('line', { class: 'span-end', x1: inside(from), x2: inside(from), y1: y - 6, y2: y + 6 }),
    to <= reach && svg('line', { class: 'span-end', x1: inside(to), x2: inside(to), y1: y - 6, y2: y + 6 }),
  );
}
