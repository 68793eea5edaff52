/**
 * `momentd order`: the final order as this agent keeps it, and how far it is decided.
 *
 * `order` lists the newest entries, `--from` on from one, `--follow` as they come. `order status` says for whom finality
 * waits. Exit codes of status: 0 it waits for nobody, 1 it waits or was contradicted, 2 the agent could not be asked.
 */

import { setTimeout as wait } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { LIMITS } from '../core/limits.ts';
import { nanos, since, taiInstant } from '../core/time/nanos.ts';
import { formatNanos, formatTai } from '../core/time/text.ts';
import { AgentError } from '../ports/agent-error.ts';
import { getJson, withApiOption } from './api-client.ts';
import {
  askNetwork,
  askOrderStatus,
  namesOf,
  type NetworkAnswer,
  type OrderEntryAnswer,
  type OrderPage,
  type OrderStatusAnswer,
} from './network-answers.ts';
import { EXIT, guarded, say, sayJson, warn } from './outcome.ts';

type ListOptions = {
  readonly api: string;
  readonly from?: bigint;
  readonly limit: number;
  readonly follow?: true;
  readonly json?: true;
};
type StatusOptions = { readonly api: string; readonly json?: true };

const LOOK_MS = 500;
/** Votes that were not seen twice, this long apart, are waited for; those on their way were there by then. */
const VOTES_TAKE_MS = 1_500;

export function addOrder(program: Command): void {
  const order = program.command('order').description('list the final order, or follow it as it grows');
  withApiOption(order)
    .option('--from <index>', 'first entry; default so that the newest are shown', indexOf)
    .option('--limit <number>', 'entries to show, unless followed', limitOf, 20)
    .option('--follow', 'go on with what becomes final, until Ctrl-C')
    .option('--json', 'answer in JSON; followed, one line an entry')
    .action(guarded(list));
  withApiOption(order.command('status').description('show how far the order is decided, and for whom finality waits'))
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 it waits for nobody, 1 it waits or was contradicted, 2 it could not be asked.',
    )
    .action(guarded(async (_: object, command: Command) => showStatus(command.optsWithGlobals<StatusOptions>())));
}

async function list({ api, from, limit, follow, json }: ListOptions): Promise<void> {
  const size = BigInt((await askOrderStatus(api)).size);
  const newest = size > BigInt(limit) ? size - BigInt(limit) : 0n;
  const first = from ?? newest;
  if (follow === true) return followFrom(api, first, json === true);
  const entries: OrderEntryAnswer[] = [];
  for (let next: bigint | null = first; next !== null && entries.length < limit;) {
    const page = await pageFrom(api, next, Math.min(LIMITS.apiOrderPageMax, limit - entries.length));
    entries.push(...page.entries);
    next = page.next === null ? null : BigInt(page.next);
  }
  if (json === true) return sayJson({ size: size.toString(), entries });
  for (const entry of entries) say(lineOf(entry));
  const after = first + BigInt(entries.length);
  if (entries.length === 0) say(`nothing is final from entry ${first} on; the order has ${size}`);
  else if (after < size) say(`${size - after} more: --from ${after}`);
}

const pageFrom = (api: string, from: bigint, limit: number): Promise<OrderPage> =>
  getJson<OrderPage>(api, `/v1/order?from=${from}&limit=${limit}`);

/** Until a signal; an agent that goes away is asked again, and said to be away once. */
async function followFrom(api: string, first: bigint, isJson: boolean): Promise<void> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  let isAway = false;
  for (let next = first; !ended.signal.aborted;) {
    try {
      const { entries } = await pageFrom(api, next, LIMITS.apiOrderPageMax);
      isAway = false;
      for (const entry of entries) say(isJson ? JSON.stringify(entry) : lineOf(entry));
      next += BigInt(entries.length);
      if (entries.length === LIMITS.apiOrderPageMax) continue;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      if (!isAway) warn(`${error.message} [${error.code}]; asking on`);
      isAway = true;
    }
    await wait(LOOK_MS, undefined, { signal: ended.signal }).catch(() => undefined);
  }
}

function lineOf({ index, subject, moment_tai_ns, seen, late }: OrderEntryAnswer): string {
  const width = since(taiInstant(BigInt(seen.latest_ns)), taiInstant(BigInt(seen.earliest_ns)));
  const moment = formatTai(taiInstant(BigInt(moment_tai_ns)));
  return `${index.padStart(8)}  ${moment}  ${subject}  seen within ${formatNanos(width)}${late ? ', late' : ''}`;
}

async function showStatus({ api, json }: StatusOptions): Promise<void> {
  const network = await askNetwork(api);
  const status = await settled(api);
  const { lanes, voters } = status.waiting;
  if (lanes.length > 0 || voters.length > 0 || status.contradicted_slot !== null) process.exitCode = EXIT.no;
  if (json === true) return sayJson(status);
  for (const line of statusLines(status, network)) say(line);
}

/** Votes on their way are nothing to wait for: whoever is missing now must be missing a moment later, on the same slot. */
async function settled(api: string): Promise<OrderStatusAnswer> {
  const before = await askOrderStatus(api);
  if (before.waiting.voters.length === 0) return before;
  await wait(VOTES_TAKE_MS);
  const after = await askOrderStatus(api);
  const isSame = after.decided_slot === before.decided_slot;
  const voters = after.waiting.voters.filter((voter) => isSame && before.waiting.voters.includes(voter));
  return { ...after, waiting: { ...after.waiting, voters } };
}

export function statusLines(status: OrderStatusAnswer, network: NetworkAnswer): string[] {
  const { waiting, pool, tick, decided_slot: slot, decided_tai_ns: tai, contradicted_slot: contradicted } = status;
  const decided = slot === null ? 'nothing yet' : `slot ${slot}, ended ${formatTai(taiInstant(BigInt(tai!)))}`;
  const lines = [`order      ${status.size} entries`, `decided    ${decided}`];
  if (contradicted !== null)
    lines.push(
      `CONTRADICTED at slot ${contradicted}: a quorum decided a cut that is not ours, so our copy of a lane is the losing`,
      'branch of a fork. Nothing becomes final here any more; docs/operating.md says what to do.',
    );
  if (waiting.lanes.length > 0) lines.push(`WAITS FOR  ${namesOf(network, waiting.lanes)}: their lanes are behind`);
  if (waiting.voters.length > 0) lines.push(`WAITS FOR  ${namesOf(network, waiting.voters)}: their votes are missing`);
  if (waiting.lanes.length + waiting.voters.length === 0 && contradicted === null) lines.push('waits for  nobody');
  lines.push(
    `pool       ${pool.subjects} subjects not final (${pool.bytes} bytes), ${pool.evicted} gave way to others`,
    `tick       ${formatNanos(nanos(BigInt(tick.length_ns)))}, ${tick.waiting} reports wait, ${tick.dropped} could not be made`,
  );
  return lines;
}

function indexOf(text: string): bigint {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('an index is a whole number.');
  return BigInt(text);
}

function limitOf(text: string): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError('a number of entries, 1 to 999999.');
  return Number(text);
}
