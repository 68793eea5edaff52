/**
 * Asking the agent. An answer, an endpoint that this agent does not have, and a failure are three things: the page shows each
 * as what it is.
 */

/**
 * @template T
 * @typedef {{ kind: 'ok', body: T } | { kind: 'absent' } | { kind: 'failed', why: string }} Answer
 */

/** Longer than any answer of an agent on this machine takes, shorter than an operator waits. */
const PATIENCE_MS = 4_000;

/**
 * @template T
 * @param {string} path
 * @returns {Promise<Answer<T>>}
 */
export async function ask(path) {
  try {
    const response = await fetch(path, {
      headers: { accept: 'application/json' },
      cache: 'no-store',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.status === 404) return { kind: 'absent' };
    if (!response.ok) return { kind: 'failed', why: await problemOf(response) };
    return { kind: 'ok', body: /** @type {T} */ (await response.json()) };
  } catch (error) {
    return { kind: 'failed', why: error instanceof Error ? error.message : String(error) };
  }
}

/** @param {Response} response */
async function problemOf(response) {
  try {
    const { code, detail } = await response.json();
    return `${response.status} ${code}: ${detail}`;
  } catch {
    return `status ${response.status}`;
  }
}
