/**
 * What this host is, gathered for its identity record (docs/spec/identity.md): kernel, boot, up-time, and what sysfs says of
 * the clock devices it is given. A device that says nothing has no claims; a host that cannot tell its boot has no identity.
 */

import { release } from 'node:os';
import { join } from 'node:path';
import { isCardName, type CardIdentity, type HostIdentity } from '../../core/attestation/identity.ts';
import { fromHex } from '../../core/codec/hex.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { LIMITS } from '../../core/limits.ts';
import { secondsAndNanos } from '../../core/time/parts.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { DeviceTree } from '../../ports/device-tree.ts';
import type { FirmwareByPlace } from './device-firmware.ts';
import type { HostClock } from '../../ports/host-clock.ts';

/** A clock device of a configured source, as whoever found it describes it. */
export type ClockDevice = {
  /** Name of the source. */
  readonly source: string;
  readonly model: string | undefined;
  readonly serial: string | undefined;
  /** Its folder under /sys/class, whose `device/driver` leads to the driver. */
  readonly folder: string;
};

export type Software = { readonly version: string; readonly digest: Digest };

export type IdentityFacts = {
  readonly network: Digest;
  readonly bootCount: bigint | undefined;
  readonly software: Software;
  readonly devices: readonly ClockDevice[];
  /** Nothing is known of a device that is not in it. */
  readonly firmware?: FirmwareByPlace;
  /** As `uname -r` prints it; the running kernel's when left out. */
  readonly kernel?: string;
};

/** Rejects with `identity-facts` where the kernel does not tell its boot id. */
export function gatherIdentity(needs: { tree: DeviceTree; host: HostClock }, facts: IdentityFacts): HostIdentity {
  const { tree, host } = needs;
  const bootSeed = fromHex(host.bootId.replaceAll('-', ''));
  if (bootSeed?.length !== 16)
    throw new AgentError('identity-facts', `read the boot id: ${host.bootId.slice(0, 64)} is none`);
  const cards = new Map<string, CardIdentity>();
  for (const [i, device] of facts.devices.slice(0, LIMITS.identityCardsMax).entries())
    cards.set(isCardName(device.source) ? device.source : `clock-${i}`, cardOf(tree, device, facts.firmware));
  return {
    network: facts.network,
    bootSeed,
    bootCount: facts.bootCount,
    uptimeSeconds: secondsAndNanos(host.boottime()).seconds,
    kernel: claimOf(facts.kernel ?? release()) ?? 'unnamed',
    softwareVersion: facts.software.version,
    softwareDigest: facts.software.digest,
    cards,
  };
}

function cardOf(
  tree: DeviceTree,
  { model, serial, folder }: ClockDevice,
  firmware: FirmwareByPlace = new Map(),
): CardIdentity {
  const place = tree
    .realPath(join(folder, 'device'))
    ?.match(/[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/g)
    ?.at(-1);
  return {
    model: claimOf(model),
    serial: claimOf(serial),
    firmware: claimOf(place === undefined ? undefined : firmware.get(place)),
    driver: claimOf(driverOf(tree, join(folder, 'device', 'driver'))),
  };
}

/** `ptp_ocp`, or `ptp_ocp 1.2`, or `ptp_ocp srcversion 533BB7E5866E52F63B9ACCB`, as its module says. */
function driverOf(tree: DeviceTree, folder: string): string | undefined {
  const name = tree.linkName(folder);
  if (name === undefined) return undefined;
  const version = tree.attribute(join(folder, 'module', 'version'));
  if (version !== undefined) return `${name} ${version}`;
  const source = tree.attribute(join(folder, 'module', 'srcversion'));
  return source === undefined ? name : `${name} srcversion ${source}`;
}

/** Devices write what they like: printable ASCII, and few enough of it that eight cards fit a record. */
const TEXT_LENGTH_MAX = 64;

function claimOf(text: string | undefined): string | undefined {
  const claim = text?.replace(/[^\x20-\x7e]/g, '?').slice(0, TEXT_LENGTH_MAX);
  return claim === '' ? undefined : claim;
}
