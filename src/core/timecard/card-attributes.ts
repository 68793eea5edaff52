/**
 * The texts a Time Card's driver shows in /sys/class/timecard/ocpN, read into values (Linux 6.12, drivers/ptp/ptp_ocp.c and
 * Documentation/ABI/testing/sysfs-timecard). Boards and driver versions differ: a text in no known form is kept as it is.
 */

import { nanos, type Nanos } from '../time/nanos.ts';

/**
 * The driver's watch over the clock's input, polled each second. It says whether pulses arrive, not whether a receiver has a
 * fix: it is `sync` for any pulse, and before the first poll.
 */
export type PulseSupervision =
  | { readonly kind: 'sync' }
  | { readonly kind: 'lost'; readonly since: string }
  | { readonly kind: 'other'; readonly text: string };

export type CardBoard = 'meta' | 'celestica' | 'orolia-art' | 'adva';

/** Serial ports of a card, by what is at their other end. */
export const CARD_PORTS = ['gnss', 'gnss2', 'mac', 'nmea'] as const;
export type CardPortRole = (typeof CARD_PORTS)[number];

/** Names of the port in sysfs: a file in `tty/` from Linux 6.12, a link beside the attributes before. */
export const PORT_NAMES: Readonly<Record<CardPortRole, string>> = {
  gnss: 'ttyGNSS',
  gnss2: 'ttyGNSS2',
  mac: 'ttyMAC',
  nmea: 'ttyNMEA',
};

/** `gnss_sync`: `SYNC`, or `LOST @ <UTC time>`. */
export function parsePulseSupervision(text: string): PulseSupervision {
  if (text === 'SYNC') return { kind: 'sync' };
  const lost = /^LOST @ (.{1,64})$/.exec(text);
  return lost === null ? { kind: 'other', text } : { kind: 'lost', since: lost[1]! };
}

/** `clock_source`: a name, or undefined where the hardware holds a value the driver has no name for (`(null)`). */
export function parseClockSource(text: string): string | undefined {
  return /^[A-Z0-9]{1,16}$/.test(text) ? text : undefined;
}

/** The name in a port's file, or the name a port's link ends in: a terminal's name and nothing that leads elsewhere. */
export function parsePortName(text: string): string | undefined {
  return /^tty[A-Za-z]{0,16}\d{1,4}$/.test(text) ? text : undefined;
}

/** `ts_window_adjust`: nanoseconds the driver cuts off the end of each bracket; undefined when it is no such number. */
export function parseWindowAdjust(text: string): Nanos | undefined {
  return /^\d{1,10}$/.test(text) ? nanos(BigInt(text)) : undefined;
}

/** The board by its PCI vendor and device, as sysfs writes them (`0x1d9b`, `0x0400`). */
export function boardOf(vendor: string | undefined, device: string | undefined): CardBoard | undefined {
  switch (`${vendor ?? ''}:${device ?? ''}`) {
    case '0x1d9b:0x0400':
      return 'meta';
    case '0x18d4:0x1008':
      return 'celestica';
    case '0x1ad7:0xa000':
      return 'orolia-art';
    case '0xad5a:0x0400':
      return 'adva';
    default:
      return undefined;
  }
}
