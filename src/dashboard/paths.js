/** Which endpoints this agent has, by its own description, so that the page asks for nothing that is not there. */

import { ask } from './api.js';

/** @type {ReadonlySet<string> | undefined} */
let known;
/** @type {Promise<void> | undefined} */
let asking;

/**
 * False only when the agent's description does not name the path.
 * @param {string} path with or without a query
 */
export async function isThere(path) {
  asking ??= learn();
  await asking;
  return known === undefined || known.has(path.replace(/\?.*$/, ''));
}

/** The agent may be another one now: its description is read again when somebody next asks. */
export function forgetPaths() {
  asking = undefined;
}

async function learn() {
  /** @type {import('./api.js').Answer<{ paths: Record<string, unknown> }>} */
  const answer = await ask('/v1/openapi.json');
  if (answer.kind === 'ok') known = new Set(Object.keys(answer.body.paths));
  else asking = undefined;
}
