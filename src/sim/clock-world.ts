/**
 * One truth, one host, and the devices it reads: the world a clock core is tried in.
 */

import { assert } from '../core/assert.ts';
import type { TaiInstant } from '../core/time/nanos.ts';
import type { Emit, SimulatedDevice } from './device.ts';
import type { VirtualHost } from './host-clock.ts';

export class ClockWorld {
  readonly host: VirtualHost;
  readonly devices: readonly SimulatedDevice[];

  constructor(host: VirtualHost, devices: readonly SimulatedDevice[]) {
    this.host = host;
    this.devices = devices;
  }

  get truth(): TaiInstant {
    return this.host.truth;
  }

  /** Lets the host run on to `truth`; the devices follow when they are read. */
  advance(truth: TaiInstant): void {
    this.host.advance(truth);
  }

  /** Reads every device: each runs to now and emits what is due. */
  read(emit: Emit): void {
    for (const device of this.devices) {
      device.advance(this.host.truth);
      device.emitDue(emit);
    }
  }

  device(name: string): SimulatedDevice {
    const found = this.devices.find((device) => device.name === name);
    assert(found !== undefined, `a scenario names only devices of its world: ${name}`);
    return found;
  }
}
