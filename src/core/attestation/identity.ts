/**
 * Host identity: what machine, cards and software stand behind a validator, as an EAT (RFC 9711) in a COSE_Sign1.
 *
 * The record is signed hourly and on change with the validator's own key and referred to by its digest. It is testimony,
 * not proof: it shows that the holder of the key claims this host. A later audit finds contradictions in it (two hosts at
 * once, a card in two networks, a boot nobody announced). docs/spec/identity.md says this to everyone.
 */

import { assert } from '../assert.ts';
import { decodeCbor, encodeCbor, isMap, type CborKey, type CborValue } from '../codec/cbor.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { fault, isFault, type Fault } from '../verdict.ts';

/** What is known of a clock device; a claim the host cannot tell is absent. */
export type CardIdentity = {
  readonly model: string | undefined;
  readonly serial: string | undefined;
  readonly firmware: string | undefined;
  /** Kernel driver and its version. */
  readonly driver: string | undefined;
};

export type HostIdentity = {
  readonly network: Digest;
  /** The kernel's boot id, 16 bytes: new at every boot. */
  readonly bootSeed: Uint8Array;
  /** Boots counted by the agent; undefined where it could not keep count. */
  readonly bootCount: bigint | undefined;
  /** Whole seconds since boot, suspend included. */
  readonly uptimeSeconds: bigint;
  /** Kernel release, as `uname -r` prints it. */
  readonly kernel: string;
  readonly softwareVersion: string;
  /** SHA-256 over the installed program, as docs/spec/identity.md defines it. */
  readonly softwareDigest: Digest;
  /** By configured source name, such as `card0`. */
  readonly cards: ReadonlyMap<string, CardIdentity>;
};

/** EAT claim keys, RFC 9711 section 10.2 (IANA "CWT Claims"). */
const HARDWARE_MODEL = 259n;
const HARDWARE_VERSION = 260n;
const UPTIME = 261n;
const PROFILE = 265n;
const SUBMODULES = 266n;
const BOOT_COUNT = 267n;
const BOOT_SEED = 268n;
const SOFTWARE_NAME = 270n;
const SOFTWARE_VERSION = 271n;

/** Our own claims, from the private-use range below -65536 (RFC 8392 section 9.1). */
const NETWORK = -70_001n;
const KERNEL = -70_002n;
const SOFTWARE_DIGEST = -70_003n;
const SERIAL = -70_004n;
const DRIVER = -70_005n;

/** The profile names the exact set of claims below (RFC 9711 section 4.3.2); a URN needs nobody's domain. */
export const IDENTITY_PROFILE = 'urn:uuid:0b3f6f0c-6f0e-5d0a-9f3c-6d6f6d656e74';
const SOFTWARE = 'momentd';
const BOOT_SEED_SIZE = 16;
const I64_MAX = (1n << 63n) - 1n;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/;

/** Whether a record may name a card so. */
export const isCardName = (name: string): boolean => NAME.test(name);

/** The claims as canonical CBOR: the payload of the COSE_Sign1. */
export function encodeIdentity(identity: HostIdentity): Uint8Array {
  const claims = new Map<CborKey, CborValue>([
    [PROFILE, IDENTITY_PROFILE],
    [NETWORK, identity.network],
    [BOOT_SEED, identity.bootSeed],
    [UPTIME, identity.uptimeSeconds],
    [KERNEL, identity.kernel],
    [SOFTWARE_NAME, SOFTWARE],
    [SOFTWARE_VERSION, [identity.softwareVersion]],
    [SOFTWARE_DIGEST, identity.softwareDigest],
    [SUBMODULES, new Map([...identity.cards].map(([name, card]) => [name, cardClaims(card)]))],
  ]);
  if (identity.bootCount !== undefined) claims.set(BOOT_COUNT, identity.bootCount);
  const bytes = encodeCbor(claims);
  const read = decodeIdentity(bytes);
  assert(!isFault(read), `an identity we encode is one we accept${isFault(read) ? `: ${read.detail}` : ''}`);
  return bytes;
}

function cardClaims(card: CardIdentity): CborValue {
  const claims = new Map<CborKey, CborValue>();
  if (card.model !== undefined) claims.set(HARDWARE_MODEL, new TextEncoder().encode(card.model));
  if (card.firmware !== undefined) claims.set(HARDWARE_VERSION, [card.firmware]);
  if (card.serial !== undefined) claims.set(SERIAL, card.serial);
  if (card.driver !== undefined) claims.set(DRIVER, card.driver);
  return claims;
}

/** The claims, or the first rule they break. */
export function decodeIdentity(payload: Uint8Array): HostIdentity | Fault {
  if (payload.length > LIMITS.identityBytesMax) return fault('identity-too-long', `${payload.length} bytes`);
  const decoded = decodeCbor(payload);
  if ('fault' in decoded) return fault('identity-not-canonical', `${decoded.fault} at byte ${decoded.offset}`);
  const map = decoded.value;
  if (!isMap(map)) return wrong('not a map of claims');
  const bootCount = map.get(BOOT_COUNT);
  if (map.size !== (bootCount === undefined ? 9 : 10)) return wrong('not exactly the claims of the profile');
  if (map.get(PROFILE) !== IDENTITY_PROFILE) return wrong('another profile');
  if (map.get(SOFTWARE_NAME) !== SOFTWARE) return wrong('another program');
  const network = bytesOf(map.get(NETWORK), SHA256_SIZE_BYTES);
  const bootSeed = bytesOf(map.get(BOOT_SEED), BOOT_SEED_SIZE);
  const softwareDigest = bytesOf(map.get(SOFTWARE_DIGEST), SHA256_SIZE_BYTES);
  if (network === undefined || bootSeed === undefined || softwareDigest === undefined)
    return wrong('network, boot seed or software digest has another type or length');
  const uptimeSeconds = map.get(UPTIME);
  if (!isCounter(uptimeSeconds)) return wrong('the uptime is not whole seconds');
  if (bootCount !== undefined && !isCounter(bootCount)) return wrong('the boot count is not a count');
  const kernel = textOf(map.get(KERNEL));
  const softwareVersion = versionOf(map.get(SOFTWARE_VERSION));
  if (kernel === undefined || softwareVersion === undefined)
    return wrong('the kernel or the version is not a short text');
  const cards = readCards(map.get(SUBMODULES));
  if (cards === undefined) return wrong('a card does not have the claims of the profile');
  return { network, bootSeed, bootCount, uptimeSeconds, kernel, softwareVersion, softwareDigest, cards };
}

function readCards(value: CborValue | undefined): Map<string, CardIdentity> | undefined {
  if (value === undefined || !isMap(value) || value.size > LIMITS.identityCardsMax) return undefined;
  const cards = new Map<string, CardIdentity>();
  for (const [name, claims] of value) {
    if (typeof name !== 'string' || !isCardName(name) || !isMap(claims)) return undefined;
    const model = utf8Of(claims.get(HARDWARE_MODEL));
    const firmware = versionOf(claims.get(HARDWARE_VERSION));
    const serial = textOf(claims.get(SERIAL));
    const driver = textOf(claims.get(DRIVER));
    // Every claim there is was read, so there is no other and none is malformed.
    const read = [model, firmware, serial, driver].filter((claim) => claim !== undefined);
    if (read.length !== claims.size) return undefined;
    cards.set(name, { model, serial, firmware, driver });
  }
  return cards;
}

const wrong = (detail: string): Fault => fault('identity-format', detail);

const isCounter = (value: CborValue | undefined): value is bigint =>
  typeof value === 'bigint' && value >= 0n && value <= I64_MAX;

function bytesOf(value: CborValue | undefined, size: number): Uint8Array | undefined {
  return value instanceof Uint8Array && value.length === size ? value : undefined;
}

function textOf(value: CborValue | undefined): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return new TextEncoder().encode(value).length <= LIMITS.identityTextBytesMax ? value : undefined;
}

/** EAT versions are arrays whose second item, a scheme, may be absent; ours always is. */
function versionOf(value: CborValue | undefined): string | undefined {
  return Array.isArray(value) && value.length === 1 ? textOf((value as readonly CborValue[])[0]) : undefined;
}

/** EAT gives the hardware model as bytes; ours are UTF-8. */
function utf8Of(value: CborValue | undefined): string | undefined {
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > LIMITS.identityTextBytesMax)
    return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    return undefined;
  }
}
