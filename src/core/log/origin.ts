/**
 * The origin of a lane: `momentd/<network id>/<kid>`, both in lower-case hexadecimal (64 and 16 digits).
 *
 * It is the first line of every checkpoint and the key name of its signatures, so a checkpoint says which network and which
 * validator it belongs to, and one made for a network cannot be passed off in another. docs/spec/lane.md section "Origin".
 */

import { assert } from '../assert.ts';
import { fromHex, toHex } from '../codec/hex.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { KID_SIZE_BYTES } from '../attestation/cose-sign1.ts';

export type LaneName = { readonly network: Digest; readonly kid: Uint8Array };

export function originOf({ network, kid }: LaneName): string {
  assert(network.length === SHA256_SIZE_BYTES, 'a network id is 32 bytes');
  assert(kid.length === KID_SIZE_BYTES, 'a kid is 8 bytes');
  return `momentd/${toHex(network)}/${toHex(kid)}`;
}

const ORIGIN = /^momentd\/([0-9a-f]{64})\/([0-9a-f]{16})$/;

/** The names in an origin; undefined for anything `originOf` would not write. */
export function parseOrigin(origin: string): LaneName | undefined {
  const match = ORIGIN.exec(origin);
  if (match === null) return undefined;
  return { network: fromHex(match[1]!)!, kid: fromHex(match[2]!)! };
}
