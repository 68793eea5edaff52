/**
 * The Time Cards of this host: which PTP clock, pulse input and serial ports belong to one card, and how the card is set.
 *
 * A card's parts are tied together by the driver's links, so nothing is guessed from numbers. Two layouts of the serial ports
 * exist and both are read: files in `tty/` that hold a name (since Linux 6.12), and links beside the attributes (before).
 * The card's own NMEA output is the card's clock talking about itself: it shares its cause with the PTP clock and is no
 * witness for it.
 */

import { join } from 'node:path';

import {
  boardOf,
  CARD_PORTS,
  parseClockSource,
  parsePortName,
  parsePulseSupervision,
  parseWindowAdjust,
  PORT_NAMES,
  type CardBoard,
  type CardPortRole,
  type PulseSupervision,
} from '../../core/timecard/card-attributes.ts';
import { nanos, type Nanos } from '../../core/time/nanos.ts';
import type { DeviceTree } from '../../ports/device-tree.ts';

export type CardPort = {
  readonly role: CardPortRole;
  /** `/dev/ttyS5`. */
  readonly path: string;
  /** False for what speaks of the card's own clock. */
  readonly isIndependentOfClock: boolean;
};

export type TimeCard = {
  /** `ocp0`: good until the next boot. */
  readonly name: string;
  /** The folder of its attributes. */
  readonly folder: string;
  readonly serial: string | undefined;
  readonly pciAddress: string | undefined;
  readonly board: CardBoard | undefined;
  /** `/dev/ptp2`. */
  readonly phc: string | undefined;
  /** `/dev/pps1`. */
  readonly pps: string | undefined;
  readonly ports: readonly CardPort[];
  readonly clockSource: string | undefined;
  readonly clockSources: readonly string[];
  readonly pulse: PulseSupervision | undefined;
  /** What the card's own servo says, ns; undefined on boards without one. */
  readonly servoOffsetNs: number | undefined;
  readonly servoDrift: number | undefined;
  readonly utcTaiOffsetSeconds: number | undefined;
  readonly todCorrectionSeconds: number | undefined;
  /** Undefined where the driver has no such attribute, and then cuts nothing off. */
  readonly windowAdjust: Nanos | undefined;
  /** `sma1` to `sma4` as the driver words them, such as `IN: 10Mhz`. */
  readonly connectors: readonly { readonly name: string; readonly use: string }[];
};

export function listTimeCards(
  tree: DeviceTree,
  roots: { readonly devRoot: string; readonly sysRoot: string },
): readonly TimeCard[] {
  const folder = join(roots.sysRoot, 'class', 'timecard');
  return tree
    .entries(folder)
    .filter((name) => /^ocp\d+$/.test(name))
    .map((name) => describeCard(tree, roots.devRoot, join(folder, name), name));
}

/**
 * What the card's driver cuts off each bracket now, to be given to the card's PTP source. An attribute that cannot be read for a
 * moment leaves the last known value: a bracket made too narrow would be a lie.
 */
export function windowAdjustOf(tree: DeviceTree, card: TimeCard): () => Nanos {
  let known = card.windowAdjust ?? nanos(0);
  const path = join(card.folder, 'ts_window_adjust');
  return () => {
    const text = tree.attribute(path);
    known = (text === undefined ? undefined : parseWindowAdjust(text)) ?? known;
    return known;
  };
}

function describeCard(tree: DeviceTree, devRoot: string, folder: string, name: string): TimeCard {
  const text = (attribute: string): string | undefined => tree.attribute(join(folder, attribute));
  const number = (attribute: string): number | undefined => tree.integer(join(folder, attribute));
  const device = tree.realPath(join(folder, 'device'));
  const source = text('clock_source');
  const supervision = text('gnss_sync');
  const adjust = text('ts_window_adjust');
  return {
    name,
    folder,
    serial: text('serialnum'),
    pciAddress: device?.match(/[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]/g)?.at(-1),
    board: boardOf(text('device/vendor'), text('device/device')),
    phc: linkedDevice(tree, devRoot, join(folder, 'ptp'), /^ptp\d+$/),
    pps: linkedDevice(tree, devRoot, join(folder, 'pps'), /^pps\d+$/),
    ports: CARD_PORTS.flatMap((role) => portOf(tree, devRoot, folder, role) ?? []),
    clockSource: source === undefined ? undefined : parseClockSource(source),
    clockSources:
      text('available_clock_sources')
        ?.split(/\s+/)
        .filter((word) => word !== '') ?? [],
    pulse: supervision === undefined ? undefined : parsePulseSupervision(supervision),
    servoOffsetNs: number('clock_status_offset'),
    servoDrift: number('clock_status_drift'),
    utcTaiOffsetSeconds: number('utc_tai_offset'),
    todCorrectionSeconds: number('tod_correction'),
    windowAdjust: adjust === undefined ? undefined : parseWindowAdjust(adjust),
    connectors: ['sma1', 'sma2', 'sma3', 'sma4'].flatMap((sma) => {
      const use = text(sma);
      return use === undefined ? [] : [{ name: sma, use }];
    }),
  };
}

function linkedDevice(tree: DeviceTree, devRoot: string, link: string, form: RegExp): string | undefined {
  const name = tree.linkName(link);
  return name !== undefined && form.test(name) ? join(devRoot, name) : undefined;
}

function portOf(tree: DeviceTree, devRoot: string, folder: string, role: CardPortRole): CardPort | undefined {
  const fileName = PORT_NAMES[role];
  const inFile = tree.attribute(join(folder, 'tty', fileName));
  const named = inFile ?? tree.linkName(join(folder, fileName));
  const terminal = named === undefined ? undefined : parsePortName(named);
  if (terminal === undefined) return undefined;
  return { role, path: join(devRoot, terminal), isIndependentOfClock: role !== 'nmea' };
}
