/**
 * What every panel does alike: it waits, shows, says that this agent has no such thing, or says that the answer failed and that
 * what is shown is old.
 */

import { byId, setText } from './dom.js';
import { span } from './nanos.js';

/**
 * @param {string} id of the panel's section
 * @param {object} how
 * @param {string} how.absent what it means that the agent has no such endpoint
 * @param {(body: any) => string | undefined} how.show returns why there is nothing to show, where there is nothing
 * @returns {(answer: import('./api.js').Answer<any>) => void}
 */
export function panel(id, { absent, show }) {
  const section = byId(id);
  const note = /** @type {HTMLElement} */ (section.querySelector('.note'));
  const content = /** @type {HTMLElement} */ (section.querySelector('.content'));
  let shownAt = 0;

  /** @type {(answer: string, words: string | undefined) => void} */
  const tell = (answer, words) => {
    section.dataset['answer'] = answer;
    note.hidden = words === undefined;
    setText(note, words ?? '');
  };

  return (answer) => {
    if (answer.kind === 'ok') {
      // Shown first, so that a chart finds its width.
      content.hidden = false;
      const nothing = show(answer.body);
      content.hidden = nothing !== undefined;
      shownAt = performance.now();
      tell('ok', nothing);
    } else if (answer.kind === 'absent') {
      content.hidden = true;
      tell('absent', absent);
    } else {
      const age = shownAt === 0 ? '' : ` What is shown is ${span((performance.now() - shownAt) / 1_000)} old.`;
      tell('failed', `No answer: ${answer.why}.${age}`);
    }
  };
}
