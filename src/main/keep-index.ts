/** Keeps the subject index beside our lane up to date while the agent runs. It is a cache: its troubles are told and stop nothing. */

import { LIMITS } from '../core/limits.ts';
import { IndexedLane } from '../io/storage/indexed-lane.ts';
import { indexDirectoryOf } from '../io/storage/subject-index.ts';
import type { Disk } from '../ports/disk.ts';
import type { LaneEntries, LaneSearch } from '../ports/lane-search.ts';
import type { Log } from '../ports/log.ts';

export type KeptIndex = { readonly search: LaneSearch; stop(): Promise<void> };

export async function keepIndex(
  needs: { readonly disk: Disk; readonly lane: LaneEntries; readonly log: Log },
  laneDirectory: string,
): Promise<KeptIndex> {
  const { disk, lane, log } = needs;
  const search = await IndexedLane.open({ disk, lane }, indexDirectoryOf(laneDirectory));
  let running: Promise<void> | undefined;
  let told = '';
  const look = (): void => {
    running ??= search
      .catchUp()
      .then(() => void (told = ''))
      .catch((error: unknown) => {
        const trouble = error instanceof Error ? error.message : String(error);
        // One that stays is told once.
        if (trouble !== told) log.write('warn', 'the subject index could not be written', { error: trouble });
        told = trouble;
      })
      .finally(() => (running = undefined));
  };
  look();
  const timer = setInterval(look, LIMITS.indexEveryMs);
  timer.unref();
  return {
    search,
    async stop() {
      clearInterval(timer);
      search.stop();
      await running;
    },
  };
}
