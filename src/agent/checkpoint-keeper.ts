/**
 * When our lane gets a checkpoint: at a steady cadence while it grows, sooner when very much was appended, and at the end.
 * One at a time; nothing acknowledged depends on it, because the journal keeps what the tiles do not have yet.
 */

import { LIMITS } from '../core/limits.ts';
import { isBefore, shift, since, type MonoInstant, type Nanos } from '../core/time/nanos.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { Lane } from '../ports/lane.ts';
import type { Log } from '../ports/log.ts';
import type { CommitProtocol } from './commit-protocol.ts';

export type CheckpointKeeperNeeds = {
  readonly commits: Pick<CommitProtocol, 'checkpoint'>;
  readonly lane: Pick<Lane, 'entriesSinceCheckpoint'>;
  readonly now: () => MonoInstant;
  readonly log: Log;
  /** Takes each note, once it is durable. */
  readonly written: (note: Uint8Array) => void;
};

export class CheckpointKeeper {
  readonly #needs: CheckpointKeeperNeeds;
  readonly #every: Nanos;
  #due: MonoInstant;
  #writtenAt: MonoInstant;
  #writing: Promise<void> = Promise.resolve();

  /** A checkpoint is due `every` so often, however few entries there are. */
  constructor(needs: CheckpointKeeperNeeds, every: Nanos) {
    this.#needs = needs;
    this.#every = every;
    this.#writtenAt = needs.now();
    this.#due = shift(this.#writtenAt, every);
  }

  /** Since the last checkpoint written in this run, or since the start before the first. */
  age(at: MonoInstant): Nanos {
    return since(at, this.#writtenAt);
  }

  beat(at: MonoInstant): void {
    const { entriesSinceCheckpoint } = this.#needs.lane;
    const isDue = !isBefore(at, this.#due) || entriesSinceCheckpoint >= LIMITS.checkpointEntriesDue;
    if (!isDue || entriesSinceCheckpoint === 0) return;
    this.#due = shift(at, this.#every);
    // The next waits its turn behind this one.
    this.#writing = this.#writing.then(() => this.#write());
  }

  /** After what is under way, a last one of everything. */
  async finish(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  async #write(): Promise<void> {
    const { lane, commits, log, now, written } = this.#needs;
    if (lane.entriesSinceCheckpoint === 0) return;
    try {
      const note = await commits.checkpoint();
      this.#writtenAt = now();
      written(note);
    } catch (error) {
      const code = error instanceof AgentError ? error.code : 'commit-failed';
      log.write('error', 'the checkpoint could not be written', { code, error: String(error) });
    }
  }
}
