/**
 * What faces may see of the devices behind the time: sources with their own budgets, receivers as far as they told of
 * themselves, oscillators, time cards. Shown, never used in a bound: what an interval is made of stands in the evidence.
 */

import type { OscillatorClass } from '../core/clock/oscillator.ts';
import type { ReferenceHealth } from '../core/clock/observation.ts';
import type { ReceiverTelemetry } from '../core/gnss/receiver-telemetry.ts';
import type { MonoInstant, Nanos } from '../core/time/nanos.ts';
import type { Ppt } from '../core/time/rate.ts';
import type { OscillatorFacts } from '../core/timecard/oscillator-facts.ts';
import type { BudgetTermView, Reason, SourceView } from './view.ts';

export type SourceDetailView = SourceView & {
  readonly reference: string | undefined;
  readonly guarantee: Nanos | undefined;
  readonly uncertainty: Nanos | undefined;
  /** Empty where the source has no interval. */
  readonly budget: readonly BudgetTermView[];
  /** True when one end of the agreed interval is this source's. */
  readonly isSetter: boolean;
  /** Age of the newest reading kept. */
  readonly readingAge: Nanos | undefined;
  readonly phase: Nanos | undefined;
};

/** What was last said, and how long ago. */
export type Said<T> = { readonly value: T; readonly age: Nanos };

export type Presence = { readonly present: boolean; readonly reason: Reason };

export type ReceiverView = {
  readonly name: string;
  /** Why it is not believed; undefined while it is. */
  readonly distrust: Reason | undefined;
  /** Undefined until it was first found or missed. */
  readonly presence: Said<Presence> | undefined;
  readonly health: Said<ReferenceHealth> | undefined;
  /** Undefined where there is no receiver of this name that we can ask. */
  readonly telemetry: ReceiverTelemetry | undefined;
};

export type OscillatorView = {
  readonly source: string;
  readonly oscillator: OscillatorClass;
  /** What the class may drift: declared, and part of every bound. */
  readonly rateMax: Ppt;
  readonly agingPerDayMax: Ppt;
  /** The largest rate that what was measured allows; undefined until enough was. */
  readonly rateLearned: Ppt | undefined;
  readonly lock:
    Said<{ readonly locked: boolean | undefined; readonly temperatureMilliC: number | undefined }> | undefined;
  /** What its own line told beyond that. */
  readonly told: OscillatorFacts | undefined;
  readonly card: CardFacts | undefined;
};

/** How the driver says a time card is set. */
export type CardFacts = {
  readonly name: string;
  readonly serial: string | undefined;
  readonly clockSource: string | undefined;
  readonly pulse: string | undefined;
  readonly servoOffsetNs: number | undefined;
  readonly servoDrift: number | undefined;
  readonly utcTaiOffsetSeconds: number | undefined;
  readonly connectors: readonly { readonly name: string; readonly use: string }[];
};

/** What the adapters know of a device beyond what they tell the loop; asked when someone looks. */
export interface DeviceTelemetry {
  receiver(name: string, at: MonoInstant): ReceiverTelemetry | undefined;
  oscillator(source: string): OscillatorFacts | undefined;
  card(source: string): CardFacts | undefined;
}

/** The devices as they are now, as far as anyone said. */
export interface DevicesView {
  sources(): readonly SourceDetailView[];
  receivers(): readonly ReceiverView[];
  oscillators(): readonly OscillatorView[];
}
