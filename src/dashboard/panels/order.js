/**
 * The newest part of the final order: when each subject was first seen, as an interval, and the moment it got. Subjects whose
 * intervals overlap are concurrent: their places were drawn, not measured, and they are shown as one group.
 */

import { byId, el, fill, keyed, setAttributes, setText, svg } from '../dom.js';
import { calendar, niceStep, offset, signed } from '../nanos.js';

/** @typedef {import('../answers.js').OrderEntry} OrderEntry */
/** @typedef {import('../answers.js').OrderStatus} OrderStatus */

/** As many as can be told apart. */
const SHOWN = 32;
const BAR = 12;
const GAP = 6;
const TOP = 8;

/**
 * @param {{ entries: OrderEntry[] }} answer the newest ones, oldest first
 * @returns {string | undefined}
 */
export function showOrder({ entries }) {
  if (entries.length === 0) return 'Nothing is final yet: no subject was submitted, or none has been decided.';
  const groups = groupsOf(entries);
  showPicture(groups);
  const concurrent = groups.filter((group) => group.length > 1);
  setText(
    byId('order-words'),
    `The newest ${entries.length}. A bar is when enough validators first saw it, a dot the moment it got. ` +
      (concurrent.length === 0
        ? 'All intervals are apart: this order was measured.'
        : 'Bars that overlap are concurrent: no evidence says which was first, their places were drawn.'),
  );
  keyed(byId('order-groups'), groups.toReversed(), {
    key: (group) => `${group[0]?.index}-${group.length}`,
    create: (group) =>
      el(
        'li',
        { 'data-concurrent': group.length > 1 },
        group.length > 1 && el('span', { class: 'fine' }, `${group.length} concurrent, drawn order`),
        el('ol', {}, ...group.map(itemOf)),
      ),
    update: () => undefined,
  });
  return undefined;
}

/** Where the newest entries begin; told by the status of the order. */
let from = '0';

export const orderPath = () => `/v1/order?from=${from}&limit=${SHOWN}`;

/**
 * @param {import('../api.js').Answer<OrderStatus>} answer
 * @param {() => void} onGrowth called when there are newer entries than those asked for
 */
export function tellOrderStatus(answer, onGrowth) {
  const node = byId('order-status');
  if (answer.kind !== 'ok') return setText(node, 'How far the order is decided is unknown.');
  const { size, waiting, pool, contradicted_slot: contradicted } = answer.body;
  const first = BigInt(size) > BigInt(SHOWN) ? `${BigInt(size) - BigInt(SHOWN)}` : '0';
  if (first !== from) {
    from = first;
    onGrowth();
  }
  if (contradicted !== null)
    return setText(node, `A decided cut at slot ${contradicted} was not ours: nothing becomes final here any more.`);
  const lanes = waiting.lanes.length === 0 ? '' : ` Waiting for the lanes of validators ${waiting.lanes.join(', ')}.`;
  const voters = waiting.voters.length === 0 ? '' : ` Waiting for the votes of ${waiting.voters.join(', ')}.`;
  setText(node, `${BigInt(size).toLocaleString('en')} final, ${pool.subjects} waiting.${lanes}${voters}`);
}

/**
 * Runs of entries whose intervals overlap, each with one before it: what one group holds is not proven apart from the rest of it.
 * @param {readonly OrderEntry[]} entries
 */
export function groupsOf(entries) {
  const bySight = entries.toSorted((a, b) => (BigInt(a.seen.earliest_ns) < BigInt(b.seen.earliest_ns) ? -1 : 1));
  /** @type {OrderEntry[][]} */
  const groups = [];
  /** @type {bigint | undefined} */
  let end;
  for (const entry of bySight) {
    const latest = BigInt(entry.seen.latest_ns);
    const group = groups.at(-1);
    if (group !== undefined && end !== undefined && BigInt(entry.seen.earliest_ns) <= end) {
      group.push(entry);
      if (latest > end) end = latest;
    } else {
      groups.push([entry]);
      end = latest;
    }
  }
  return groups.map((group) => group.toSorted((a, b) => Number(a.index) - Number(b.index)));
}

/** @param {OrderEntry} entry */
function itemOf({ index, subject, moment_tai_ns: moment, late }) {
  const { date, time, fraction } = calendar(BigInt(moment));
  return el(
    'li',
    {},
    el('span', {}, `#${index} `),
    el('code', { title: subject }, subject.slice(0, 12)),
    el('span', { class: 'fine' }, ` ${date} ${time}.${fraction} TAI${late ? ', late' : ''}`),
  );
}

/** @param {readonly (readonly OrderEntry[])[]} groups */
function showPicture(groups) {
  const picture = byId('order-picture');
  const entries = groups.flat();
  const newest = entries.reduce((max, { seen: { latest_ns: ns } }) => (BigInt(ns) > max ? BigInt(ns) : max), 0n);
  const oldest = entries.reduce((min, { seen: { earliest_ns: ns } }) => (BigInt(ns) < min ? BigInt(ns) : min), newest);
  const length = Math.max(1, offset(newest, oldest));
  const width = Math.max(280, picture.clientWidth);
  const x = (/** @type {bigint} */ at) => 8 + (offset(at, oldest) / length) * (width - 16);
  const rows = packed(entries, x);
  const depth = Math.max(...rows.values()) + 1;
  const bottom = TOP + depth * (BAR + GAP) + 4;
  setAttributes(picture, { viewBox: `0 0 ${width} ${bottom + 20}`, height: bottom + 20 });
  const step = niceStep(length, 6);
  const marks = [];
  for (let at = 0; at <= length; at += step) {
    const place = 8 + ((length - at) / length) * (width - 16);
    const anchor = at === 0 ? 'end' : length - at < step / 2 ? 'start' : 'middle';
    const words = at === 0 ? 'newest' : signed(BigInt(-Math.round(at)));
    marks.push(
      svg('line', { class: 'axis', x1: place, x2: place, y1: bottom, y2: bottom + 4 }),
      svg('text', { x: place, y: bottom + 17, 'text-anchor': anchor }, words),
    );
  }
  fill(
    picture,
    ...groups.filter((group) => group.length > 1).map((group) => backdrop(group, x, bottom)),
    svg('line', { class: 'axis', x1: 0, x2: width, y1: bottom, y2: bottom }),
    ...marks,
    ...entries.map((entry) => {
      const y = TOP + (rows.get(entry) ?? 0) * (BAR + GAP);
      const from = x(BigInt(entry.seen.earliest_ns));
      return svg(
        'g',
        {},
        svg('rect', {
          class: 'seen',
          x: from,
          width: Math.max(2, x(BigInt(entry.seen.latest_ns)) - from),
          y,
          height: BAR,
          rx: 2,
        }),
        svg('circle', { class: 'moment', cx: x(BigInt(entry.moment_tai_ns)), cy: y + BAR / 2, r: 3 }),
      );
    }),
  );
}

/**
 * A row for each entry such that no two in a row overlap.
 * @type {(entries: readonly OrderEntry[], x: (at: bigint) => number) => Map<OrderEntry, number>}
 */
function packed(entries, x) {
  /** @type {number[]} */
  const ends = [];
  /** @type {Map<OrderEntry, number>} */
  const rows = new Map();
  for (const entry of entries) {
    const from = x(BigInt(entry.seen.earliest_ns));
    const free = ends.findIndex((end) => end + 2 < from);
    const row = free === -1 ? ends.length : free;
    ends[row] = Math.max(x(BigInt(entry.seen.latest_ns)), from + 2);
    rows.set(entry, row);
  }
  return rows;
}

/** @type {(group: readonly OrderEntry[], x: (at: bigint) => number, bottom: number) => SVGElement} */
function backdrop(group, x, bottom) {
  const from = Math.min(...group.map(({ seen: { earliest_ns: ns } }) => x(BigInt(ns))));
  const to = Math.max(...group.map(({ seen: { latest_ns: ns } }) => x(BigInt(ns))));
  return svg('rect', { class: 'concurrent', x: from - 4, width: to - from + 8, y: 1, height: bottom - 2, rx: 4 });
}
