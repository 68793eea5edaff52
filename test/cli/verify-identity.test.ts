/** `momentd verify` on what evidence says of its host: named, said to be unchecked, and checked when the record is given. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeCoseSign1, identityOf } from '../../src/core/attestation/cose-sign1.ts';
import { encodeGenesis, networkIdOf } from '../../src/core/attestation/genesis.ts';
import { encodeIdentity } from '../../src/core/attestation/identity.ts';
import type { Statement } from '../../src/core/attestation/statement.ts';
import { attestedTimeOf } from '../../src/core/attestation/statement-time.ts';
import { decodeSignedStatement } from '../../src/core/attestation/verify-statement.ts';
import { Clock } from '../../src/core/clock/clock.ts';
import type { Estimate } from '../../src/core/clock/estimate.ts';
import { decodeCbor, encodeCbor, isMap, type CborKey, type CborValue } from '../../src/core/codec/cbor.ts';
import { toHex } from '../../src/core/codec/hex.ts';
import { sha256, type Digest } from '../../src/core/codec/sha256.ts';
import { nanos } from '../../src/core/time/nanos.ts';
import { isFault } from '../../src/core/verdict.ts';
import type { Signer } from '../../src/ports/signer.ts';
import { ALICE, BOB, digestOf, heartbeat, sign, signPayload, STRANGER } from '../core/attestation/actors.ts';
import { genesis, validator } from '../core/attestation/networks.ts';
import { cardConfig, endOf, feedSecond, World } from '../core/clock/world.ts';

const folder = mkdtempSync(join(tmpdir(), 'momentd-identity-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, content: Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

const record = genesis([validator('alice', ALICE), validator('bob', BOB)]);
const network = networkIdOf(record);
const genesisFile = file('genesis.cbor', encodeGenesis(record));
const BOOT = '00000000-0000-4000-8000-00000000000b';

function identityBy(
  signer: Signer,
  boot = BOOT,
  of = network,
): { readonly bytes: Uint8Array; readonly digest: Digest } {
  const payload = encodeIdentity({
    network: of,
    bootSeed: Buffer.from(boot.replaceAll('-', ''), 'hex'),
    bootCount: 1n,
    uptimeSeconds: 7n,
    kernel: '6.12',
    softwareVersion: '0.1.0',
    softwareDigest: digestOf('software'),
    cards: new Map([['card0', { model: 'time card', serial: 'TC-1', firmware: undefined, driver: undefined }]]),
  });
  const bytes = signPayload(payload, signer);
  const envelope = decodeCoseSign1(bytes);
  assert.ok(!isFault(envelope));
  return { bytes, digest: identityOf(envelope) };
}

/** A statement of Alice whose evidence names this host identity. */
function madeWith(
  name: string,
  identity: Digest | undefined,
): { readonly statement: string; readonly evidence: string } {
  const world = new World();
  const clock = new Clock(cardConfig(), BOOT);
  clock.useIdentity(identity);
  let estimate!: Estimate;
  for (let second = 1; second <= 40; second++) {
    feedSecond(clock, world, second, {});
    estimate = clock.estimate(world.mono(endOf(second)));
  }
  const evidence = clock.evidence(estimate.asOf);
  const time = attestedTimeOf(estimate.interval!);
  const signed = sign(heartbeat({ network, time, evidence: sha256(evidence), taiUtcSeconds: estimate.taiUtcSeconds! }));
  return { statement: file(`${name}.nm`, signed.bytes), evidence: file(`${name}.evidence`, evidence) };
}

const offline = fileURLToPath(new URL('./offline-commands.ts', import.meta.url));

function verify(
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [offline, 'verify', ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

const alice = identityBy(ALICE);
const good = madeWith('good', alice.digest);
const identityFile = file('alice.cbor', alice.bytes);

test('evidence names the host identity, and says that it was not checked', async () => {
  const name = toHex(alice.digest);
  const ended = await Promise.all([
    verify(good.evidence),
    verify('--genesis', genesisFile, '--evidence', good.evidence, good.statement),
  ]);
  for (const { code, stdout, stderr } of ended) {
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, new RegExp(`host identity ${name}`));
    assert.match(stdout, new RegExp(`not checked: the host identity ${name} \\(give --identity\\)`));
  }
  const { stdout } = await verify(madeWith('anonymous', undefined).evidence);
  assert.match(stdout, /not checked: which host it was: no host identity was in force/);
  const { stdout: json } = await verify('--json', good.evidence);
  assert.equal((JSON.parse(json) as [{ says: { host_identity: string } }])[0].says.host_identity, name);
});

test('a given record is checked, and what it cannot prove is said', async () => {
  const beside = ['--genesis', genesisFile, '--identity', identityFile];
  const ended = await Promise.all([
    verify(...beside, '--evidence', good.evidence, good.statement),
    verify(...beside, good.evidence),
    verify('--genesis', genesisFile, identityFile),
  ]);
  for (const { code, stdout, stderr } of ended) {
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /card +card0: time card, serial TC-1, firmware not told, driver not told/);
    assert.match(stdout, /not checked: whether any of it is so/);
  }
  for (const { stdout } of ended.slice(0, 2)) {
    assert.match(stdout, /checked +the host identity: its digest, its boot and the signature/);
    assert.doesNotMatch(stdout, /give --identity/);
  }
});

test('a record that does not belong to the evidence is refused with its code', async () => {
  const altered = alice.bytes.with(-1, alice.bytes.at(-1)! ^ 1);
  const cases: readonly [string, Uint8Array, Digest | undefined, string][] = [
    ['another', identityBy(ALICE, '00000000-0000-4000-8000-00000000000c').bytes, alice.digest, 'identity-digest'],
    ['unnamed', alice.bytes, undefined, 'identity-digest'],
    ['altered', altered, alice.digest, 'signature-'],
    ['noise', Uint8Array.of(1, 2, 3), alice.digest, 'cose-envelope'],
    ...(
      [
        ['of-bob', identityBy(BOB), 'identity-key'],
        ['of-a-stranger', identityBy(STRANGER), 'key-unknown'],
        ['of-another-boot', identityBy(ALICE, '00000000-0000-4000-8000-00000000000c'), 'identity-boot'],
        ['of-another-network', identityBy(ALICE, BOOT, digestOf('elsewhere')), 'identity-network'],
      ] as const
    ).map(([name, { bytes, digest }, code]): [string, Uint8Array, Digest, string] => [name, bytes, digest, code]),
  ];
  const ended = await Promise.all(
    cases.map(([name, bytes, digest]) => {
      const made = madeWith(name, digest);
      const given = ['--identity', file(`${name}.identity`, bytes), '--evidence', made.evidence];
      return verify('--json', '--genesis', genesisFile, ...given, made.statement);
    }),
  );
  for (const [i, { code, stdout, stderr }] of ended.entries()) {
    const [name, , , wanted] = cases[i]!;
    assert.deepEqual([code, stderr], [1, ''], name);
    const [judged] = JSON.parse(stdout) as [{ code: string }];
    assert.ok(judged.code.startsWith(wanted), `${name}: ${judged.code}`);
  }
  const untrusted = await verify('--identity', identityFile, good.evidence);
  assert.deepEqual([untrusted.code, untrusted.stdout], [2, '']);
  assert.match(untrusted.stderr, /verify-nothing-to-trust/);
});

test('an interval that does not follow from its evidence, and evidence that does not follow from itself, are told apart', async () => {
  const bytes = readFileSync(good.evidence);
  const statement = decodeSignedStatement(readFileSync(good.statement));
  assert.ok(!isFault(statement));
  const { time } = statement.statement;
  const judge = async (evidence: Uint8Array, change: Partial<Statement>): Promise<string> => {
    const claim = sign({ ...statement.statement, evidence: sha256(evidence), ...change });
    const paths = ['--evidence', file('judged.evidence', evidence), file('judged.nm', claim.bytes)];
    const { code, stdout } = await verify('--genesis', genesisFile, ...paths);
    return `${code} ${/evidence-[a-z]+/.exec(stdout)?.[0] ?? ''}`;
  };
  assert.match(await judge(bytes, {}), /^0 /);
  const narrower = { time: { ...time, guarantee: nanos(time.guarantee - 1n) } };
  assert.match(await judge(bytes, narrower), /^1 .*evidence-interval/);
  assert.match(await judge(bytes, { taiUtcSeconds: 38 }), /^1 .*evidence-interval/);
  // The result as if it had been a nanosecond later, sealed again: nothing but computing it anew shows that.
  const decoded = decodeCbor(bytes);
  assert.ok('value' in decoded && isMap(decoded.value));
  const result = decoded.value.get(9n) as Map<CborKey, CborValue>;
  result.set('earliest', (result.get('earliest') as bigint) + 1n);
  const forged = encodeCbor(decoded.value);
  forged.set(sha256(forged.subarray(0, forged.length - 35)), forged.length - 32);
  assert.match(await judge(forged, {}), /^1 .*evidence-mismatch/);
});
