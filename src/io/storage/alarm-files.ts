/**
 * The evidence of time alarms on disk: `<number>.json` in one folder, numbered as they came. Bounded in number: the newest
 * are kept, because an alarm of last year is of less use than the one that is raised now.
 */

import { join } from 'node:path';
import { LIMITS } from '../../core/limits.ts';
import type { Disk } from '../../ports/disk.ts';
import type { AlarmShelf } from '../../ports/kept-log.ts';
import { TileFiles } from './tile-files.ts';

const NAME = /^\d{12}\.json$/;

export class AlarmFiles implements AlarmShelf {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #files: TileFiles;
  /** Oldest first. */
  #names: readonly string[];
  #last: Promise<unknown> = Promise.resolve();

  private constructor(disk: Disk, directory: string, names: readonly string[]) {
    this.#disk = disk;
    this.#directory = directory;
    this.#files = new TileFiles(disk, directory);
    this.#names = names;
  }

  static async open(disk: Disk, directory: string): Promise<AlarmFiles> {
    await disk.makeDirectory(directory);
    return new AlarmFiles(
      disk,
      directory,
      (await disk.list(directory)).filter((name) => NAME.test(name)),
    );
  }

  /** One after another, so that each has its own number. */
  keep(evidence: Uint8Array): Promise<void> {
    const turn = this.#last.then(() => this.#keep(evidence));
    this.#last = turn.catch(() => undefined);
    return turn;
  }

  async #keep(bytes: Uint8Array): Promise<void> {
    const number = Number(this.#names.at(-1)?.slice(0, 12) ?? 0) + 1;
    const name = `${String(number).padStart(12, '0')}.json`;
    await this.#files.write([{ path: name, bytes }]);
    const names = [...this.#names, name];
    const kept = names.slice(-LIMITS.timeAlarmsKeptMax);
    this.#names = kept;
    // The new one is durable before an old one goes.
    for (const old of names.slice(0, -kept.length)) await this.#disk.remove(join(this.#directory, old));
  }
}
