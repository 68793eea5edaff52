/** Key files: written once, read only when nobody else could, sealed or not, and every refusal. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import { BrokenInvariant } from '../../../src/core/assert.ts';
import { kidOf } from '../../../src/core/attestation/cose-sign1.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { generateKey, keyOfSeed, type KeyPair } from '../../../src/io/keys/key-format.ts';
import { readKeyFile, writeKeyFile, type Sealing } from '../../../src/io/keys/key-store.ts';
import { sodiumSigner } from '../../../src/io/keys/sodium-signer.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'momentd-keys-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const freshPath = (): string => join(folder, `key-${files++}`);

const passphrase = Buffer.from('correct horse');
/** The cheapest cost libsodium allows; the default one takes most of a second. */
const cheap: Sealing = { passphrase, cost: { passes: 1, memoryBytes: 8_192 } };

/** RFC 8032 section 7.1, test 1. */
const SEED = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const knownKey = (): KeyPair => keyOfSeed(Buffer.from(SEED, 'hex'));

async function write(sealing?: Sealing): Promise<string> {
  const path = freshPath();
  await writeKeyFile(path, knownKey(), sealing);
  return path;
}

const fails = (code: string) => (error: unknown) => {
  assert.ok(error instanceof AgentError, String(error));
  assert.equal(error.code, code);
  // Whatever is said about a key file, the secret is not in it.
  assert.ok(!inspect(error, { depth: 9 }).includes(SEED.slice(0, 16)));
  return true;
};

test('a key file is what the spec says, and comes back as the same key', async () => {
  const path = await write();
  assert.equal(readFileSync(path, 'utf8'), `momentd-key v1\npublic ${PUBLIC}\nseed ${SEED}\n`);
  assert.equal(statSync(path).mode & 0o7777, 0o600);
  const key = await readKeyFile(path);
  assert.equal(toHex(key.publicKey), PUBLIC);
  assert.equal(key.secretKey.toString('hex'), SEED + PUBLIC);
});

test('mode 0600 holds whatever the umask opens', async () => {
  const before = process.umask(0);
  try {
    assert.equal(statSync(await write()).mode & 0o7777, 0o600);
  } finally {
    process.umask(before);
  }
});

test('a sealed key opens with its passphrase only', async () => {
  const path = await write(cheap);
  const text = readFileSync(path, 'utf8');
  assert.ok(!text.includes(SEED));
  assert.match(
    text,
    /^momentd-key v1\npublic [0-9a-f]{64}\nargon2id 1 8192 [0-9a-f]{32}\nxchacha20poly1305 [0-9a-f]{48} [0-9a-f]{96}\n$/,
  );
  assert.equal(toHex((await readKeyFile(path, passphrase)).publicKey), PUBLIC);
  await assert.rejects(readKeyFile(path), fails('key-passphrase-needed'));
  await assert.rejects(readKeyFile(path, Buffer.from('wrong horse')), fails('key-passphrase-wrong'));
});

test('sealing twice gives two different files', async () => {
  const [a, b] = [await write(cheap), await write(cheap)];
  assert.notEqual(readFileSync(a, 'utf8'), readFileSync(b, 'utf8'));
});

test('no line of a sealed key can be altered', async () => {
  const path = await write(cheap);
  const text = readFileSync(path, 'utf8');
  const other = toHex(generateKey().publicKey);
  const altered = [
    text.replace(PUBLIC, other),
    text.replace('argon2id 1 8192', 'argon2id 2 8192'),
    text.replace('8192', '16384'),
  ];
  for (const line of altered) {
    assert.notEqual(line, text);
    writeFileSync(path, line);
    await assert.rejects(readKeyFile(path, passphrase), fails('key-passphrase-wrong'));
  }
});

test('an existing file is never overwritten', async () => {
  const path = await write();
  const before = readFileSync(path);
  await assert.rejects(writeKeyFile(path, generateKey()), fails('key-file-exists'));
  assert.deepEqual(readFileSync(path), before);
  const link = freshPath();
  symlinkSync(freshPath(), link);
  await assert.rejects(writeKeyFile(link, generateKey()), fails('key-file-exists'));
});

test('where nothing can be written, it says so', async () => {
  await assert.rejects(writeKeyFile(join(folder, 'no', 'such', 'folder'), generateKey()), fails('key-file-unwritable'));
});

test('any mode but 0600 and 0400 is refused', async () => {
  for (const mode of [0o640, 0o604, 0o660, 0o700, 0o644, 0o4600, 0o200]) {
    const path = await write();
    chmodSync(path, mode);
    await assert.rejects(readKeyFile(path), fails('key-file-permissions'), mode.toString(8));
  }
  const path = await write();
  chmodSync(path, 0o400);
  assert.equal(toHex((await readKeyFile(path)).publicKey), PUBLIC);
});

test(
  "another user's file is refused",
  { skip: process.geteuid?.() === 0 ? false : 'needs root to give a file away' },
  async () => {
    const { chownSync } = await import('node:fs');
    const path = await write();
    chownSync(path, 12_345, 12_345);
    await assert.rejects(readKeyFile(path), fails('key-file-permissions'));
  },
);

test('links, folders and absent files are refused', async () => {
  const link = freshPath();
  symlinkSync(await write(), link);
  await assert.rejects(readKeyFile(link), fails('key-file-unreadable'));
  await assert.rejects(readKeyFile(folder), fails('key-file-unreadable'));
  await assert.rejects(readKeyFile(freshPath()), fails('key-file-unreadable'));
});

test('what is not a key file is refused', async () => {
  const good = `momentd-key v1\npublic ${PUBLIC}\nseed ${SEED}\n`;
  const sealed = readFileSync(await write(cheap), 'utf8');
  const wrong = [
    '',
    'hello\n',
    good.slice(0, -1),
    `${good}\n`,
    good.replace('v1', 'v2'),
    good.replace('seed', 'Seed'),
    good.replace(SEED, SEED.toUpperCase()),
    good.replace(SEED, `${SEED.slice(0, -1)}g`),
    good.replaceAll('\n', '\r\n'),
    sealed.slice(0, -2),
    sealed.replace('argon2id 1 8192', 'argon2id 17 8192'),
    sealed.replace('argon2id 1 8192', 'argon2id 1 2147483648'),
    sealed.replace('argon2id 1 8192', 'argon2id 1 1'),
    sealed.replace('argon2id 1 8192', 'argon2id 0 8192'),
    'x'.repeat(2_000),
  ];
  for (const text of wrong) {
    const path = freshPath();
    writeFileSync(path, text, { mode: 0o600 });
    await assert.rejects(readKeyFile(path, passphrase), fails('key-file-format'), JSON.stringify(text.slice(0, 200)));
  }
});

test('a seed that does not make the public key is refused', async () => {
  const path = freshPath();
  const other = toHex(generateKey().publicKey);
  writeFileSync(path, `momentd-key v1\npublic ${other}\nseed ${SEED}\n`, { mode: 0o600 });
  await assert.rejects(readKeyFile(path), fails('key-file-mismatch'));
});

test('the signer signs as RFC 8032 does, names itself by kid, and forgets on release', () => {
  const key = knownKey();
  const signer = sodiumSigner(key);
  assert.deepEqual(signer.kid, kidOf(signer.publicKey));
  // RFC 8032 section 7.1, test 1: the signature of the empty message.
  const expected =
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';
  assert.equal(toHex(signer.sign(new Uint8Array())), expected);
  const message = Uint8Array.of(1, 2, 3);
  const signature = signer.sign(message);
  assert.deepEqual(signer.sign(message), signature);
  assert.equal(checkSignature({ publicKey: signer.publicKey, message, signature }), true);
  assert.ok(!inspect(signer, { depth: 9, showHidden: true }).includes(SEED.slice(0, 8)));
  signer.release();
  signer.release();
  assert.ok(key.secretKey.every((byte) => byte === 0));
  assert.throws(() => signer.sign(message), BrokenInvariant);
});

test('claims of odd lengths do not hold and do not throw', () => {
  const { publicKey } = knownKey();
  const message = new Uint8Array();
  for (const [keySize, size] of [
    [32, 63],
    [32, 0],
    [31, 64],
    [0, 64],
  ] as const)
    assert.equal(
      checkSignature({ publicKey: publicKey.subarray(0, keySize), message, signature: new Uint8Array(size) }),
      false,
    );
});
