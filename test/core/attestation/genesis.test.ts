/** Genesis records: every vector, both forms, the quorum, the keys. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokenInvariant } from '../../../src/core/assert.ts';
import {
  decodeGenesis,
  DEFAULT_PARAMETERS,
  encodeGenesis,
  genesisKeyFault,
  keyOfGenesis,
  networkIdOf,
  quorumOf,
} from '../../../src/core/attestation/genesis.ts';
import { genesisFromJson, genesisToJson, parseGenesis } from '../../../src/core/attestation/genesis-json.ts';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { isPrimeOrder } from '../../../src/io/keys/second-opinion.ts';
import { ALICE, BOB, signerOf } from './actors.ts';
import { genesis, validator } from './networks.ts';
import { readVectors } from './vector-file.ts';

type Input = { cbor?: string; json?: string; cbor_zero_bytes?: number };
const file = readVectors<Input, Record<string, string | number>>('genesis.json');

for (const { name, input, expect } of file.vectors) {
  test(`vector: ${name}`, () => {
    const bytes =
      input.json !== undefined
        ? new TextEncoder().encode(input.json)
        : input.cbor !== undefined
          ? fromHex(input.cbor)!
          : new Uint8Array(input.cbor_zero_bytes!);
    const read = parseGenesis(bytes);
    const found = isFault(read) ? read : genesisKeyFault({ checkSignature, isPrimeOrder }, read.genesis);
    if (found !== undefined) return assert.deepEqual({ code: found.fault }, expect);
    assert.ok(!isFault(read));
    assert.deepEqual({ network: toHex(networkIdOf(read.genesis)), ...quorumOf(read.genesis) }, expect);
    assert.deepEqual(encodeGenesis(read.genesis), read.bytes);
    if (input.cbor !== undefined) assert.equal(toHex(read.bytes), input.cbor);
  });
}

test('every code of genesis and registration has a vector', () => {
  const codes = new Set(file.vectors.map(({ expect }) => expect['code'] ?? 'none'));
  const all =
    'none genesis-too-long genesis-not-canonical genesis-format genesis-parameters genesis-validators genesis-stake ' +
    'key-not-canonical key-small-order key-mixed-order key-possession';
  assert.deepEqual([...codes].toSorted(), all.split(' ').toSorted());
});

test('JSON and CBOR say the same thing', () => {
  const record = genesis([validator('alice', ALICE), validator('bob', BOB)]);
  const read = genesisFromJson(genesisToJson(record));
  assert.ok(!isFault(read));
  assert.deepEqual(read.genesis, record);
  assert.deepEqual(sha256(read.bytes), networkIdOf(record));
});

test('quorums: n - f of n, with f = floor((n - 1) / 3)', () => {
  const many = Array.from({ length: 10 }, (_, i) => validator(`v${i}`, signerOf(`validator ${i}`)));
  const figures = many.map((_, i) => quorumOf(genesis(many.slice(0, i + 1))));
  assert.deepEqual(
    figures.map(({ f }) => f),
    [0, 0, 0, 1, 1, 1, 2, 2, 2, 3],
  );
  for (const { n, f, q } of figures) {
    assert.equal(q, n - f);
    // Two quorums share an honest validator.
    assert.ok(2 * q - n > f);
  }
});

test('keys are found by kid, and a network of the largest size fits its bound', () => {
  const record = genesis([validator('alice', ALICE), validator('bob', BOB)]);
  assert.deepEqual(keyOfGenesis(record)(BOB.kid), BOB.publicKey);
  const capabilities = Array.from(
    { length: LIMITS.capabilitiesMax },
    (_, i) => `${'c'.repeat(30)}${String.fromCharCode(97 + i)}`,
  );
  const longest = { ...validator('a', ALICE), stake: (1n << 63n) - 1n, capabilities };
  const one = encodeGenesis(genesis([longest])).length;
  assert.ok(LIMITS.validatorsMax * (one + 62) <= LIMITS.genesisBytesMax, String(one));
});

test('a record that breaks a rule is not encoded', () => {
  const broken = [
    { parameters: { ...DEFAULT_PARAMETERS, stakeMin: 32_001n } },
    { name: 'Test' },
    { validators: [] },
    { validators: [validator('alice', ALICE), validator('alice', BOB)] },
  ];
  for (const overrides of broken) {
    const record = { ...genesis([validator('alice', ALICE)]), ...overrides };
    assert.throws(() => encodeGenesis(record), BrokenInvariant);
  }
  assert.ok(isFault(decodeGenesis(Uint8Array.of(0xa0))));
});
