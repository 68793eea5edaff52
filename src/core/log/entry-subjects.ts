/** What an entry of a lane speaks of: the subject of its statement and those its reports name. Judges nothing. */

import { decodeCoseSign1 } from '../attestation/cose-sign1.ts';
import { decodeReports } from '../attestation/reports.ts';
import { scanReports } from '../attestation/reports-scan.ts';
import { decodeStatement } from '../attestation/statement.ts';
import type { Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { isFault } from '../verdict.ts';
import { decodeEntry } from './entry.ts';

/** Views of the entry's bytes; empty for a heartbeat and for what is no entry. */
export function subjectsOfEntry(bytes: Uint8Array): readonly Digest[] {
  const entry = decodeEntry(bytes);
  const envelope = isFault(entry) ? entry : decodeCoseSign1(entry.statement);
  const statement = isFault(envelope) ? envelope : decodeStatement(envelope.payload);
  if (isFault(entry) || isFault(statement) || statement.kind === 'heartbeat') return [];
  const { body } = entry;
  if (statement.kind !== 'reports' || body === null) return [statement.subject];
  const scanned = scanReports(body, LIMITS.reportsMax) ?? decodeReports(statement.time, body);
  return isFault(scanned) ? [statement.subject] : [statement.subject, ...scanned.map(({ subject }) => subject)];
}
