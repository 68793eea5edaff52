/**
 * What a judgement of a stranger's bytes comes to. Always a value: judging never throws.
 *
 * `reject` says the sender broke a rule and may be held to it; `ignore` says we cannot or need not judge (a key of another
 * epoch, something already known). Programs branch on `code`; `detail` is for a person and names what was found.
 */

import type { Code } from './codes.ts';
import { LIMITS } from './limits.ts';

/** Why bytes were not understood. */
export type Fault = { readonly fault: Code; readonly detail: string };

export type Refusal = { readonly kind: 'ignore' | 'reject'; readonly code: Code; readonly detail: string };

export type Verdict<T> = { readonly kind: 'accept'; readonly value: T } | Refusal;

export const accept = <T>(value: T): Verdict<T> => ({ kind: 'accept', value });
export const ignore = (code: Code, detail: string): Refusal => ({ kind: 'ignore', code, detail: short(detail) });
export const reject = (code: Code, detail: string): Refusal => ({ kind: 'reject', code, detail: short(detail) });

export const fault = (code: Code, detail: string): Fault => ({ fault: code, detail: short(detail) });
export const isFault = (result: unknown): result is Fault =>
  typeof result === 'object' && result !== null && 'fault' in result && typeof result.fault === 'string';

export const rejectFault = (found: Fault): Refusal => reject(found.fault, found.detail);

/** A detail may quote what a stranger sent; it goes into logs and answers, so he may not make it long. */
const short = (detail: string): string =>
  detail.length <= LIMITS.detailLengthMax ? detail : `${detail.slice(0, LIMITS.detailLengthMax - 3)}...`;
