/** The walk along a lane: the body of an entry is the one its statement commits to. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { encodeEntry } from '../../../src/core/log/entry.ts';
import { LaneWalk } from '../../../src/core/log/lane-walk.ts';
import { ALICE, JUDGE, sign, statement } from '../attestation/actors.ts';

const BODY = Uint8Array.of(1, 2, 3);

/** What the walk says of a lane that has one entry. */
function codeOf(kind: 'reports' | 'cut-vote' | 'challenge-answer', body: Uint8Array | null): string | undefined {
  const { bytes } = sign(statement({ kind, seq: 0n, previous: new Uint8Array(32), subject: sha256(BODY) }));
  return new LaneWalk(JUDGE, ALICE.kid).take(encodeEntry({ statement: bytes, body }))?.fault;
}

test('an entry whose body was exchanged or taken away is named', () => {
  assert.equal(codeOf('cut-vote', BODY), undefined);
  assert.equal(codeOf('cut-vote', BODY.with(0, 9)), 'lane-entry-body');
  assert.equal(codeOf('cut-vote', null), 'lane-entry-body');
  assert.equal(codeOf('reports', null), 'lane-entry-body');
  assert.equal(codeOf('challenge-answer', null), undefined);
});
