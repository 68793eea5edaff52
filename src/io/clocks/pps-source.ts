/**
 * A pulse-per-second input (/dev/ppsN, RFC 2783) as a source of raw pulses.
 *
 * The kernel stamps each pulse with CLOCK_REALTIME in its interrupt handler, microseconds late and never early; the addon
 * reads both host clocks right after, and each pulse becomes a bracket on the raw clock. A pulse carries no second: pairing
 * it with a time of day is core/gnss's. The kernel's count of pulses goes along, so that a lost one is seen.
 */

import type { Native, NativeError, PpsHandle } from '../../../native/native.d.ts';
import { bracketOfPulse, type HostClocks } from '../../core/clock/reading-choice.ts';
import type { SourceName } from '../../core/clock/observation.ts';
import { micros, monoInstant, type Nanos } from '../../core/time/nanos.ts';
import type { EdgeSink } from '../../ports/edges.ts';
import type { HostClock } from '../../ports/host-clock.ts';
import type { TimeSource } from '../../ports/source.ts';
import {
  closeInTime,
  deviceFailureOf,
  inTime,
  missingDevice,
  refuseOtherDevice,
  type DeviceFailure,
} from './device-failure.ts';
import { findPpsInput, HOST_ROOTS, type DeviceRoots, type Found, type PpsInput } from './discovery.ts';
import { Polling, Presence, scheduleByTimer, type Emit, type Schedule } from './polling.ts';

export type PpsSourceNeeds = {
  readonly native: Native;
  readonly clock: HostClock;
  readonly sink: EdgeSink;
  readonly schedule?: Schedule;
  readonly onProblem?: (failure: DeviceFailure) => void;
};

export type PpsSourceOptions = {
  readonly name: SourceName;
  /** `/dev/pps0`, `name:ptp0` or `pci:0000:02:00.0`. */
  readonly device: string;
  readonly roots?: DeviceRoots;
  /** Which edge marks the second; default assert. */
  readonly edge?: 'assert' | 'clear';
  /** The longest the interrupt's stamp may come after the pulse; default 100 µs, for a host that is not real-time. */
  readonly interruptLatencyMax?: Nanos;
  /** How often an absent device is looked for, and a present one's thread is looked after; default 1,000 ms. */
  readonly intervalMs?: number;
};

const INTERRUPT_LATENCY_MAX = micros(100);

/**
 * Looks without a pulse after which the device is opened afresh. An open descriptor of an input that was removed answers like
 * one whose pulses stopped: PPS_FETCH times out, with no error (seen with Linux 6.1 and 6.12).
 */
const LOOKS_WITHOUT_PULSE_MAX = 5;

export class PpsSource implements TimeSource {
  readonly name: SourceName;
  readonly #needs: PpsSourceNeeds;
  readonly #options: PpsSourceOptions;
  readonly #polling: Polling;
  #presence: Presence | undefined;
  #handle: PpsHandle | undefined;
  #failure: DeviceFailure | undefined;
  #identity: string | undefined;
  #hostBefore: HostClocks | undefined;
  #sequence: bigint | undefined;
  #looksWithoutPulse = 0;

  constructor(needs: PpsSourceNeeds, options: PpsSourceOptions) {
    this.name = options.name;
    this.#needs = needs;
    this.#options = options;
    const schedule = needs.schedule ?? scheduleByTimer;
    this.#polling = new Polling(() => this.#look(), options.intervalMs ?? 1_000, schedule);
  }

  async start(emit: Emit): Promise<void> {
    this.#presence ??= new Presence(this.name, this.#needs.clock, emit);
    await this.#polling.start();
  }

  async stop(): Promise<void> {
    await this.#polling.stop();
    this.#presence = undefined;
    await this.#letGo();
  }

  /** The pulses come by themselves; a look only finds the device, or lets go of it. */
  async #look(): Promise<boolean> {
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      await this.#letGo();
      return this.#miss(failure);
    }
    if (this.#handle !== undefined) {
      if (this.#find().kind === 'missing') {
        await this.#letGo();
        return this.#miss(missingDevice({ code: 'device-removed', message: `${this.#options.device} went away` }));
      }
      this.#looksWithoutPulse += 1;
      if (this.#looksWithoutPulse < LOOKS_WITHOUT_PULSE_MAX) return true;
      await this.#letGo();
    }
    const failure = await this.#open();
    if (failure !== undefined) return this.#miss(failure);
    this.#presence?.present();
    return true;
  }

  async #open(): Promise<DeviceFailure | undefined> {
    const found = this.#find();
    if (found.kind === 'missing') return missingDevice(found);
    const { path, identity } = found.device;
    const other = refuseOtherDevice(found.device, this.#identity);
    if (other !== undefined) return other;
    const handle = new this.#needs.native.PpsHandle(path, (error, values) => this.#onPulse(handle, error, values));
    this.#handle = handle;
    try {
      await inTime(handle.open(), `open '${path}'`);
      await inTime(handle.watch(1), `PPS_FETCH '${path}'`);
    } catch (error) {
      await this.#letGo();
      return deviceFailureOf(error);
    }
    this.#identity = identity;
    return undefined;
  }

  #find(): Found<PpsInput> {
    return findPpsInput(this.#options.roots ?? HOST_ROOTS, this.#options.device);
  }

  #onPulse(handle: PpsHandle, error: NativeError | null, values: BigInt64Array | undefined): void {
    // A pulse of a handle we have let go of is not ours any more.
    if (handle !== this.#handle || this.#presence === undefined) return;
    if (error !== null) {
      // The next look closes the device and says what happened.
      this.#failure = deviceFailureOf(error);
      return;
    }
    if (values === undefined) return;
    const at = this.#options.edge === 'clear' ? 2 : 0;
    const sequence = values[at]!;
    // The other edge moved: nothing new of ours.
    if (sequence === this.#sequence || sequence === 0n) return;
    this.#sequence = sequence;
    this.#looksWithoutPulse = 0;
    this.#handOn(sequence, values[at + 1]!, {
      rawBefore: monoInstant(values[4]!),
      realtimeNs: values[5]!,
      rawAfter: monoInstant(values[6]!),
    });
  }

  #handOn(sequence: bigint, stampNs: bigint, hostAfter: HostClocks): void {
    const latencyMax = this.#options.interruptLatencyMax ?? INTERRUPT_LATENCY_MAX;
    const result = bracketOfPulse({ stampNs, hostBefore: this.#hostBefore, hostAfter, latencyMax });
    this.#hostBefore = hostAfter;
    if (result.kind === 'refused') {
      const message = `a pulse of '${this.#options.device}' was dropped: ${result.code}`;
      this.#needs.onProblem?.({ code: result.code, errno: undefined, message });
      return;
    }
    const { before, after } = result.bracket;
    const learned = hostAfter.rawAfter;
    this.#needs.sink({ kind: 'raw-pulse', source: this.name, before, after, learned, sequence });
  }

  #miss(failure: DeviceFailure): false {
    this.#presence?.absent(failure.code);
    this.#needs.onProblem?.(failure);
    return false;
  }

  async #letGo(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#failure = undefined;
    this.#hostBefore = undefined;
    this.#sequence = undefined;
    this.#looksWithoutPulse = 0;
    if (handle !== undefined) await closeInTime(handle);
  }
}
