// usage: verify-with-cose.mjs STATEMENT-HEX PUBLIC-KEY-HEX: what @auth0/cose makes of a statement, as JSON.
import { Sign1 } from '@auth0/cose';
import { webcrypto } from 'node:crypto';

const [statement, publicKey] = process.argv.slice(2).map((hex) => Buffer.from(hex, 'hex'));
const hex = (bytes) => Buffer.from(bytes).toString('hex');

let found;
try {
  const key = await webcrypto.subtle.importKey('raw', publicKey, { name: 'Ed25519' }, true, ['verify']);
  const message = Sign1.decode(statement);
  await message.verify(key);
  found = { payload: hex(message.payload), kid: hex(message.protectedHeaders.get(4)) };
} catch (error) {
  found = { error: String(error) };
}
process.stdout.write(JSON.stringify(found));
