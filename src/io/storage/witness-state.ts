/**
 * What a witness remembers, one file per origin: the note it cosigned last. Saved before the answer leaves.
 *
 * The file is the note itself, so a stranger can check it; it is named by the SHA-256 of the origin, as C2SP's monitoring
 * prefix names it. Losing a file makes the witness start that origin again at size 0; it could then cosign a fork it had seen.
 */

import { dirname, join } from 'node:path';
import { toHex } from '../../core/codec/hex.ts';
import { sha256 } from '../../core/codec/sha256.ts';
import { parseCheckpointText } from '../../core/log/checkpoint.ts';
import { decodeNote } from '../../core/log/signed-note.ts';
import { judgeAddCheckpoint, type Witnessed, type WitnessAnswer, type WitnessNeeds } from '../../core/log/witness.ts';
import { isFault } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Disk } from '../../ports/disk.ts';
import { TileFiles } from './tile-files.ts';

export class WitnessState {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #files: TileFiles;
  readonly #known = new Map<string, Witnessed>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(disk: Disk, directory: string) {
    this.#disk = disk;
    this.#directory = directory;
    this.#files = new TileFiles(disk, directory);
  }

  static async open(disk: Disk, directory: string): Promise<WitnessState> {
    await disk.makeDirectory(directory);
    const state = new WitnessState(disk, directory);
    for (const name of await disk.list(directory)) if (/^[0-9a-f]{64}$/.test(name)) await state.#load(name);
    return state;
  }

  witnessed(origin: string): Witnessed | undefined {
    return this.#known.get(origin);
  }

  /**
   * Judges one request after another; what is to be remembered is durable before the answer is returned. When saving fails
   * this rejects, no cosignature leaves, and the old state stands.
   */
  answer(body: Uint8Array, needs: Omit<WitnessNeeds, 'witnessed'>): Promise<WitnessAnswer> {
    const turn = this.#last.then(async () => {
      const answer = judgeAddCheckpoint(body, { ...needs, witnessed: (origin) => this.#known.get(origin) });
      if (answer.status === 200) {
        const path = `${nameOf(answer.origin)}/checkpoint`;
        await this.#files.write([{ path, bytes: answer.remember.note }]);
        this.#known.set(answer.origin, answer.remember);
      }
      return answer;
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #load(name: string): Promise<void> {
    const path = join(this.#directory, name, 'checkpoint');
    const bytes = await this.#disk.read(path);
    // A first request that a crash cut short leaves the directory only.
    if (bytes === undefined) return;
    const note = decodeNote(bytes);
    const checkpoint = isFault(note) ? note : parseCheckpointText(note.text);
    if (isFault(checkpoint) || nameOf(checkpoint.origin) !== name)
      throw new AgentError('witness-state-damaged', `read ${path}: not the checkpoint of this origin`, {
        fields: { path: dirname(path) },
      });
    this.#known.set(checkpoint.origin, { size: checkpoint.size, root: checkpoint.root, note: bytes });
  }
}

const nameOf = (origin: string): string => toHex(sha256(new TextEncoder().encode(origin)));
