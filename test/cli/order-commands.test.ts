/** `momentd verify` of certificates and receipts, `momentd compare`, and `momentd sim network`, as a user meets them. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { encodeGenesis } from '../../src/core/attestation/genesis.ts';
import { toHex } from '../../src/core/codec/hex.ts';
import { encodeCertificate } from '../../src/core/ordering/certificate.ts';
import { makeReceipt } from '../../src/core/ordering/receipt.ts';
import { certifiedWorld, partsOf } from '../core/ordering/certify.ts';
import { subject } from '../core/ordering/four-lanes.ts';
import { momentd } from './run-momentd.ts';

const folder = mkdtempSync(join(tmpdir(), 'momentd-order-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const certified = certifiedWorld();
const genesis = file('genesis.cbor', encodeGenesis(certified.world.genesis));
const [a, b, c] = ['a', 'b', 'c'].map((label) => file(label, encodeCertificate(partsOf(certified, label))));
const broken = file('broken', encodeCertificate({ ...partsOf(certified, 'a'), votes: [] }));
const { signed, body } = certified.world.lanes[0]![1]!;
const receipt = file('receipt', makeReceipt(signed.bytes, body!, subject('a'))!);

test('verify: a certificate is valid, says what was checked and what was not', async () => {
  const { code, stdout } = await momentd('verify', a!, '--genesis', genesis);
  assert.equal(code, 0);
  assert.match(stdout, /VALID certificate/);
  assert.match(stdout, /4 lanes of 4 report it \(3 needed\)/);
  assert.match(stdout, /not checked: the clocks of the validators: at most 1 of 4 may lie/);
});

test('verify: a receipt is valid, and one validator is no quorum', async () => {
  const { code, stdout } = await momentd('verify', receipt, '--genesis', genesis, '--json');
  assert.equal(code, 0);
  const [judged] = JSON.parse(stdout) as [{ kind: string; says: { subject: string } }];
  assert.equal(judged.kind, 'receipt');
  assert.equal(judged.says.subject, toHex(subject('a')));
});

test('verify: a broken certificate is invalid with its code; without a genesis record there is no quorum to count', async () => {
  const invalid = await momentd('verify', broken, '--genesis', genesis);
  assert.equal(invalid.code, 1);
  assert.match(invalid.stdout, /certificate-votes-too-few/);
  const untrusted = await momentd('verify', a!, '--key', toHex(certified.world.signers[0]!.publicKey));
  assert.equal(untrusted.code, 2);
  assert.match(untrusted.stderr, /give --genesis/);
});

test('compare: before, after, concurrent, the same', async () => {
  const answers = await Promise.all(
    [
      [a, c],
      [c, a],
      [a, b],
      [a, a],
    ].map(([first, second]) => momentd('compare', first!, second!, '--genesis', genesis)),
  );
  for (const [i, expected] of [
    /^a was before b: .* apart; this is final/,
    /^a was after b/,
    /concurrent/,
    /same/,
  ].entries()) {
    assert.equal(answers[i]!.code, 0, answers[i]!.stderr);
    assert.match(answers[i]!.stdout, expected);
  }
});

test('compare: JSON carries the evidence; an invalid certificate is no answer', async () => {
  const { stdout } = await momentd('compare', a!, c!, '--genesis', genesis, '--json');
  const answer = JSON.parse(stdout) as { relation: string; first: string; a: { reports: unknown[] } };
  assert.equal(answer.relation, 'before');
  assert.equal(answer.first, 'a');
  assert.equal(answer.a.reports.length, 4);
  const invalid = await momentd('compare', a!, broken, '--genesis', genesis);
  assert.equal(invalid.code, 1);
  assert.equal(invalid.stdout, '');
  assert.match(invalid.stderr, /certificate-votes-too-few/);
});

test('sim network: the account as JSON, exit 0 when everything held; wrong usage is 2', async () => {
  const { code, stdout } = await momentd(
    'sim',
    'network',
    '--validators',
    '4',
    '--seeds',
    '1..7',
    '--faults',
    'all',
    '--json',
  );
  assert.equal(code, 0);
  const account = JSON.parse(stdout) as Record<string, unknown>;
  const told = ['seeds', 'finals', 'disagreements', 'reversals', 'stuckSubjects'].map((key) => account[key]);
  assert.deepEqual(told, [7, 168, 0, 0, 0]);
  for (const wrong of [
    ['--seeds', '9..1'],
    ['--faults', 'weather'],
    ['--validators', '0'],
    ['--validators', '2000'],
  ])
    assert.equal((await momentd('sim', 'network', ...wrong)).code, 2, wrong.join(' '));
});
