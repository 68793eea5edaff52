/**
 * `momentd genesis create` puts validators' entries together into a network; `momentd genesis check` says which network a
 * record is and whether it may be one.
 */

import { writeFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  canonicalGenesis,
  DEFAULT_PARAMETERS,
  genesisKeyFault,
  networkIdOf,
  quorumOf,
  type Genesis,
  type GenesisValidator,
} from '../core/attestation/genesis.ts';
import { genesisToJson, parseGenesis, validatorFromJson } from '../core/attestation/genesis-json.ts';
import { kidOf } from '../core/attestation/cose-sign1.ts';
import { parseJson } from '../core/codec/json-shape.ts';
import { toHex } from '../core/codec/hex.ts';
import { millis, type Nanos } from '../core/time/nanos.ts';
import { formatNanos, formatTai } from '../core/time/text.ts';
import { isFault } from '../core/verdict.ts';
import { coarseTaiNow } from '../io/host/coarse-time.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { isPrimeOrder } from '../io/keys/second-opinion.ts';
import { AgentError } from '../ports/agent-error.ts';
import { readFile } from './lane-reader.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';

type CreateOptions = {
  readonly name: string;
  readonly validator: readonly string[];
  readonly out: string;
  readonly cbor?: true;
  readonly tickMs: Nanos;
  readonly tickMsMax: Nanos;
  readonly slotMs: Nanos;
  readonly windowMs: Nanos;
  readonly guaranteeMsMax: Nanos;
  readonly stakeMin: bigint;
  readonly json?: true;
};

export function addGenesis(program: Command): void {
  const genesis = program.command('genesis').description('make or check the record that says which network this is');
  const p = DEFAULT_PARAMETERS;
  genesis
    .command('create')
    .description("put validators' entries together into a genesis record")
    .requiredOption('--name <name>', 'name of the network: the one the entries were made for')
    .requiredOption('--validator <file...>', 'entries, as momentd keygen --network NAME --json prints them')
    .requiredOption('--out <file>', 'where the record goes; never over an existing file')
    .option('--cbor', 'write the canonical bytes instead of the JSON people can read')
    .addOption(inMilliseconds('--tick-ms <ms>', 'how long a tick gathers reports at rest', p.tick))
    .addOption(inMilliseconds('--tick-ms-max <ms>', 'how far it may widen under load', p.tickMax))
    .addOption(inMilliseconds('--slot-ms <ms>', 'slot of the cut engine', p.slot))
    .addOption(inMilliseconds('--window-ms <ms>', 'validity window of a subject', p.window))
    .addOption(inMilliseconds('--guarantee-ms-max <ms>', 'widest guarantee whose reports count', p.guaranteeMax))
    .addOption(
      new Option('--stake-min <tokens>', 'least stake of a validator')
        .argParser(tokens)
        .default(p.stakeMin, `${p.stakeMin}`),
    )
    .option('--json', 'answer in JSON')
    .action(guarded(create));
  genesis
    .command('check')
    .description('say which network a genesis record is, and whether its keys may be registered')
    .argument('<file>', 'the record, CBOR or JSON')
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExit codes: 0 it is in order, 1 it is not, 2 it could not be read.')
    .action(guarded(check));
}

/** An option whose default help can show: a bigint it cannot. */
const inMilliseconds = (flags: string, description: string, preset: Nanos): Option =>
  new Option(flags, description).argParser(milliseconds).default(preset, `${preset / 1_000_000n}`);

function create(options: CreateOptions): void {
  const made = canonicalGenesis({
    name: options.name,
    created: coarseTaiNow(),
    parameters: {
      tick: options.tickMs,
      tickMax: options.tickMsMax,
      slot: options.slotMs,
      window: options.windowMs,
      guaranteeMax: options.guaranteeMsMax,
      stakeMin: options.stakeMin,
      stakeLockSeconds: DEFAULT_PARAMETERS.stakeLockSeconds,
    },
    validators: options.validator.map(readEntry),
  });
  if (isFault(made)) throw new AgentError(made.fault, `make the genesis record: ${made.detail}`);
  const wrongKey = genesisKeyFault({ checkSignature, isPrimeOrder }, made.genesis);
  if (wrongKey !== undefined) throw new AgentError(wrongKey.fault, `make the genesis record: ${wrongKey.detail}`);
  writeNew(options.out, options.cbor === true ? made.bytes : new TextEncoder().encode(genesisToJson(made.genesis)));
  if (options.json === true) return sayJson({ ...describe(made.genesis), file: options.out });
  say(`made ${options.out}`);
  sayGenesis(made.genesis);
}

function check(path: string, options: { readonly json?: true }): void {
  const parsed = parseGenesis(readFile(path));
  const found = isFault(parsed) ? parsed : genesisKeyFault({ checkSignature, isPrimeOrder }, parsed.genesis);
  if (isFault(parsed) || found !== undefined) {
    process.exitCode = EXIT.no;
    const { fault: code, detail } = found!;
    if (options.json === true) return sayJson({ file: path, verdict: 'invalid', code, detail });
    return say(`${path}: NOT VALID: ${detail} [${code}]`);
  }
  if (options.json === true) return sayJson({ file: path, verdict: 'valid', ...describe(parsed.genesis) });
  say(`${path}: in order: canonical, every key registrable and proven possessed`);
  sayGenesis(parsed.genesis);
}

function describe(genesis: Genesis): Record<string, unknown> {
  return {
    network: toHex(networkIdOf(genesis)),
    name: genesis.name,
    ...quorumOf(genesis),
    validators: genesis.validators.map(({ name, publicKey, region, stake }) => ({
      name,
      key_id: toHex(kidOf(publicKey)),
      region,
      stake,
    })),
  };
}

export function sayGenesis(genesis: Genesis): void {
  const { n, f, q } = quorumOf(genesis);
  const { tick, tickMax, slot, window, guaranteeMax, stakeMin } = genesis.parameters;
  say(`network    ${genesis.name}, id ${toHex(networkIdOf(genesis))}`);
  say(`created    ${formatTai(genesis.created)}`);
  say(`quorum     ${q} of ${n}; ${f} may be arbitrarily wrong`);
  say(`tick       ${formatNanos(tick)} to ${formatNanos(tickMax)}, slot ${formatNanos(slot)}`);
  say(`window     ${formatNanos(window)}; reports count up to a guarantee of ${formatNanos(guaranteeMax)}`);
  say(`stake      at least ${stakeMin}`);
  for (const { name, publicKey, region, stake, capabilities } of genesis.validators)
    say(`validator  ${toHex(kidOf(publicKey))} ${name}, ${region}, stake ${stake} ${capabilities.join(' ')}`.trimEnd());
}

function readEntry(path: string): GenesisValidator {
  const parsed = parseJson(new TextDecoder().decode(readFile(path)));
  const entry = parsed === undefined ? undefined : validatorFromJson(parsed.value);
  if (entry === undefined) throw new AgentError('validator-file-format', `read ${path}: not JSON`);
  if (isFault(entry)) throw new AgentError('validator-file-format', `read ${path}: ${entry.detail}`);
  return entry;
}

function writeNew(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes, { flag: 'wx' });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code === 'EEXIST' ? 'file-exists' : 'file-unwritable';
    throw new AgentError(code, `write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function milliseconds(text: string): Nanos {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number of milliseconds.');
  return millis(BigInt(text));
}

function tokens(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('a whole number of tokens.');
  return BigInt(text);
}
