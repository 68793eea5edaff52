/** `momentd keygen`, `genesis` and `verify` as a user meets them: what they say, what they refuse, how they exit. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { encodeIdentity } from '../../src/core/attestation/identity.ts';
import { encodeGenesis, networkIdOf } from '../../src/core/attestation/genesis.ts';
import { faultBetween } from '../../src/core/attestation/fault.ts';
import { encodeFaultProof } from '../../src/core/attestation/fault-proof.ts';
import { encodeReports } from '../../src/core/attestation/reports.ts';
import { toHex } from '../../src/core/codec/hex.ts';
import { signCheckpoint } from '../../src/core/log/checkpoint.ts';
import { originOf } from '../../src/core/log/origin.ts';
import { interval } from '../../src/core/time/interval.ts';
import { nanos, shift } from '../../src/core/time/nanos.ts';
import { ALICE, BOB, digestOf, sign, signPayload, statement, STRANGER } from '../core/attestation/actors.ts';
import { genesis, validator } from '../core/attestation/networks.ts';
import { momentd as wholeProgram, type Ended } from './run-momentd.ts';

const folder = mkdtempSync(join(tmpdir(), 'momentd-verify-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);
const file = (name: string, content: Uint8Array | string): string => {
  writeFileSync(at(name), content);
  return at(name);
};

const record = genesis([validator('alice', ALICE), validator('bob', BOB)]);
const network = networkIdOf(record);
const genesisFile = file('genesis.cbor', encodeGenesis(record));
const signed = sign(statement({ network }));
const good = file('good.nm', signed.bytes);

const offline = fileURLToPath(new URL('./offline-commands.ts', import.meta.url));

/** Like the whole program, only sooner. */
async function momentd(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [offline, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, closed] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  const [code] = closed as [number | null];
  return { code, stdout, stderr };
}

type Judged = { file: string; kind: string; verdict: string; code?: string; says?: Record<string, unknown> }[];
async function verifyJson(...args: string[]): Promise<{ code: number | null; judged: Judged }> {
  const { code, stdout, stderr } = await momentd('verify', '--json', ...args);
  assert.equal(stderr, '');
  return { code, judged: JSON.parse(stdout) as Judged };
}

test('a valid statement is explained, and what was not checked is said', async () => {
  const { code, stdout, stderr } = await wholeProgram('verify', '--genesis', genesisFile, good);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /VALID statement/);
  assert.match(stdout, /validator 7ef2c24515ae48c7 \(alice, EU\)/);
  assert.match(stdout, /\[1790000000123455939, 1790000000123457639\] ns TAI/);
  assert.match(stdout, /not checked: the evidence ee8250fb/);
  assert.match(stdout, /not checked: the reports/);
});

test('every kind of file is recognised, and judged right or wrong with its code', async () => {
  const { time } = statement();
  const seen = interval(shift(time.tai, nanos(-9_000n)), shift(time.tai, nanos(-7_000n)));
  const { bytes: body, root } = encodeReports(time, [{ subject: digestOf('seen'), seen }]);
  const identity = encodeIdentity({
    network,
    bootSeed: digestOf('boot').subarray(0, 16),
    bootCount: 1n,
    uptimeSeconds: 1n,
    kernel: '6.12',
    softwareVersion: '0.1.0',
    softwareDigest: digestOf('software'),
    cards: new Map(),
  });
  const needs = { sign: (bytes: Uint8Array) => ALICE.sign(bytes), publicKey: ALICE.publicKey };
  const note = signCheckpoint(
    { origin: originOf({ network, kid: ALICE.kid }), size: 3, root: digestOf('root') },
    needs,
  );
  const shown = faultBetween(signed, sign(statement({ network, evidence: digestOf('other') })))!;
  const proof = encodeFaultProof({ network, shown });
  const altered = signed.bytes.with(-67, signed.bytes.at(-67)! ^ 1);
  const cases: [string, Uint8Array | string, string, string][] = [
    ['reports.nm', sign(statement({ network, subject: root })).bytes, 'statement', 'valid'],
    ['altered.nm', altered, 'statement', 'signature-invalid'],
    ['cut.nm', signed.bytes.subarray(0, 200), 'statement', 'cose-envelope'],
    ['stranger.nm', sign(statement({ network }), STRANGER).bytes, 'statement', 'key-unknown'],
    ['elsewhere.nm', sign(statement()).bytes, 'statement', 'statement-network'],
    ['identity.eat', signPayload(identity), 'host identity', 'valid'],
    ['identity-of-stranger.eat', signPayload(identity, STRANGER), 'host identity', 'key-unknown'],
    ['checkpoint', note, 'checkpoint', 'valid'],
    [
      'checkpoint-altered',
      Buffer.from(note).toString().replace('\n3\n', '\n4\n'),
      'checkpoint',
      'checkpoint-signature',
    ],
    ['fault.json', proof, 'fault proof', 'valid'],
    ['fault-unshown.json', proof.replace('"E1"', '"E4"'), 'fault proof', 'fault-not-shown'],
    ['genesis.cbor', encodeGenesis(record), 'genesis', 'valid'],
    ['genesis-cut.json', '{ "momentd_genesis": 1', 'genesis', 'genesis-format'],
    ['record.evidence', Uint8Array.of(0xa1, 0x00, 0x01), 'evidence', 'evidence-format'],
  ];
  const paths = cases.map(([name, content]) => file(name, content));
  const { code, judged } = await verifyJson('--genesis', genesisFile, ...paths);
  assert.equal(code, 1);
  for (const [i, [name, , kind, wanted]] of cases.entries()) {
    const { kind: found, verdict, code: why } = judged[i]!;
    assert.deepEqual([name, found, verdict === 'valid' ? 'valid' : why], [name, kind, wanted]);
  }
  // Bytes are hexadecimal and nanoseconds decimal strings, so that nothing is lost on the way.
  assert.equal(judged[0]!.says!['earliest_ns'], '1790000000123455939');
  assert.equal(judged[0]!.says!['subject'], toHex(root));
  assert.match(String(judged[0]!.says!['id']), /^[0-9a-f]{64}$/);
  const beside = await verifyJson('--genesis', genesisFile, '--body', file('body', body), at('reports.nm'));
  assert.equal(beside.code, 0);
  const other = await verifyJson('--genesis', genesisFile, '--body', at('body'), good);
  assert.deepEqual([other.code, other.judged[0]!.code], [1, 'reports-root']);
  const evidence = await verifyJson('--genesis', genesisFile, '--evidence', at('record.evidence'), good);
  assert.deepEqual([evidence.code, evidence.judged[0]!.code], [1, 'evidence-digest']);
});

test('with a key alone the signature is checked and the network is only believed', async () => {
  const key = toHex(ALICE.publicKey);
  const { code, stdout } = await momentd('verify', '--key', key, good);
  assert.equal(code, 0);
  assert.match(stdout, /not checked: the network/);
  const bound = await verifyJson('--key', key, '--network', toHex(digestOf('other')), good);
  assert.deepEqual([bound.code, bound.judged[0]!.code], [1, 'statement-network']);
});

test('what cannot be judged exits with 2 and one line', async () => {
  const wrong: [string[], RegExp][] = [
    [[good], /verify-nothing-to-trust/],
    [['--genesis', genesisFile, at('absent')], /file-unreadable/],
    [['--genesis', genesisFile, file('noise', 'hello')], /verify-unrecognised/],
    [['--genesis', good, good], /genesis-/],
    [['--key', '00'.repeat(32), good], /key-small-order/],
    [['--genesis', genesisFile, '--key', toHex(ALICE.publicKey), good], /cli-usage/],
  ];
  const ended = await Promise.all(wrong.map(([args]) => momentd('verify', ...args)));
  for (const [i, { code, stdout, stderr }] of ended.entries()) {
    assert.deepEqual([code, stdout], [2, ''], stderr);
    assert.match(stderr, wrong[i]![1]);
    assert.equal(stderr.trimEnd().split('\n').length, 1);
  }
});

test('keys and entries become a network whose statements verify; no secret is printed, nothing is overwritten', async () => {
  const entries: string[] = [];
  for (const name of ['north', 'south']) {
    const made = await momentd('keygen', '--out', at(`${name}.key`), '--network', 'two', '--name', name, '--json');
    assert.deepEqual([made.code, made.stderr], [0, '']);
    entries.push(file(`${name}.json`, made.stdout));
    const secret = /^seed ([0-9a-f]{64})$/m.exec(readFileSync(at(`${name}.key`), 'utf8'))![1]!;
    assert.ok(!made.stdout.includes(secret));
    assert.equal(statSync(at(`${name}.key`)).mode & 0o777, 0o600);
  }
  const again = await momentd('keygen', '--out', at('north.key'));
  assert.equal(again.code, 2);
  assert.match(again.stderr, /key-file-exists/);

  const create = (name: string, out: string): ReturnType<typeof momentd> =>
    momentd('genesis', 'create', '--name', name, '--validator', ...entries, '--out', at(out), '--json');
  const created = await create('two', 'two.json');
  assert.deepEqual([created.code, created.stderr], [0, '']);
  const { network: id } = JSON.parse(created.stdout) as { network: string };
  assert.match((await create('two', 'two.json')).stderr, /file-exists/);
  for (const wrong of ['{ "name": ', '{ "name": "north" }']) {
    const entry = file('wrong.json', wrong);
    const ended = await momentd('genesis', 'create', '--name', 'two', '--validator', entry, '--out', at('never.json'));
    assert.equal(ended.code, 2);
    assert.match(ended.stderr, /validator-file-format/);
  }
  // The proofs of possession were made for another name.
  assert.match((await create('three', 'three.json')).stderr, /key-possession/);
  const checked = await momentd('genesis', 'check', at('two.json'), '--json');
  assert.equal(checked.code, 0);
  assert.equal((JSON.parse(checked.stdout) as { network: string }).network, id);
  const spoilt = readFileSync(at('two.json'), 'utf8').replace('"stake": "32000"', '"stake": "1"');
  const refused = await momentd('genesis', 'check', file('spoilt.json', spoilt));
  assert.equal(refused.code, 1);
  assert.match(refused.stdout, /genesis-stake/);
});

test('a sealed key opens for its owner; without a terminal a passphrase is not asked for', async () => {
  const passphrase = at('passphrase');
  writeFileSync(passphrase, 'correct horse\n', { mode: 0o600 });
  const key = at('sealed.key');
  const made = await momentd('keygen', '--out', key, '--passphrase-file', passphrase, '--json');
  assert.equal(made.code, 0);
  assert.match(readFileSync(key, 'utf8'), /^argon2id 3 268435456 /m);
  const opened = await momentd('keygen', '--out', key, '--existing', '--passphrase-file', passphrase, '--json');
  assert.deepEqual(JSON.parse(opened.stdout), JSON.parse(made.stdout));
  assert.match((await momentd('keygen', '--out', key, '--existing')).stderr, /key-passphrase-needed/);
  const asked = await momentd('keygen', '--out', at('other.key'), '--passphrase');
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /no terminal/);
});
