/**
 * What an operator may ask us to set in a u-blox receiver (generation 9 or later): the messages this program reads, and
 * the jamming monitor, which is off by default. One CFG-VALSET for the RAM layer: gone with the next power cycle.
 *
 * The list is closed on purpose: nothing that moves the receiver's time (time grid, cable delay, survey-in) is here.
 * Spec: u-blox F9 HPG 1.32 interface description, "UBX-CFG-VALSET" and the configuration reference.
 */

import { assert } from '../assert.ts';
import { ubxFrame } from './ubx-frame.ts';

export type ReceiverPort = 'uart1' | 'uart2' | 'usb';

export const VALSET = { classId: 0x06, messageId: 0x8a } as const;

const LAYER_RAM = 1;
const PAIRS_MAX = 64;

/** Output rate keys for UART1; those of the other ports follow it (I2C is one before). Value: once per so many epochs. */
const MESSAGE_KEYS = {
  navPvt: 0x20910007,
  navTimeGps: 0x20910048,
  navTimeUtc: 0x2091005c,
  navTimeLs: 0x20910061,
  navClock: 0x20910066,
  navStatus: 0x2091001b,
  navSat: 0x20910016,
  navEoe: 0x20910160,
  timTp: 0x2091017e,
  monRf: 0x2091035a,
  secSig: 0x20910635,
} as const;

const PORT_OFFSET: Readonly<Record<ReceiverPort, number>> = { uart1: 0, uart2: 1, usb: 2 };

/** CFG-ITFM-ENABLE: without it jammingState stays 0, "unknown or off". */
const INTERFERENCE_MONITOR = 0x1041000d;

export type ConfigPair = { readonly key: number; readonly value: number };

/** Everything the decoder uses, each epoch; the sky view every fifth, because it is long. */
export function messagePairs(port: ReceiverPort): readonly ConfigPair[] {
  return Object.entries(MESSAGE_KEYS).map(([name, key]) => ({
    key: key + PORT_OFFSET[port],
    value: name === 'navSat' ? 5 : 1,
  }));
}

export const monitorPair: ConfigPair = { key: INTERFERENCE_MONITOR, value: 1 };

/** One CFG-VALSET frame, version 0, RAM layer. */
export function valset(pairs: readonly ConfigPair[]): Uint8Array {
  assert(pairs.length > 0 && pairs.length <= PAIRS_MAX, 'one message takes 1 to 64 pairs');
  const payload = new Uint8Array(4 + pairs.reduce((size, { key }) => size + 4 + valueBytes(key), 0));
  const view = new DataView(payload.buffer);
  view.setUint8(1, LAYER_RAM);
  let at = 4;
  for (const { key, value } of pairs) {
    view.setUint32(at, key, true);
    at += 4;
    const size = valueBytes(key);
    assert(Number.isInteger(value) && value >= 0 && value < 2 ** (8 * size), 'a value fits the size its key states');
    for (let i = 0; i < size; i++) view.setUint8(at + i, Math.floor(value / 2 ** (8 * i)) & 0xff);
    at += size;
  }
  return ubxFrame(VALSET.classId, VALSET.messageId, payload);
}

/** Bits 28 to 30 of a key: 1 is one bit in one byte, 2 to 4 are 1, 2 and 4 bytes. We use none of 8. */
function valueBytes(key: number): number {
  const size = [undefined, 1, 1, 2, 4][(key >>> 28) & 7];
  assert(size !== undefined, 'a key states the size of its value');
  return size;
}
