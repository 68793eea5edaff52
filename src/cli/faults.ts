/**
 * `momentd faults`: validators that contradicted themselves, as this agent has it proven, and the proofs as files.
 *
 * Exit codes: 0 none is known, 1 at least one, 2 the agent could not be asked.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { FAULT_SENTENCES } from '../core/attestation/fault.ts';
import { getFile, getJson, withApiOption } from './api-client.ts';
import { askNetwork, nameAt, type FaultAnswer } from './network-answers.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';

type FaultsOptions = { readonly api: string; readonly dir?: string; readonly json?: true };

export function addFaults(program: Command): void {
  withApiOption(program.command('faults').description('list proven faults of validators, and save the proofs'))
    .option('--dir <directory>', 'save each proof there (made if it is not there)')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
A proof convicts whoever signed it, whoever hands it on: momentd verify FILE --genesis FILE checks one anywhere.
Exit codes: 0 no fault is known, 1 at least one is, 2 it could not be asked.`,
    )
    .action(guarded(showFaults));
}

async function showFaults({ api, dir, json }: FaultsOptions): Promise<void> {
  const network = await askNetwork(api);
  const { faults } = await getJson<{ readonly faults: readonly FaultAnswer[] }>(api, '/v1/faults');
  if (faults.length > 0) process.exitCode = EXIT.no;
  const saved = dir === undefined ? [] : await save(api, faults, resolve(dir));
  if (json === true) return sayJson({ faults, saved });
  if (faults.length === 0) return say('no validator is known to have contradicted itself');
  for (const { code, validator, kid, digest } of faults) {
    say(`${code} ${validator === null ? `key ${kid}` : nameAt(network, validator)}: ${FAULT_SENTENCES[code]}`);
    say(`   proof ${digest}`);
  }
  for (const path of saved) say(`saved ${path}`);
}

/** A proof that is gone by now is left out: the list is newest first and bounded. */
async function save(api: string, faults: readonly FaultAnswer[], directory: string): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const saved: string[] = [];
  for (const { code, kid, digest } of faults) {
    const proof = await getFile(api, `/v1/faults/${digest}`);
    if (proof === undefined) continue;
    const path = join(directory, `fault-${code}-${kid}-${digest.slice(0, 16)}.json`);
    await writeFile(path, proof);
    saved.push(path);
  }
  return saved;
}
