/** An entry of another's lane before the order counts it: what rides along is what the statement commits to. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { encodeEntry } from '../../../src/core/log/entry.ts';
import { judgeEntry } from '../../../src/core/ordering/lane-item.ts';
import { FourLanes } from './four-lanes.ts';

test('a vote stands beside its own body only', () => {
  const four = new FourLanes();
  const body = Uint8Array.of(0x81, 0x00);
  const { signed } = four.write(0, 0, 'cut-vote', sha256(body), body);
  for (const other of [Uint8Array.of(0x81, 0x01), null]) {
    const verdict = judgeEntry(four.judge, encodeEntry({ statement: signed.bytes, body: other }));
    assert.deepEqual([verdict.kind, 'code' in verdict && verdict.code], ['reject', 'cut-vote-subject']);
  }
});
