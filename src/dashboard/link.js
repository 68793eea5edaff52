/**
 * Whether the agent still answers. When it does not, the whole page is old: a notice says so and how old, and everything under
 * it loses its colour.
 */

import { byId, setText } from './dom.js';
import { span } from './nanos.js';
import { forgetPaths } from './paths.js';

/** Three answers that should have come. */
const LOST_AFTER_MS = 3_500;

let answeredAt = 0;
let why = 'connecting';
const openedAt = performance.now();

/** @param {import('./api.js').Answer<unknown>} answer */
export function tellLink(answer) {
  if (answer.kind === 'ok') answeredAt = performance.now();
  else why = answer.kind === 'failed' ? answer.why : 'this server has no /v1/status';
  show();
}

export function startLink() {
  setInterval(show, 1_000);
  show();
}

function show() {
  const age = performance.now() - (answeredAt === 0 ? openedAt : answeredAt);
  const isLost = age > LOST_AFTER_MS;
  // Whoever answers next may be another agent.
  if (isLost) forgetPaths();
  const link = isLost ? 'lost' : answeredAt === 0 ? 'connecting' : 'live';
  document.documentElement.dataset['link'] = link;
  setText(byId('link'), { lost: 'no answer', connecting: 'connecting', live: 'live' }[link]);
  const notice = byId('lost');
  notice.hidden = !isLost;
  if (!isLost) return;
  const old =
    answeredAt === 0 ? 'There was no answer yet.' : `What you see is ${span(age / 1_000)} old and may be wrong now.`;
  setText(notice, `The agent does not answer (${why}). ${old}`);
}
