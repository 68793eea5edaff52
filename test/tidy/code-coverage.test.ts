/** Every code is named by a test or a vector, in a place where it is expected; the few that are not are listed, with reasons. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CODES } from '../../src/core/codes.ts';

const HERE = fileURLToPath(import.meta.url);
const FOLDER = fileURLToPath(new URL('..', import.meta.url));

/** Shrinks only: a code that a test comes to expect leaves this list, and none may join it without a reason that stands. */
const NOT_YET: Readonly<Record<string, string>> = {
  'agent-refused': 'needs an agent that answers a command with a problem; the API tests see the problems themselves',
  'commit-failed': 'stands for a failure that no adapter of ours can produce: all of theirs have codes',
  'evidence-interval':
    'needs a statement signed with an interval that is not its evidence’s, which our signer refuses to make',
  'evidence-mismatch': 'altered evidence fails on its digest or its format first; needs a hand-made record',
  'source-absent': 'told while hardware is away: seen on the hardware rig',
  'source-host-rate': 'needs a host clock faster than its declared bound: seen in the containment campaign',
  'source-not-designated': 'needs a PTP device without an external time stamp input: seen on the hardware rig',
  'time-not-representable': 'needs a date beyond 2262',
  'receiver-port-failed': 'needs a serial line that fails while it is open',
  'lane-entry-body': 'needs a lane whose entry was altered under its own checkpoint',
  'lane-file-unexpected': 'needs a foreign file among tiles',
  'lane-owner-unknown': 'needs a lane of a validator that the genesis record does not have',
  'lane-proof-range': 'needs a proof of an entry beyond its checkpoint',
  'witness-state-damaged': 'needs a damaged file of the witness at start',
  'cut-vote-subject': 'needs a vote signed over another subject than its slot’s',
  'peer-over-quota': 'quotas are tested by their verdict, which has no code there',
  'request-format': 'needs a peer that sends a broken request on a stream of ours',
  'validator-file-format': 'needs a broken validator file for `genesis create`',
};

const expectations = readdirSync(FOLDER, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && /\.(?:ts|json|mjs|py)$/.test(entry.name))
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => path !== HERE)
  .map((path) => readFileSync(path, 'utf8'))
  .join('\n');

/** As a whole word: `lane-entry` is not named by `lane-entry-body`. */
const isNamed = (code: string): boolean => new RegExp(`(?<![\\w-])${code}(?![\\w-])`).test(expectations);

test('every code is expected by a test or a vector, but for those listed with a reason', () => {
  const unnamed = Object.keys(CODES).filter((code) => !isNamed(code));
  assert.deepEqual(unnamed.sort(), Object.keys(NOT_YET).sort());
  for (const [code, reason] of Object.entries(NOT_YET)) assert.ok(reason.length > 20, code);
});

test('a code that no test names would be found', () => {
  assert.ok(isNamed('disk-full'));
  assert.ok(!isNamed(['disk', 'half', 'full'].join('-')));
});
