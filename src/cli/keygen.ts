/**
 * `momentd keygen`: a validator's key, and, for a named network, the entry its genesis record needs.
 */

import { InvalidArgumentError, Option, type Command } from 'commander';
import { kidOf } from '../core/attestation/cose-sign1.ts';
import { REGIONS, type GenesisValidator, type Region } from '../core/attestation/genesis.ts';
import { validatorToJson } from '../core/attestation/genesis-json.ts';
import { possessionBytes } from '../core/attestation/key-registration.ts';
import { toHex } from '../core/codec/hex.ts';
import { generateKey } from '../io/keys/key-format.ts';
import { readKeyFile, readPassphraseFile, writeKeyFile } from '../io/keys/key-store.ts';
import { sodiumSigner } from '../io/keys/sodium-signer.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { Signer } from '../ports/signer.ts';
import { guarded, say, sayJson } from './outcome.ts';
import { newPassphrase } from './passphrase.ts';

type KeygenOptions = {
  readonly out: string;
  readonly existing?: true;
  readonly passphrase?: true;
  readonly passphraseFile?: string;
  readonly network?: string;
  readonly name: string;
  readonly region: Region;
  readonly stake: bigint;
  readonly capability: readonly string[];
  readonly json?: true;
};

export function addKeygen(program: Command): void {
  program
    .command('keygen')
    .description("make a validator's key, and its entry for a genesis record")
    .requiredOption('--out <file>', 'where the key goes: mode 0600, never over an existing file')
    .option('--existing', 'use the key in that file instead of making one')
    .option('--passphrase', 'seal the key with a passphrase, asked for on the terminal')
    .option('--passphrase-file <file>', 'seal it with (or open it by) the first line of this file, mode 0600')
    .option('--network <name>', 'also make the entry for the genesis record of the network of this name')
    .option('--name <name>', 'in it: name of the validator', 'validator-1')
    .addOption(new Option('--region <region>', 'in it: region of the validator').choices(REGIONS).default('EU'))
    .addOption(new Option('--stake <tokens>', 'in it: tokens staked').argParser(tokensOf).default(32_000n, '32000'))
    .option('--capability <word...>', 'in it: what the host offers (time-card, phc, gnss, archive)', [])
    .option('--json', 'answer in JSON; with --network, just the entry, for momentd genesis create')
    .addHelpText(
      'after',
      '\nThe secret is printed nowhere. Lose the file and the validator loses its name; let it be read and others sign in it.',
    )
    .action(guarded(keygen));
}

async function keygen(options: KeygenOptions): Promise<void> {
  const signer = options.existing === true ? await openKey(options) : await makeKey(options);
  try {
    const entry = options.network === undefined ? undefined : entryOf(signer, options.network, options);
    const publicKey = toHex(signer.publicKey);
    if (options.json === true)
      return sayJson(entry ?? { public_key: publicKey, key_id: toHex(signer.kid), file: options.out });
    say(`public key ${publicKey}`);
    say(`key id     ${toHex(kidOf(signer.publicKey))}`);
    say(options.existing === true ? `read from  ${options.out}` : `written to ${options.out} (mode 0600)`);
    if (entry === undefined) return;
    say('');
    say('entry for the genesis record:');
    sayJson(entry);
  } finally {
    signer.release();
  }
}

async function makeKey({ out, passphrase, passphraseFile }: KeygenOptions): Promise<Signer> {
  const isSealed = passphrase === true || passphraseFile !== undefined;
  const sealing = isSealed ? { passphrase: await newPassphrase(passphraseFile) } : undefined;
  const key = generateKey();
  await writeKeyFile(out, key, sealing);
  return sodiumSigner(key);
}

async function openKey({ out, passphrase, passphraseFile }: KeygenOptions): Promise<Signer> {
  if (passphrase === true) throw new AgentError('cli-usage', 'open an existing key: give --passphrase-file');
  const unsealing = passphraseFile === undefined ? undefined : await readPassphraseFile(passphraseFile);
  return sodiumSigner(await readKeyFile(out, unsealing));
}

function entryOf(signer: Signer, networkName: string, options: KeygenOptions): ReturnType<typeof validatorToJson> {
  const { publicKey } = signer;
  const validator: GenesisValidator = {
    name: options.name,
    publicKey,
    region: options.region,
    stake: options.stake,
    capabilities: options.capability.toSorted(),
    possession: signer.sign(possessionBytes({ networkName, role: 'validator', publicKey })),
  };
  return validatorToJson(validator);
}

function tokensOf(text: string): bigint {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('a whole number of tokens.');
  return BigInt(text);
}
