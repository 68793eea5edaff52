/**
 * Contradictions between signed objects of one validator: found here, given away as proofs by fault-proof.ts.
 *
 * E1 double statement, E2 time ran back, E3 forked lane, E4 broken chain. Only a contradiction in what one key signed is
 * a fault; a wrong time by itself cannot be proven against a key, and being late or absent is none. docs/spec/fault-proof.md.
 */

import { compareBytes } from '../codec/cbor.ts';
import { isBefore } from '../time/nanos.ts';
import { isFault } from '../verdict.ts';
import { reportsStepFault } from './lane-rules.ts';
import { reportsOf, type Report } from './reports.ts';
import type { SignedStatement } from './verify-statement.ts';

/** The exhibits, as signed. In E2 and E4 the statement with the lower seq comes first; in E1 and E3 the order is by hash. */
export type LaneFault =
  | { readonly code: 'E1' | 'E4'; readonly statements: readonly [Uint8Array, Uint8Array] }
  | {
      readonly code: 'E2';
      readonly statements: readonly [Uint8Array, Uint8Array];
      /** The reports of the second statement, where it is they that ran back. */
      readonly body: Uint8Array | undefined;
    }
  | { readonly code: 'E3'; readonly checkpoints: readonly [Uint8Array, Uint8Array] };

export type FaultCode = LaneFault['code'];

export const FAULT_SENTENCES: Readonly<Record<FaultCode, string>> = {
  E1: 'signed two different statements with one epoch and sequence number',
  E2: 'signed a later statement with an earlier time, or reports from before its own previous statement',
  E3: 'signed two different histories of its lane',
  E4: 'signed a statement that does not follow from the one before it',
};

/**
 * The fault two statements show, or undefined. Both must have passed `verifyStatement`; they may come in any order.
 * Statements of different keys, networks or epochs never contradict each other.
 */
export function faultBetween(a: SignedStatement, b: SignedStatement): LaneFault | undefined {
  if (!isSameLane(a, b)) return undefined;
  const order = compareBytes(a.id, b.id);
  if (order === 0) return undefined;
  if (a.statement.seq === b.statement.seq)
    return { code: 'E1', statements: order < 0 ? [a.bytes, b.bytes] : [b.bytes, a.bytes] };
  const [first, second] = a.statement.seq < b.statement.seq ? [a, b] : [b, a];
  const statements = [first.bytes, second.bytes] as const;
  if (!isBefore(first.statement.time.tai, second.statement.time.tai))
    return { code: 'E2', statements, body: undefined };
  if (isNext(first, second) && compareBytes(second.statement.previous, first.id) !== 0)
    return { code: 'E4', statements };
  return undefined;
}

/**
 * The fault the reports of `second` show against the statement before it: one whose interval lies wholly before that
 * statement. Undefined when the body is not the one `second` commits to, or shows nothing. `read` is what `reportsOf` gave,
 * where it was asked before.
 */
export function faultInReports(
  first: SignedStatement,
  second: SignedStatement,
  body: Uint8Array,
  read?: readonly Report[],
): LaneFault | undefined {
  if (!isSameLane(first, second) || !isNext(first, second)) return undefined;
  const reports = read ?? reportsOf(second.statement, body);
  if (isFault(reports) || reportsStepFault(first, reports) === undefined) return undefined;
  return { code: 'E2', statements: [first.bytes, second.bytes], body };
}

function isSameLane(a: SignedStatement, b: SignedStatement): boolean {
  return (
    compareBytes(a.kid, b.kid) === 0 &&
    compareBytes(a.statement.network, b.statement.network) === 0 &&
    a.statement.epoch === b.statement.epoch
  );
}

const isNext = (first: SignedStatement, second: SignedStatement): boolean =>
  second.statement.seq === first.statement.seq + 1n;
