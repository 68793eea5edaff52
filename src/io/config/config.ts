/**
 * The configuration: read once, refused whole or accepted whole, frozen, and handed out in slices.
 *
 * A mistake is one line that names the file, the line, the key and the remedy. Relative paths are relative to the file.
 */

import { dirname, resolve } from 'node:path';
import type { SourceName } from '../../core/clock/observation.ts';
import { AgentError } from '../../ports/agent-error.ts';
import { parseDocument, type ConfigProblem, type TomlTable } from './document.ts';
import type { Fields, Values } from './field.ts';
import { isProblem, readTable, unknownKey } from './read-table.ts';
import {
  ALERT_FIELDS,
  API_FIELDS,
  CLOCK_FIELDS,
  EVIDENCE_FIELDS,
  LOG_FIELDS,
  NETWORK_FIELDS,
  RECEIVER_FIELDS,
  SOURCE_FIELDS,
  SOURCE_KINDS,
  VALIDATOR_FIELDS,
  type SourceKindName,
} from './schema.ts';

export type ReceiverConfig = Values<typeof RECEIVER_FIELDS>;

/** One `[[source]]`: its kind and that kind's keys. */
export type SourceConfig = {
  [K in SourceKindName]: { readonly kind: K } & Values<(typeof SOURCE_FIELDS)[K]>;
}[SourceKindName];

export type Config = {
  /** Absolute path of the file. */
  readonly file: string;
  readonly validator: Values<typeof VALIDATOR_FIELDS> & { readonly guard: string };
  readonly clock: Values<typeof CLOCK_FIELDS>;
  readonly api: Values<typeof API_FIELDS> & { readonly socket: string };
  /** Undefined for a validator that is alone: no section in the file. */
  readonly network: (Values<typeof NETWORK_FIELDS> & { readonly identity: string }) | undefined;
  readonly evidence: Values<typeof EVIDENCE_FIELDS>;
  readonly log: Values<typeof LOG_FIELDS>;
  readonly alerts: Values<typeof ALERT_FIELDS>;
  readonly receivers: readonly ReceiverConfig[];
  readonly sources: readonly SourceConfig[];
};

const SECTIONS = ['validator', 'clock', 'network', 'api', 'evidence', 'log', 'alerts', 'receiver', 'source'];

/** The configuration in `text`, which was read from `file` (an absolute path). Throws `config-invalid`. */
export function parseConfig(text: string, file: string): Config {
  const tables = parseDocument(text);
  if (isProblem(tables)) throw invalid(file, tables);
  const stray = tables.find(({ name }) => !SECTIONS.includes(name));
  if (stray !== undefined) throw invalid(file, straySection(stray));

  const read = <F extends Fields>(fields: F, table: TomlTable): Values<F> => {
    const values = readTable(fields, table);
    if (isProblem(values)) throw invalid(file, values);
    return values;
  };
  const section = <F extends Fields>(name: string, fields: F): Values<F> =>
    read(fields, tables.find((table) => table.name === name) ?? { name, index: undefined, line: 1, entries: [] });

  const receivers = tables.filter(({ name }) => name === 'receiver').map((table) => read(RECEIVER_FIELDS, table));
  const sourceTables = tables.filter(({ name }) => name === 'source');
  const at = (path: string): string => resolve(dirname(file), path);
  const sources = sourceTables.map((table) => {
    const { kind, rest } = splitKind(table, file);
    const source = { kind, ...read<Fields>(SOURCE_FIELDS[kind], rest) } as SourceConfig;
    if (source.kind !== 'sim') return Object.freeze(source);
    const { faults_file: faults, world } = source;
    const relative = (path: string | undefined): string | undefined => (path === undefined ? undefined : at(path));
    return Object.freeze({ ...source, faults_file: relative(faults), world: relative(world) });
  });
  const validator = section('validator', VALIDATOR_FIELDS);
  checkRole(file, tables, validator.role);
  checkNames(file, tables, { receivers, sources });

  const stateDir = at(validator.state_dir);
  const api = section('api', API_FIELDS);
  const clock = section('clock', CLOCK_FIELDS);
  const network = tables.some(({ name }) => name === 'network') ? section('network', NETWORK_FIELDS) : undefined;
  return Object.freeze({
    file,
    validator: {
      ...validator,
      genesis: at(validator.genesis),
      key: at(validator.key),
      passphrase_file: validator.passphrase_file === undefined ? undefined : at(validator.passphrase_file),
      state_dir: stateDir,
      guard: validator.guard === undefined ? `${stateDir}.guard` : at(validator.guard),
    },
    clock: {
      ...clock,
      leap_seconds_file: clock.leap_seconds_file === undefined ? undefined : at(clock.leap_seconds_file),
    },
    api: { ...api, socket: api.socket === undefined ? resolve(stateDir, 'api.sock') : at(api.socket) },
    network: network && {
      ...network,
      identity: network.identity === undefined ? resolve(stateDir, 'identity.key') : at(network.identity),
    },
    evidence: section('evidence', EVIDENCE_FIELDS),
    log: section('log', LOG_FIELDS),
    alerts: section('alerts', ALERT_FIELDS),
    receivers,
    sources,
  });
}

function straySection(table: TomlTable): ConfigProblem {
  if (table.name !== '') return { ...unknownKey(table.name, table.line, SECTIONS), key: `[${table.name}]` };
  const first = table.entries[0]!;
  return {
    line: first.line,
    key: first.key,
    problem: 'stands outside any section; write [validator] or another first',
  };
}

/** Takes `kind` out of a source's table, because it decides which other keys there are. */
function splitKind(table: TomlTable, file: string): { kind: SourceKindName; rest: TomlTable } {
  const entry = table.entries.find(({ key }) => key === 'kind');
  const kind = SOURCE_KINDS.find((name) => name === entry?.value);
  if (kind === undefined) {
    const problem = entry === undefined ? 'is required here' : `must be one of ${SOURCE_KINDS.join(', ')}`;
    throw invalid(file, { line: entry?.line ?? table.line, key: 'kind', problem });
  }
  return { kind, rest: { ...table, entries: table.entries.filter(({ key }) => key !== 'kind') } };
}

/** A validator tells time; whoever follows has no use for a source, and nothing to follow without a network. */
function checkRole(file: string, tables: readonly TomlTable[], role: Config['validator']['role']): void {
  const first = (name: string): TomlTable | undefined => tables.find((table) => table.name === name);
  const refuse = (line: number, key: string, problem: string): never => {
    throw invalid(file, { line, key, problem });
  };
  const source = first('source') ?? first('receiver');
  if (role === 'validator') {
    if (first('source') === undefined) refuse(1, '[[source]]', 'at least one source is needed to tell time');
    return;
  }
  if (source !== undefined)
    refuse(source.line, `[[${source.name}]]`, `has no place under role = "${role}": it tells no time`);
  if (first('network') === undefined)
    refuse(1, '[network]', `is needed under role = "${role}": there is nothing to follow`);
}

/** Names are unique, and every reference is a receiver (or the receiver inside a simulated card). */
function checkNames(
  file: string,
  tables: readonly TomlTable[],
  { receivers, sources }: Pick<Config, 'receivers' | 'sources'>,
): void {
  const firstLine = (name: string): number => tables.find((table) => table.name === name)?.line ?? 1;
  const seen = new Set<SourceName>();
  for (const { name } of [...receivers, ...sources]) {
    if (seen.has(name))
      throw invalid(file, { line: lineOfName(tables, name), key: 'name', problem: `"${name}" is used twice` });
    seen.add(name);
  }
  for (const source of sources) {
    if (!('reference' in source) || source.reference === undefined || source.kind === 'sim') continue;
    if (receivers.some(({ name }) => name === source.reference)) continue;
    const problem = `no [[receiver]] is named "${source.reference}"`;
    throw invalid(file, { line: firstLine('source'), key: 'reference', problem });
  }
}

/** The last line that gives this name. */
function lineOfName(tables: readonly TomlTable[], name: string): number {
  const lines = tables.flatMap(({ entries }) => entries.filter((e) => e.key === 'name' && e.value === name));
  return lines.at(-1)?.line ?? 1;
}

function invalid(file: string, { line, key, problem }: ConfigProblem): AgentError {
  const what = key === '' ? problem : `${key} ${problem}`;
  return new AgentError('config-invalid', `${file}:${line}: ${what}`, { fields: { file, line, key } });
}
