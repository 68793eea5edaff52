/** A thread of bench/verify.ts that does nothing but verify its claims with one library, as often as it is told. */

import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import sodium from 'sodium-native';
import { unpackClaims } from '../src/io/keys/claim-batch.ts';

const { library, block } = workerData as { library: 'sodium' | 'node'; block: Uint8Array };
const claims = [...unpackClaims(block)];
const keys = new Map<string, KeyObject>();
const objects = claims.map(({ publicKey }) => {
  const x = Buffer.from(publicKey).toString('base64url');
  const key = keys.get(x) ?? createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  keys.set(x, key);
  return key;
});

parentPort!.on('message', (repeats: number) => {
  let held = 0;
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const [i, { signature, message, publicKey }] of claims.entries()) {
      const holds =
        library === 'sodium'
          ? sodium.crypto_sign_verify_detached(signature as Buffer, message as Buffer, publicKey as Buffer)
          : verify(null, message, objects[i]!, signature);
      if (holds) held += 1;
    }
  parentPort!.postMessage(held);
});
parentPort!.postMessage('ready');
