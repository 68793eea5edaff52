/** What the guarantee is made of: the terms whose sum it is, as one bar and as a table. */

import { byId, el, fill, keyed, setAttributes, setFigure, setText, svg } from '../dom.js';
import { duration, parse } from '../nanos.js';

/** @typedef {import('../answers.js').Status} Status */

/**
 * What each term bounds, in the words of the command line.
 * @type {Readonly<Record<string, string>>}
 */
export const MEANINGS = {
  'source-accuracy': 'error of the reference itself against TAI, as declared',
  'path-delay': 'antenna, cable and asymmetry that calibration did not remove',
  'read-bracket': 'half of the time in which the device was read',
  'phase-offset': 'spread of the measured phase, doubt about it, and disagreement between sources',
  quantisation: 'step in which edges are stamped',
  'drift-since-sample': "the device's oscillator and servo since the last confirmed edge",
  extrapolation: "the host's oscillator since the reading used",
  granularity: "step in which the device's clock is read",
  'leap-ambiguity': 'a second, near a leap second that UTC labels do not tell apart',
  floor: 'what the operator adds for the unmodelled',
};

/** Terms of one colour family stand together: the reference, reading it, what grows, what is declared. */
export const TERMS = [
  'source-accuracy',
  'path-delay',
  'phase-offset',
  'read-bracket',
  'quantisation',
  'granularity',
  'drift-since-sample',
  'extrapolation',
  'leap-ambiguity',
  'floor',
];

/**
 * @param {Status} status
 * @returns {string | undefined}
 */
export function showBudget({ budget }) {
  if (budget.length === 0) return 'No interval is issued, so there is nothing to add up.';
  const known = new Map(budget.map(({ term, ns }) => [term, parse(ns) ?? 0n]));
  const terms = [...TERMS, ...[...known.keys()].filter((term) => !TERMS.includes(term))].filter((term) =>
    known.has(term),
  );
  let total = 0n;
  for (const ns of known.values()) total += ns;
  showBar(terms, known, total);
  const zero = terms.filter((term) => known.get(term) === 0n);
  setText(byId('budget-zero'), zero.length === 0 ? '' : `Nothing for ${zero.join(', ')}.`);
  keyed(
    byId('budget-rows'),
    terms.filter((term) => known.get(term) !== 0n),
    {
      key: (term) => term,
      create: (term) =>
        el(
          'tr',
          {},
          el('th', { scope: 'row' }, swatch(term), term, el('span', { class: 'fine' }, MEANINGS[term] ?? '')),
          el('td', { class: 'number' }, el('data')),
          el('td', { class: 'number' }),
        ),
      update: (row, term) => {
        const ns = known.get(term) ?? 0n;
        setFigure(/** @type {HTMLDataElement} */ (row.querySelector('data')), ns, duration(ns));
        setText(/** @type {Element} */ (row.lastElementChild), shareOf(ns, total));
      },
    },
  );
  return undefined;
}

/** @param {string} term */
export function swatch(term) {
  const node = el('span', { class: 'swatch', 'aria-hidden': 'true' });
  node.style.background = `var(--term-${term}, var(--muted))`;
  return node;
}

/** @type {(terms: readonly string[], known: ReadonlyMap<string, bigint>, total: bigint) => void} */
function showBar(terms, known, total) {
  const bar = byId('budget-bar');
  setAttributes(bar, { viewBox: '0 0 10000 10', preserveAspectRatio: 'none' });
  if (total === 0n) return fill(bar);
  let before = 0n;
  const boxes = terms.map((term) => {
    const ns = known.get(term) ?? 0n;
    const x = Number((before * 10_000n) / total);
    before += ns;
    const box = svg('rect', { x, y: 0, width: Number((before * 10_000n) / total) - x, height: 10 });
    box.style.fill = `var(--term-${term}, var(--muted))`;
    return box;
  });
  fill(bar, ...boxes);
}

/** @type {(ns: bigint, total: bigint) => string} */
function shareOf(ns, total) {
  if (ns === 0n || total === 0n) return '–';
  const tenths = Number((ns * 1_000n) / total);
  return tenths < 10 ? '< 1 %' : `${Math.round(tenths / 10)} %`;
}
