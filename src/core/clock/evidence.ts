/**
 * Evidence: the canonical record of an estimate, and the recomputation that anyone can do with it (docs/spec/evidence.md).
 *
 * A record holds every input of `computeEstimate`, then what it gave, then a digest of both. Recomputing runs the same
 * function on the inputs and compares. The digest makes any altered byte show; what makes a record trustworthy is the
 * statement that carries the SHA-256 of its bytes, and the checks below that the inputs are such as this code makes.
 */

import { compareBytes, decodeCbor, encodeCbor, isMap, type CborKey, type CborValue } from '../codec/cbor.ts';
import { sha256, SHA256_SIZE_BYTES } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';
import { magnitude } from '../time/nanos.ts';
import { BUDGET_TERMS } from './budget.ts';
import type { ClockConfig } from './configuration.ts';
import { phaseOf } from './edges.ts';
import { computeEstimate, type Estimate, type EstimateInputs } from './estimate.ts';
import * as schema from './evidence-schema.ts';
import { faultOfReport } from './health.ts';
import { EMPTY_FOLDING, NO_COUNTS, type ReferenceTrack, type SourceTrack } from './record.ts';
import { listOf, type Described, type Read } from './schema.ts';
import { bracketEnd } from './window.ts';

/** The version of the record, and of the rules by which it is recomputed. */
export const EVIDENCE_VERSION = 1n;

/** Keys of the record; docs/spec/evidence.md. */
const KEY = {
  version: 0n,
  bootId: 1n,
  asOf: 2n,
  config: 3n,
  leapTable: 4n,
  machine: 5n,
  disruption: 6n,
  references: 7n,
  sources: 8n,
  result: 9n,
  identity: 10n,
  digest: 11n,
} as const;

/** Why bytes are not evidence. `at` is the place in the record, where there is one. */
export type EvidenceFault = {
  readonly fault: 'too-long' | 'not-canonical' | 'not-a-record' | 'version' | 'digest' | 'inconsistent' | 'mismatch';
  readonly at: string;
};

const references = listOf(schema.referenceTrack, LIMITS.clockSourcesMax);
const sources = listOf(schema.sourceTrack, LIMITS.clockSourcesMax);

/** Canonical bytes of configurations already encoded: a clock's configuration is frozen, its evidence is frequent. */
const encodedConfigs = new WeakMap<ClockConfig, Uint8Array>();

function encodeConfig(config: ClockConfig): Uint8Array {
  const known = encodedConfigs.get(config);
  if (known !== undefined) return known;
  const bytes = encodeCbor(schema.declaredConfig.write(config));
  encodedConfigs.set(config, bytes);
  return bytes;
}

/** The canonical bytes of an estimate's inputs and result. */
export function encodeEvidence(inputs: EstimateInputs, estimate: Estimate): Uint8Array {
  const { config, record } = inputs;
  const map = new Map<CborKey, CborValue>([
    [KEY.version, EVIDENCE_VERSION],
    [KEY.bootId, schema.boot.write(inputs.bootId)],
    [KEY.asOf, schema.asOfInstant.write(inputs.asOf)],
    [KEY.config, encodeConfig(config)],
    [KEY.leapTable, schema.leapTable.write(config.leapTable)],
    [KEY.machine, schema.machine.write(inputs.machine)],
    [KEY.disruption, schema.disruption.write(record.disruption)],
    [KEY.references, references.write(record.references)],
    [KEY.sources, sources.write(record.sources.map(rowsOfSource))],
    [KEY.result, resultOf(estimate)],
    [KEY.identity, schema.identity.write(inputs.identity)],
    [KEY.digest, NO_DIGEST],
  ]);
  const bytes = encodeCbor(map);
  bytes.set(sha256(beforeDigest(bytes)), bytes.length - SHA256_SIZE_BYTES);
  return bytes;
}

/** The digest stands last: its key and its length take three bytes, and it covers every byte before them. */
const DIGEST_TAIL_BYTES = 3 + SHA256_SIZE_BYTES;
const NO_DIGEST = new Uint8Array(SHA256_SIZE_BYTES);
const beforeDigest = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length - DIGEST_TAIL_BYTES);

const rowsOfSource = (track: SourceTrack): Described<typeof schema.sourceTrack> => ({
  readings: track.readings.map(schema.rowOfReading),
  edges: track.edges.map(schema.rowOfEdge),
  anchors: track.anchors.map(schema.rowOfEdge),
  edgeSeen: track.edgeSeen,
  oscillator: track.oscillator === undefined ? undefined : schema.rowOfOscillator(track.oscillator),
  doubt: track.doubt,
  cleared: track.cleared,
});

/** What an estimate says, as a value: the part of it that a statement depends on, and each source's verdict. */
function resultOf(e: Estimate): CborValue {
  return new Map<CborKey, CborValue>([
    ['state', e.state],
    ['code', e.code],
    ['since', e.since],
    ['now', e.now ?? null],
    ['earliest', e.interval?.earliest ?? null],
    ['latest', e.interval?.latest ?? null],
    ['budget', e.budget === undefined ? null : BUDGET_TERMS.map((term) => e.budget![term])],
    ['tai-utc', e.taiUtcSeconds === undefined ? null : BigInt(e.taiUtcSeconds)],
    ['seconds-until-limit', BigInt(e.secondsUntilLimit)],
    ['sources', e.sources.map((s) => [s.verdict, s.code ?? null])],
    ['references', e.references.map((r) => r.distrust ?? null)],
  ]);
}

export type Evidence = { readonly inputs: EstimateInputs; readonly result: CborValue };

/** Reads a record: strict in every byte. The inputs it gives are such as this code could have made. */
export function decodeEvidence(bytes: Uint8Array): Evidence | EvidenceFault {
  if (bytes.length > LIMITS.evidenceBytesMax) return { fault: 'too-long', at: `${bytes.length} bytes` };
  const decoded = decodeCbor(bytes);
  if ('fault' in decoded) return { fault: 'not-canonical', at: `${decoded.fault} at byte ${decoded.offset}` };
  const map = decoded.value;
  if (!isMap(map)) return { fault: 'not-a-record', at: 'top' };
  if (map.get(KEY.version) !== EVIDENCE_VERSION) return { fault: 'version', at: 'version' };
  const keys = Object.values(KEY);
  if (map.size !== keys.length || keys.some((key) => !map.has(key))) return { fault: 'not-a-record', at: 'keys' };
  if (!isDigestRight(bytes, map.get(KEY.digest))) return { fault: 'digest', at: 'digest' };
  const inputs = readInputs(map);
  if ('fault' in inputs) return { fault: 'not-a-record', at: inputs.fault };
  const inconsistency = inconsistencyOf(inputs.value);
  if (inconsistency !== undefined) return { fault: 'inconsistent', at: inconsistency };
  return { inputs: inputs.value, result: map.get(KEY.result)! };
}

/** The digest is the last value of a canonical map, because its key is the largest. */
function isDigestRight(bytes: Uint8Array, said: CborValue | undefined): boolean {
  const isThere = said instanceof Uint8Array && said.length === SHA256_SIZE_BYTES;
  return isThere && compareBytes(said, sha256(beforeDigest(bytes))) === 0;
}

function readInputs(map: ReadonlyMap<CborKey, CborValue>): Read<EstimateInputs> {
  const bootId = schema.boot.read(map.get(KEY.bootId)!, 'bootId');
  if ('fault' in bootId) return bootId;
  const asOf = schema.asOfInstant.read(map.get(KEY.asOf)!, 'asOf');
  if ('fault' in asOf) return asOf;
  const declared = readConfig(map.get(KEY.config)!);
  if ('fault' in declared) return declared;
  const leapTable = schema.leapTable.read(map.get(KEY.leapTable)!, 'leapTable');
  if ('fault' in leapTable) return leapTable;
  const machine = schema.machine.read(map.get(KEY.machine)!, 'machine');
  if ('fault' in machine) return machine;
  const disruption = schema.disruption.read(map.get(KEY.disruption)!, 'disruption');
  if ('fault' in disruption) return disruption;
  const referenceRows = references.read(map.get(KEY.references)!, 'references');
  if ('fault' in referenceRows) return referenceRows;
  const sourceRows = sources.read(map.get(KEY.sources)!, 'sources');
  if ('fault' in sourceRows) return sourceRows;
  const identity = schema.identity.read(map.get(KEY.identity)!, 'identity');
  if ('fault' in identity) return identity;
  const config: ClockConfig = { ...declared.value, leapTable: leapTable.value };
  if (sourceRows.value.length !== config.sources.length) return { fault: 'sources' };
  if (referenceRows.value.length !== config.references.length) return { fault: 'references' };
  const record = {
    sources: sourceRows.value.map((rows, i) => trackOfRows(config, i, rows)),
    references: referenceRows.value.map((rows, i) => referenceOfRows(config.references[i]!.name, rows)),
    disruption: disruption.value,
    counters: NO_COUNTS,
  };
  return {
    value: {
      bootId: bootId.value,
      asOf: asOf.value,
      config,
      record,
      machine: machine.value,
      identity: identity.value,
    },
  };
}

/** The configuration read last: a lane's records have the same one for weeks, and reading it is half of the work. */
let lastConfig: { readonly bytes: Uint8Array; readonly read: Read<schema.DeclaredConfig> } | undefined;

function readConfig(value: CborValue): Read<schema.DeclaredConfig> {
  if (!(value instanceof Uint8Array)) return { fault: 'config' };
  if (lastConfig !== undefined && compareBytes(lastConfig.bytes, value) === 0) return lastConfig.read;
  const decoded = decodeCbor(value);
  const read = 'fault' in decoded ? { fault: 'config' } : schema.declaredConfig.read(decoded.value, 'config');
  lastConfig = { bytes: value.slice(), read };
  return read;
}

function trackOfRows(config: ClockConfig, i: number, rows: Described<typeof schema.sourceTrack>): SourceTrack {
  const { name, reference } = config.sources[i]!;
  const edgeOf = (row: (typeof rows.edges)[number]): SourceTrack['edges'][number] =>
    schema.edgeOfRow(name, reference ?? '', row);
  return {
    name,
    readings: rows.readings.map((row) => schema.readingOfRow(name, row)),
    edges: rows.edges.map(edgeOf),
    anchors: rows.anchors.map(edgeOf),
    edgeSeen: rows.edgeSeen,
    oscillator: rows.oscillator === undefined ? undefined : schema.oscillatorOfRow(name, rows.oscillator),
    doubt: rows.doubt,
    cleared: rows.cleared,
    folding: EMPTY_FOLDING,
  };
}

function referenceOfRows(name: string, rows: Described<typeof schema.referenceTrack>): ReferenceTrack {
  const named = { kind: 'health', reference: name } as const;
  return {
    name,
    latest: rows.latest === undefined ? undefined : { ...named, ...rows.latest },
    lastGood: rows.lastGood === undefined ? undefined : { ...named, ...rows.lastGood },
    goodSince: rows.goodSince,
    suspicion: rows.suspicion,
    folding: { agreeing: 0 },
  };
}

/**
 * What folding guarantees and a schema cannot say: the place where a record contradicts itself, or undefined. Without
 * these checks a signer could pass off a report as good that was not, or an edge that no report confirmed.
 */
function inconsistencyOf({ config, record }: EstimateInputs): string | undefined {
  for (const [i, track] of record.references.entries()) {
    const spec = config.references[i]!;
    const { lastGood, latest, goodSince } = track;
    if (lastGood !== undefined && (latest === undefined || lastGood.at > latest.at)) return `references.${i}.lastGood`;
    // The leap second table that judged it may have been another one; reception and interference are judged again.
    const fault = lastGood === undefined ? undefined : faultOfReport(spec, lastGood, config.leapTable, undefined);
    if (fault !== undefined && fault !== 'tai-utc-unknown') return `references.${i}.lastGood`;
    if (goodSince !== undefined && (lastGood === undefined || goodSince > lastGood.at))
      return `references.${i}.goodSince`;
  }
  for (const [i, track] of record.sources.entries()) {
    const fault = inconsistencyOfSource({ config, track, record, i });
    if (fault !== undefined) return `sources.${i}.${fault}`;
  }
  return undefined;
}

function inconsistencyOfSource(of: {
  readonly config: ClockConfig;
  readonly record: EstimateInputs['record'];
  readonly track: SourceTrack;
  readonly i: number;
}): string | undefined {
  const { config, record, track, i } = of;
  const spec = config.sources[i]!;
  const at = config.references.findIndex((r) => r.name === spec.reference);
  if (spec.measures === 'reference' && track.edges.length + track.anchors.length > 0) return 'edges';
  const isConfirmedBy =
    at >= 0 && config.references[at]!.health === 'required' ? record.references[at]!.lastGood : undefined;
  for (const edge of [...track.anchors, ...track.edges]) {
    if (at < 0) return 'edges';
    // A phase beyond what may be corrected is never accepted.
    if (magnitude(phaseOf(edge)) > spec.phaseOffsetMax) return 'edges';
    if (
      config.references[at]!.health === 'required' &&
      !(isConfirmedBy !== undefined && edge.learned <= isConfirmedBy.at)
    )
      return 'edges';
  }
  const [first, ...rest] = track.readings;
  let previous = first;
  for (const reading of rest) {
    if (reading.before < previous!.before || bracketEnd(reading) < reading.before) return 'readings';
    previous = reading;
  }
  return undefined;
}

export type Recomputed = { readonly estimate: Estimate; readonly inputs: EstimateInputs };

/** The estimate the record's inputs give, which must be the one the record says. */
export function recompute(bytes: Uint8Array): Recomputed | EvidenceFault {
  const evidence = decodeEvidence(bytes);
  if ('fault' in evidence) return evidence;
  const { estimate } = computeEstimate(evidence.inputs);
  const difference = differenceOf(resultOf(estimate), evidence.result, 'result');
  return difference === undefined ? { estimate, inputs: evidence.inputs } : { fault: 'mismatch', at: difference };
}

/** Where two values differ, or undefined. */
function differenceOf(a: CborValue, b: CborValue, path: string): string | undefined {
  if (isMap(a) && isMap(b)) {
    if (a.size !== b.size) return path;
    for (const [key, value] of a) {
      const other = b.get(key);
      const place = `${path}.${key}`;
      const difference = other === undefined ? place : differenceOf(value, other, place);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return path;
    for (const [i, value] of (a as readonly CborValue[]).entries()) {
      const difference = differenceOf(value, (b as readonly CborValue[])[i]!, `${path}.${i}`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
  return a === b ? undefined : path;
}
