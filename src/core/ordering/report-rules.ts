/**
 * Which reports of a statement count in the order. A function of the lane alone, so that every honest validator counts the
 * same ones. What does not count stays in the lane: it is evidence, and the lane goes on. docs/spec/ordering.md, "Reports".
 */

import type { GenesisParameters } from '../attestation/genesis.ts';
import { reportsStepFault } from '../attestation/lane-rules.ts';
import { decodeReports, type Report } from '../attestation/reports.ts';
import type { SignedStatement } from '../attestation/verify-statement.ts';
import { negate, shift } from '../time/nanos.ts';
import { fault, isFault, type Fault } from '../verdict.ts';

/**
 * The reports that count, or why none of the statement does. `previous` is the statement before it in the lane, undefined
 * for the first; both have passed `judgeEntry`, which bound the body to the statement, and `stepFault` between them. `read`
 * is what `decodeReports` gives, where the entry was read just before.
 */
export function countedReports(
  { guaranteeMax, tickMax }: Pick<GenesisParameters, 'guaranteeMax' | 'tickMax'>,
  previous: SignedStatement | undefined,
  signed: SignedStatement,
  body: Uint8Array | null,
  read?: readonly Report[],
): readonly Report[] | Fault {
  if (body === null) return fault('reports-format', 'a reports statement without a body');
  const { statement } = signed;
  // [VOID] A clock that knows the time no better than this says nothing useful about order.
  if (statement.time.guarantee > guaranteeMax)
    return fault('report-guarantee', `a guarantee of ${statement.time.guarantee} ns, over ${guaranteeMax} ns`);
  const reports = read ?? decodeReports(statement.time, body);
  if (isFault(reports)) return reports;
  // [VOID] What was first seen after the previous statement cannot have been seen wholly before it.
  const step = previous === undefined ? undefined : reportsStepFault(previous, reports);
  if (step !== undefined) return step;
  // [VOID] A report ends within a longest tick before its statement: later statements cannot reach behind a cut's T_C.
  const oldest = shift(statement.time.tai, negate(tickMax));
  const late = reports.findIndex(({ seen }) => seen.latest <= oldest);
  return late < 0
    ? reports
    : fault('report-too-old', `report ${late} ends a longest tick or more before its statement`);
}
