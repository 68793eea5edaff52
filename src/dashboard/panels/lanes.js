/** Every lane that is kept here: how long it is, whether its validator may still be believed, and who has cosigned it. */

import { byId, el, fill, keyed, setText } from '../dom.js';

/** @typedef {import('../answers.js').Lane} Lane */

/** Which of them is ours; told by the network.
 * @type {number | null} */
let self = null;

/** @param {import('../answers.js').Network} network */
export function tellSelf(network) {
  self = network.self;
}

/**
 * @param {{ lanes: Lane[] }} answer
 * @returns {string | undefined}
 */
export function showLanes({ lanes }) {
  if (lanes.length === 0) return 'No lane is kept here.';
  keyed(byId('lane-list'), lanes, {
    key: ({ validator }) => String(validator),
    create: () =>
      el(
        'li',
        {},
        el('strong'),
        el('span', { class: 'mark-word' }),
        el('span', { class: 'fine' }),
        el('span', { class: 'cosigners', 'aria-hidden': 'true' }),
      ),
    update: (item, lane) => {
      const [name, mark, words, dots] = item.children;
      if (name === undefined || mark === undefined || words === undefined || dots === undefined) return;
      setText(name, nameOf(lane));
      const { tone, word } = standingOf(lane);
      mark.setAttribute('data-tone', tone);
      setText(mark, word);
      setText(words, wordsOf(lane, lanes.length - 1));
      const signed = lane.checkpoint?.cosigners ?? [];
      const others = lanes.filter(({ validator }) => validator !== lane.validator);
      fill(dots, ...others.map(({ validator }) => el('i', { 'data-signed': signed.includes(validator) })));
    },
  });
  return undefined;
}

/** @param {Lane} lane */
const nameOf = ({ name, validator }) => `${name}${validator === self ? ' (ours)' : ''}`;

/** @param {Lane} lane */
function standingOf({ frozen, catching_up: isCatchingUp }) {
  if (frozen) return { tone: 'bad', word: 'contradicted itself' };
  if (isCatchingUp) return { tone: 'care', word: 'catching up' };
  return { tone: 'good', word: 'followed' };
}

/** @type {(lane: Lane, others: number) => string} */
function wordsOf({ size, checkpoint }, others) {
  const entries = `${Number(size).toLocaleString('en')} entries`;
  if (checkpoint === null) return `${entries}, no checkpoint seen`;
  const at = `${entries}, checkpoint at ${Number(checkpoint.size).toLocaleString('en')}`;
  return others === 0
    ? `${at}; there is nobody to cosign it`
    : `${at}, cosigned by ${checkpoint.cosigners.length} of ${others}`;
}
