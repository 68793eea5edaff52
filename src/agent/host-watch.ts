/**
 * Notices that the host slept: CLOCK_BOOTTIME counts what CLOCK_MONOTONIC_RAW does not.
 *
 * BOOTTIME is slewed by NTP and RAW is not, so they part by up to 500 ppm (the kernel's MAXFREQ) plus what a tick
 * adjustment adds; twice that is allowed, and a tenth of a second for a look that was interrupted between its two reads.
 * What parts them further was a suspend, and no reading from before it may be extrapolated.
 */

import type { Disruption } from '../core/clock/observation.ts';
import { isBefore, magnitude, millis, minus, plus, since, type MonoInstant, type Nanos } from '../core/time/nanos.ts';
import { driftOver, ppm } from '../core/time/rate.ts';
import type { HostClock } from '../ports/host-clock.ts';

const SLEW_MAX = ppm(1_000);
const INTERRUPTED_LOOK = millis(100);

export class HostWatch {
  readonly #host: HostClock;
  #last: { readonly at: MonoInstant; readonly boottime: Nanos } | undefined;

  constructor(host: HostClock) {
    this.#host = host;
  }

  /** Looks now; the disruption since the last look, if there was one. */
  look(): Disruption | undefined {
    const at = this.#host.now();
    const boottime = this.#host.boottime();
    const last = this.#last;
    this.#last = { at, boottime };
    if (last === undefined || isBefore(at, last.at)) return undefined;
    const elapsed = since(at, last.at);
    const parted = magnitude(minus(minus(boottime, last.boottime), elapsed));
    const allowed = plus(INTERRUPTED_LOOK, driftOver(SLEW_MAX, elapsed));
    return parted > allowed ? { kind: 'disruption', at, cause: 'suspend' } : undefined;
  }
}
