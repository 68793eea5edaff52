/** The network in a line: how it does and why not better, who is heard, and whose clock stands apart. */

import { byId, setAttributes, setText } from '../dom.js';

/** @typedef {import('../answers.js').Network} Network */

/** @param {Network} network */
export function showNetwork(network) {
  const node = byId('network-words');
  setText(node, wordsOf(network));
  const { networked, time_alarms: alarms, health } = network;
  setAttributes(node, {
    'data-tone': !networked ? 'idle' : alarms.length > 0 ? 'bad' : health.score < 60 ? 'care' : 'good',
  });
}

/** @param {Network} network */
function wordsOf({ networked, validators, heard, peers, time_alarms: alarms, health }) {
  if (!networked) return 'No network is configured: our own lane is all there is.';
  const less = health.deductions.map(({ cause, points }) => `${Math.round(points)} for ${cause}`).join(', ');
  const score = `Health ${Math.round(health.score)} of 100${less === '' ? '' : ` (less ${less})`}.`;
  const who = (/** @type {number | null} */ at) => (at === null ? 'we' : (validators[at]?.name ?? `validator ${at}`));
  const apart = alarms.map(({ validator }) => who(validator)).join(', ');
  const alarm = alarms.length === 0 ? '' : ` Apart from what enough validators agree on: ${apart}.`;
  return `${score} ${heard.length} of ${validators.length} validators heard in the last minute, ${peers} peers.${alarm}`;
}
