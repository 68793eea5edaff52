/**
 * The world's failure: a device, a file, a socket, a configuration. Thrown only in `io/` and `cli/`, and made an event
 * before it reaches core. Programs branch on `code`; the message says what was tried, on what, and what came back.
 */

import type { Code } from '../core/codes.ts';

export type ErrorFields = Readonly<Record<string, string | number | bigint | boolean>>;

export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: Code;
  readonly fields: ErrorFields;

  constructor(code: Code, message: string, options: { cause?: unknown; fields?: ErrorFields } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.fields = options.fields ?? {};
  }
}
