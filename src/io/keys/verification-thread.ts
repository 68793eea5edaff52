/**
 * A verification thread: takes a block of claims, answers one byte per claim (1: the signature holds), in their order.
 */

import { parentPort } from 'node:worker_threads';
import { checkSignature } from './check-signature.ts';
import { unpackClaims } from './claim-batch.ts';

parentPort?.on('message', (block: Uint8Array) => {
  const answer = Uint8Array.from(unpackClaims(block), (claim) => (checkSignature(claim) ? 1 : 0));
  parentPort!.postMessage(answer, [answer.buffer]);
});
