/**
 * Which PTP clocks and PPS inputs this host has, and which one a configuration means.
 *
 * Numbers are given in the order drivers load and change from boot to boot, so a clock is known by its PCI address and its
 * driver's clock name. A configuration may still name `/dev/ptp0`; then whatever stands there first is remembered, and
 * another device at that path later is refused instead of believed.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { linkName, listFolder, pciAddressIn, readAttribute, readInteger, resolveLink } from './sysfs.ts';

/** Where devices are looked for: `/dev` and `/sys` on a host, plain folders in a test. */
export type DeviceRoots = { readonly devRoot: string; readonly sysRoot: string };

export const HOST_ROOTS: DeviceRoots = { devRoot: '/dev', sysRoot: '/sys' };

export type PtpClock = {
  /** `ptp0`: good until the next boot. */
  readonly name: string;
  /** `/dev/ptp0`. */
  readonly path: string;
  /** What the driver calls it, such as `ptp_ocp`; undefined when sysfs does not say. */
  readonly clockName: string | undefined;
  readonly pciAddress: string | undefined;
  /** The device it belongs to, in sysfs's words: a PCI address, or `phcsim.0`. */
  readonly parent: string | undefined;
  /** What stays the same over boots: `pci:0000:02:00.0 ptp_ocp`, or the parent's name and the clock's. */
  readonly identity: string;
  /** A virtual clock on top of another PTP clock: the name of that one. */
  readonly virtualOn: string | undefined;
  readonly externalTimestamps: number | undefined;
  readonly pins: number | undefined;
  readonly hasPps: boolean | undefined;
  /** Virtual clocks in use on top of this one; the clock itself cannot be adjusted then. */
  readonly virtualClocks: number | undefined;
  /** Where a Time Card's driver says what it cuts off each bracket's end; undefined for every other clock. */
  readonly windowAdjustFile: string | undefined;
};

export type PpsInput = {
  /** `pps0`: good until the next boot. */
  readonly name: string;
  readonly path: string;
  /** What the driver calls it, such as `ptp0` or `ktimer`. */
  readonly inputName: string | undefined;
  /** The device it hangs on, as a path in sysfs. */
  readonly parent: string | undefined;
  readonly identity: string;
};

export type Found<T> =
  | { readonly kind: 'found'; readonly device: T }
  | { readonly kind: 'missing'; readonly code: 'device-absent' | 'device-ambiguous'; readonly message: string };

export function listPtpClocks(roots: DeviceRoots): readonly PtpClock[] {
  const folder = join(roots.sysRoot, 'class', 'ptp');
  return listFolder(folder)
    .filter((name) => /^ptp\d+$/.test(name))
    .map((name) => describePtpClock(roots, folder, name));
}

export function listPpsInputs(roots: DeviceRoots): readonly PpsInput[] {
  const folder = join(roots.sysRoot, 'class', 'pps');
  return listFolder(folder)
    .filter((name) => /^pps\d+$/.test(name))
    .map((name) => {
      const inputName = readAttribute(join(folder, name, 'name'));
      const parent = resolveLink(join(folder, name, 'device'));
      const place = pciAddressIn(parent);
      const identity = place === undefined ? (inputName ?? name) : `pci:${place} ${inputName ?? name}`;
      return { name, path: join(roots.devRoot, name), inputName, parent, identity };
    });
}

/**
 * The clock a configuration means: `/dev/ptp0` or `ptp0` by path, `pci:0000:02:00.0` by address, `name:ptp_ocp` by the
 * driver's name. A path that sysfs does not know is still tried: a container may have the one without the other.
 */
export function findPtpClock(roots: DeviceRoots, wanted: string): Found<PtpClock> {
  const clocks = listPtpClocks(roots);
  const [kind, value] = splitSelector(wanted);
  const fitting = clocks.filter((clock) => {
    if (kind === 'pci') return clock.pciAddress === value && clock.virtualOn === undefined;
    if (kind === 'name') return clock.clockName === value;
    return clock.path === value || clock.name === value;
  });
  if (fitting.length > 1) {
    const names = fitting.map((clock) => clock.name).join(', ');
    return { kind: 'missing', code: 'device-ambiguous', message: `'${wanted}' fits ${names}` };
  }
  if (fitting[0] !== undefined) return { kind: 'found', device: fitting[0] };
  if (kind === 'path' && value.startsWith('/') && existsSync(value))
    return { kind: 'found', device: unknownClockAt(value) };
  return { kind: 'missing', code: 'device-absent', message: `no PTP clock is '${wanted}'` };
}

/** The PPS input a configuration means: `/dev/pps0` or `pps0` by path, `name:ptp0` by the driver's name. */
export function findPpsInput(roots: DeviceRoots, wanted: string): Found<PpsInput> {
  const [kind, value] = splitSelector(wanted);
  const fitting = listPpsInputs(roots).filter((input) => {
    if (kind === 'pci') return pciAddressIn(input.parent) === value;
    return kind === 'name' ? input.inputName === value : input.path === value || input.name === value;
  });
  if (fitting.length > 1) {
    const names = fitting.map((input) => input.name).join(', ');
    return { kind: 'missing', code: 'device-ambiguous', message: `'${wanted}' fits ${names}` };
  }
  if (fitting[0] !== undefined) return { kind: 'found', device: fitting[0] };
  if (kind === 'path' && value.startsWith('/') && existsSync(value)) {
    const device = { name: value, path: value, inputName: undefined, parent: undefined, identity: value };
    return { kind: 'found', device };
  }
  return { kind: 'missing', code: 'device-absent', message: `no PPS input is '${wanted}'` };
}

function describePtpClock(roots: DeviceRoots, folder: string, name: string): PtpClock {
  const at = join(folder, name);
  const clockName = readAttribute(join(at, 'clock_name'));
  const device = resolveLink(join(at, 'device'));
  const pciAddress = pciAddressIn(device);
  const parent = linkName(join(at, 'device'));
  const virtualOn = parent !== undefined && /^ptp\d+$/.test(parent) ? parent : undefined;
  const place = pciAddress === undefined ? (parent ?? name) : `pci:${pciAddress}`;
  const hasPps = readInteger(join(at, 'pps_available'));
  return {
    name,
    path: join(roots.devRoot, name),
    clockName,
    pciAddress,
    parent,
    identity: `${place} ${clockName ?? 'unnamed'}${virtualOn === undefined ? '' : ' virtual'}`,
    virtualOn,
    externalTimestamps: readInteger(join(at, 'n_external_timestamps')),
    pins: readInteger(join(at, 'n_programmable_pins')) ?? readInteger(join(at, 'n_pins')),
    hasPps: hasPps === undefined ? undefined : hasPps !== 0,
    virtualClocks: readInteger(join(at, 'n_vclocks')),
    windowAdjustFile: windowAdjustFileOf(join(at, 'device', 'timecard')),
  };
}

/** A Time Card's own device lies below the device its PTP clock belongs to. */
function windowAdjustFileOf(folder: string): string | undefined {
  const card = listFolder(folder).find((name) => /^ocp\d+$/.test(name));
  const file = card === undefined ? undefined : join(folder, card, 'ts_window_adjust');
  return file !== undefined && existsSync(file) ? file : undefined;
}

function unknownClockAt(path: string): PtpClock {
  return {
    name: path,
    path,
    clockName: undefined,
    pciAddress: undefined,
    parent: undefined,
    identity: path,
    virtualOn: undefined,
    externalTimestamps: undefined,
    pins: undefined,
    hasPps: undefined,
    virtualClocks: undefined,
    windowAdjustFile: undefined,
  };
}

function splitSelector(wanted: string): readonly ['pci' | 'name' | 'path', string] {
  if (wanted.startsWith('pci:')) return ['pci', wanted.slice(4).toLowerCase()];
  if (wanted.startsWith('name:')) return ['name', wanted.slice(5)];
  return ['path', wanted];
}
