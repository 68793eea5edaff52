/**
 * The background integrity check: verifies the agent's own lane, every byte under the checkpoint, beside the running agent.
 *
 * Starting looks only at the lane's end; this looks at all of it, in a thread of its own that takes a small share of a core.
 * It reads and reports; what to do about a finding is the operator's.
 */

import { Worker } from 'node:worker_threads';
import { assert } from '../core/assert.ts';
import type { Digest } from '../core/codec/sha256.ts';
import type { LaneReport } from '../core/log/verify-lane.ts';

export type IntegrityTask = {
  readonly directory: string;
  readonly network: Digest;
  readonly publicKey: Uint8Array;
  /** Of one core, above 0 and at most 1. At 0.05 a million entries take half an hour. */
  readonly shareOfCore: number;
};

export type IntegrityCheck = {
  /** The report, or undefined when the lane has no checkpoint yet or the check was stopped. Rejects when the thread fails. */
  readonly report: Promise<LaneReport | undefined>;
  /** Ends the thread. May be called twice. */
  stop(): Promise<void>;
};

const THREAD_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './integrity-thread.ts' : './integrity-thread.js',
  import.meta.url,
);

export function startIntegrityCheck(task: IntegrityTask): IntegrityCheck {
  assert(task.shareOfCore > 0 && task.shareOfCore <= 1, 'a share of a core is a part of it');
  const worker = new Worker(THREAD_FILE, { name: 'momentd-audit', workerData: task });
  worker.unref();
  const report = new Promise<LaneReport | undefined>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => resolve(undefined));
  });
  return {
    report,
    async stop() {
      await worker.terminate();
    },
  };
}
