/**
 * The pulse inputs of one PTP clock (external timestamps): armed on a descriptor of their own, their edges handed on raw.
 *
 * The descriptor is writable because the kernel demands that to arm an input, and it is used for nothing else. From Linux 6.7
 * each descriptor has its own queue of edges and a mask; before, every reader of the clock shares one queue and readers steal
 * each other's edges, which shows as missing seconds. What second an edge marks is not known here.
 */

import type { Native, NativeError, PhcHandle } from '../../../native/native.d.ts';
import type { SourceName } from '../../core/clock/observation.ts';
import { monoInstant } from '../../core/time/nanos.ts';
import type { EdgeSink } from '../../ports/edges.ts';
import { deviceFailureOf, inTime, type DeviceFailure } from './device-failure.ts';
import { taiOf, type Timescale } from './timescale.ts';

export type ExttsOptions = {
  readonly channels: readonly number[];
  /** Which edge of the pulse marks the second; default rising. */
  readonly polarity?: 'rising' | 'falling';
  /** Pins to route to a channel first; cards that route by sysfs need none. */
  readonly pins?: readonly { readonly pin: number; readonly channel: number }[];
  readonly sink: EdgeSink;
};

export type ExttsInputsOptions = ExttsOptions & {
  readonly source: SourceName;
  readonly path: string;
  readonly timescale: Timescale;
};

type Needs = {
  readonly native: Native;
  readonly onProblem: (failure: DeviceFailure) => void;
};

const ENABLE = 1;
const RISING = 2;
const FALLING = 4;
const PIN_FUNCTION_EXTTS = 1;
/** Integers per edge after the first: channel, device time, flags. */
const EDGE_FIELDS = 3;

export class ExttsInputs {
  readonly #needs: Needs;
  readonly #options: ExttsInputsOptions;
  #handle: PhcHandle | undefined;
  #isArmed = false;
  #droppedBefore = 0;

  constructor(needs: Needs, options: ExttsInputsOptions) {
    this.#needs = needs;
    this.#options = options;
  }

  /** Whether edges are on their way. */
  get isArmed(): boolean {
    return this.#isArmed;
  }

  /** Arms the inputs. A failure goes to `onProblem`: the clock itself can still be read without its inputs. */
  async start(): Promise<void> {
    if (this.#handle !== undefined) return;
    const handle = new this.#needs.native.PhcHandle(this.#options.path, true, (error, values) =>
      this.#onEvent(handle, error, values),
    );
    this.#handle = handle;
    this.#droppedBefore = 0;
    try {
      await inTime(this.#arm(handle), `arming the inputs of '${this.#options.path}'`);
      this.#isArmed = true;
    } catch (error) {
      this.#needs.onProblem(deviceFailureOf(error));
      await this.stop();
    }
  }

  /** Disarms what was armed and closes. A device that is gone needs no disarming. */
  async stop(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    this.#isArmed = false;
    if (handle === undefined) return;
    const disarm = async (): Promise<void> => {
      await handle.watch(0);
      for (const channel of this.#options.channels) await handle.extts(channel, 0).catch(() => undefined);
      await handle.close();
    };
    await inTime(disarm(), 'close').catch(() => undefined);
  }

  async #arm(handle: PhcHandle): Promise<void> {
    const { channels, pins = [], polarity = 'rising' } = this.#options;
    await handle.open();
    for (const { pin, channel } of pins) await handle.setPin(pin, PIN_FUNCTION_EXTTS, channel);
    // Without the mask (before Linux 6.7) edges of other channels come too; they are told apart by their channel.
    await handle.mask(...channels).catch(() => undefined);
    for (const channel of channels) await handle.extts(channel, ENABLE | (polarity === 'rising' ? RISING : FALLING));
    await handle.watch(1);
  }

  #onEvent(handle: PhcHandle, error: NativeError | null, values: BigInt64Array | undefined): void {
    // Edges of a descriptor we have let go of are not ours any more.
    if (handle !== this.#handle) return;
    if (error !== null) {
      this.#isArmed = false;
      this.#needs.onProblem(deviceFailureOf(error));
      return;
    }
    if (values === undefined) return;
    this.#reportDrops();
    const learned = monoInstant(values[0]!);
    const { channels, source, timescale, sink } = this.#options;
    for (let at = 1; at + EDGE_FIELDS <= values.length; at += EDGE_FIELDS) {
      const channel = Number(values[at]!);
      const stamp = taiOf(timescale, values[at + 1]!);
      if (!channels.includes(channel) || stamp === undefined) continue;
      // The kernel keeps no count of these edges: a lost one shows only as a missing second.
      sink({ kind: 'raw-edge', source, channel, stamp, learned, sequence: undefined });
    }
  }

  #reportDrops(): void {
    const dropped = this.#handle?.dropped() ?? 0;
    if (dropped === this.#droppedBefore) return;
    const message = `${dropped - this.#droppedBefore} batches of edges of '${this.#options.path}' came too fast to be taken`;
    this.#droppedBefore = dropped;
    this.#needs.onProblem({ code: 'edges-lost', errno: undefined, message });
  }
}
