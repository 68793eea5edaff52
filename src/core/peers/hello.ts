/**
 * The hello record: who is speaking, for which network, and that a statement key and a libp2p identity are one agent.
 *
 * COSE_Sign1 as statements use it, over a payload that begins with its own domain text: an array, where a statement is a
 * map, so that no signature of the one is ever one of the other. The statement key signs; the identity is proven by the
 * connection itself, and a hello that names another identity than the connection's is somebody else's. Whoever is not a
 * validator signs with a key of its own: it binds its words to each other and registers nothing.
 * docs/spec/hello.md has the layout; nothing else is read from a peer before its hello was accepted.
 */

import { assert } from '../assert.ts';
import {
  decodeCoseSign1,
  kidOf,
  PUBLIC_KEY_SIZE_BYTES,
  sealPayload,
  sigStructure,
  type Sign,
} from '../attestation/cose-sign1.ts';
import { publicKeyFault, signatureFault } from '../attestation/ed25519-rule.ts';
import { REGIONS, type Region } from '../attestation/genesis.ts';
import type { CheckSignature } from '../attestation/verify-statement.ts';
import type { KeyOf } from '../attestation/keyring.ts';
import { compareBytes, decodeCbor, encodeCbor, isMap, type CborKey, type CborValue } from '../codec/cbor.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { intersectionOf, interval, widen, type Interval } from '../time/interval.ts';
import { taiInstant, type Nanos } from '../time/nanos.ts';
import { accept, fault, isFault, reject, rejectFault, type Fault, type Verdict } from '../verdict.ts';

/** In the order of their numbers on the wire. */
export const ROLES = ['validator', 'archive', 'light', 'observer'] as const;
export type Role = (typeof ROLES)[number];

/** The protocol this program speaks, and the oldest it still understands. */
export const PROTOCOL_VERSION = 1;
export const PROTOCOL_VERSION_MIN = 1;

export type Hello = {
  readonly network: Digest;
  /** Protocol versions understood, oldest and newest. */
  readonly protocol: { readonly min: number; readonly max: number };
  readonly role: Role;
  readonly region: Region | undefined;
  /** What the host offers: `time-card`, `phc`, `gnss`, `archive`...; ascending. */
  readonly capabilities: readonly string[];
  /** Changes of rules this agent is ready for (requirement B8); ascending. See features.ts. */
  readonly features: readonly string[];
  /** The key that signs this record and, for a validator, its statements. */
  readonly publicKey: Uint8Array;
  /** The libp2p identity: the bytes of the peer id (a multihash). */
  readonly identity: Uint8Array;
  /** The sender's interval when it signed; undefined for one that has no time to tell. */
  readonly time: Interval | undefined;
};

/** What an agent that says this hello publishes in the DHT: its capabilities, and its region as one. */
export const publishedCapabilities = ({
  capabilities,
  region,
}: Pick<Hello, 'capabilities' | 'region'>): readonly string[] => [
  ...capabilities,
  ...(region === undefined ? [] : [`region:${region}`]),
];

export const isCapability = (text: string): boolean => WORD.test(text);

const DOMAIN = 'momentd hello v1';
const KEY_COUNT = 9;
const IDENTITY_BYTES_MAX = 64;
/** A capability or a feature. */
export const WORD_PATTERN = '^[A-Za-z0-9](?:[A-Za-z0-9:-]{0,30}[A-Za-z0-9])?$';
const WORD = new RegExp(WORD_PATTERN);
const I64_MAX = (1n << 63n) - 1n;

/** Signs and encodes. A hello that breaks a rule is our bug. */
export function sealHello(sign: Sign, hello: Hello): Uint8Array {
  const payload = encodeCbor([DOMAIN, recordOf(hello)]);
  const read = decodePayload(payload);
  assert(!isFault(read), `a hello we encode is one we accept${isFault(read) ? `: ${read.detail}` : ''}`);
  return sealPayload({ kid: kidOf(hello.publicKey), sign }, payload).bytes;
}

function recordOf(hello: Hello): CborValue {
  const region = hello.region === undefined ? null : BigInt(REGIONS.indexOf(hello.region));
  return new Map<CborKey, CborValue>([
    [0n, hello.network],
    [1n, [BigInt(hello.protocol.min), BigInt(hello.protocol.max)]],
    [2n, BigInt(ROLES.indexOf(hello.role))],
    [3n, region],
    [4n, hello.capabilities],
    [5n, hello.features],
    [6n, hello.publicKey],
    [7n, hello.identity],
    [8n, hello.time === undefined ? null : [hello.time.earliest, hello.time.latest]],
  ]);
}

export type HelloJudge = {
  readonly network: Digest;
  /** Registered validators' keys. */
  readonly keyOf: KeyOf;
  readonly checkSignature: CheckSignature;
  /** The identity the connection proved. */
  readonly identity: Uint8Array;
  /** Our interval now, and how far a hello's may lie from it; undefined while we have none. */
  readonly now: Interval | undefined;
  readonly timeApartMax: Nanos;
};

/** Judges a stranger's hello. Accepted: it was made by the holder of its key, for this network and this connection. */
export function judgeHello(judge: HelloJudge, bytes: Uint8Array): Verdict<Hello> {
  // [REJECT] Length before shape.
  if (bytes.length > LIMITS.helloBytesMax) return reject('hello-too-long', `${bytes.length} bytes`);
  const envelope = decodeCoseSign1(bytes);
  if (isFault(envelope)) return rejectFault(envelope);
  const hello = decodePayload(envelope.payload);
  if (isFault(hello)) return rejectFault(hello);
  // [REJECT] Another network is none of our business, whatever else the record says.
  if (compareBytes(hello.network, judge.network) !== 0)
    return reject('hello-network', 'the peer is of another network');
  // [REJECT] Nothing can be said in a protocol only one side speaks.
  if (hello.protocol.max < PROTOCOL_VERSION_MIN || hello.protocol.min > PROTOCOL_VERSION)
    return reject(
      'hello-protocol',
      `the peer speaks ${hello.protocol.min}..${hello.protocol.max}, we ${PROTOCOL_VERSION_MIN}..${PROTOCOL_VERSION}`,
    );
  // [REJECT] A record about another identity was made for another connection.
  if (compareBytes(hello.identity, judge.identity) !== 0)
    return reject('hello-identity', 'the record names another identity than the connection proved');
  const wrongKey = keyFault(judge.keyOf, hello, envelope.kid);
  if (wrongKey !== undefined) return rejectFault(wrongKey);
  const { signature } = envelope;
  const wrong = signatureFault(signature);
  if (wrong !== undefined) return reject(wrong, 'the signature is outside the accepted set whatever the key');
  const claim = { publicKey: hello.publicKey, message: sigStructure(envelope), signature };
  // [REJECT] The equation must hold.
  if (!judge.checkSignature(claim)) return reject('signature-invalid', 'the hello does not fit its key');
  return timeVerdict(judge, hello);
}

function keyFault(keyOf: KeyOf, { role, publicKey }: Hello, kid: Uint8Array): Fault | undefined {
  // [REJECT] The header names the key the record carries.
  if (compareBytes(kidOf(publicKey), kid) !== 0) return fault('hello-key', 'the kid is not of the key in the record');
  const wrong = publicKeyFault(publicKey);
  if (wrong !== undefined) return fault(wrong, 'the public key');
  const registered = keyOf(kid);
  // [REJECT] A validator is who the genesis record says.
  if (role === 'validator' && (registered === undefined || compareBytes(registered, publicKey) !== 0))
    return fault('hello-not-validator', 'the record claims the role of a validator with an unregistered key');
  return undefined;
}

/** Last, because only a peer that is who it says can be told that its clock is far off. */
function timeVerdict({ now, timeApartMax }: HelloJudge, hello: Hello): Verdict<Hello> {
  if (now === undefined || hello.time === undefined) return accept(hello);
  // [REJECT] A record signed long ago may say what no longer holds, and a clock that far off disturbs every measurement.
  return intersectionOf(widen(now, timeApartMax), hello.time) === undefined
    ? reject('hello-stale', 'the time of the record is too far from ours')
    : accept(hello);
}

function decodePayload(bytes: Uint8Array): Hello | Fault {
  const decoded = decodeCbor(bytes);
  if ('fault' in decoded) return fault('hello-format', `${decoded.fault} at byte ${decoded.offset}`);
  const { value } = decoded;
  // [REJECT] The domain: nothing signed for another purpose is ever a hello.
  if (!Array.isArray(value) || value.length !== 2 || value[0] !== DOMAIN)
    return fault('hello-format', `not an array of "${DOMAIN}" and a record`);
  const map = (value as readonly CborValue[])[1]!;
  if (!isMap(map) || map.size !== KEY_COUNT) return fault('hello-format', `not a map of ${KEY_COUNT} keys`);
  return readRecord(map) ?? fault('hello-format', 'a field is missing or not of its type, length or range');
}

function readRecord(map: ReadonlyMap<CborKey, CborValue>): Hello | undefined {
  const network = map.get(0n);
  const protocol = readProtocol(map.get(1n));
  const role = wordAt(ROLES, map.get(2n));
  const regionValue = map.get(3n);
  const region = wordAt(REGIONS, regionValue);
  const capabilities = readWords(map.get(4n), LIMITS.capabilitiesMax);
  const features = readWords(map.get(5n), LIMITS.featuresMax);
  const publicKey = map.get(6n);
  const identity = map.get(7n);
  const timeValue = map.get(8n);
  const time = readTime(timeValue);
  if (!(network instanceof Uint8Array) || network.length !== SHA256_SIZE_BYTES) return undefined;
  if (!(publicKey instanceof Uint8Array) || publicKey.length !== PUBLIC_KEY_SIZE_BYTES) return undefined;
  if (!(identity instanceof Uint8Array) || identity.length < 1 || identity.length > IDENTITY_BYTES_MAX)
    return undefined;
  if (protocol === undefined || role === undefined || capabilities === undefined || features === undefined)
    return undefined;
  if ((region === undefined && regionValue !== null) || (time === undefined && timeValue !== null)) return undefined;
  return { network, protocol, role, region, capabilities, features, publicKey, identity, time };
}

function readProtocol(value: CborValue | undefined): Hello['protocol'] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [min, max] = value as readonly CborValue[];
  if (typeof min !== 'bigint' || typeof max !== 'bigint' || min < 1n || min > max || max > 65_535n) return undefined;
  return { min: Number(min), max: Number(max) };
}

function wordAt<Word>(words: readonly Word[], value: CborValue | undefined): Word | undefined {
  return typeof value === 'bigint' && value >= 0n && value < words.length ? words[Number(value)] : undefined;
}

/** Well-formed and strictly ascending. */
function readWords(value: CborValue | undefined, countMax: number): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > countMax) return undefined;
  const words = value as readonly CborValue[];
  const isOrdered = words.every((word, i) => {
    const before = words[i - 1];
    return typeof word === 'string' && WORD.test(word) && (typeof before !== 'string' || before < word);
  });
  return isOrdered ? (words as readonly string[]) : undefined;
}

function readTime(value: CborValue | undefined): Interval | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [earliest, latest] = value as readonly CborValue[];
  if (typeof earliest !== 'bigint' || typeof latest !== 'bigint') return undefined;
  if (earliest < 0n || earliest > latest || latest > I64_MAX) return undefined;
  return interval(taiInstant(earliest), taiInstant(latest));
}
