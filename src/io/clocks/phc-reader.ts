/**
 * One open PTP clock, read: which of the kernel's calls it has, and one honest bracket at a time.
 *
 * Linux offers up to four ways to read a clock: a cross timestamp in hardware (PRECISE), stamps taken by the driver right
 * around its read (EXTENDED, on the raw clock from Linux 6.12), stamps taken around the driver's whole call (BASIC), and
 * plain clock_gettime on the dynamic clock between two reads of our own. Each is tried once when the device is opened. A cross
 * timestamp wins when it is there; among the others the narrowest typical bracket wins, for an old kernel's EXTENDED has to be
 * carried over from CLOCK_REALTIME and may come out wider than a plain read.
 */

import type { Native, PhcCaps, PhcHandle } from '../../../native/native.d.ts';
import { assert } from '../../core/assert.ts';
import {
  bracketFromRealtime,
  narrowestMethod,
  type BracketResult,
  type HostClocks,
} from '../../core/clock/reading-choice.ts';
import { LIMITS } from '../../core/limits.ts';
import { isBefore, monoInstant, negate, shift, since, type MonoInstant, type Nanos } from '../../core/time/nanos.ts';
import { deviceFailureOf, inTime, type DeviceFailure } from './device-failure.ts';
import { CLOCK } from './native.ts';

/** The ways to read a clock, the most direct first. */
export const PHC_METHODS = ['precise', 'extended-raw', 'extended-realtime', 'basic', 'gettime'] as const;
export type PhcMethod = (typeof PHC_METHODS)[number];

export type PhcReading = {
  readonly kind: 'reading';
  readonly method: PhcMethod;
  readonly before: MonoInstant;
  /** Nanoseconds on the device's own timescale. */
  readonly deviceNs: bigint;
  readonly after: MonoInstant;
};

export type PhcReadResult = PhcReading | ({ readonly kind: 'failed' } & DeviceFailure);

export type PhcReaderOptions = {
  readonly path: string;
  /** Readings a call, of which the narrowest is kept: 1 to 25. */
  readonly samples: number;
  /** Which ways may be used at all. */
  readonly methods: readonly PhcMethod[];
  /** Half the width given to a cross timestamp, whose own error the kernel does not state. */
  readonly crossTimestampError: Nanos;
};

/** Readings per method in the trial. */
const TRIALS = 5;

const CALL: Readonly<Record<PhcMethod, readonly [method: number, clockId: number]>> = {
  precise: [0, CLOCK.realtime],
  'extended-raw': [1, CLOCK.monotonicRaw],
  'extended-realtime': [1, CLOCK.realtime],
  basic: [2, CLOCK.realtime],
  gettime: [3, CLOCK.monotonicRaw],
};

export class PhcReader {
  readonly #handle: PhcHandle;
  readonly #options: PhcReaderOptions;
  #method: PhcMethod | undefined;
  #caps: PhcCaps | undefined;

  constructor(native: Native, options: PhcReaderOptions) {
    assert(options.samples >= 1 && options.samples <= LIMITS.phcSamplesMax, 'the kernel takes 1 to 25 samples a call');
    this.#options = options;
    // Read-only: this descriptor cannot set, steer or arm anything.
    this.#handle = new native.PhcHandle(options.path, false, () => undefined);
  }

  /** What the clock can do; undefined until it is open or where the driver does not say. */
  get caps(): PhcCaps | undefined {
    return this.#caps;
  }

  /** How the clock is read; undefined until it is open. */
  get method(): PhcMethod | undefined {
    return this.#method;
  }

  /** Opens the clock and chooses how to read it; undefined when all is well. May be called again after a failure. */
  async open(): Promise<DeviceFailure | undefined> {
    try {
      await inTime(this.#handle.open(), `open '${this.#options.path}'`);
      this.#caps = await inTime(this.#handle.caps(), `PTP_CLOCK_GETCAPS '${this.#options.path}'`);
    } catch (error) {
      return deviceFailureOf(error);
    }
    return this.#choose();
  }

  /** One bracketed reading by the chosen way. */
  async read(): Promise<PhcReadResult> {
    assert(this.#method !== undefined, 'a clock is read after it was opened');
    return this.readBy(this.#method);
  }

  /** One bracketed reading by a named way. EBUSY is asked again at once, a few times. */
  async readBy(method: PhcMethod): Promise<PhcReadResult> {
    const [call, clockId] = CALL[method];
    for (let attempt = 0; ; attempt++) {
      try {
        const measure = this.#handle.measure(call, this.#options.samples, clockId);
        return this.#toReading(method, await inTime(measure, `a reading of '${this.#options.path}'`));
      } catch (error) {
        const failure = deviceFailureOf(error);
        if (failure.code !== 'device-busy' || attempt >= LIMITS.deviceBusyRetriesMax)
          return { kind: 'failed', ...failure };
      }
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #choose(): Promise<DeviceFailure | undefined> {
    const allowed = PHC_METHODS.filter((method) => this.#options.methods.includes(method));
    const widthsOf: Nanos[][] = [];
    let failure: DeviceFailure | undefined;
    for (const method of allowed) {
      const widths: Nanos[] = [];
      for (let trial = 0; trial < TRIALS; trial++) {
        const result = await this.readBy(method);
        if (result.kind === 'reading') {
          widths.push(since(result.after, result.before));
          continue;
        }
        // A call the driver lacks is no trouble while another one works; the first other trouble is the one to tell.
        if (failure === undefined || failure.code === 'device-unsupported') failure = result;
        break;
      }
      widthsOf.push(widths);
      if (method === 'precise' && widths.length > 0) break;
    }
    const best = narrowestMethod(widthsOf);
    if (best === undefined) return failure;
    this.#method = allowed[best];
    return undefined;
  }

  #toReading(method: PhcMethod, values: BigInt64Array): PhcReadResult {
    const measured = parseMeasurement(values);
    const result = bracketOf(measured);
    if (result.kind === 'refused') {
      const message = `a reading of '${this.#options.path}' was dropped: ${result.code}`;
      return { kind: 'failed', code: result.code, errno: undefined, message };
    }
    const margin = method === 'precise' ? this.#options.crossTimestampError : undefined;
    const { before, after } = result.bracket;
    return {
      kind: 'reading',
      method,
      before: margin === undefined ? before : shift(before, negate(margin)),
      deviceNs: measured.deviceNs,
      after: margin === undefined ? after : shift(after, margin),
    };
  }
}

type Measured = {
  readonly outerBefore: HostClocks;
  readonly beforeNs: bigint;
  readonly deviceNs: bigint;
  readonly afterNs: bigint;
  readonly outerAfter: HostClocks;
  readonly samples: bigint;
  readonly backwards: bigint;
  readonly clockId: bigint;
};

/** The addon's thirteen integers by name (native.d.ts). */
function parseMeasurement(values: BigInt64Array): Measured {
  assert(values.length === 13, 'a measurement is thirteen integers');
  const hostClocks = (at: number): HostClocks => ({
    rawBefore: monoInstant(values[at]!),
    realtimeNs: values[at + 1]!,
    rawAfter: monoInstant(values[at + 2]!),
  });
  return {
    outerBefore: hostClocks(0),
    beforeNs: values[3]!,
    deviceNs: values[4]!,
    afterNs: values[5]!,
    outerAfter: hostClocks(6),
    samples: values[9]!,
    backwards: values[10]!,
    clockId: values[12]!,
  };
}

function bracketOf(measured: Measured): BracketResult {
  // One reading of a call that ran backwards tells that a clock was stepped during the call: none of it is believed.
  if (measured.backwards > 0n || measured.samples < 1n) return { kind: 'refused', code: 'bracket-backwards' };
  if (measured.clockId === BigInt(CLOCK.realtime)) return bracketFromRealtime(measured);
  const before = monoInstant(measured.beforeNs);
  const after = monoInstant(measured.afterNs);
  // The kernel's raw stamps lie within ours on the same clock; anything else is not the clock it says.
  if (isBefore(before, measured.outerBefore.rawBefore) || isBefore(measured.outerAfter.rawAfter, after))
    return { kind: 'refused', code: 'bracket-backwards' };
  return { kind: 'bracket', bracket: { before, after } };
}
