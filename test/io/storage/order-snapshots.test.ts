/** The file of the order's snapshot: replaced in one step wherever the machine stops, refused for every bit that is not ours. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { toHex } from '../../../src/core/codec/hex.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { openSnapshot, sealSnapshot } from '../../../src/core/ordering/order-snapshot.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { orderSnapshotFile } from '../../../src/io/storage/order-snapshot-file.ts';
import { MachineStopped, SimDisk, type Survival } from '../../../src/sim/disk.ts';
import { digestOf, signerOf } from '../../core/attestation/actors.ts';

const signer = signerOf('a validator');
const network = digestOf('a network');
const seal = (state: Uint8Array): Uint8Array => sealSnapshot((bytes) => signer.sign(bytes), network, state);
const open = (bytes: Uint8Array) => openSnapshot({ network, publicKey: signer.publicKey, checkSignature }, bytes);

const STATE = Buffer.from('where the order stands');
const SEALED = seal(STATE);

test('what was sealed opens; with any bit flipped, cut or added to, it does not', () => {
  const opened = open(SEALED);
  assert.ok(!isFault(opened));
  assert.equal(toHex(opened), toHex(STATE));
  for (let bit = 0; bit < 8 * SEALED.length; bit++) {
    const altered = SEALED.slice();
    altered[bit >> 3]! ^= 1 << (bit & 7);
    assert.ok(isFault(open(altered)), `bit ${bit}`);
  }
  for (let length = 0; length < SEALED.length; length++) assert.ok(isFault(open(SEALED.slice(0, length))), `${length}`);
  assert.ok(isFault(open(Uint8Array.of(...SEALED, 0))));
});

test('one that is larger than any we write is refused by its length', () => {
  const found = open(new Uint8Array(LIMITS.orderSnapshotBytesMax + 1));
  assert.ok(isFault(found));
  assert.equal(found.fault, 'order-snapshot-format');
  assert.match(found.detail, /134217729 bytes/);
});

test('wherever the machine stops, the old snapshot is there or the new one, whole', async () => {
  const survivals = fc.oneof(
    fc.constant<Survival>({ kind: 'nothing' }),
    fc.constant<Survival>({ kind: 'everything' }),
    fc.double({ min: 0, max: 1, noNaN: true }).map((share): Survival => ({ kind: 'first', share })),
  );
  const [older, newer] = [seal(new Uint8Array(3_000).fill(1)), seal(new Uint8Array(5_000).fill(2))];
  const found = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 8 }), survivals, async (steps, survival) => {
      const disk = new SimDisk();
      await orderSnapshotFile(disk, '/state/order').put(older);
      disk.stopAt(disk.steps + 1 + steps);
      const isDone = await orderSnapshotFile(disk, '/state/order')
        .put(newer)
        .then(() => true)
        .catch((error: unknown) => {
          assert.ok(error instanceof MachineStopped, String(error));
          return false;
        });
      const after = await orderSnapshotFile(disk.crash(survival), '/state/order').get();
      assert.ok(after !== undefined && !isFault(open(after)), 'what is there opens');
      const isNewer = toHex(after) === toHex(newer);
      assert.ok(isNewer || toHex(after) === toHex(older));
      if (isDone) assert.ok(isNewer, 'what put resolved for is kept');
      found.add(`${isDone} ${isNewer}`);
    }),
    { numRuns: 120 },
  );
  assert.ok(found.has('true true') && found.has('false false'), [...found].join());
});
