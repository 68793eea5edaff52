/** Receivers: whether each is believed and why not, what it says of itself, its sky, its signals, and what disturbs them. */

import { byId, el, fill, fillFacts, keyed, setAttributes, setText, svg } from '../dom.js';
import { duration } from '../nanos.js';
import { showSignals, showSky } from './sky.js';

/** @typedef {import('../answers.js').Receiver} Receiver */

/** A gauge's full deflection. */
const INDICATOR_MAX = 255;
const AGC_MAX = 8_191;

/**
 * @param {{ receivers: Receiver[] }} answer
 * @returns {string | undefined}
 */
export function showReceivers({ receivers }) {
  keyed(byId('receiver-list'), receivers, {
    key: ({ name }) => name,
    create: ({ name }) =>
      el(
        'article',
        { class: 'receiver', 'aria-label': `Receiver ${name}` },
        el(
          'div',
          {},
          el('h3', {}, name),
          el('p', {}, el('span', { class: 'mark-word' })),
          el('p', { class: 'fine why' }),
          el('dl'),
        ),
        picture(`${name}-sky`, 'sky', `Sky of ${name}`),
        el('div', {}, picture(`${name}-signals`, 'signals', `Signals of ${name}`), el('div', { class: 'gauges' })),
      ),
    update: showReceiver,
  });
  return receivers.length === 0 ? 'No receiver is configured.' : undefined;
}

/** @type {(id: string, kind: string, title: string) => HTMLElement} */
function picture(id, kind, title) {
  return el(
    'figure',
    {},
    svg('svg', { class: kind, role: 'img', 'aria-label': title, 'aria-describedby': `${id}-words` }),
    el('figcaption', { class: 'fine', id: `${id}-words` }),
  );
}

/** @type {(item: HTMLElement, receiver: Receiver) => void} */
function showReceiver(item, receiver) {
  const { believed, reason, health, make, own_accuracy_ns: ownAccuracy, sky, radio, presence } = receiver;
  const mark = /** @type {Element} */ (item.querySelector('.mark-word'));
  setAttributes(mark, { 'data-tone': believed ? 'good' : 'bad' });
  setText(mark, believed ? 'Believed' : 'Not believed');
  setText(
    /** @type {Element} */ (item.querySelector('.why')),
    reason === null ? '' : `${reason.sentence}. To clear it: ${reason.remedy}`,
  );
  /** @type {readonly (readonly [string, string | undefined])[]} */
  const facts = [
    ['Presence', presence === null ? undefined : presence.present ? 'answers' : 'gone'],
    ['Fix', health?.fix ?? undefined],
    ['Satellites used', health?.satellites_used?.toString()],
    ['Antenna', health?.antenna ?? undefined],
    ['Jamming', health?.jamming ?? undefined],
    ['Spoofing', health?.spoofing ?? undefined],
    ['TAI−UTC', leapWords(health)],
    ['Its own accuracy', ownAccuracy === null ? undefined : `${duration(BigInt(ownAccuracy))}, never believed`],
    ['Make', make === null ? undefined : [...new Set([make.hardware, make.software])].join(', ')],
    ['Said', health === null ? undefined : `${duration(BigInt(health.age_ns))} ago`],
  ];
  fillFacts(/** @type {Element} */ (item.querySelector('dl')), facts);
  const [skyFigure, signalFigure] = item.querySelectorAll('figure');
  if (skyFigure !== undefined) showSky(skyFigure, sky);
  if (signalFigure !== undefined) showSignals(signalFigure, sky);
  showGauges(/** @type {Element} */ (item.querySelector('.gauges')), radio);
}

/** @param {Receiver['health']} health */
function leapWords(health) {
  if (health === null || health.tai_utc_s === null) return undefined;
  return `${health.tai_utc_s} s, ${health.leap_source === null ? 'source unknown' : `from ${health.leap_source}`}`;
}

/** @type {(node: Element, radio: Receiver['radio']) => void} */
function showGauges(node, radio) {
  if (radio === null) return fill(node, el('p', { class: 'fine' }, 'Interference: unknown, it does not say.'));
  fill(
    node,
    ...radio.blocks.flatMap((block) => {
      const name = block.block === null ? 'Radio' : `Radio ${block.block}`;
      const tone = block.jamming === 'critical' ? 'bad' : block.jamming === 'warning' ? 'care' : 'good';
      return [
        gauge(`${name}: interference`, block.jamming_indicator, INDICATOR_MAX, tone, `jamming ${block.jamming}`),
        gauge(`${name}: gain`, block.agc_count, AGC_MAX, 'idle', `noise ${block.noise_per_ms}`),
      ];
    }),
  );
}

/** @type {(name: string, value: number, most: number, tone: string, words: string) => HTMLElement} */
function gauge(name, value, most, tone, words) {
  const share = Math.min(1, Math.max(0, value / most));
  return el(
    'p',
    { class: 'gauge', 'data-tone': tone },
    el('span', {}, name),
    svg(
      'svg',
      { viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
      svg('rect', { class: 'meter', width: 100, height: 6 }),
      svg('rect', { class: 'bar-used', width: share * 100, height: 6 }),
    ),
    el('span', { class: 'fine' }, `${value} of ${most}, ${words}`),
  );
}
