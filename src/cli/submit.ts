/**
 * `momentd submit`: has a validator timestamp a file's digest, and follows it until it is reported or final. The content stays
 * here; the validator gets its SHA-256.
 *
 * Exit codes: 0 taken, and as far as was waited for; 1 the validator would not take it, or it did not get that far in time;
 * 2 it could not be asked.
 */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { LIMITS } from '../core/limits.ts';
import { BUILT_IN_LEAP_TABLE } from '../core/time/leap-seconds.ts';
import type { TaiInstant } from '../core/time/nanos.ts';
import { AgentError } from '../ports/agent-error.ts';
import { post, refusedBy, tokenFor, withApiOption, withTokenOption } from './api-client.ts';
import { follow, reachedLines, type Followed, type Goal } from './follow-subject.ts';
import { EXIT, guarded, say, sayJson, warn } from './outcome.ts';
import { readInstant } from './read-instant.ts';
import { harmless } from './terminal.ts';

type SubmitOptions = {
  readonly api: string;
  readonly stateDir?: string;
  readonly digest?: string;
  readonly priority: number;
  readonly sender?: string;
  readonly claimed?: TaiInstant;
  readonly wait?: Goal;
  readonly timeout: number;
  readonly receipt?: string;
  readonly certificate?: string;
  readonly quiet?: true;
  readonly json?: true;
};

type Submitted = { readonly id: string; readonly record: string };

export function addSubmit(program: Command): void {
  const command = program
    .command('submit')
    .description('have a file’s digest timestamped by the network, and follow it')
    .argument('[file]', 'what to timestamp; - is standard input. Its content stays here')
    .option('--digest <hex>', 'SHA-256 of the content, instead of a file', digestOf)
    .option(
      '--priority <number>',
      '0 to 255: kept longer when a pool is full; moves nothing in the order',
      priorityOf,
      0,
    )
    .option('--sender <text>', 'who submits it: up to 32 bytes of text, or 0x and hexadecimal', senderOf)
    .option('--claimed <time>', 'when it was made: 2026-11-01T08:30:00Z, or nanoseconds of TAI; default now', claimedOf)
    .addOption(new Option('--wait <until>', 'wait for it').choices(['reported', 'final']))
    .option('--timeout <seconds>', 'for so long at most', timeoutOf, 60)
    .option('--receipt <file>', 'save the validator’s own report with its proof (waits until it is reported)')
    .option('--certificate <file>', 'save the timestamp certificate (waits until it is final)')
    .option('-q, --quiet', 'print the subject id alone')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
Exit codes: 0 it was taken and got as far as was waited for; 1 the validator would not take it, or the time was up before
it got there (momentd order status says for whom finality waits); 2 the agent could not be asked.`,
    )
    .action(guarded(submit));
  withTokenOption(withApiOption(command));
}

async function submit(file: string | undefined, options: SubmitOptions): Promise<void> {
  const { api, priority, sender, claimed, json, quiet } = options;
  const digest = await digestToSubmit(file, options.digest);
  const token = await tokenFor(api, options.stateDir);
  const body = { digest, priority, ...(sender !== undefined && { sender }), ...claim(claimed) };
  const answer = await post(api, '/v1/subjects', { body, token });
  if (answer.status === 409 || answer.status === 422) return notTaken(answer.body);
  if (answer.status !== 202) throw refusedBy(api, '/v1/subjects', answer);
  const { id, record } = JSON.parse(answer.body.toString('utf8')) as Submitted;
  if (json !== true) {
    say(quiet === true ? id : `subject      ${id}`);
    if (quiet !== true) say(`content      SHA-256 ${digest}`);
  }
  const goal = goalOf(options);
  const followed = goal === undefined ? undefined : await follow({ api, id, goal, seconds: options.timeout });
  if (followed?.isReached === false) process.exitCode = EXIT.no;
  const saved = await save(followed, options);
  if (json === true) return sayJson({ id, digest, record, ...forPrograms(followed), ...saved });
  if (quiet === true) return followed?.isReached === false ? warn(followed.waitsFor) : undefined;
  if (followed === undefined) return say(`next         momentd order, or submit again with --wait final`);
  for (const line of reachedLines(followed)) say(line);
  for (const [kind, path] of Object.entries(saved)) say(`${kind.padEnd(12)} ${path}`);
  for (const path of Object.values(saved)) say(`check        momentd verify ${path} --genesis GENESIS`);
}

const claim = (claimed: TaiInstant | undefined): object =>
  claimed === undefined ? {} : { claimed_tai_ns: claimed.toString() };

/** What is to be saved must have come to be. */
function goalOf({ wait, receipt, certificate }: SubmitOptions): Goal | undefined {
  if (certificate !== undefined || wait === 'final') return 'final';
  return receipt !== undefined || wait === 'reported' ? 'reported' : undefined;
}

async function save(
  followed: Followed | undefined,
  { receipt, certificate }: SubmitOptions,
): Promise<{ readonly receipt?: string; readonly certificate?: string }> {
  const wanted = { receipt, certificate };
  const saved: { receipt?: string; certificate?: string } = {};
  for (const kind of ['receipt', 'certificate'] as const) {
    const [path, bytes] = [wanted[kind], followed?.[kind]];
    if (path === undefined || bytes === undefined) continue;
    await writeFile(path, bytes);
    saved[kind] = path;
  }
  return saved;
}

function forPrograms(followed: Followed | undefined): object {
  if (followed === undefined) return {};
  const { goal, isReached, subject, waitsFor } = followed;
  return { wanted: goal, reached: isReached, subject, ...(!isReached && { waits_for: waitsFor }) };
}

/** The validator's own words: why, and whether it will ever be otherwise is in the code. */
function notTaken(body: Buffer): void {
  process.exitCode = EXIT.no;
  const { title, detail, code } = JSON.parse(body.toString('utf8')) as Record<'title' | 'detail' | 'code', string>;
  warn(harmless(`not taken: ${title}: ${detail} [${code}]`));
}

async function digestToSubmit(file: string | undefined, digest: string | undefined): Promise<string> {
  if ((file === undefined) === (digest === undefined))
    throw new AgentError('cli-usage', 'submit: name one file, or - for standard input, or --digest');
  if (digest !== undefined) return digest;
  const hash = createHash('sha256');
  try {
    const input = file === '-' ? process.stdin : createReadStream(file!);
    for await (const chunk of input as AsyncIterable<Buffer>) hash.update(chunk);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('file-unreadable', `read ${file!}: ${what}`, { cause });
  }
  return hash.digest('hex');
}

function digestOf(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('a SHA-256 is 64 hexadecimal digits.');
  return text.toLowerCase();
}

function priorityOf(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 255) throw new InvalidArgumentError('a priority is 0 to 255.');
  return Number(text);
}

/** As the API takes it, in hexadecimal. */
function senderOf(text: string): string {
  const hex = /^0x((?:[0-9a-f]{2}){0,32})$/i.exec(text)?.[1] ?? Buffer.from(text, 'utf8').toString('hex');
  if (hex.length > 64) throw new InvalidArgumentError('a sender is at most 32 bytes.');
  return hex.toLowerCase();
}

function claimedOf(text: string): TaiInstant {
  const claimed = readInstant(text, BUILT_IN_LEAP_TABLE);
  if (claimed === undefined) throw new InvalidArgumentError('a time is 2026-11-01T08:30:00Z or nanoseconds of TAI.');
  return claimed;
}

function timeoutOf(text: string): number {
  const seconds = Number(text);
  if (!/^\d{1,5}$/.test(text) || seconds < 1 || seconds > LIMITS.followSecondsMax)
    throw new InvalidArgumentError(`seconds, 1 to ${LIMITS.followSecondsMax}.`);
  return seconds;
}
