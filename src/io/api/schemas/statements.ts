/** Schemas of statements, of the lane and of signed records by digest. */

import { LIMITS } from '../../../core/limits.ts';
import { countText, digestText, exactly, listOf, nanosecondsText, orNull, query, seqText } from './common.ts';

export const statementSchema = exactly({
  seq: countText,
  id: digestText,
  kind: { type: 'string' },
  earliest_ns: nanosecondsText,
  latest_ns: nanosecondsText,
  tai_utc_s: { type: 'integer' },
  evidence: digestText,
  cose_sign1: { type: 'string', pattern: '^[0-9a-f]+$', description: 'the signed bytes, hexadecimal' },
});

export const statementsSchema = exactly({
  statements: listOf(statementSchema, LIMITS.apiStatementsPageMax),
  next: orNull({ ...countText, description: '`from` of the next page; null at the end of the lane' }),
});

export const pageQuery = query({
  from: { ...seqText, default: '0', description: 'first sequence number' },
  limit: { type: 'integer', minimum: 1, maximum: LIMITS.apiStatementsPageMax, default: 20 },
});

/** Longer than any tile's path. */
export const lanePathParams = exactly({ '*': { type: 'string', maxLength: 100 } });

export const seqParams = exactly({ seq: seqText });
export const digestParams = exactly({ digest: digestText });
