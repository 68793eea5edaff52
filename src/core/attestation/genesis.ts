/**
 * The genesis record: which network this is. Its SHA-256 is the network id that every statement carries.
 *
 * One canonical CBOR map: name, the instant of its making, the parameters all validators share, the validators. Here are
 * the type, the bytes and the rules that bytes decide; the JSON people edit is genesis-json.ts; whether the keys may be
 * registered is `genesisKeyFault`. docs/spec/genesis.md has the layout.
 */

import { assert } from '../assert.ts';
import { compareBytes, decodeCbor, encodeCbor, isMap, type CborKey, type CborValue } from '../codec/cbor.ts';
import { sha256, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { nanos, taiInstant, type Nanos, type TaiInstant } from '../time/nanos.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import { PUBLIC_KEY_SIZE_BYTES, SIGNATURE_SIZE_BYTES } from './cose-sign1.ts';
import { registrationFault, type IsPrimeOrder } from './key-registration.ts';
import { keyringOf, type KeyOf } from './keyring.ts';
import type { CheckSignature } from './verify-statement.ts';

/** In the order of their numbers on the wire. */
export const REGIONS = ['NA', 'EU', 'APAC'] as const;
export type Region = (typeof REGIONS)[number];

export type GenesisParameters = {
  /** How long a tick gathers reports at rest. */
  readonly tick: Nanos;
  /** How far a tick may widen under load; the order's watermark allows for it. */
  readonly tickMax: Nanos;
  /** Length of a slot of the cut engine. */
  readonly slot: Nanos;
  /** A subject is reported only while its own claimed time is within this of now, either way. */
  readonly window: Nanos;
  /** Reports of a statement whose guarantee is wider than this are not counted in the order. */
  readonly guaranteeMax: Nanos;
  /** Tokens a validator has staked at least. */
  readonly stakeMin: bigint;
  /** How long a stake stays locked, seconds. */
  readonly stakeLockSeconds: bigint;
};

export type GenesisValidator = {
  /** Lower-case letters, digits and hyphens; unique in the record. */
  readonly name: string;
  readonly publicKey: Uint8Array;
  readonly region: Region;
  readonly stake: bigint;
  /** What the host offers, such as `time-card`, `phc`, `gnss`, `archive`; ascending. */
  readonly capabilities: readonly string[];
  /** Signature over `possessionBytes` with the network's name and role `validator`. */
  readonly possession: Uint8Array;
};

export type Genesis = {
  readonly name: string;
  readonly created: TaiInstant;
  readonly parameters: GenesisParameters;
  /** Ascending by public key; the position is the validator's index. */
  readonly validators: readonly GenesisValidator[];
};

/** Requirement A3: 32,000 tokens for 180 days; the rest are the defaults of the protocol's design. */
export const DEFAULT_PARAMETERS: GenesisParameters = {
  tick: nanos(10_000_000n),
  tickMax: nanos(100_000_000n),
  slot: nanos(250_000_000n),
  window: nanos(30_000_000_000n),
  guaranteeMax: nanos(10_000_000n),
  stakeMin: 32_000n,
  stakeLockSeconds: 180n * 86_400n,
};

const VERSION = 1n;
const I64_MAX = (1n << 63n) - 1n;

/** 1 to 63 lower-case letters, digits and inner hyphens: what a DNS label, a path and a note's origin all allow. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const CAPABILITY = /^[a-z0-9](?:[a-z0-9:-]{0,30}[a-z0-9])?$/i;

/** The canonical bytes. `validators` may come in any order; a record that breaks a rule is our bug. */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  const bytes = encodeCbor(recordOf(genesis));
  const read = decodeGenesis(bytes);
  assert(!isFault(read), `a genesis record we encode is one we accept${isFault(read) ? `: ${read.detail}` : ''}`);
  return bytes;
}

/** SHA-256 of the canonical bytes. */
export const networkIdOf = (genesis: Genesis): Digest => sha256(encodeGenesis(genesis));

/** Like `encodeGenesis`, but a broken rule comes back as a fault: for records people wrote. */
export function canonicalGenesis(genesis: Genesis): { readonly bytes: Uint8Array; readonly genesis: Genesis } | Fault {
  const bytes = encodeCbor(recordOf(genesis));
  const read = decodeGenesis(bytes);
  return isFault(read) ? read : { bytes, genesis: read };
}

function recordOf(genesis: Genesis): CborValue {
  const { parameters: p } = genesis;
  const parameters: bigint[] = [p.tick, p.tickMax, p.slot, p.window, p.guaranteeMax, p.stakeMin, p.stakeLockSeconds];
  const validators = genesis.validators.toSorted((a, b) => compareBytes(a.publicKey, b.publicKey));
  return new Map<CborKey, CborValue>([
    [0n, VERSION],
    [1n, genesis.name],
    [2n, genesis.created],
    [3n, new Map<CborKey, CborValue>(parameters.map((value, key) => [BigInt(key), value]))],
    [4n, validators.map(validatorRecord)],
  ]);
}

function validatorRecord(validator: GenesisValidator): CborValue {
  return new Map<CborKey, CborValue>([
    [0n, validator.name],
    [1n, validator.publicKey],
    [2n, BigInt(REGIONS.indexOf(validator.region))],
    [3n, validator.stake],
    [4n, validator.capabilities],
    [5n, validator.possession],
  ]);
}

/** The record, or the first rule it breaks. Judges no key and no signature. */
export function decodeGenesis(bytes: Uint8Array): Genesis | Fault {
  if (bytes.length > LIMITS.genesisBytesMax) return fault('genesis-too-long', `${bytes.length} bytes`);
  const decoded = decodeCbor(bytes);
  if ('fault' in decoded) return fault('genesis-not-canonical', `${decoded.fault} at byte ${decoded.offset}`);
  const map = exactMap(decoded.value, 5);
  if (map?.get(0n) !== VERSION) return fault('genesis-format', 'not a map of keys 0..4 with version 1');
  const name = map.get(1n);
  if (typeof name !== 'string' || !NAME.test(name)) return fault('genesis-format', 'key 1 is not a network name');
  const created = map.get(2n);
  if (!isCounter(created)) return fault('genesis-format', 'key 2 is not an instant in ns of TAI');
  const parameters = readParameters(map.get(3n));
  if (isFault(parameters)) return parameters;
  const validators = readValidators(map.get(4n), parameters);
  if (isFault(validators)) return validators;
  return { name, created: taiInstant(created), parameters, validators };
}

type SevenNumbers = [bigint, bigint, bigint, bigint, bigint, bigint, bigint];

function readParameters(value: CborValue | undefined): GenesisParameters | Fault {
  const map = exactMap(value, 7);
  const numbers: bigint[] = [];
  for (let key = 0n; key < 7n; key++) {
    const number = map?.get(key);
    if (!isCounter(number)) return fault('genesis-format', `parameter ${key} is not an integer in 0..2^63-1`);
    numbers.push(number);
  }
  const [tick, tickMax, slot, window, guaranteeMax, stakeMin, stakeLockSeconds] = numbers as SevenNumbers;
  // A tick has length, may only widen, and closes within its slot; a window outlives a slot, or nothing could be ordered.
  if (tick < 1n || tick > tickMax || tickMax > slot || slot > window || guaranteeMax < 1n)
    return fault('genesis-parameters', 'not 0 < tick <= tickMax <= slot <= window and 0 < guaranteeMax');
  return {
    tick: nanos(tick),
    tickMax: nanos(tickMax),
    slot: nanos(slot),
    window: nanos(window),
    guaranteeMax: nanos(guaranteeMax),
    stakeMin,
    stakeLockSeconds,
  };
}

function readValidators(value: CborValue | undefined, { stakeMin }: GenesisParameters): GenesisValidator[] | Fault {
  if (!Array.isArray(value) || value.length < 1 || value.length > LIMITS.validatorsMax)
    return fault('genesis-validators', `not 1 to ${LIMITS.validatorsMax} validators`);
  const validators: GenesisValidator[] = [];
  const names = new Set<string>();
  for (const item of value as readonly CborValue[]) {
    const validator = readValidator(item);
    if (validator === undefined) return fault('genesis-validators', `validator ${validators.length} is malformed`);
    const previous = validators.at(-1);
    // [REJECT] Ascending and therefore distinct keys: one record per set of validators.
    if (previous !== undefined && compareBytes(previous.publicKey, validator.publicKey) >= 0)
      return fault('genesis-validators', `validator ${validators.length} is out of order or repeats a key`);
    if (names.has(validator.name)) return fault('genesis-validators', `two validators are named ${validator.name}`);
    // [REJECT] Requirement A3: no stake, no validation.
    if (validator.stake < stakeMin)
      return fault('genesis-stake', `${validator.name} stakes ${validator.stake}, less than ${stakeMin}`);
    names.add(validator.name);
    validators.push(validator);
  }
  if (keyringOf(validators.map((v) => v.publicKey)) === undefined)
    return fault('genesis-validators', 'two keys share a key id');
  return validators;
}

function readValidator(value: CborValue): GenesisValidator | undefined {
  const map = exactMap(value, 6);
  if (map === undefined) return undefined;
  const name = map.get(0n);
  const publicKey = map.get(1n);
  const regionNumber = map.get(2n);
  const region = typeof regionNumber === 'bigint' ? REGIONS[Number(regionNumber)] : undefined;
  const stake = map.get(3n);
  const capabilities = map.get(4n);
  const possession = map.get(5n);
  if (typeof name !== 'string' || !NAME.test(name) || region === undefined || !isCounter(stake)) return undefined;
  if (!(publicKey instanceof Uint8Array) || publicKey.length !== PUBLIC_KEY_SIZE_BYTES) return undefined;
  if (!(possession instanceof Uint8Array) || possession.length !== SIGNATURE_SIZE_BYTES) return undefined;
  if (!Array.isArray(capabilities) || !areCapabilities(capabilities as readonly CborValue[])) return undefined;
  return { name, publicKey, region, stake, capabilities: capabilities as readonly string[], possession };
}

/** Well-formed and strictly ascending in code units (they are ASCII). */
function areCapabilities(values: readonly CborValue[]): boolean {
  if (values.length > LIMITS.capabilitiesMax) return false;
  return values.every((value, i) => {
    const before = values[i - 1];
    return typeof value === 'string' && CAPABILITY.test(value) && (typeof before !== 'string' || before < value);
  });
}

/** The first validator whose key may not be registered, or undefined. */
export function genesisKeyFault(
  needs: { readonly checkSignature: CheckSignature; readonly isPrimeOrder: IsPrimeOrder },
  genesis: Genesis,
): Fault | undefined {
  for (const { name, publicKey, possession } of genesis.validators) {
    const claim = { networkName: genesis.name, role: 'validator', publicKey } as const;
    const found = registrationFault(needs, claim, possession);
    if (found !== undefined) return fault(found.fault, `${name}: ${found.detail}`);
  }
  return undefined;
}

/** n validators tolerate f = floor((n-1)/3) liars; q = n - f make a quorum. */
export function quorumOf(genesis: Genesis): { readonly n: number; readonly f: number; readonly q: number } {
  const n = genesis.validators.length;
  const f = Math.floor((n - 1) / 3);
  return { n, f, q: n - f };
}

/** The validators' keys by kid. */
export function keyOfGenesis(genesis: Genesis): KeyOf {
  const keyOf = keyringOf(genesis.validators.map((v) => v.publicKey));
  assert(keyOf !== undefined, 'a decoded genesis record has no two keys with one key id');
  return keyOf;
}

/** A map with `size` entries whose keys are 0..size-1, or undefined. */
function exactMap(value: CborValue | undefined, size: number): ReadonlyMap<CborKey, CborValue> | undefined {
  if (value === undefined || !isMap(value) || value.size !== size) return undefined;
  for (let key = 0n; key < size; key++) if (!value.has(key)) return undefined;
  return value;
}

const isCounter = (value: CborValue | undefined): value is bigint =>
  typeof value === 'bigint' && value >= 0n && value <= I64_MAX;
