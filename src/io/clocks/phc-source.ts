/**
 * A PTP hardware clock as a source: bracketed readings at a steady pace, and the pulses its inputs latch.
 *
 * Passive: the clock is read through a read-only descriptor. Only when edges are asked for is a second, writable one opened,
 * because the kernel demands it to arm an input. The device may vanish and return at any time: that is an observation, the
 * source keeps looking, and another device that turns up at the same path is refused.
 */

import type { Native } from '../../../native/native.d.ts';
import { assert } from '../../core/assert.ts';
import type { SourceName } from '../../core/clock/observation.ts';
import { LIMITS } from '../../core/limits.ts';
import { parseWindowAdjust } from '../../core/timecard/card-attributes.ts';
import { nanos, type Nanos } from '../../core/time/nanos.ts';
import type { HostClock } from '../../ports/host-clock.ts';
import type { TimeSource } from '../../ports/source.ts';
import { closeInTime, missingDevice, refuseOtherDevice, type DeviceFailure } from './device-failure.ts';
import { findPtpClock, HOST_ROOTS, type DeviceRoots } from './discovery.ts';
import { ExttsInputs, type ExttsOptions } from './extts-inputs.ts';
import { PHC_METHODS, PhcReader, type PhcMethod } from './phc-reader.ts';
import { Polling, Presence, scheduleByTimer, type Emit, type Schedule } from './polling.ts';
import { readAttribute } from './sysfs.ts';
import { taiOf, type Timescale } from './timescale.ts';

export type PhcSourceNeeds = {
  readonly native: Native;
  readonly clock: HostClock;
  readonly schedule?: Schedule;
  /** Told of what does not make the source absent, such as an input that cannot be armed. Must not throw. */
  readonly onProblem?: (failure: DeviceFailure) => void;
};

export type PhcSourceOptions = {
  readonly name: SourceName;
  /** `/dev/ptp0`, `pci:0000:02:00.0` or `name:ptp_ocp`. */
  readonly device: string;
  readonly timescale: Timescale;
  readonly roots?: DeviceRoots;
  /** Pause between readings; default 1,000 ms. */
  readonly intervalMs?: number;
  /** Readings a call, of which the narrowest is kept: 1 to 25; default 5. */
  readonly samples?: number;
  /** Ways to read that may be used; default all. */
  readonly methods?: readonly PhcMethod[];
  /** Half the width given to a hardware cross timestamp; default 100 ns. */
  readonly crossTimestampError?: Nanos;
  /** What the driver cuts off each bracket's end now; default what a Time Card's driver says in `ts_window_adjust`. */
  readonly windowAdjust?: () => Nanos;
  /** Pulse inputs to arm; default none, and no writable descriptor. */
  readonly edges?: ExttsOptions;
};

/** A hardware cross timestamp over PCIe PTM is good to tens of nanoseconds; the kernel states no bound, so we do. */
const CROSS_TIMESTAMP_ERROR = nanos(100);

const LOOKS_BETWEEN_ARMINGS = 10;

export class PhcSource implements TimeSource {
  readonly name: SourceName;
  readonly #needs: PhcSourceNeeds;
  readonly #options: PhcSourceOptions;
  readonly #polling: Polling;
  #presence: Presence | undefined;
  #emit: Emit | undefined;
  #reader: PhcReader | undefined;
  #inputs: ExttsInputs | undefined;
  /** The identity of the first device that was read; a source never changes its device. */
  #identity: string | undefined;
  #windowAdjustFile: string | undefined;
  #windowAdjustKnown = nanos(0);
  #failuresInARow = 0;
  #looksUnarmed = 0;

  constructor(needs: PhcSourceNeeds, options: PhcSourceOptions) {
    this.name = options.name;
    this.#needs = needs;
    this.#options = options;
    const schedule = needs.schedule ?? scheduleByTimer;
    this.#polling = new Polling(() => this.#look(), options.intervalMs ?? 1_000, schedule);
  }

  /** How the clock is read at present; undefined while it is away. */
  get method(): PhcMethod | undefined {
    return this.#reader?.method;
  }

  async start(emit: Emit): Promise<void> {
    this.#emit = emit;
    this.#presence ??= new Presence(this.name, this.#needs.clock, (observation) => this.#emit?.(observation));
    await this.#polling.start();
  }

  async stop(): Promise<void> {
    await this.#polling.stop();
    this.#emit = undefined;
    this.#presence = undefined;
    await this.#letGo();
  }

  /** One look: opens the device when it is not open, reads it once. False when it cannot be read. */
  async #look(): Promise<boolean> {
    assert(this.#presence !== undefined, 'a source looks only between start and stop');
    if (this.#reader === undefined) {
      const failure = await this.#open();
      if (failure !== undefined) return this.#miss(failure);
    }
    const result = await this.#reader!.read();
    if (result.kind === 'failed') return this.#failed(result);
    this.#failuresInARow = 0;
    await this.#keepArmed();
    const reading = taiOf(this.#options.timescale, result.deviceNs);
    if (reading === undefined)
      return this.#miss({
        code: 'source-leap-ambiguous',
        errno: undefined,
        message: `${this.#options.device} counts in UTC, and its second is not known on TAI now`,
      });
    this.#presence.present();
    this.#emit?.({
      kind: 'reading',
      source: this.name,
      before: result.before,
      reading,
      after: result.after,
      windowAdjust: this.#options.windowAdjust?.() ?? this.#windowAdjust(),
      declaredError: undefined,
    });
    return true;
  }

  /** Read at each reading; a value that cannot be read for a moment stays as it was, for a bracket must not become narrower. */
  #windowAdjust(): Nanos {
    const text = this.#windowAdjustFile === undefined ? undefined : readAttribute(this.#windowAdjustFile);
    const now = text === undefined ? undefined : parseWindowAdjust(text);
    if (now !== undefined) this.#windowAdjustKnown = now;
    return this.#windowAdjustKnown;
  }

  /** A failed reading: one whose stamps were torn by a step of a host clock is dropped, any other means the device is away. */
  async #failed(failure: DeviceFailure): Promise<boolean> {
    this.#failuresInARow += 1;
    const isPersistent = this.#failuresInARow >= LIMITS.deviceFailuresBeforeReopen;
    if (failure.code === 'device-removed' || isPersistent) await this.#letGo();
    if ((failure.code === 'host-clock-stepped' || failure.code === 'bracket-backwards') && !isPersistent) {
      this.#needs.onProblem?.(failure);
      return true;
    }
    return this.#miss(failure);
  }

  #miss(failure: DeviceFailure): false {
    this.#presence?.absent(failure.code);
    this.#needs.onProblem?.(failure);
    return false;
  }

  async #open(): Promise<DeviceFailure | undefined> {
    const { device: wanted, roots = HOST_ROOTS } = this.#options;
    const found = findPtpClock(roots, wanted);
    if (found.kind === 'missing') return missingDevice(found);
    const { path, identity } = found.device;
    const other = refuseOtherDevice(found.device, this.#identity);
    if (other !== undefined) return other;

    const reader = new PhcReader(this.#needs.native, {
      path,
      samples: this.#options.samples ?? 5,
      methods: this.#options.methods ?? PHC_METHODS,
      crossTimestampError: this.#options.crossTimestampError ?? CROSS_TIMESTAMP_ERROR,
    });
    const failure = await reader.open();
    if (failure !== undefined) {
      await closeInTime(reader);
      return failure;
    }
    this.#identity = identity;
    this.#windowAdjustFile = found.device.windowAdjustFile;
    this.#reader = reader;
    this.#failuresInARow = 0;
    if (this.#options.edges !== undefined) {
      const { native } = this.#needs;
      const { timescale, edges } = this.#options;
      const onProblem = (problem: DeviceFailure): void => this.#needs.onProblem?.(problem);
      this.#inputs = new ExttsInputs({ native, onProblem }, { source: this.name, path, timescale, ...edges });
      await this.#inputs.start();
    }
    return undefined;
  }

  /** Inputs that could not be armed, or fell silent with an error, are tried again now and then while the clock itself answers. */
  async #keepArmed(): Promise<void> {
    if (this.#inputs === undefined || this.#inputs.isArmed) {
      this.#looksUnarmed = 0;
      return;
    }
    this.#looksUnarmed += 1;
    if (this.#looksUnarmed % LOOKS_BETWEEN_ARMINGS !== 0) return;
    await this.#inputs.stop();
    await this.#inputs.start();
  }

  async #letGo(): Promise<void> {
    const reader = this.#reader;
    const inputs = this.#inputs;
    this.#reader = undefined;
    this.#inputs = undefined;
    this.#failuresInARow = 0;
    if (inputs !== undefined) await inputs.stop();
    if (reader !== undefined) await closeInTime(reader);
  }
}
