/** `momentd fetch`: a statement of a running agent with its evidence and the host identity it names, as files that `momentd verify` takes anywhere. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { decodeEvidence } from '../core/clock/evidence.ts';
import { toHex } from '../core/codec/hex.ts';
import { AgentError } from '../ports/agent-error.ts';
import { get, getJson, withApiOption } from './api-client.ts';
import { guarded, refuse, say, sayJson } from './outcome.ts';

type FetchOptions = {
  readonly api: string;
  readonly seq?: string;
  readonly dir: string;
  readonly json?: true;
};

type Statement = { readonly seq: string; readonly evidence: string; readonly cose_sign1: string };

export function addFetch(program: Command): void {
  withApiOption(
    program
      .command('fetch')
      .description('save a statement of a running agent with its evidence, its host identity and the genesis record'),
  )
    .requiredOption('--dir <directory>', 'where to save them (made if it is not there)')
    .option('--seq <number>', 'sequence number of the statement; default the newest', seqOf)
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nCopy the files anywhere: momentd verify needs nothing else.')
    .action(guarded(fetchFiles));
}

async function fetchFiles({ api, seq, dir, json }: FetchOptions): Promise<void> {
  const wanted = seq ?? (await newest(api));
  if (wanted === undefined) return refuse('agent-refused', `ask ${api} for its newest statement: there is none yet`);
  const statement = await getJson<Statement>(api, `/v1/statements/${wanted}`);
  const directory = resolve(dir);
  await mkdir(directory, { recursive: true });
  const files = {
    statement: join(directory, `statement-${wanted}.cbor`),
    evidence: join(directory, `evidence-${wanted}.cbor`),
    genesis: join(directory, 'genesis.cbor'),
  };
  await writeFile(files.statement, Buffer.from(statement.cose_sign1, 'hex'));
  const evidence = await bytesOf(api, `/v1/evidence/${statement.evidence}`);
  await writeFile(files.evidence, evidence);
  await writeFile(files.genesis, await bytesOf(api, '/v1/genesis'));
  const identity = await identityNamedBy(evidence, api);
  const identityFile = join(directory, `identity-${wanted}.cbor`);
  if (identity !== undefined) await writeFile(identityFile, identity);
  if (json === true) return sayJson(identity === undefined ? files : { ...files, identity: identityFile });
  say(`saved statement ${wanted}, its evidence and the genesis record in ${directory}`);
  const beside = identity === undefined ? '' : ` --identity ${identityFile}`;
  say(`next: momentd verify ${files.statement} --genesis ${files.genesis} --evidence ${files.evidence}${beside}`);
}

/** The host identity record that the evidence names; undefined where it names none, or it is no longer kept. */
async function identityNamedBy(evidence: Uint8Array, api: string): Promise<Buffer | undefined> {
  const record = decodeEvidence(evidence);
  if ('fault' in record || record.inputs.identity === undefined) return undefined;
  const { status, body } = await get(api, `/v1/identity/${toHex(record.inputs.identity)}`);
  return status === 200 ? body : undefined;
}

async function newest(api: string): Promise<string | undefined> {
  const { lane } = await getJson<{ readonly lane: { readonly size: string } }>(api, '/v1/status');
  return lane.size === '0' ? undefined : (BigInt(lane.size) - 1n).toString();
}

async function bytesOf(api: string, path: string): Promise<Buffer> {
  const { status, body } = await get(api, path);
  if (status === 200) return body;
  const problem = body.toString('utf8').slice(0, 300);
  throw new AgentError('agent-refused', `ask ${api} for ${path}: ${status} ${problem}`);
}

function seqOf(text: string): string {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('a sequence number is a whole number.');
  return text;
}
