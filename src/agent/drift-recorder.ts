/** Feeds the drift history from the estimates, one sample a beat, and answers what auditors ask of it. */

import { DriftHistory, type DriftAnswer } from '../core/clock/drift-history.ts';
import type { Estimate } from '../core/clock/estimate.ts';
import { stabilityOf, type StabilityPoint } from '../core/clock/stability.ts';
import { nanos, negate, shift, since, type MonoInstant, type Nanos, type TaiInstant } from '../core/time/nanos.ts';
import { ppt } from '../core/time/rate.ts';

export class DriftRecorder {
  readonly #history = new DriftHistory();
  #known: { readonly asOf: MonoInstant; readonly tai: TaiInstant } | undefined;

  /** Before the first idea of the date there is nowhere to put a sample, and nothing is recorded. */
  record(estimate: Estimate): void {
    const { asOf, state, guarantee, budget, candidate, pace, sources } = estimate;
    const at = candidate?.centre ?? this.#guess(asOf);
    if (at === undefined) return;
    this.#known = { asOf, tai: at };
    // A source that coasts still has its last phase, which nobody measured again.
    const measured = sources.find(({ estimate: own }) => own?.phase !== undefined && own.coasting === undefined);
    this.#history.add({
      at,
      offset: measured?.estimate?.phase,
      // The pace is the clock against the host; the host against the clock is its opposite.
      frequency: pace === undefined ? undefined : ppt(0n - pace.rateCentre),
      guarantee,
      budget,
      state,
    });
  }

  /** What was recorded over the `span` up to the last sample; nothing before the first. */
  over(span: Nanos, pointsMax: number): DriftAnswer {
    if (this.#known === undefined) return { points: [], length: nanos(0n), isTruncated: false };
    const to = shift(this.#known.tai, nanos(1n));
    return this.#history.query({ from: shift(to, negate(span)), to, pointsMax });
  }

  /** Stability of the measured phase, in ns, over the newest gapless run of points in `answer`. */
  stability({ points, length }: DriftAnswer): readonly StabilityPoint[] {
    let phases: number[] = [];
    let end: TaiInstant | undefined;
    for (const { offset, from } of points) {
      if (offset === undefined || end !== from) phases = [];
      if (offset !== undefined) phases.push(Number(offset.mean));
      end = shift(from, length);
    }
    return stabilityOf({ phase: Float64Array.from(phases), tauSeconds: Number(length) / 1e9 });
  }

  /** Where no interval is known: the last one, moved on by the raw clock. */
  #guess(asOf: MonoInstant): TaiInstant | undefined {
    return this.#known === undefined ? undefined : shift(this.#known.tai, since(asOf, this.#known.asOf));
  }
}
