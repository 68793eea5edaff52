/** The cipher of connections: the same bytes as the noise package's own at every length, and nothing forged is opened. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultCrypto } from '@chainsafe/libp2p-noise/crypto';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { noiseCipher } from '../../../src/io/gossip/noise-cipher.ts';

const key = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i);
const nonce = Uint8Array.from({ length: 12 }, (_, i) => i);
const message = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff);
/** Around where either implementation gives way to another. */
const LENGTHS = [0, 1, 12, 1_199, 1_200, 32_751, 32_752, 32_768, 32_769, 65_519];

test('RFC 8439 section 2.8.2', () => {
  const text =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
  const ad = fromHex('50515253c0c1c2c3c4c5c6c7')!;
  const sealed = noiseCipher.chaCha20Poly1305Encrypt(
    new TextEncoder().encode(text),
    fromHex('070000004041424344454647')!,
    ad,
    key,
  );
  assert.equal(toHex(sealed.subarray(0, 16)), 'd31a8d34648e60db7b86afbc53ef7ec2');
  assert.equal(toHex(sealed.subarray(-16)), '1ae10b594f09e26a7e902ecbd0600691');
});

test('seals and opens as the package does, whichever of them did the other', () => {
  for (const ad of [new Uint8Array(0), Uint8Array.of(1, 2, 3)])
    for (const length of LENGTHS) {
      const plain = message(length);
      const sealed = noiseCipher.chaCha20Poly1305Encrypt(plain, nonce, ad, key).subarray();
      const theirs = defaultCrypto.chaCha20Poly1305Encrypt(plain, nonce, ad, key).subarray();
      assert.equal(toHex(sealed), toHex(theirs), `${length} bytes`);
      const opened = noiseCipher
        .chaCha20Poly1305Decrypt(theirs.slice(), nonce, ad, key, new Uint8Array(length))
        .subarray();
      assert.equal(toHex(opened), toHex(plain), `${length} bytes`);
    }
});

test('what was changed on the way, or is too short to have a tag, is not opened', () => {
  const ad = new Uint8Array(0);
  for (const length of LENGTHS.filter((bytes) => bytes > 0)) {
    const sealed = noiseCipher.chaCha20Poly1305Encrypt(message(length), nonce, ad, key).subarray();
    for (const at of [0, length - 1, length, sealed.length - 1]) {
      const forged = sealed.slice();
      forged[at]! ^= 1;
      assert.throws(
        () => noiseCipher.chaCha20Poly1305Decrypt(forged, nonce, ad, key, new Uint8Array(length)),
        `${length}`,
      );
    }
  }
  assert.throws(() => noiseCipher.chaCha20Poly1305Decrypt(new Uint8Array(15), nonce, ad, key, new Uint8Array(0)));
});
