/** Verifies our own lane, every byte, at start and then daily, beside the running agent; a finding is for the operator. */

import { LIMITS } from '../core/limits.ts';
import type { Log } from '../ports/log.ts';
import { startIntegrityCheck, type IntegrityCheck, type IntegrityTask } from './integrity-check.ts';

/** At this share a million entries take half an hour, and nobody notices. */
const SHARE_OF_CORE = 0.05;

export type IntegrityWatch = { stop(): Promise<void> };

export function watchIntegrity(needs: Omit<IntegrityTask, 'shareOfCore'> & { readonly log: Log }): IntegrityWatch {
  const { log, ...task } = needs;
  let running: IntegrityCheck | undefined;
  const look = (): void => {
    if (running !== undefined) return;
    const check = (running = startIntegrityCheck({ ...task, shareOfCore: SHARE_OF_CORE }));
    check.report
      .then((report) => {
        if (report === undefined) return;
        if (report.isWhole) log.write('info', 'the lane is whole', { entries: report.checkpoint?.size });
        for (const { code, detail } of report.findings) log.write('error', 'the lane is damaged', { code, detail });
      })
      .catch((error: unknown) => log.write('error', 'the lane could not be checked', { error: String(error) }))
      .finally(() => {
        running = undefined;
      });
  };
  look();
  const timer = setInterval(look, LIMITS.integrityCheckEveryMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await running?.stop();
    },
  };
}
