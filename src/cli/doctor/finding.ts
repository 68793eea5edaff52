/** What a check of the doctor says: what was looked at, how it is, which code holds, and what would help. */

import { CODES, type Code } from '../../core/codes.ts';
import { AgentError } from '../../ports/agent-error.ts';

export type Severity = 'ok' | 'warn' | 'fail';

export type Finding = {
  /** What was looked at: `memory`, `receiver gnss0`. */
  readonly subject: string;
  readonly severity: Severity;
  readonly code: Code;
  /** What was seen, with numbers. */
  readonly detail: string;
  /** What the code says holds. */
  readonly sentence: string;
  readonly remedy: string;
};

export const finding = (subject: string, severity: Severity, code: Code, detail: string): Finding => ({
  subject,
  severity,
  code,
  detail,
  ...CODES[code],
});

export const passed = (subject: string, detail: string): Finding => finding(subject, 'ok', 'check-passed', detail);
export const notMade = (subject: string, detail: string): Finding => finding(subject, 'warn', 'check-not-made', detail);

/** A failure of the world as a finding with its own code; anything else is a check that could not be made. */
export function findingOf(subject: string, error: unknown): Finding {
  if (error instanceof AgentError) return finding(subject, 'fail', error.code, error.message);
  return notMade(subject, error instanceof Error ? error.message : String(error));
}

/** 1 when anything fails, so that scripts can wait for a host to be fit. */
export const hasFailure = (findings: readonly Finding[]): boolean =>
  findings.some(({ severity }) => severity === 'fail');
