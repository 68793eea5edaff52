/**
 * What happens in a demonstration of several validators, told line by line: who is in which state, who sees whom, what becomes
 * final, for whom that waits. Asked of the validators by their API, once a second, like anybody would.
 */

import { nanos, taiInstant } from '../../core/time/nanos.ts';
import { formatNanos, formatTai } from '../../core/time/text.ts';
import { AgentError } from '../../ports/agent-error.ts';
import { getJson } from '../api-client.ts';
import { askNetwork, askOrderStatus, namesOf, type OrderPage } from '../network-answers.ts';
import type { Status } from '../status-answer.ts';
import type { ValidatorProcess } from './validator-process.ts';

/** A summary after so many looks in which nothing else was said. */
const QUIET_LOOKS_MAX = 5;
/** Entries told one by one in a look; of more only how many. */
const ENTRIES_TOLD_MAX = 5;

type Seen = { readonly state: string; readonly guarantee: string | undefined; readonly size: string };

export class Narration {
  readonly #validators: readonly ValidatorProcess[];
  readonly #say: (line: string) => void;
  readonly #told = new Map<ValidatorProcess, string>();
  #peers = -1;
  #waiting = 'nobody';
  #entries = 0n;
  #quietLooks = 0;

  constructor(validators: readonly ValidatorProcess[], say: (line: string) => void) {
    this.#validators = validators;
    this.#say = say;
  }

  /** One look at everyone; true when all sign. */
  async look(): Promise<boolean> {
    this.#quietLooks += 1;
    const seen = await Promise.all(this.#validators.map((validator) => this.#stateOf(validator)));
    for (const [i, validator] of this.#validators.entries()) await this.#tellState(validator, seen[i]);
    await this.#tellNetwork().catch(ignoreAway);
    if (this.#quietLooks >= QUIET_LOOKS_MAX) this.#tell(summary(seen, this.#entries));
    return seen.every((one) => one?.state === 'locked' || one?.state === 'holdover');
  }

  #tell(line: string): void {
    this.#quietLooks = 0;
    this.#say(line);
  }

  async #stateOf({ ending, files }: ValidatorProcess): Promise<Seen | undefined> {
    if (ending !== undefined) return undefined;
    try {
      const { time, lane } = await getJson<Status>(files.socket, '/v1/status');
      return { state: time.state, guarantee: time.guarantee_ns ?? undefined, size: lane.size };
    } catch (error) {
      ignoreAway(error);
      return undefined;
    }
  }

  async #tellState(validator: ValidatorProcess, seen: Seen | undefined): Promise<void> {
    const { name, ending } = validator;
    const state = seen?.state ?? (ending === undefined ? 'does not answer' : `ended ${ending}`);
    const before = this.#told.get(validator);
    if (state === before) return;
    this.#told.set(validator, state);
    const why = ending === undefined ? '' : `: ${await validator.lastWords()}`;
    const width = seen?.guarantee === undefined ? '' : ` ± ${formatNanos(nanos(BigInt(seen.guarantee)))}`;
    this.#tell(`${name}  ${before === undefined ? '' : `${before} -> `}${state}${width}${why}`);
  }

  async #tellNetwork(): Promise<void> {
    const first = this.#validators.find(({ ending }) => ending === undefined);
    if (first === undefined) return;
    const api = first.files.socket;
    const network = await askNetwork(api);
    if (network.peers !== this.#peers)
      this.#tell(`${first.name}  sees ${network.peers} of ${this.#validators.length - 1} others`);
    this.#peers = network.peers;
    const { waiting } = await askOrderStatus(api);
    // Votes are on their way at any moment, and lanes begin one by one; one that falls behind later is news.
    const names = this.#entries === 0n ? 'nobody' : namesOf(network, waiting.lanes);
    if (names !== this.#waiting) this.#tell(`finality   waits for ${names}`);
    this.#waiting = names;
    await this.#tellEntries(api);
  }

  async #tellEntries(api: string): Promise<void> {
    const { entries, next } = await getJson<OrderPage>(api, `/v1/order?from=${this.#entries}&limit=256`);
    for (const { index, subject, moment_tai_ns } of entries.slice(0, ENTRIES_TOLD_MAX))
      this.#tell(
        `order      entry ${index}: ${subject.slice(0, 16)}… at ${formatTai(taiInstant(BigInt(moment_tai_ns)))}`,
      );
    const untold = entries.length - ENTRIES_TOLD_MAX;
    if (untold > 0) this.#tell(`order      and ${untold} more entries${next === null ? '' : ', more to come'}`);
    this.#entries += BigInt(entries.length);
  }
}

function summary(seen: readonly (Seen | undefined)[], entries: bigint): string {
  const locked = seen.filter((one) => one?.state === 'locked').length;
  const widest = seen.reduce((most, one) => {
    const guarantee = BigInt(one?.guarantee ?? 0);
    return guarantee > most ? guarantee : most;
  }, 0n);
  const sizes = seen.map((one) => one?.size ?? '-').join(' ');
  const width = widest === 0n ? '' : `, all within ± ${formatNanos(nanos(widest))}`;
  return `summary    ${locked} of ${seen.length} locked${width}; statements ${sizes}; order ${entries} entries`;
}

/** A validator that does not answer is told as such; anything else is a mistake of ours. */
function ignoreAway(error: unknown): void {
  if (!(error instanceof AgentError)) throw error;
}
