/**
 * The genesis record as people read and edit it. It says exactly what the CBOR says; the network id is always that of the
 * CBOR, so spacing, key order and the order of validators in the JSON do not matter.
 */

import { decimalString, exactObject, parseJson } from '../codec/json-shape.ts';
import { fromHex, toHex } from '../codec/hex.ts';
import { LIMITS } from '../limits.ts';
import { nanos, taiInstant } from '../time/nanos.ts';
import { fault, isFault, type Fault } from '../verdict.ts';
import {
  canonicalGenesis,
  decodeGenesis,
  REGIONS,
  type Genesis,
  type GenesisParameters,
  type GenesisValidator,
} from './genesis.ts';

const TOP_KEYS = ['momentd_genesis', 'name', 'created_tai_ns', 'parameters', 'validators'];
const PARAMETER_KEYS = [
  'tick_ns',
  'tick_ns_max',
  'slot_ns',
  'window_ns',
  'guarantee_ns_max',
  'stake_min',
  'stake_lock_seconds',
];
const VALIDATOR_KEYS = ['name', 'public_key', 'region', 'stake', 'capabilities', 'possession'];

/** Two spaces of indent and a final newline. */
export function genesisToJson(genesis: Genesis): string {
  const { parameters: p } = genesis;
  const record = {
    momentd_genesis: 1,
    name: genesis.name,
    created_tai_ns: genesis.created.toString(),
    parameters: {
      tick_ns: p.tick.toString(),
      tick_ns_max: p.tickMax.toString(),
      slot_ns: p.slot.toString(),
      window_ns: p.window.toString(),
      guarantee_ns_max: p.guaranteeMax.toString(),
      stake_min: p.stakeMin.toString(),
      stake_lock_seconds: p.stakeLockSeconds.toString(),
    },
    validators: genesis.validators.map(validatorToJson),
  };
  return `${JSON.stringify(record, undefined, 2)}\n`;
}

export type GenesisValidatorJson = {
  name: string;
  public_key: string;
  region: string;
  stake: string;
  capabilities: string[];
  possession: string;
};

export function validatorToJson(validator: GenesisValidator): GenesisValidatorJson {
  return {
    name: validator.name,
    public_key: toHex(validator.publicKey),
    region: validator.region,
    stake: validator.stake.toString(),
    capabilities: [...validator.capabilities],
    possession: toHex(validator.possession),
  };
}

/** A genesis file, CBOR or JSON: a JSON one begins with a brace, which no CBOR record of ours does. */
export function parseGenesis(bytes: Uint8Array): { readonly bytes: Uint8Array; readonly genesis: Genesis } | Fault {
  if (bytes.length > LIMITS.genesisBytesMax) return fault('genesis-too-long', `${bytes.length} bytes`);
  if (bytes[0] === 0x7b) return genesisFromJson(new TextDecoder().decode(bytes));
  const genesis = decodeGenesis(bytes);
  return isFault(genesis) ? genesis : { bytes, genesis };
}

export function genesisFromJson(text: string): { readonly bytes: Uint8Array; readonly genesis: Genesis } | Fault {
  const parsed = parseJson(text);
  if (parsed === undefined) return fault('genesis-format', 'not JSON');
  const top = exactObject(parsed.value, TOP_KEYS);
  if (top === undefined) return fault('genesis-format', `not an object with exactly ${TOP_KEYS.join(', ')}`);
  if (top['momentd_genesis'] !== 1) return fault('genesis-format', 'momentd_genesis is not 1');
  const name = top['name'];
  const created = decimalString(top['created_tai_ns']);
  if (typeof name !== 'string' || !name.isWellFormed()) return fault('genesis-format', 'name is not text');
  if (created === undefined) return fault('genesis-format', 'created_tai_ns is not a decimal string');
  const parameters = readParameters(top['parameters']);
  if (isFault(parameters)) return parameters;
  const list = top['validators'];
  if (!Array.isArray(list)) return fault('genesis-format', 'validators is not a list');
  const validators: GenesisValidator[] = [];
  for (const item of list) {
    const validator = validatorFromJson(item);
    if (isFault(validator)) return fault(validator.fault, `validators[${validators.length}]: ${validator.detail}`);
    validators.push(validator);
  }
  return canonicalGenesis({ name, created: taiInstant(created), parameters, validators });
}

function readParameters(value: unknown): GenesisParameters | Fault {
  const object = exactObject(value, PARAMETER_KEYS);
  if (object === undefined) return fault('genesis-format', `parameters are exactly ${PARAMETER_KEYS.join(', ')}`);
  const numbers: bigint[] = [];
  for (const key of PARAMETER_KEYS) {
    const number = decimalString(object[key]);
    if (number === undefined) return fault('genesis-format', `parameters.${key} is not a decimal string`);
    numbers.push(number);
  }
  return {
    tick: nanos(numbers[0]!),
    tickMax: nanos(numbers[1]!),
    slot: nanos(numbers[2]!),
    window: nanos(numbers[3]!),
    guaranteeMax: nanos(numbers[4]!),
    stakeMin: numbers[5]!,
    stakeLockSeconds: numbers[6]!,
  };
}

/** One validator's entry, as `momentd keygen --json` prints it. */
export function validatorFromJson(value: unknown): GenesisValidator | Fault {
  const object = exactObject(value, VALIDATOR_KEYS);
  if (object === undefined) return fault('genesis-format', `a validator has exactly ${VALIDATOR_KEYS.join(', ')}`);
  const { name, public_key, region, stake, capabilities, possession } = object;
  const key = typeof public_key === 'string' ? fromHex(public_key) : undefined;
  const proof = typeof possession === 'string' ? fromHex(possession) : undefined;
  const tokens = decimalString(stake);
  const known = REGIONS.find((r) => r === region);
  if (typeof name !== 'string' || !name.isWellFormed()) return fault('genesis-format', 'name is not text');
  if (key === undefined) return fault('genesis-format', 'public_key is not lower-case hexadecimal');
  if (proof === undefined) return fault('genesis-format', 'possession is not lower-case hexadecimal');
  if (tokens === undefined) return fault('genesis-format', 'stake is not a decimal string');
  if (known === undefined) return fault('genesis-format', `region is not one of ${REGIONS.join(', ')}`);
  if (!Array.isArray(capabilities) || !capabilities.every((c) => typeof c === 'string' && c.isWellFormed()))
    return fault('genesis-format', 'capabilities is not a list of words');
  const sorted = (capabilities as string[]).toSorted();
  return { name, publicKey: key, region: known, stake: tokens, capabilities: sorted, possession: proof };
}
