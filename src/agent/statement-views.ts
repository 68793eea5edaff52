/** Entries of our own lane as the statements the faces show. What is in our lane was ours: a bad entry is our mistake. */

import { assert } from '../core/assert.ts';
import { intervalOf } from '../core/attestation/statement.ts';
import { decodeSignedStatement } from '../core/attestation/verify-statement.ts';
import { decodeEntry } from '../core/log/entry.ts';
import { isFault } from '../core/verdict.ts';
import type { StatementView } from '../ports/view.ts';

export function statementViews(entries: readonly Uint8Array[]): readonly StatementView[] {
  return entries.map((bytes): StatementView => {
    const entry = decodeEntry(bytes);
    assert(!isFault(entry), 'our lane holds entries');
    const signed = decodeSignedStatement(entry.statement);
    assert(!isFault(signed), 'our lane holds statements');
    const { statement, id } = signed;
    return {
      seq: statement.seq,
      id,
      bytes: entry.statement,
      ...intervalOf(statement),
      kind: statement.kind,
      taiUtcSeconds: statement.taiUtcSeconds,
      evidence: statement.evidence,
    };
  });
}
