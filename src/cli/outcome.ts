/**
 * How a command ends: exit codes, one line of error, JSON where it was asked for.
 *
 * 0: done, and the answer is yes. 1: done, and the answer is no (a check failed, the agent does not attest). 2: could not
 * be done: wrong usage, unreadable file, no agent there. Answers go to standard output, everything else to standard error.
 */

import { CODES, type Code } from '../core/codes.ts';
import { AgentError } from '../ports/agent-error.ts';

export const EXIT = { yes: 0, no: 1, unable: 2 } as const;

/** Prints `momentd: what happened (code)` and the remedy on one line, and sets the exit code. */
export function fail(error: unknown): void {
  process.exitCode = EXIT.unable;
  if (error instanceof AgentError) return warn(`${error.message} [${error.code}]; ${CODES[error.code].remedy}`);
  // Anything else is a mistake of ours: its stack is what a report needs.
  warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

export function refuse(code: Code, message: string): void {
  fail(new AgentError(code, message));
}

export function warn(line: string): void {
  process.stderr.write(`momentd: ${line}\n`);
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One JSON document; bigints as decimal strings, bytes as hexadecimal. */
export function sayJson(value: unknown): void {
  say(JSON.stringify(value, jsonValue, 2));
}

function jsonValue(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  // The value itself, not what its toJSON made of it: a Buffer would come as a list of numbers.
  const original = this[key];
  if (typeof original === 'bigint') return original.toString();
  if (original instanceof Uint8Array) return Buffer.from(original).toString('hex');
  return value;
}

/** Runs a command's action; whatever it throws becomes one line and exit code 2. */
export function guarded<A extends unknown[]>(action: (...args: A) => Promise<void> | void) {
  return async (...args: A): Promise<void> => {
    try {
      await action(...args);
    } catch (error) {
      fail(error);
    }
  };
}
