/**
 * Stability statistics of a phase record: ADEV, OADEV, MDEV, TDEV, HDEV and MTIE, as NIST SP 1065 defines them.
 *
 * Input is phase (time error) sampled at a constant spacing, in any unit of time; deviations of frequency come out in that
 * unit per second, TDEV and MTIE in that unit. Every statistic costs O(N) for one averaging factor, MTIE too, so a day at
 * 1 Hz takes milliseconds. For display and reports only: nothing here ever bounds an interval (doubles are enough).
 */

/** Phase samples `tauSeconds` apart. */
export type PhaseRecord = { readonly phase: Float64Array; readonly tauSeconds: number };

export type StabilityPoint = {
  /** Averaging time in seconds: `factor` times the record's spacing. */
  readonly tauSeconds: number;
  readonly factor: number;
  /** Undefined where the record is too short for that statistic. */
  readonly adev: number | undefined;
  readonly oadev: number | undefined;
  readonly mdev: number | undefined;
  readonly tdev: number | undefined;
  readonly hdev: number | undefined;
  readonly mtie: number | undefined;
};

/** All statistics at the averaging factors 1, 2, 4, ... as far as the record reaches. */
export function stabilityOf(record: PhaseRecord): readonly StabilityPoint[] {
  const points: StabilityPoint[] = [];
  for (let factor = 1; factor <= record.phase.length - 1; factor *= 2) {
    points.push({
      tauSeconds: factor * record.tauSeconds,
      factor,
      adev: adev(record, factor),
      oadev: oadev(record, factor),
      mdev: mdev(record, factor),
      tdev: tdev(record, factor),
      hdev: hdev(record, factor),
      mtie: mtie(record, factor),
    });
  }
  return points;
}

/** Allan deviation of adjacent averages (SP 1065 eq. 10). */
export function adev(record: PhaseRecord, factor: number): number | undefined {
  return allan(record, factor, factor);
}

/** Overlapping Allan deviation (SP 1065 eq. 11). */
export function oadev(record: PhaseRecord, factor: number): number | undefined {
  return allan(record, factor, 1);
}

/** Modified Allan deviation (SP 1065 eq. 14): second differences of phase averages, by a running sum. */
export function mdev({ phase, tauSeconds }: PhaseRecord, factor: number): number | undefined {
  const terms = phase.length - 3 * factor + 1;
  if (!isFactor(factor) || terms < 1) return undefined;
  let secondDifference = 0;
  for (let i = 0; i < factor; i++) secondDifference += phase[i + 2 * factor]! - 2 * phase[i + factor]! + phase[i]!;
  let sum = secondDifference ** 2;
  for (let i = 0; i + 3 * factor < phase.length; i++) {
    secondDifference += phase[i + 3 * factor]! - 3 * phase[i + 2 * factor]! + 3 * phase[i + factor]! - phase[i]!;
    sum += secondDifference ** 2;
  }
  const tau = factor * tauSeconds;
  return Math.sqrt(sum / (2 * terms)) / (factor * tau);
}

/** Time deviation (SP 1065 eq. 15): MDEV times tau over the square root of three. */
export function tdev(record: PhaseRecord, factor: number): number | undefined {
  const modified = mdev(record, factor);
  return modified === undefined ? undefined : (modified * factor * record.tauSeconds) / Math.sqrt(3);
}

/** Hadamard deviation of adjacent averages (SP 1065 eq. 17): blind to linear frequency drift. */
export function hdev({ phase, tauSeconds }: PhaseRecord, factor: number): number | undefined {
  if (!isFactor(factor)) return undefined;
  let sum = 0;
  let terms = 0;
  for (let i = 0; i + 3 * factor < phase.length; i += factor) {
    const third = phase[i + 3 * factor]! - 3 * phase[i + 2 * factor]! + 3 * phase[i + factor]! - phase[i]!;
    sum += third ** 2;
    terms++;
  }
  return terms === 0 ? undefined : Math.sqrt(sum / (6 * terms)) / (factor * tauSeconds);
}

/**
 * Maximum time interval error: the largest peak-to-peak phase over any window of `factor` spacings (ITU-T G.810 II.5).
 * Two queues of candidate extremes slide along the record, so the cost does not grow with the window.
 */
export function mtie({ phase }: PhaseRecord, factor: number): number | undefined {
  if (!isFactor(factor) || phase.length <= factor) return undefined;
  const highs = new CandidateQueue(factor + 1);
  const lows = new CandidateQueue(factor + 1);
  let worst = 0;
  for (let i = 0; i < phase.length; i++) {
    const value = phase[i]!;
    while (!highs.isEmpty() && phase[highs.last()]! <= value) highs.dropLast();
    while (!lows.isEmpty() && phase[lows.last()]! >= value) lows.dropLast();
    if (!highs.isEmpty() && highs.first() < i - factor) highs.dropFirst();
    if (!lows.isEmpty() && lows.first() < i - factor) lows.dropFirst();
    highs.add(i);
    lows.add(i);
    if (i >= factor) worst = Math.max(worst, phase[highs.first()]! - phase[lows.first()]!);
  }
  return worst;
}

function allan({ phase, tauSeconds }: PhaseRecord, factor: number, stride: number): number | undefined {
  if (!isFactor(factor)) return undefined;
  let sum = 0;
  let terms = 0;
  for (let i = 0; i + 2 * factor < phase.length; i += stride) {
    sum += (phase[i + 2 * factor]! - 2 * phase[i + factor]! + phase[i]!) ** 2;
    terms++;
  }
  return terms === 0 ? undefined : Math.sqrt(sum / (2 * terms)) / (factor * tauSeconds);
}

const isFactor = (factor: number): boolean => Number.isSafeInteger(factor) && factor >= 1;

/** Indices in order, at most `capacity` of them; a ring that never grows. */
class CandidateQueue {
  readonly #ring: Int32Array;
  #head = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#ring = new Int32Array(capacity + 1);
  }

  isEmpty = (): boolean => this.#length === 0;
  first = (): number => this.#ring[this.#head]!;
  last = (): number => this.#ring[(this.#head + this.#length - 1) % this.#ring.length]!;

  add(index: number): void {
    this.#ring[(this.#head + this.#length) % this.#ring.length] = index;
    this.#length++;
  }

  dropFirst(): void {
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#length--;
  }

  dropLast(): void {
    this.#length--;
  }
}
