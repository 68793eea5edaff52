import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sodium from 'sodium-native';
import { kidOf, sealPayload } from '../../../src/core/attestation/cose-sign1.ts';
import { keyringOf } from '../../../src/core/attestation/keyring.ts';
import { decodeSignedStatement } from '../../../src/core/attestation/verify-statement.ts';
import type { Code } from '../../../src/core/codes.ts';
import { encodeCbor, type CborKey, type CborValue } from '../../../src/core/codec/cbor.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { countFeatures } from '../../../src/core/peers/features.ts';
import { judgeHello, sealHello, type Hello, type HelloJudge } from '../../../src/core/peers/hello.ts';
import { intervalAround } from '../../../src/core/time/interval.ts';
import { nanos, seconds, shift, taiInstant } from '../../../src/core/time/nanos.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../../src/io/keys/key-format.ts';
import { sodiumSigner } from '../../../src/io/keys/sodium-signer.ts';
import type { Signer } from '../../../src/ports/signer.ts';

const signerOf = (fill: number): Signer => sodiumSigner(keyOfSeed(Buffer.alloc(sodium.crypto_sign_SEEDBYTES, fill)));
const validator = signerOf(1);
const stranger = signerOf(2);
const network = new Uint8Array(32).fill(7);
const identity = Uint8Array.of(0, 36, 8, 1, 18, 32, ...new Uint8Array(32).fill(9));
const now = intervalAround(taiInstant(1_800_000_000_000_000_000n), nanos(100n));

const HELLO: Hello = {
  network,
  protocol: { min: 1, max: 1 },
  role: 'validator',
  region: 'EU',
  capabilities: ['phc', 'time-card'],
  features: ['cut-2'],
  publicKey: validator.publicKey,
  identity,
  time: now,
};

const judge: HelloJudge = {
  network,
  keyOf: keyringOf([validator.publicKey])!,
  checkSignature,
  identity,
  now,
  timeApartMax: seconds(60),
};

const signWith = (signer: Signer) => (bytes: Uint8Array) => signer.sign(bytes);
const seal = (change: Partial<Hello> = {}, signer = validator): Uint8Array =>
  sealHello(signWith(signer), { ...HELLO, publicKey: signer.publicKey, ...change });
const codeOf = (bytes: Uint8Array, change: Partial<HelloJudge> = {}): Code | 'accept' => {
  const verdict = judgeHello({ ...judge, ...change }, bytes);
  return verdict.kind === 'accept' ? 'accept' : verdict.code;
};

test('a hello is read back as it was said', () => {
  const verdict = judgeHello(judge, seal());
  assert.ok(verdict.kind === 'accept');
  assert.deepEqual(verdict.value, HELLO);
});

test('one without a region, a time or capabilities is a hello too, of any role but validator with any key', () => {
  const light: Partial<Hello> = { role: 'light', region: undefined, time: undefined, capabilities: [], features: [] };
  assert.equal(codeOf(seal(light, stranger)), 'accept');
  assert.equal(codeOf(seal({ role: 'archive' }, stranger)), 'accept');
  assert.equal(codeOf(seal({ role: 'observer' }, stranger)), 'accept');
  assert.equal(codeOf(seal(light), { now: undefined }), 'accept');
});

test('each rule refuses with its own code', () => {
  const otherNetwork = new Uint8Array(32);
  const longAgo = intervalAround(shift(now.earliest, seconds(-61)), nanos(100n));
  const cases: readonly [string, Uint8Array, Code][] = [
    ['another network', seal({ network: otherNetwork }), 'hello-network'],
    ['a protocol of the future', seal({ protocol: { min: 2, max: 9 } }), 'hello-protocol'],
    ['somebody else’s connection', seal({ identity: identity.slice(0, 37) }), 'hello-identity'],
    ['a validator nobody registered', seal({}, stranger), 'hello-not-validator'],
    ['a clock a minute off', seal({ time: longAgo }), 'hello-stale'],
    [
      'a clock a minute ahead',
      seal({ time: intervalAround(shift(now.latest, seconds(61)), nanos(9n)) }),
      'hello-stale',
    ],
    ['bytes without end', new Uint8Array(LIMITS.helloBytesMax + 1), 'hello-too-long'],
    ['nothing', new Uint8Array(), 'cose-envelope'],
    ['signed by another key', sealedBy(stranger, validator.publicKey), 'signature-invalid'],
  ];
  for (const [why, bytes, code] of cases) assert.equal(codeOf(bytes), code, why);
});

/** A hello with the registered key in record and header, signed by another. */
function sealedBy(signer: Signer, publicKey: Uint8Array): Uint8Array {
  return sealHello(signWith(signer), { ...HELLO, publicKey });
}

test('the header must name the key of the record', () => {
  const payload = encodeCbor(['momentd hello v1', record({})]);
  const sealed = sealPayload({ kid: kidOf(stranger.publicKey), sign: signWith(stranger) }, payload);
  assert.equal(codeOf(sealed.bytes), 'hello-key');
});

function record(change: Readonly<Record<number, CborValue>>): ReadonlyMap<CborKey, CborValue> {
  const fields: CborValue[] = [
    network,
    [1n, 1n],
    0n,
    1n,
    ['phc', 'time-card'],
    ['cut-2'],
    validator.publicKey,
    identity,
    [now.earliest, now.latest],
  ];
  return new Map<CborKey, CborValue>(fields.map((value, key) => [BigInt(key), change[key] ?? value]));
}

const sealRecord = (value: CborValue): Uint8Array =>
  sealPayload({ kid: validator.kid, sign: signWith(validator) }, encodeCbor(value)).bytes;

test('a record that is not laid out as it must be is refused whoever signed it', () => {
  assert.equal(codeOf(sealRecord(['momentd hello v1', record({})])), 'accept', 'the record itself is right');
  const wrong: readonly [string, CborValue][] = [
    ['another domain', ['momentd hello v2', record({})]],
    ['no domain', record({})],
    ['three items', ['momentd hello v1', record({}), null]],
    ['a key too many', ['momentd hello v1', new Map([...record({}), [9n, null]])]],
    ['a key too few', ['momentd hello v1', new Map([...record({})].slice(0, 8))]],
    ['a short network id', ['momentd hello v1', record({ 0: network.slice(1) })]],
    ['protocols the wrong way round', ['momentd hello v1', record({ 1: [2n, 1n] })]],
    ['protocol 0', ['momentd hello v1', record({ 1: [0n, 1n] })]],
    ['a role nobody has', ['momentd hello v1', record({ 2: 4n })]],
    ['a negative role', ['momentd hello v1', record({ 2: -1n })]],
    ['a region nobody knows', ['momentd hello v1', record({ 3: 3n })]],
    ['capabilities out of order', ['momentd hello v1', record({ 4: ['time-card', 'phc'] })]],
    ['a capability twice', ['momentd hello v1', record({ 4: ['phc', 'phc'] })]],
    ['a capability with a space', ['momentd hello v1', record({ 4: ['p c'] })]],
    [
      'capabilities without end',
      ['momentd hello v1', record({ 4: Array.from({ length: 17 }, (_, i) => `c${10 + i}`) })],
    ],
    ['features that are no words', ['momentd hello v1', record({ 5: [1n] })]],
    ['a short key', ['momentd hello v1', record({ 6: validator.publicKey.slice(1) })]],
    ['no identity', ['momentd hello v1', record({ 7: new Uint8Array() })]],
    ['an identity without end', ['momentd hello v1', record({ 7: new Uint8Array(65) })]],
    ['a time that ends before it begins', ['momentd hello v1', record({ 8: [2n, 1n] })]],
    ['a time before 1970', ['momentd hello v1', record({ 8: [-1n, 1n] })]],
    ['half a time', ['momentd hello v1', record({ 8: [1n] })]],
  ];
  for (const [why, value] of wrong) assert.equal(codeOf(sealRecord(value)), 'hello-format', why);
});

test('a hello is never a statement and a statement never a hello', () => {
  const bytes = seal();
  assert.ok(isFault(decodeSignedStatement(bytes)));
  const map = new Map<CborKey, CborValue>(Array.from({ length: 10 }, (_, key) => [BigInt(key), 0n]));
  assert.equal(codeOf(sealRecord(map)), 'hello-format');
});

test('no bytes make the judge throw, and no changed byte is accepted', () => {
  const good = seal();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => assert.notEqual(codeOf(bytes), 'accept')));
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const bytes = good.slice();
      bytes[at]! ^= flip;
      assert.notEqual(codeOf(bytes), 'accept', `byte ${at}`);
    }),
  );
});

test('the longest hello fits its bound', () => {
  const words = Array.from({ length: 16 }, (_, i) => `${String(i).padStart(2, '0')}${'x'.repeat(30)}`);
  const bytes = seal({ capabilities: words, features: words, identity: new Uint8Array(64) });
  assert.ok(bytes.length <= LIMITS.helloBytesMax, `${bytes.length} bytes`);
});

test('a feature has its quorum when enough validators signal it', () => {
  const signals = [['a', 'b'], ['a'], ['a', 'c'], []].map((features, i) => ({ kid: Uint8Array.of(i), features }));
  const again = { kid: Uint8Array.of(0), features: ['a', 'b'] };
  assert.deepEqual(countFeatures([...signals, again], 3), [
    { feature: 'a', ready: 3, isQuorum: true },
    { feature: 'b', ready: 1, isQuorum: false },
    { feature: 'c', ready: 1, isQuorum: false },
  ]);
});
