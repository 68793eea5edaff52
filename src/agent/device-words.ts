/**
 * What the devices last said, beside the loop: the newest word of each, for those who look. Names come from the
 * configuration, so there are as many entries as devices. The loop's own record is not touched: it keeps what bounds need.
 */

import { BUDGET_TERMS, guaranteeOf, uncertaintyOf } from '../core/clock/budget.ts';
import type { ClockConfig } from '../core/clock/configuration.ts';
import type { Estimate } from '../core/clock/estimate.ts';
import type { Observation, OscillatorHealth, ReferenceHealth, SourcePresence } from '../core/clock/observation.ts';
import { OSCILLATORS } from '../core/clock/oscillator.ts';
import { since, type MonoInstant } from '../core/time/nanos.ts';
import type {
  DevicesView,
  DeviceTelemetry,
  OscillatorView,
  ReceiverView,
  Said,
  SourceDetailView,
} from '../ports/device-view.ts';
import { reasonOf, sourceView } from './status.ts';

export type DeviceNeeds = {
  readonly clock: ClockConfig;
  readonly telemetry: DeviceTelemetry;
  readonly now: () => MonoInstant;
  readonly estimate: () => Estimate | undefined;
  readonly newestReading: (source: string) => MonoInstant | undefined;
};

export class DeviceWords implements DevicesView {
  readonly #needs: DeviceNeeds;
  readonly #health = new Map<string, ReferenceHealth>();
  readonly #oscillators = new Map<string, OscillatorHealth>();
  readonly #presence = new Map<string, SourcePresence>();

  constructor(needs: DeviceNeeds) {
    this.#needs = needs;
  }

  observed(observation: Observation): void {
    if (observation.kind === 'health') this.#health.set(observation.reference, observation);
    else if (observation.kind === 'oscillator') this.#oscillators.set(observation.source, observation);
    else if (observation.kind === 'presence') this.#presence.set(observation.source, observation);
  }

  sources(): readonly SourceDetailView[] {
    const { clock, newestReading } = this.#needs;
    const estimate = this.#needs.estimate();
    const at = this.#needs.now();
    return (estimate?.sources ?? []).map((judged) => {
      const own = judged.estimate;
      const newest = newestReading(judged.name);
      return {
        ...sourceView(judged, clock.sources),
        reference: clock.sources.find(({ name }) => name === judged.name)?.reference,
        guarantee: own === undefined ? undefined : guaranteeOf(own.budget),
        uncertainty: own === undefined ? undefined : uncertaintyOf(own.budget),
        budget: own === undefined ? [] : BUDGET_TERMS.map((term) => ({ term, nanos: own.budget[term] })),
        isSetter: estimate?.candidate?.setBy.includes(judged.name) ?? false,
        readingAge: newest === undefined ? undefined : since(at, newest),
        phase: own?.phase,
      };
    });
  }

  receivers(): readonly ReceiverView[] {
    const { clock, telemetry } = this.#needs;
    const estimate = this.#needs.estimate();
    const at = this.#needs.now();
    return clock.references.map(({ name }) => {
      const distrust = estimate?.references.find((view) => view.name === name)?.distrust;
      const presence = this.#presence.get(name);
      const health = this.#health.get(name);
      return {
        name,
        distrust: distrust === undefined ? undefined : reasonOf(distrust),
        presence: presence && {
          value: { present: presence.present, reason: reasonOf(presence.code) },
          age: since(at, presence.at),
        },
        health: health && saidOf(health, at),
        telemetry: telemetry.receiver(name, at),
      };
    });
  }

  oscillators(): readonly OscillatorView[] {
    const { clock, telemetry } = this.#needs;
    const estimate = this.#needs.estimate();
    const at = this.#needs.now();
    // A source that reads its reference directly has no oscillator of its own.
    return clock.sources
      .filter(({ measures }) => measures === 'device')
      .map(({ name, oscillator }) => {
        const said = this.#oscillators.get(name);
        return {
          source: name,
          oscillator,
          rateMax: OSCILLATORS[oscillator].rate,
          agingPerDayMax: OSCILLATORS[oscillator].agingPerDay,
          rateLearned: estimate?.sources.find((judged) => judged.name === name)?.estimate?.driftLearned,
          lock: said && {
            value: { locked: said.locked, temperatureMilliC: said.temperatureMilliC },
            age: since(at, said.at),
          },
          told: telemetry.oscillator(name),
          card: telemetry.card(name),
        };
      });
  }
}

const saidOf = <T extends { readonly at: MonoInstant }>(value: T, now: MonoInstant): Said<T> => ({
  value,
  age: since(now, value.at),
});
