/** Every source: whether it is believed, where it stands against our interval, and why it is not used where it is not. */

import { byId, el, fill, keyed, setAttributes, setFigure, setText } from '../dom.js';
import { duration, middle, parse, signed } from '../nanos.js';
import { judgement } from './verdicts.js';

/** @typedef {import('../answers.js').Status} Status */
/** @typedef {import('../answers.js').Source} Source */

/**
 * @param {Status} status
 * @returns {string | undefined}
 */
export function showSources({ role, sources, estimate }) {
  const earliest = parse(estimate?.earliest_ns);
  const latest = parse(estimate?.latest_ns);
  const ours = earliest === undefined || latest === undefined ? undefined : middle(earliest, latest);
  keyed(byId('source-rows'), sources, {
    key: ({ name }) => name,
    create: ({ name }) =>
      el(
        'tr',
        {},
        el('td', {}, el('span', { class: 'mark-word' })),
        el('th', { scope: 'row' }, name, el('span', { class: 'fine' })),
        el('td', { class: 'number' }, el('data')),
        el('td', { class: 'number' }, el('data')),
        el('td', { class: 'why' }),
      ),
    update: (row, source) => showSource(row, source, ours),
  });
  if (role !== 'validator') return 'It tells no time: there is no source.';
  return sources.length === 0 ? 'No source has been judged yet.' : undefined;
}

/** @type {(row: HTMLTableRowElement, source: Source, ours: bigint | undefined) => void} */
function showSource(row, source, ours) {
  const { kind, cause, name, earliest_ns, latest_ns, reason } = source;
  const { word, tone } = judgement(source);
  const mark = /** @type {Element} */ (row.querySelector('.mark-word'));
  setText(mark, word);
  setAttributes(mark, { 'data-tone': tone, 'data-verdict': source.verdict });
  setText(/** @type {Element} */ (row.querySelector('th .fine')), cause === name ? kind : `${kind}, cause ${cause}`);
  const earliest = parse(earliest_ns);
  const latest = parse(latest_ns);
  const known = earliest !== undefined && latest !== undefined;
  const distance = known && ours !== undefined ? middle(earliest, latest) - ours : undefined;
  const half = known ? (latest - earliest + 1n) / 2n : undefined;
  const [where, wide] = row.querySelectorAll('data');
  if (where !== undefined) setFigure(where, distance ?? null, distance === undefined ? 'unknown' : signed(distance));
  if (wide !== undefined) setFigure(wide, half ?? null, half === undefined ? 'unknown' : duration(half));
  const why = /** @type {Element} */ (row.querySelector('.why'));
  if (why.getAttribute('data-code') === (reason?.code ?? '')) return;
  setAttributes(why, { 'data-code': reason?.code ?? '' });
  if (reason === null) fill(why, el('span', { class: 'fine' }, 'agrees'));
  else fill(why, reason.sentence, el('span', { class: 'fine' }, `To clear it: ${reason.remedy}`));
}
