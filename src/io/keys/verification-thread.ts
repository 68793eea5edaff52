/**
 * A verification thread: takes a block of claims, answers one byte per claim (1: the signature holds), in their order.
 */

import { parentPort } from 'node:worker_threads';
import { checkSignature } from './check-signature.ts';
import { unpackClaims } from './claim-batch.ts';

parentPort?.on('message', (block: Uint8Array) => {
  const claims = unpackClaims(block);
  const answer = new Uint8Array(claims.length);
  for (const [i, claim] of claims.entries()) if (checkSignature(claim)) answer[i] = 1;
  parentPort!.postMessage(answer, [answer.buffer]);
});
