/** RFC 4648 section 10, and that one byte string has one text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromBase64, toBase64 } from '../../../src/core/codec/base64.ts';

test('the examples of RFC 4648', () => {
  const examples = {
    '': '',
    f: 'Zg==',
    fo: 'Zm8=',
    foo: 'Zm9v',
    foob: 'Zm9vYg==',
    fooba: 'Zm9vYmE=',
    foobar: 'Zm9vYmFy',
  };
  for (const [text, encoded] of Object.entries(examples)) {
    assert.equal(toBase64(Buffer.from(text)), encoded);
    assert.deepEqual(Buffer.from(fromBase64(encoded)!), Buffer.from(text));
  }
});

test('agrees with Node on any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      assert.equal(toBase64(bytes), Buffer.from(bytes).toString('base64'));
      assert.deepEqual(fromBase64(toBase64(bytes)), bytes);
    }),
  );
});

test('any other text is refused', () => {
  for (const text of ['Zg', 'Zg=', 'Zh==', 'Zm9=', 'Z===', '====', 'Zm 9v', 'Zm9v\n', 'Zm-_', '=Zg=', 'Zg==Zg=='])
    assert.equal(fromBase64(text), undefined, text);
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      const bytes = fromBase64(text);
      return bytes === undefined || toBase64(bytes) === text;
    }),
  );
});
