/**
 * What the page asks for, how often, and whether anyone answers. One question at a time per path; a page that nobody looks at
 * asks nothing, and asks everything at once when it is looked at again.
 */

import { ask } from './api.js';
import { isThere } from './paths.js';

/**
 * @typedef {import('./api.js').Answer<any>} AnyAnswer
 * @typedef {{ path: () => string, everyMs: number, tell: (answer: AnyAnswer) => void, timer: number, asking: boolean }} Feed
 */

/** An endpoint that this agent does not have is asked for again this seldom: the agent may be replaced by a newer one. */
const ABSENT_EVERY_MS = 30_000;

/** @type {Set<Feed>} */
const feeds = new Set();

/**
 * @param {string | (() => string)} path
 * @param {number} everyMs
 * @param {(answer: AnyAnswer) => void} tell
 * @returns {() => void} asks at once, out of turn
 */
export function feed(path, everyMs, tell) {
  /** @type {Feed} */
  const mine = { path: typeof path === 'string' ? () => path : path, everyMs, tell, timer: 0, asking: false };
  feeds.add(mine);
  void turn(mine);
  return () => void turn(mine);
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) for (const each of feeds) void turn(each);
});

/** @param {Feed} mine */
async function turn(mine) {
  if (mine.asking || document.hidden) return;
  mine.asking = true;
  clearTimeout(mine.timer);
  const asked = mine.path();
  /** @type {AnyAnswer} */
  const answer = (await isThere(asked)) ? await ask(asked) : { kind: 'absent' };
  mine.asking = false;
  // What was asked may have changed meanwhile, by another choice of the reader: then the answer is to another question.
  if (asked !== mine.path()) return void turn(mine);
  mine.timer = setTimeout(() => void turn(mine), answer.kind === 'absent' ? ABSENT_EVERY_MS : mine.everyMs);
  mine.tell(answer);
}
