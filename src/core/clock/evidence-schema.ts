/**
 * The shape of an evidence record's inputs (docs/spec/evidence.md): which values there are, and their ranges.
 *
 * Samples are rows, because there are many; what is declared is written with its names, because people read it. Instants
 * of a window are differences to the one before, which keeps a record of one card below two kilobytes.
 */

import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { CODES, type Code } from '../codes.ts';
import { LIMITS } from '../limits.ts';
import { type LeapTable } from '../time/leap-seconds.ts';
import { isBefore, shift, since, type MonoInstant, type Nanos, type TaiInstant } from '../time/nanos.ts';
import type { Ppt } from '../time/rate.ts';
import type { Interval } from '../time/interval.ts';
import { BUDGET_TERMS, type TermFloors } from './budget.ts';
import type { ClockConfig, ReferenceSpec, SourceSpec } from './configuration.ts';
import type { LabelledEdge, OscillatorHealth, Reading, ReferenceHealth } from './observation.ts';
import type { Steering } from './oscillator.ts';
import type { Suspicion } from './record.ts';
import { bytesOf, count, integer, listOf, mapped, named, oneOf, optional, row, some, text } from './schema.ts';
import type { Described, Schema } from './schema.ts';
import { CLOCK_STATES, type Machine } from './state.ts';

/** 2^62 ns are 146 years: sums of a few such numbers stay within 64 bits. */
const FAR = 1n << 62n;
/** 2^55 ns are 417 days: no bound or duration of a configuration is longer. */
const LONG = 1n << 55n;
/** 0.1 percent, ten times what any oscillator is off by. */
const FAST = 1_000_000_000n;

const mono = integer<MonoInstant>(0n, FAR);
const tai = integer<TaiInstant>(-FAR, FAR);
const duration = integer<Nanos>(0n, LONG);
const signed = integer<Nanos>(-FAR, FAR);
const rate = integer<Ppt>(0n, FAST);
const name = text(64);
const code: Schema<Code> = oneOf(Object.keys(CODES) as Code[]);

const floors: Schema<TermFloors> = some(BUDGET_TERMS, duration);
const steering: Schema<Steering> = row({ rate, settle: duration });

export const sourceSpec: Schema<SourceSpec> = named({
  name,
  kind: oneOf(['timecard', 'phc', 'pps', 'gnss', 'system', 'daemon', 'library', 'sim']),
  group: name,
  reference: optional(name),
  measures: oneOf(['device', 'reference']),
  accuracy: optional(duration),
  pathDelay: duration,
  phaseOffset: optional(duration),
  quantisation: duration,
  granularity: duration,
  oscillator: oneOf(['crystal', 'tcxo', 'ocxo', 'rb', 'csac']),
  steering,
  edgeJitter: duration,
  sawtooth: duration,
  phaseOffsetMax: duration,
  edgeAgeMax: duration,
  readingAgeMax: duration,
  labels: oneOf(['tai', 'utc']),
  oscillatorTelemetry: oneOf(['required', 'optional']),
  floors,
});

export const referenceSpec: Schema<ReferenceSpec> = named({
  name,
  health: oneOf(['required', 'none']),
  healthAgeMax: duration,
  trustAfter: duration,
  satellitesMin: count(0, 1_000),
  interferenceReport: oneOf(['required', 'optional']),
});

/** A configuration without its leap table, which changes by itself and is recorded apart. */
export type DeclaredConfig = Omit<ClockConfig, 'leapTable'>;

export const declaredConfig: Schema<DeclaredConfig> = mapped(
  named({
    sources: listOf(sourceSpec, LIMITS.clockSourcesMax),
    references: listOf(referenceSpec, LIMITS.clockSourcesMax),
    hostRateMax: rate,
    hostWander: rate,
    faultsMax: optional(count(0, LIMITS.clockSourcesMax)),
    groupsMin: count(0, LIMITS.clockSourcesMax),
    limit: duration,
    lockAfter: duration,
    relockAfter: duration,
    plausibleAfter: tai,
    floors,
  }),
  (config: DeclaredConfig) => config,
  (config) => (isSoundConfig(config) ? config : undefined),
);

/** What the clock asserts of its own configuration: unique names, and references that exist. */
function isSoundConfig(config: Pick<ClockConfig, 'sources' | 'references'>): boolean {
  const sources = new Set(config.sources.map((s) => s.name));
  const references = new Set(config.references.map((r) => r.name));
  return (
    sources.size >= 1 &&
    sources.size === config.sources.length &&
    references.size === config.references.length &&
    config.sources.every((s) => s.reference === undefined || references.has(s.reference))
  );
}

/** Where a table came from: a path, or a word. */
export const LEAP_SOURCE_LENGTH_MAX = 128;

const leapSteps = listOf(row({ fromTai: tai, taiUtcSeconds: count(-1_000, 1_000) }), LIMITS.leapStepsMax);

export const leapTable: Schema<LeapTable> = mapped(
  row({ source: text(LEAP_SOURCE_LENGTH_MAX), expires: tai, steps: leapSteps }),
  (table: LeapTable) => table,
  (table) => (table.steps.length > 0 && areAscending(table.steps.map((s) => s.fromTai)) ? table : undefined),
);

const areAscending = (instants: readonly TaiInstant[]): boolean =>
  instants.every((instant, i) => i === 0 || isBefore(instants[i - 1]!, instant));

const interval: Schema<Interval> = mapped(
  row({ earliest: tai, latest: tai }),
  (value: Interval) => value,
  (value) => (value.earliest <= value.latest ? value : undefined),
);

export const machine: Schema<Machine> = row({
  state: oneOf(CLOCK_STATES),
  code,
  since: mono,
  steady: optional(row({ kind: oneOf(['tracking', 'coasting']), since: mono })),
  held: optional(row({ asOf: mono, interval })),
});

export const disruption = optional(row({ code, at: mono }));

// ---- references

const healthRow = row({
  at: mono,
  fix: optional(oneOf(['none', 'time-only', '2d', '3d'])),
  timeValid: optional(oneOf(['yes', 'no'])),
  taiUtcSeconds: optional(count(-1_000, 1_000)),
  leapSource: optional(oneOf(['satellites', 'default', 'unknown', 'configured'])),
  satellitesUsed: optional(count(0, 1_000)),
  antenna: optional(oneOf(['ok', 'short', 'open', 'unknown'])),
  jamming: optional(oneOf(['none', 'warning', 'critical', 'unknown'])),
  spoofing: optional(oneOf(['none', 'indicated', 'affirmed', 'unknown'])),
});

type HealthSaid = Omit<ReferenceHealth, 'kind' | 'reference'>;

const health: Schema<HealthSaid> = mapped(
  healthRow,
  (said: HealthSaid) => ({ ...said, timeValid: said.timeValid === undefined ? undefined : yesNo(said.timeValid) }),
  ({ timeValid, ...said }) => ({ ...said, timeValid: timeValid === undefined ? undefined : timeValid === 'yes' }),
);

const yesNo = (claim: boolean): 'yes' | 'no' => (claim ? 'yes' : 'no');
const suspicion: Schema<Suspicion> = row({ code, since: mono });

/** What the record says of a reference; its name comes from the configuration, in whose order they stand. */
export const referenceTrack = row({
  latest: optional(health),
  lastGood: optional(health),
  goodSince: optional(mono),
  suspicion: optional(suspicion),
});

// ---- sources

type ReadingRow = {
  readonly before: MonoInstant;
  readonly reading: TaiInstant;
  readonly width: Nanos;
  readonly windowAdjust: Nanos;
  readonly declaredError: Nanos | undefined;
};

const readingRow: Schema<ReadingRow> = row({
  before: mono,
  reading: tai,
  width: duration,
  windowAdjust: duration,
  declaredError: optional(duration),
});

/** Rows whose first is absolute and whose others are written as differences to their predecessor. */
function chained<T>(
  item: Schema<T>,
  lengthMax: number,
  minus: (a: T, b: T) => T,
  plus: (a: T, b: T) => T,
): Schema<readonly T[]> {
  return mapped<readonly T[], readonly T[]>(
    listOf(item, lengthMax),
    (values) => values.map((value, i) => (i === 0 ? value : minus(value, values[i - 1]!))),
    (values) => {
      const sums: T[] = [];
      for (const value of values) sums.push(sums.length === 0 ? value : plus(sums.at(-1)!, value));
      return sums;
    },
  );
}

const readingRows = chained(
  readingRow,
  LIMITS.clockReadingsMax,
  (a, b) => ({
    ...a,
    before: since(a.before, b.before) as bigint as MonoInstant,
    reading: since(a.reading, b.reading) as bigint as TaiInstant,
  }),
  (a, b) => ({
    ...b,
    before: shift(a.before, b.before as bigint as Nanos),
    reading: shift(a.reading, b.reading as bigint as Nanos),
  }),
);

type EdgeRow = {
  readonly second: TaiInstant;
  readonly phase: Nanos;
  readonly sawtoothPs: bigint | undefined;
  readonly learned: MonoInstant;
};

const edgeRow: Schema<EdgeRow> = row({
  second: tai,
  phase: signed,
  sawtoothPs: optional(integer<bigint>(-LONG, LONG)),
  learned: mono,
});

const edgeRows = (lengthMax: number): Schema<readonly EdgeRow[]> =>
  chained(
    edgeRow,
    lengthMax,
    (a, b) => ({
      ...a,
      second: since(a.second, b.second) as bigint as TaiInstant,
      learned: since(a.learned, b.learned) as bigint as MonoInstant,
    }),
    (a, b) => ({
      ...b,
      second: shift(a.second, b.second as bigint as Nanos),
      learned: shift(a.learned, b.learned as bigint as Nanos),
    }),
  );

const oscillator = row({
  at: mono,
  locked: optional(oneOf(['yes', 'no'])),
  temperatureMilliC: optional(count(-300_000, 300_000)),
});

/** What the record says of a source; names come from the configuration, in whose order they stand. */
export const sourceTrack = row({
  readings: readingRows,
  edges: edgeRows(LIMITS.clockEdgesMax),
  anchors: edgeRows(LIMITS.clockAnchorsMax),
  edgeSeen: optional(mono),
  oscillator: optional(oscillator),
  doubt: optional(duration),
  cleared: optional(code),
});

export const boot = text(64);
export const asOfInstant = mono;
/** The host identity record in force, by its digest. */
export const identity: Schema<Digest | undefined> = optional(bytesOf(SHA256_SIZE_BYTES));

// ---- from rows to observations and back

export const rowOfReading = (r: Reading): ReadingRow => ({
  before: r.before,
  reading: r.reading,
  width: since(r.after, r.before),
  windowAdjust: r.windowAdjust,
  declaredError: r.declaredError,
});

export const readingOfRow = (source: string, r: ReadingRow): Reading => ({
  kind: 'reading',
  source,
  before: r.before,
  reading: r.reading,
  after: shift(r.before, r.width),
  windowAdjust: r.windowAdjust,
  declaredError: r.declaredError,
});

export const rowOfEdge = (e: LabelledEdge): EdgeRow => ({
  second: e.second,
  phase: since(e.stamp, e.second),
  sawtoothPs: e.sawtoothPs,
  learned: e.learned,
});

export const edgeOfRow = (source: string, reference: string, e: EdgeRow): LabelledEdge => ({
  kind: 'edge',
  source,
  reference,
  stamp: shift(e.second, e.phase),
  second: e.second,
  sawtoothPs: e.sawtoothPs,
  learned: e.learned,
});

type OscillatorRow = Described<typeof oscillator>;

export const rowOfOscillator = (o: OscillatorHealth): OscillatorRow => ({
  at: o.at,
  locked: o.locked === undefined ? undefined : yesNo(o.locked),
  temperatureMilliC: o.temperatureMilliC,
});

export const oscillatorOfRow = (source: string, o: OscillatorRow): OscillatorHealth => ({
  kind: 'oscillator',
  source,
  at: o.at,
  locked: o.locked === undefined ? undefined : o.locked === 'yes',
  temperatureMilliC: o.temperatureMilliC,
});
