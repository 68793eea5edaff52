/**
 * The host's own TAI clock as a source: CLOCK_TAI between two reads of CLOCK_MONOTONIC_RAW, with the kernel's maxerror as its
 * declared error. Honest and wide: it is as good as the daemon that steers it says, and that daemon is believed.
 *
 * Linux's CLOCK_TAI is CLOCK_REALTIME plus an offset that someone must have told the kernel. Until then the offset is 0 and
 * the clock reads UTC, 37 seconds wrong without a flag; so an offset of 0 refuses, and so does one the leap table denies.
 */

import type { KernelClockState, Native } from '../../../native/native.d.ts';
import type { Code } from '../../core/codes.ts';
import type { SourceName } from '../../core/clock/observation.ts';
import { leapStateAt, type LeapTable } from '../../core/time/leap-seconds.ts';
import { micros, monoInstant, nanos, plus, taiInstant, type Nanos } from '../../core/time/nanos.ts';
import type { HostClock } from '../../ports/host-clock.ts';
import type { TimeSource } from '../../ports/source.ts';
import { CLOCK } from './native.ts';
import { Polling, Presence, scheduleByTimer, type Emit, type Schedule } from './polling.ts';

export type SystemClockNeeds = {
  readonly native: Native;
  readonly clock: HostClock;
  readonly leaps: () => LeapTable;
  readonly schedule?: Schedule;
};

export type SystemClockOptions = {
  readonly name: SourceName;
  /** Pause between readings; default 1,000 ms. */
  readonly intervalMs?: number;
};

/** STA_UNSYNC and STA_NANO of struct timex's status (linux/timex.h). */
const UNSYNCHRONIZED = 0x40;
const OFFSET_IN_NANOS = 0x2000;

/** Brackets tried per look; the narrowest is kept. */
const TRIES = 3;

export class SystemClock implements TimeSource {
  readonly name: SourceName;
  readonly #needs: SystemClockNeeds;
  readonly #polling: Polling;
  #presence: Presence | undefined;
  #emit: Emit | undefined;

  constructor(needs: SystemClockNeeds, options: SystemClockOptions) {
    this.name = options.name;
    this.#needs = needs;
    const look = (): Promise<boolean> => Promise.resolve(this.#look());
    this.#polling = new Polling(look, options.intervalMs ?? 1_000, needs.schedule ?? scheduleByTimer);
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
  }

  #look(): boolean {
    const { native, leaps } = this.#needs;
    const before = native.adjtimex();
    const bracket = this.#narrowest();
    const after = native.adjtimex();
    // A leap second or a daemon between the two looks: the next reading will do.
    if (bracket === undefined || before.tai !== after.tai) return true;
    const refusal = refusalOf(after, leaps(), bracket.taiNs);
    if (refusal !== undefined) {
      this.#presence?.absent(refusal);
      return false;
    }
    this.#presence?.present();
    this.#emit?.({
      kind: 'reading',
      source: this.name,
      before: monoInstant(bracket.beforeNs),
      reading: taiInstant(bracket.taiNs),
      after: monoInstant(bracket.afterNs),
      windowAdjust: nanos(0),
      declaredError: declaredErrorOf(after),
    });
    return true;
  }

  #narrowest(): { readonly beforeNs: bigint; readonly taiNs: bigint; readonly afterNs: bigint } | undefined {
    const { native } = this.#needs;
    let best: { readonly beforeNs: bigint; readonly taiNs: bigint; readonly afterNs: bigint } | undefined;
    for (let i = 0; i < TRIES; i++) {
      if (native.readBracket(CLOCK.tai) !== 0) return undefined;
      const [beforeNs, taiNs, afterNs] = native.scratch as unknown as readonly [bigint, bigint, bigint];
      if (best === undefined || afterNs - beforeNs < best.afterNs - best.beforeNs) best = { beforeNs, taiNs, afterNs };
    }
    return best;
  }
}

/** Why the kernel's TAI clock may not be believed now; undefined when it may. */
export function refusalOf(kernel: KernelClockState, leaps: LeapTable, taiNs: bigint): Code | undefined {
  if ((kernel.status & UNSYNCHRONIZED) !== 0) return 'system-clock-unsynchronized';
  if (kernel.tai === 0) return 'system-tai-unset';
  const leap = leapStateAt(leaps, taiInstant(taiNs));
  if (leap.kind === 'before-table') return 'source-date-implausible';
  return leap.taiUtcSeconds === kernel.tai ? undefined : 'tai-utc-disagrees';
}

/** maxerror (the root distance its daemon declared, grown by the kernel at 500 ppm) and what is still to be slewed away. */
export function declaredErrorOf(kernel: KernelClockState): Nanos {
  const offset = kernel.offset < 0n ? -kernel.offset : kernel.offset;
  const slewed = (kernel.status & OFFSET_IN_NANOS) === 0 ? micros(offset) : nanos(offset);
  return plus(micros(kernel.maxerrorUs), slewed);
}
