/** Writes test/vectors/genesis.json. Run it with node when the format changes on purpose. */

import { encodeGenesis, networkIdOf } from '../../../src/core/attestation/genesis.ts';
import { genesisToJson } from '../../../src/core/attestation/genesis-json.ts';
import { possessionBytes } from '../../../src/core/attestation/key-registration.ts';
import { decodeCbor, encodeCbor, type CborKey, type CborValue } from '../../../src/core/codec/cbor.ts';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { ALICE, BOB } from './actors.ts';
import { genesis, validator } from './networks.ts';
import { writeVectors, type Vector } from './vector-file.ts';

type AnyVector = Vector<Record<string, unknown>, Record<string, unknown>>;
// ---- genesis

const genesisVectors: AnyVector[] = [];
const good = genesis([
  validator('alice', ALICE),
  validator('bob', BOB, { region: 'APAC', capabilities: ['gnss', 'time-card'] }),
]);
const goodBytes = encodeGenesis(good);
const goodJson = JSON.parse(genesisToJson(good)) as Record<string, unknown>;
const genesisCase = (
  name: string,
  input: Record<string, unknown>,
  expect: Record<string, unknown>,
  why: string,
): void => void genesisVectors.push({ name, input, expect, why });
const network = toHex(networkIdOf(good));
genesisCase('CBOR', { cbor: toHex(goodBytes) }, { network, n: 2, f: 0, q: 2 }, 'the canonical form');
genesisCase('JSON', { json: JSON.stringify(goodJson) }, { network, n: 2, f: 0, q: 2 }, 'the same network');
genesisCase(
  'JSON with validators in another order',
  { json: JSON.stringify({ ...goodJson, validators: (goodJson['validators'] as unknown[]).toReversed() }) },
  { network, n: 2, f: 0, q: 2 },
  'the record sorts them',
);
const single = genesis([validator('alice', ALICE)]);
genesisCase(
  'one validator',
  { cbor: toHex(encodeGenesis(single)) },
  { network: toHex(networkIdOf(single)), n: 1, f: 0, q: 1 },
  'the smallest network',
);

type Record_ = Map<CborKey, CborValue>;
function alteredGenesis(change: (record: Record_, parameters: Record_, validators: Record_[]) => void): string {
  const read = decodeCbor(goodBytes);
  if ('fault' in read) throw new Error(read.fault);
  const record = new Map(read.value as Record_);
  const parameters = new Map(record.get(3n) as Record_);
  const validators = (record.get(4n) as Record_[]).map((item) => new Map(item));
  record.set(3n, parameters).set(4n, validators);
  change(record, parameters, validators);
  return toHex(encodeCbor(record));
}
const wrongGenesis = (name: string, code: string, why: string, change: Parameters<typeof alteredGenesis>[0]): void =>
  genesisCase(name, { cbor: alteredGenesis(change) }, { code }, why);
genesisCase('nothing', { cbor: '' }, { code: 'genesis-not-canonical' }, 'no bytes');
genesisCase('a byte more', { cbor: `${toHex(goodBytes)}00` }, { code: 'genesis-not-canonical' }, 'one item');
genesisCase('cut short', { cbor: toHex(goodBytes.subarray(0, -1)) }, { code: 'genesis-not-canonical' }, 'truncated');
genesisCase(
  'long form',
  { cbor: `b805${toHex(goodBytes).slice(2)}` },
  { code: 'genesis-not-canonical' },
  'one encoding',
);
wrongGenesis('version 2', 'genesis-format', 'unknown', (r) => r.set(0n, 2n));
wrongGenesis('a sixth key', 'genesis-format', 'exactly five', (r) => r.set(5n, 0n));
wrongGenesis('no parameters', 'genesis-format', 'required', (r) => r.delete(3n));
wrongGenesis('name with a capital', 'genesis-format', 'lower case', (r) => r.set(1n, 'Test'));
wrongGenesis('name with a slash', 'genesis-format', 'one label', (r) => r.set(1n, 'a/b'));
wrongGenesis('name empty', 'genesis-format', 'one label', (r) => r.set(1n, ''));
wrongGenesis('name of 64 letters', 'genesis-format', 'at most 63', (r) => r.set(1n, 'a'.repeat(64)));
wrongGenesis('created before 1970', 'genesis-format', 'not negative', (r) => r.set(2n, -1n));
wrongGenesis('a parameter as text', 'genesis-format', 'integers', (_, p) => p.set(0n, '10'));
wrongGenesis('an eighth parameter', 'genesis-format', 'exactly seven', (_, p) => p.set(7n, 1n));
wrongGenesis('tick of zero', 'genesis-parameters', 'a tick has length', (_, p) => p.set(0n, 0n));
wrongGenesis('tick above its maximum', 'genesis-parameters', 'tick <= tickMax', (_, p) => p.set(0n, 100_000_001n));
wrongGenesis('tick longer than the slot', 'genesis-parameters', 'tickMax <= slot', (_, p) => p.set(1n, 250_000_001n));
wrongGenesis('window shorter than the slot', 'genesis-parameters', 'slot <= window', (_, p) => p.set(3n, 249_999_999n));
wrongGenesis('guarantee of zero', 'genesis-parameters', 'nobody could report', (_, p) => p.set(4n, 0n));
wrongGenesis('no validator', 'genesis-validators', 'at least one', (r) => r.set(4n, []));
wrongGenesis('a validator twice', 'genesis-validators', 'distinct keys', (_r, _p, v) => v.push(v[1]!));
wrongGenesis('validators descending', 'genesis-validators', 'ascending keys', (_r, _p, v) => v.reverse());
wrongGenesis('two of one name', 'genesis-validators', 'distinct names', (_r, _p, v) => v[1]!.set(0n, v[0]!.get(0n)!));
wrongGenesis('region 3', 'genesis-validators', 'NA, EU, APAC', (_r, _p, v) => v[0]!.set(2n, 3n));
wrongGenesis('key of 31 bytes', 'genesis-validators', '32 bytes', (_r, _p, v) =>
  v[0]!.set(1n, ALICE.publicKey.subarray(1)),
);
wrongGenesis('possession of 63 bytes', 'genesis-validators', '64 bytes', (_r, _p, v) =>
  v[0]!.set(5n, new Uint8Array(63)),
);
wrongGenesis('capabilities descending', 'genesis-validators', 'ascending', (_r, _p, v) =>
  v[0]!.set(4n, ['time-card', 'gnss']),
);
wrongGenesis('a capability twice', 'genesis-validators', 'distinct', (_r, _p, v) => v[0]!.set(4n, ['gnss', 'gnss']));
wrongGenesis('a capability with a space', 'genesis-validators', 'one word', (_r, _p, v) =>
  v[0]!.set(4n, ['time card']),
);
wrongGenesis('stake below the least', 'genesis-stake', 'requirement of 32,000', (_r, _p, v) => v[0]!.set(3n, 31_999n));
const keyCase = (name: string, code: string, why: string, publicKey: Uint8Array, possession: Uint8Array): void =>
  genesisCase(
    name,
    { cbor: toHex(encodeGenesis(genesis([{ ...validator('alice', ALICE), publicKey, possession }]))) },
    { code },
    why,
  );
const order8 = fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')!;
const proof = (networkName: string, publicKey = ALICE.publicKey): Uint8Array =>
  ALICE.sign(possessionBytes({ networkName, role: 'validator', publicKey }));
keyCase('key of order 8', 'key-small-order', 'signs anything', order8, proof('test'));
keyCase(
  'key with y = 2^255 - 1',
  'key-not-canonical',
  'another name of 18',
  new Uint8Array(32).fill(0xff),
  proof('test'),
);
// 3 is the y of a point with a small-order part; nobody knows its secret.
keyCase(
  'key of mixed order',
  'key-mixed-order',
  'not in the prime-order subgroup',
  new Uint8Array(32).fill(3, 0, 1),
  proof('test'),
);
keyCase('key not on the curve', 'key-mixed-order', 'no point at all', new Uint8Array(32).fill(2, 0, 1), proof('test'));
keyCase('possession for another network', 'key-possession', 'bound to the name', ALICE.publicKey, proof('other'));
keyCase('possession of another key', 'key-possession', 'bound to the key', BOB.publicKey, proof('test', BOB.publicKey));
keyCase(
  'possession signed plainly',
  'key-possession',
  'domain separation',
  ALICE.publicKey,
  ALICE.sign(ALICE.publicKey),
);
const wrongJson = (name: string, why: string, change: (record: Record<string, unknown>) => unknown): void => {
  const copy = structuredClone(goodJson);
  change(copy);
  genesisCase(name, { json: JSON.stringify(copy) }, { code: 'genesis-format' }, why);
};
genesisCase('JSON cut short', { json: '{"momentd_genesis": 1' }, { code: 'genesis-format' }, 'not JSON');
wrongJson('JSON with an unknown key', 'exactly the keys', (r) => (r['comment'] = 'hello'));
wrongJson('JSON without a name', 'exactly the keys', (r) => delete r['name']);
wrongJson('JSON version 2', 'unknown', (r) => (r['momentd_genesis'] = 2));
wrongJson('JSON instant as a number', 'a decimal string', (r) => (r['created_tai_ns'] = 1_790_000_000));
wrongJson(
  'JSON parameter with a leading zero',
  'one way to write it',
  (r) => ((r['parameters'] as Record<string, unknown>)['tick_ns'] = '010'),
);
wrongJson(
  'JSON unknown region',
  'NA, EU, APAC',
  (r) => ((r['validators'] as Record<string, unknown>[])[0]!['region'] = 'MARS'),
);
wrongJson(
  'JSON key in capitals',
  'lower case',
  (r) => ((r['validators'] as Record<string, unknown>[])[0]!['public_key'] = 'AB'),
);
genesisCase(
  'too long',
  { cbor_zero_bytes: 1_048_577 },
  { code: 'genesis-too-long' },
  'refused by length; so many zero bytes',
);
writeVectors('genesis.json', {
  about:
    'Genesis records as canonical CBOR or JSON: the network id, n, f and q, or the code. Keys are judged for registration ' +
    'as well. docs/spec/genesis.md.',
  vectors: genesisVectors,
});
