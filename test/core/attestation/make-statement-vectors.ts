/**
 * Writes test/vectors/statement.json. Run it with node when the format changes on purpose; the file is what is tested.
 *
 * Every wrong vector is right in all but one respect: it is signed by a registered key over exactly the bytes it carries,
 * unless the signature is what is wrong.
 */

import { encodeCbor, type CborKey, type CborValue } from '../../../src/core/codec/cbor.ts';
import { encodeCoseSign1, sigStructure } from '../../../src/core/attestation/cose-sign1.ts';
import { encodeStatement, intervalOf, zeroDigest, type Statement } from '../../../src/core/attestation/statement.ts';
import { toHex, fromHex } from '../../../src/core/codec/hex.ts';
import { nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { ALICE, BOB, digestOf, heartbeat, NETWORK, sign, signPayload, statement, STRANGER } from './actors.ts';
import { writeVectors, type Vector } from './vector-file.ts';

type Expect = Record<string, string | number>;
const vectors: Vector<{ statement: string }, Expect>[] = [];

function right(name: string, unsigned: Statement, why: string, signer = ALICE): void {
  const signed = sign(unsigned, signer);
  const { earliest, latest } = intervalOf(unsigned);
  const expect = {
    verdict: 'accept',
    id: toHex(signed.id),
    kid: toHex(signed.kid),
    kind: unsigned.kind,
    epoch: unsigned.epoch.toString(),
    seq: unsigned.seq.toString(),
    earliest_ns: earliest.toString(),
    latest_ns: latest.toString(),
    tai_utc_seconds: unsigned.taiUtcSeconds,
  };
  vectors.push({ name, input: { statement: toHex(signed.bytes) }, expect, why });
}

function wrong(name: string, bytes: Uint8Array, code: string, why: string, verdict = 'reject'): void {
  vectors.push({ name, input: { statement: toHex(bytes) }, expect: { verdict, code }, why });
}

const MAX = (1n << 63n) - 1n;
const time = (tai: bigint, guarantee: bigint, more: object = {}): Statement['time'] => ({
  tai: taiInstant(tai),
  guarantee: nanos(guarantee),
  ...more,
});

right('heartbeat, first of a lane', heartbeat({ seq: 0n, previous: zeroDigest() }), 'no predecessor, no subject');
right('reports', statement(), 'the example of docs/spec/statement.md');
right('reports by another validator', statement(), 'the key id chooses the key', BOB);
right('challenge answer', statement({ kind: 'challenge-answer' }), 'kind 2');
right('checkpoint', statement({ kind: 'checkpoint' }), 'kind 3');
right(
  'cut vote, largest counters',
  statement({ kind: 'cut-vote', epoch: MAX, seq: MAX }),
  'kind 4; 2^63-1 is the last',
);
right(
  'clock class and accuracy',
  statement({ time: time(1n << 60n, 25n, { clockClass: 6, clockAccuracy: 0x20 }) }),
  'keys -2 and -4',
);
right(
  'clock class 0, accuracy 0x17',
  statement({ time: time(1n << 60n, 25n, { clockClass: 0, clockAccuracy: 0x17 }) }),
  'least values',
);
right(
  'clock class 255, accuracy 0x31',
  statement({ time: time(1n << 60n, 25n, { clockClass: 255, clockAccuracy: 0x31 }) }),
  'greatest values',
);
right(
  'whole second',
  statement({ time: time(1_790_000_000_000_000_000n, 1_000_000_000n) }),
  'a fraction of zero is written',
);
right('guarantee of 1 ns', statement({ time: time(1_790_000_000_000_000_001n, 1n) }), 'the narrowest claim');
right('interval from 0', statement({ time: time(1n, 1n) }), 'earliest is 1970-01-01T00:00:00 TAI');
right('widest interval', statement({ time: time(1n << 62n, (1n << 62n) - 1n) }), 'latest is 2^63-1');
right('TAI-UTC 10', statement({ taiUtcSeconds: 10 }), 'the least that ever was');
right('TAI-UTC 255', statement({ taiUtcSeconds: 255 }), 'the greatest allowed');

// ---- the envelope

const good = sign(statement()).bytes;
const payload = encodeStatement(statement());
const edit = (bytes: Uint8Array, at: number, remove: number, insert: string): Uint8Array =>
  Uint8Array.of(...bytes.subarray(0, at), ...fromHex(insert)!, ...bytes.subarray(at + remove));
const kid = toHex(ALICE.kid);

wrong('nothing', new Uint8Array(), 'cose-envelope', 'no bytes at all');
wrong('too long', new Uint8Array(342), 'statement-too-long', 'refused by length before anything is read');
wrong('no tag', edit(good, 0, 1, ''), 'cose-envelope', 'an untagged COSE_Sign1');
wrong('tag 98', edit(good, 0, 1, 'd862'), 'cose-envelope', 'COSE_Sign');
wrong('tag in a long form', edit(good, 0, 1, 'd812'), 'cose-envelope', 'tag 18 has one encoding');
wrong('array of five', edit(good, 1, 1, '85'), 'cose-envelope', 'COSE_Sign1 has four items');
wrong(
  'array of indefinite length',
  Uint8Array.of(...edit(good, 1, 1, '9f'), 0xff),
  'cose-envelope',
  'definite lengths only',
);
wrong('algorithm -19', edit(good, 2, 6, '4da201320448'), 'cose-protected', 'version 1 signs with -8 only');
wrong('algorithm ES256', edit(good, 2, 6, '4da201260448'), 'cose-protected', 'not EdDSA');
wrong('no key id', edit(good, 2, 14, '43a10127'), 'cose-protected', 'the key id is required');
wrong('key id of 7 bytes', edit(good, 2, 14, `4ca201270447${kid.slice(2)}`), 'cose-protected', 'eight bytes');
wrong('header keys out of order', edit(good, 2, 14, `4da20448${kid}0127`), 'cose-protected', 'canonical order');
wrong('a third header', edit(good, 2, 14, `4fa301270448${kid}0300`), 'cose-protected', 'exactly two');
wrong('protected header as a map', edit(good, 2, 14, `a201270448${kid}`), 'cose-protected', 'a byte string holds it');
wrong('ends after the key id', good.subarray(0, 16), 'cose-unprotected', 'nothing follows');
wrong('ends within the key id', good.subarray(0, 12), 'cose-protected', 'nothing follows');
wrong('unprotected key id', edit(good, 16, 1, `a10448${kid}`), 'cose-unprotected', 'unsigned data must not ride along');
wrong('unprotected null', edit(good, 16, 1, 'f6'), 'cose-unprotected', 'an empty map, not null');
wrong('detached payload', edit(good, 17, 2 + payload.length, 'f6'), 'cose-envelope', 'the payload is embedded');
wrong(
  'payload length in a long form',
  edit(good, 17, 2, `5900${payload.length.toString(16)}`),
  'cose-envelope',
  'one encoding',
);
wrong('payload longer than the input', edit(good, 17, 2, '58ff'), 'cose-envelope', 'nothing is read past the end');
wrong('payload as text', edit(good, 17, 1, '78'), 'cose-envelope', 'a byte string');
wrong('signature of 63 bytes', edit(good, good.length - 66, 3, '583f'), 'cose-envelope', '64 bytes');
wrong('signature of 65 bytes', edit(good, good.length - 66, 2, '584100'), 'cose-envelope', '64 bytes');
wrong('cut by one byte', good.subarray(0, -1), 'cose-envelope', 'truncated');
wrong('one byte more', Uint8Array.of(...good, 0), 'cose-envelope', 'nothing follows the signature');

// ---- the payload

type Fields = Map<CborKey, CborValue>;
type Change = (time: Fields, guarantee: Fields) => unknown;
const fields = (): Fields =>
  new Map<CborKey, CborValue>([
    [0n, 1n],
    [1n, NETWORK],
    [2n, 0n],
    [3n, 5n],
    [4n, digestOf('previous')],
    [5n, 1n],
    [6n, timeTag()],
    [7n, digestOf('subject')],
    [8n, 37n],
    [9n, digestOf('evidence')],
  ]);
function timeTag(change: Change = () => undefined): CborValue {
  const guarantee: Fields = new Map<CborKey, CborValue>([
    [1n, 0n],
    [-9n, 850n],
  ]);
  const map: Fields = new Map<CborKey, CborValue>([
    [1n, 1_790_000_000n],
    [-1n, 1n],
    [-8n, guarantee],
    [-9n, 123_456_789n],
  ]);
  change(map, guarantee);
  return { tag: 1001n, value: map };
}
const withField = (key: CborKey, value: CborValue): Uint8Array => signPayload(encodeCbor(fields().set(key, value)));
const withTime = (change: Change): Uint8Array => withField(6n, timeTag(change));
const without = (key: CborKey): Uint8Array => {
  const map = fields();
  map.delete(key);
  return signPayload(encodeCbor(map));
};
const hexPayload = toHex(payload);
const altered = (from: string, to: string): Uint8Array => signPayload(fromHex(hexPayload.replace(from, to))!);

wrong('integer in a long form', altered('aa00010158', 'aa0018010158'), 'statement-not-canonical', '1 is one byte');
wrong(
  'map of indefinite length',
  signPayload(fromHex(`bf${hexPayload.slice(2)}ff`)!),
  'statement-not-canonical',
  'definite lengths only',
);
wrong('keys out of order', altered('02000305', '03050200'), 'statement-not-canonical', 'keys ascend');
wrong('a key twice', altered('02000305', '02000200'), 'statement-not-canonical', 'one value per key');
wrong(
  'a float',
  altered('081825', '08f95090'),
  'statement-not-canonical',
  '36.5 s is no TAI-UTC and no float is allowed',
);
wrong(
  'a byte after the map',
  signPayload(Uint8Array.of(...payload, 0)),
  'statement-not-canonical',
  'the payload is one item',
);
wrong('payload cut short', signPayload(payload.subarray(0, -1)), 'statement-not-canonical', 'truncated');
wrong('an empty payload', signPayload(new Uint8Array()), 'statement-not-canonical', 'no item');
wrong('undefined as a value', altered('081825', '08f7'), 'statement-not-canonical', 'no other simple values');
wrong('an array of the values', signPayload(encodeCbor([...fields().values()])), 'statement-keys', 'a map');
wrong('key 9 missing', without(9n), 'statement-keys', 'exactly the ten keys');
wrong('key 0 missing', without(0n), 'statement-keys', 'exactly the ten keys');
wrong('a key 10', withField(10n, 0n), 'statement-keys', 'exactly the ten keys');
wrong(
  'a text key in place of key 8',
  (() => {
    const map = fields().set('8', 37n);
    map.delete(8n);
    return signPayload(encodeCbor(map));
  })(),
  'statement-keys',
  'integer keys',
);
wrong('version 2', withField(0n, 2n), 'statement-version', 'unknown to version 1');
wrong('version as text', withField(0n, '1'), 'statement-version', 'an integer');
wrong('network of 31 bytes', withField(1n, NETWORK.subarray(1)), 'statement-type', '32 bytes');
wrong('network as text', withField(1n, toHex(NETWORK).slice(32)), 'statement-type', 'a byte string');
wrong('epoch below zero', withField(2n, -1n), 'statement-type', '0..2^63-1');
wrong('seq 2^63', withField(3n, 1n << 63n), 'statement-type', '0..2^63-1');
wrong('seq as bytes', withField(3n, Uint8Array.of(5)), 'statement-type', 'an integer');
wrong('previous of 33 bytes', withField(4n, Uint8Array.of(...digestOf('previous'), 0)), 'statement-type', '32 bytes');
wrong('subject null', withField(7n, null), 'statement-type', '32 bytes');
wrong('evidence empty', withField(9n, new Uint8Array()), 'statement-type', '32 bytes');
wrong('kind 5', withField(5n, 5n), 'statement-kind', 'unknown to version 1');
wrong('kind -1', withField(5n, -1n), 'statement-kind', 'unknown to version 1');
wrong('kind as text', withField(5n, 'reports'), 'statement-kind', 'an integer');
wrong('time without tag', withField(6n, (timeTag() as { value: CborValue }).value), 'statement-time', 'tag 1001');
wrong(
  'time under tag 1002',
  withField(6n, { ...(timeTag() as object), tag: 1002n } as CborValue),
  'statement-time',
  'a duration',
);
wrong('time as an integer', withField(6n, 1_790_000_000n), 'statement-time', 'tag 1001');
wrong('time under tag 1', withField(6n, { tag: 1n, value: 1_790_000_000n }), 'statement-time', 'no guarantee in it');
wrong(
  'no guarantee',
  withTime((t) => t.delete(-8n)),
  'statement-time',
  'the guarantee is required',
);
wrong(
  'no timescale',
  withTime((t) => t.delete(-1n)),
  'statement-time',
  'absent would mean UTC',
);
wrong(
  'timescale UTC',
  withTime((t) => t.set(-1n, 0n)),
  'statement-time',
  'TAI only',
);
wrong(
  'no fraction',
  withTime((t) => t.delete(-9n)),
  'statement-time',
  'nanoseconds are always written',
);
wrong(
  'microseconds',
  withTime((t) => t.delete(-9n) && t.set(-6n, 123_456n)),
  'statement-time',
  'nanoseconds only',
);
wrong(
  'an uncertainty',
  withTime((t) => t.set(-7n, new Map([[-9n, 85n]]))),
  'statement-time',
  'statistics are not signed',
);
wrong(
  'fraction of a second and more',
  withTime((t) => t.set(-9n, 1_000_000_000n)),
  'statement-time',
  'below 10^9',
);
wrong(
  'seconds below zero',
  withTime((t) => t.set(1n, -1n)),
  'statement-time',
  'from 1970 on',
);
wrong(
  'seconds beyond 2^63 ns',
  withTime((t) => t.set(1n, 9_223_372_037n)),
  'statement-time',
  'before 2262',
);
wrong(
  'seconds as text',
  withTime((t) => t.set(1n, '1790000000')),
  'statement-time',
  'an integer',
);
wrong(
  'guarantee as an integer',
  withTime((t) => t.set(-8n, 850n)),
  'statement-time',
  'a map of 1 and -9',
);
wrong(
  'guarantee without seconds',
  withTime((_, g) => g.delete(1n)),
  'statement-time',
  'both keys',
);
wrong(
  'guarantee with a third key',
  withTime((_, g) => g.set(-6n, 0n)),
  'statement-time',
  'both keys and no other',
);
wrong(
  'guarantee below zero',
  withTime((_, g) => g.set(1n, -1n)),
  'statement-time',
  'a half-width',
);
wrong(
  'guarantee fraction of a second',
  withTime((_, g) => g.set(-9n, 1_000_000_000n)),
  'statement-time',
  'below 10^9',
);
wrong(
  'clock class 256',
  withTime((t) => t.set(-2n, 256n)),
  'statement-time',
  'eight bits',
);
wrong(
  'clock class null',
  withTime((t) => t.set(-2n, null)),
  'statement-time',
  'left out when unknown',
);
wrong(
  'clock accuracy 0x16',
  withTime((t) => t.set(-4n, 0x16n)),
  'statement-time',
  'reserved by IEEE 1588',
);
wrong(
  'clock accuracy unknown',
  withTime((t) => t.set(-4n, 0xfen)),
  'statement-time',
  'left out when unknown',
);
wrong(
  'guarantee zero',
  withTime((_, g) => g.set(-9n, 0n)),
  'statement-interval',
  'nobody knows an instant exactly',
);
wrong(
  'earliest before 1970',
  withTime((t) => t.set(1n, 0n).set(-9n, 849n)),
  'statement-interval',
  'earliest is -1',
);
wrong(
  'latest beyond 2^63-1',
  withTime((t) => t.set(1n, 9_223_372_036n).set(-9n, 854_775_807n)),
  'statement-interval',
  'signed 64 bits hold it no more',
);
wrong('TAI-UTC 9', withField(8n, 9n), 'statement-tai-utc', 'never was');
wrong('TAI-UTC 256', withField(8n, 256n), 'statement-tai-utc', 'beyond reason');
wrong('TAI-UTC below zero', withField(8n, -37n), 'statement-tai-utc', 'UTC-TAI');
wrong('first with a predecessor', withField(3n, 0n), 'statement-previous', 'seq 0 has a zero link');
wrong('later without a predecessor', withField(4n, zeroDigest()), 'statement-previous', 'seq 5 has a link');
wrong('heartbeat with a subject', withField(5n, 0n), 'statement-subject', 'kind 0 is about nothing');
wrong('reports without a subject', withField(7n, zeroDigest()), 'statement-subject', 'kind 1 is about something');

// ---- network, key, signature

wrong('another network', withField(1n, digestOf('another network')), 'statement-network', 'domain separation');
wrong('an unknown key', sign(statement(), STRANGER).bytes, 'key-unknown', 'perhaps of another epoch', 'ignore');
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
const littleEndian = (value: bigint): string =>
  toHex(Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)));
const s = good.subarray(-32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
wrong(
  'S + L',
  edit(good, good.length - 32, 32, littleEndian(s + L)),
  'signature-s-range',
  'the same signature by another name',
);
wrong('S = L', edit(good, good.length - 32, 32, littleEndian(L)), 'signature-s-range', 'zero by another name');
const withR = (y: bigint): Uint8Array => edit(good, good.length - 64, 32, littleEndian(y));
const P = (1n << 255n) - 19n;
wrong('R of y = p', withR(P), 'signature-r-not-canonical', 'zero by another name');
wrong('R of y = 2^255 - 1', withR((1n << 255n) - 1n), 'signature-r-not-canonical', '18 by another name');
wrong('R the identity', withR(1n), 'signature-r-small-order', 'order 1');
wrong(
  'R the identity with a sign',
  withR(1n | (1n << 255n)),
  'signature-r-small-order',
  'order 1, encoded another way',
);
wrong('R of order 2', withR(P - 1n), 'signature-r-small-order', 'order 2');
wrong('R of order 4', withR(0n), 'signature-r-small-order', 'order 4');
wrong(
  'R of order 8',
  withR(2707385501144840649318225287225658788936804267575313519463743609750303402022n),
  'signature-r-small-order',
  'order 8',
);
wrong(
  'one bit of S',
  edit(good, good.length - 32, 1, (good.at(-32)! ^ 1).toString(16).padStart(2, '0')),
  'signature-invalid',
  'altered',
);
wrong(
  'one bit of R',
  edit(good, good.length - 64, 1, (good.at(-64)! ^ 1).toString(16).padStart(2, '0')),
  'signature-invalid',
  'altered',
);
wrong(
  'one bit of the evidence digest',
  edit(good, good.length - 67, 1, (good.at(-67)! ^ 1).toString(16).padStart(2, '0')),
  'signature-invalid',
  'altered',
);
wrong(
  "another validator's signature",
  encodeCoseSign1({ kid: ALICE.kid, payload, signature: BOB.sign(sigStructure({ kid: ALICE.kid, payload })) }),
  'signature-invalid',
  'the key id is not the signer',
);
wrong(
  'signed without the structure',
  encodeCoseSign1({ kid: ALICE.kid, payload, signature: ALICE.sign(payload) }),
  'signature-invalid',
  'the Sig_structure is signed',
);
const aad = (() => {
  const plain = sigStructure({ kid: ALICE.kid, payload });
  return ALICE.sign(edit(plain, 26, 1, '4100'));
})();
wrong(
  'signed with additional data',
  encodeCoseSign1({ kid: ALICE.kid, payload, signature: aad }),
  'signature-invalid',
  'external_aad is empty',
);

writeVectors('statement.json', {
  about:
    'Signed statements, version 1. Each is judged alone against the network id and the registered public keys below. ' +
    'accept gives what the statement says; reject and ignore give the code. docs/spec/statement.md.',
  network: toHex(NETWORK),
  keys: [ALICE.publicKey, BOB.publicKey].map(toHex),
  vectors,
});
