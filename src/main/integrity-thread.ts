/** The thread of integrity-check.ts: verifies one lane from its first entry, resting between tiles, and posts the report. */

import { parentPort, workerData } from 'node:worker_threads';
import { keyringOf } from '../core/attestation/keyring.ts';
import { auditLane } from '../core/log/verify-lane.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { pinLane } from '../io/storage/pinned-lane.ts';
import type { IntegrityTask } from './integrity-check.ts';

const { directory, network, publicKey, shareOfCore } = workerData as IntegrityTask;
const files = pinLane(directory);
if (files === undefined) parentPort!.postMessage(undefined);
else {
  const judge = { network, keyOf: keyringOf([publicKey])!, checkSignature };
  const walk = auditLane({ files, owner: { network, publicKey }, judge });
  const rest = new Int32Array(new SharedArrayBuffer(4));
  let started = performance.now();
  let step = walk.next();
  for (; !step.done; step = walk.next()) {
    // A tile took `busy`; resting in proportion keeps this thread at its share of a core.
    const busy = performance.now() - started;
    Atomics.wait(rest, 0, 0, busy * (1 / shareOfCore - 1));
    started = performance.now();
  }
  parentPort!.postMessage(step.value);
}
