/** Genesis records for tests: validators with honest proofs of possession in a network named `test`. */

import {
  decodeGenesis,
  DEFAULT_PARAMETERS,
  encodeGenesis,
  type Genesis,
  type GenesisValidator,
} from '../../../src/core/attestation/genesis.ts';
import { possessionBytes } from '../../../src/core/attestation/key-registration.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { isFault } from '../../../src/core/verdict.ts';
import type { Signer } from '../../../src/ports/signer.ts';

export function validator(name: string, signer: Signer, overrides: Partial<GenesisValidator> = {}): GenesisValidator {
  const { publicKey } = signer;
  const possession = signer.sign(possessionBytes({ networkName: 'test', role: 'validator', publicKey }));
  return { name, publicKey, region: 'EU', stake: 32_000n, capabilities: ['time-card'], possession, ...overrides };
}

/** In the record's own order. */
export function genesis(validators: readonly GenesisValidator[], overrides: Partial<Genesis> = {}): Genesis {
  const record = { name: 'test', created: taiInstant(1_790_000_000_000_000_000n), parameters: DEFAULT_PARAMETERS };
  const read = decodeGenesis(encodeGenesis({ ...record, validators, ...overrides }));
  if (isFault(read)) throw new Error(read.detail);
  return read;
}
