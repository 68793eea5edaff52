/**
 * Follows a submitted subject by the API until it is where it was wanted, or time is up. What could be had on the way (receipt,
 * certificate) is brought along; where it did not get there, for whom it waits is.
 */

import { setTimeout as wait } from 'node:timers/promises';
import { taiInstant } from '../core/time/nanos.ts';
import { formatNanos, formatTai } from '../core/time/text.ts';
import { since } from '../core/time/nanos.ts';
import { getFile, getJson, type ApiAddress } from './api-client.ts';
import { askNetwork, askOrderStatus, namesOf, type NetworkAnswer, type SubjectAnswer } from './network-answers.ts';

/** `reported`: the validator's own report is durable. `final`: it has its place, and a certificate says so. */
export type Goal = 'reported' | 'final';

export type Followed = {
  readonly goal: Goal;
  readonly isReached: boolean;
  readonly subject: SubjectAnswer;
  readonly network: NetworkAnswer;
  readonly receipt: Buffer | undefined;
  readonly certificate: Buffer | undefined;
  /** Why it is not there yet; empty when it is. */
  readonly waitsFor: string;
};

/** A slot is 250 ms: asking more often shows nothing sooner. */
const ASK_EVERY_MS = 200;

export async function follow(
  {
    api,
    id,
    goal,
    seconds,
  }: { readonly api: ApiAddress; readonly id: string; readonly goal: Goal; readonly seconds: number },
  now: () => number = () => performance.now(),
): Promise<Followed> {
  const deadline = now() + seconds * 1_000;
  const network = await askNetwork(api);
  for (;;) {
    const subject = await getJson<SubjectAnswer>(api, `/v1/subjects/${id}`);
    const receipt = await getFile(api, `/v1/subjects/${id}/receipt`);
    const certificate = subject.position === 'final' ? await getFile(api, `/v1/subjects/${id}/certificate`) : undefined;
    const isReached = goal === 'reported' ? receipt !== undefined : certificate !== undefined;
    const common = { goal, isReached, subject, network, receipt, certificate };
    if (isReached) return { ...common, waitsFor: '' };
    if (now() >= deadline) return { ...common, waitsFor: await whyNot({ api, network, subject, seconds }) };
    await wait(ASK_EVERY_MS);
  }
}

type Late = {
  readonly api: ApiAddress;
  readonly network: NetworkAnswer;
  readonly subject: SubjectAnswer;
  readonly seconds: number;
};

async function whyNot({ api, network, subject, seconds }: Late): Promise<string> {
  const { waiting, contradicted_slot: contradicted } = await askOrderStatus(api);
  const where = `${subject.position} after ${seconds} s`;
  if (contradicted !== null)
    return `${where}: a decided cut contradicts ours, nothing becomes final here (momentd order status)`;
  if (waiting.lanes.length > 0) return `${where}: finality waits for ${namesOf(network, waiting.lanes)}`;
  return waiting.voters.length > 0 ? `${where}: votes are missing from ${namesOf(network, waiting.voters)}` : where;
}

/** What it came to, line by line. */
export function reachedLines({ subject, network, waitsFor }: Followed): string[] {
  const { seen, reports, entry } = subject;
  const lines: string[] = [];
  if (reports.length > 0) {
    const names = namesOf(
      network,
      reports.map(({ validator }) => validator),
    );
    lines.push(`reported by  ${names}`);
  }
  if (seen !== null) {
    const [earliest, latest] = [taiInstant(BigInt(seen.earliest_ns)), taiInstant(BigInt(seen.latest_ns))];
    lines.push(`seen         ${formatTai(earliest)}, within ${formatNanos(since(latest, earliest))}`);
  }
  if (entry !== null)
    lines.push(`final        entry ${entry.index} at ${formatTai(taiInstant(BigInt(entry.moment_tai_ns)))}`);
  if (waitsFor !== '') lines.push(`NOT THERE    ${waitsFor}`);
  return lines;
}
