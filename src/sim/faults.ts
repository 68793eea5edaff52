/**
 * What can go wrong with a simulated card and its receiver, by name. Each fault can be switched at run time, so that a
 * test, a scenario or an operator's drill pulls the same plug.
 */

export type FaultEntry = {
  /** What the fault does, as an operator would say it. */
  readonly sentence: string;
  /** Unit of `magnitude`, and what is used when none is given. */
  readonly unit: string;
  readonly magnitude: number;
};

export const FAULTS = {
  'antenna-cut': {
    sentence: "the antenna cable is cut: the fix is lost, the pulse goes on by the receiver's own crystal",
    unit: 'ns per second of pulse drift',
    magnitude: 8,
  },
  jamming: {
    sentence: 'the band is jammed: satellites fade, the pulse grows noisy, the receiver says so',
    unit: 'ns of added pulse noise',
    magnitude: 40,
  },
  'spoof-walk': {
    sentence: 'a spoofer drags the pulse away slowly; the receiver believes it',
    unit: 'ns per second',
    magnitude: 5,
  },
  'spoof-jump': {
    sentence: 'a spoofer moves the pulse at once; the receiver believes it',
    unit: 'ns',
    magnitude: 5_000,
  },
  'spoofing-reported': {
    sentence: 'the receiver says that it is being spoofed',
    unit: 'none',
    magnitude: 0,
  },
  'wrong-leap': {
    sentence: 'the receiver reports a wrong TAI-UTC, and calls it received from satellites',
    unit: 's added to TAI-UTC',
    magnitude: 14,
  },
  'leap-default': {
    sentence: 'cold start: the receiver reports the leap count of its firmware, not of the sky',
    unit: 's added to TAI-UTC',
    magnitude: -1,
  },
  'label-off': {
    sentence: 'the time of day names the wrong second for each pulse',
    unit: 's',
    magnitude: 1,
  },
  'week-rollover': {
    sentence: 'the receiver lost 1,024 weeks: each pulse is labelled 19.6 years early',
    unit: 'weeks',
    magnitude: -1_024,
  },
  'pps-drop': {
    sentence: 'pulses go missing',
    unit: 'probability',
    magnitude: 0.5,
  },
  'pps-jitter': {
    sentence: 'the pulse line is noisy',
    unit: 'ns, standard deviation',
    magnitude: 300,
  },
  'phc-step': {
    sentence: "something steps the card's clock, once",
    unit: 'ns',
    magnitude: 1_000_000,
  },
  'tai-slip': {
    sentence: 'the card is set from a CLOCK_TAI whose offset was never set: it is 37 s behind, once',
    unit: 's',
    magnitude: -37,
  },
  'receiver-stuck': {
    sentence: 'the receiver repeats the last second and the last health it knew',
    unit: 'none',
    magnitude: 0,
  },
  'receiver-silent': {
    sentence: 'the receiver says nothing and gives no pulse',
    unit: 'none',
    magnitude: 0,
  },
  'serial-cut': {
    sentence: 'our line to the receiver is cut: it goes on pulsing for the card, and nothing labels the pulses',
    unit: 'none',
    magnitude: 0,
  },
  'read-storm': {
    sentence: 'every read of the card is stretched by interrupts',
    unit: 'factor',
    magnitude: 2_000,
  },
  'oscillator-unlocked': {
    sentence: 'the oscillator loses its atomic lock, says so, and runs away',
    unit: 'ppb',
    magnitude: 100,
  },
  unplugged: {
    sentence: 'the card is gone from the bus',
    unit: 'none',
    magnitude: 0,
  },
} as const satisfies Record<string, FaultEntry>;

export type FaultName = keyof typeof FAULTS;

export const FAULT_NAMES = Object.freeze(Object.keys(FAULTS)) as readonly FaultName[];

export const isFaultName = (name: string): name is FaultName => Object.hasOwn(FAULTS, name);

/** The faults that are on, each with its magnitude. */
export class FaultSwitches {
  readonly #on = new Map<FaultName, number>();

  /** Magnitude of a fault that is on; undefined when it is off. */
  magnitudeOf(name: FaultName): number | undefined {
    return this.#on.get(name);
  }

  isOn(name: FaultName): boolean {
    return this.#on.has(name);
  }

  set(name: FaultName, on: boolean, magnitude: number = FAULTS[name].magnitude): void {
    if (on) this.#on.set(name, magnitude);
    else this.#on.delete(name);
  }

  /** Names of the faults that are on, in the table's order. */
  list(): readonly FaultName[] {
    return FAULT_NAMES.filter((name) => this.#on.has(name));
  }
}
