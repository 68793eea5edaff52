/**
 * The bytes of a key file: four short lines, read and written without ever making a string of the secret.
 *
 *     momentd-key v1
 *     public <64 hex>
 *     seed <64 hex>
 *
 * or, sealed with a passphrase, in place of the last line:
 *
 *     argon2id <passes> <memory bytes> <32 hex salt>
 *     xchacha20poly1305 <48 hex nonce> <96 hex box>
 *
 * The seed is RFC 8032's 32-byte private key. The box's associated data is every byte of the lines before it, so neither
 * the public key nor the cost of the passphrase can be altered. Where the file lives and who may read it is key-store.ts.
 */

import sodium from 'sodium-native';
import { AgentError } from '../../ports/agent-error.ts';
import { zeroedBuffer } from './secret-memory.ts';

export type KeyPair = {
  readonly publicKey: Uint8Array;
  /** 64 bytes, seed then public key, in guarded memory; the holder zeroes it. */
  readonly secretKey: Buffer;
};

/** What it costs to try one passphrase. */
export type SealingCost = { readonly passes: number; readonly memoryBytes: number };

/** libsodium's "moderate": some 0.7 s and 256 MiB for each guess (and once for us at each start). */
export const SEALING_COST: SealingCost = { passes: 3, memoryBytes: 268_435_456 };

/** A file may not ask us for more than this: 16 passes over 1 GiB take half a minute. */
const SEALING_COST_MAX: SealingCost = { passes: 16, memoryBytes: 1_073_741_824 };

const HEADER = 'momentd-key v1\n';
const HEX_32 = '[0-9a-f]{64}';
const OPEN = new RegExp(`^momentd-key v1\\npublic (${HEX_32})\\nseed $`);
const SEALED = new RegExp(
  `^momentd-key v1\\npublic (${HEX_32})\\nargon2id ([1-9]\\d{0,9}) ([1-9]\\d{0,10}) ([0-9a-f]{32})\\n` +
    `xchacha20poly1305 ([0-9a-f]{48}) ([0-9a-f]{96})\\n$`,
);
const SEED_LINE_SIZE = 65;

/** The file's bytes; the caller zeroes them when they are written. */
export function encodeKey(key: KeyPair, sealing?: { passphrase: Uint8Array; cost: SealingCost }): Buffer {
  const head = `${HEADER}public ${Buffer.from(key.publicKey).toString('hex')}\n`;
  const seed = key.secretKey.subarray(0, sodium.crypto_sign_SEEDBYTES);
  if (sealing === undefined) {
    const lead = Buffer.from(`${head}seed `);
    const file = Buffer.alloc(lead.length + SEED_LINE_SIZE);
    lead.copy(file);
    writeHex(file, lead.length, seed);
    file[file.length - 1] = 0x0a;
    return file;
  }
  const salt = randomBytes(sodium.crypto_pwhash_SALTBYTES);
  const nonce = randomBytes(sodium.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
  const { passes, memoryBytes } = sealing.cost;
  const bound = Buffer.from(`${head}argon2id ${passes} ${memoryBytes} ${salt.toString('hex')}\n`);
  const box = Buffer.alloc(seed.length + sodium.crypto_aead_xchacha20poly1305_ietf_ABYTES);
  const stretched = stretch(sealing.passphrase, salt, sealing.cost);
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(box, seed, bound, null, nonce, stretched);
  sodium.sodium_memzero(stretched);
  return Buffer.concat([bound, Buffer.from(`xchacha20poly1305 ${nonce.toString('hex')} ${box.toString('hex')}\n`)]);
}

/** Reads a key file's bytes. `passphrase` is used only when the file is sealed. */
export function decodeKey(file: Buffer, name: string, passphrase?: Uint8Array): KeyPair {
  const openLead = file.subarray(0, Math.max(0, file.length - SEED_LINE_SIZE)).toString('latin1');
  const open = OPEN.exec(openLead);
  if (open !== null) {
    const seed = readHex(file, openLead.length);
    if (seed === undefined || file.at(-1) !== 0x0a) throw notAKey(name);
    return pairOf(seed, open[1]!, name);
  }
  const sealed = SEALED.exec(file.toString('latin1'));
  if (sealed === null) throw notAKey(name);
  if (passphrase === undefined) throw new AgentError('key-passphrase-needed', `${name} is sealed with a passphrase`);
  const [, publicHex, passes, memory, salt, nonce, box] = sealed as unknown as readonly string[];
  const cost = { passes: Number(passes), memoryBytes: Number(memory) };
  if (cost.passes > SEALING_COST_MAX.passes || cost.memoryBytes > SEALING_COST_MAX.memoryBytes) throw notAKey(name);
  if (cost.memoryBytes < sodium.crypto_pwhash_MEMLIMIT_MIN) throw notAKey(name);
  const bound = file.subarray(0, file.indexOf('xchacha20poly1305 '));
  const seed = zeroedBuffer(sodium.crypto_sign_SEEDBYTES);
  const stretched = stretch(passphrase, Buffer.from(salt!, 'hex'), cost);
  try {
    const nonceBytes = Buffer.from(nonce!, 'hex');
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(
      seed,
      null,
      Buffer.from(box!, 'hex'),
      bound,
      nonceBytes,
      stretched,
    );
  } catch (cause) {
    throw new AgentError('key-passphrase-wrong', `the passphrase does not open ${name}`, { cause });
  } finally {
    sodium.sodium_memzero(stretched);
  }
  return pairOf(seed, publicHex!, name);
}

/** A key pair made from the system's randomness. */
export function generateKey(): KeyPair {
  const publicKey = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES);
  const secretKey = zeroedBuffer(sodium.crypto_sign_SECRETKEYBYTES);
  sodium.crypto_sign_keypair(publicKey, secretKey);
  return { publicKey: new Uint8Array(publicKey), secretKey };
}

/** The pair of a 32-byte seed. The seed is zeroed. */
export function keyOfSeed(seed: Buffer): KeyPair {
  const publicKey = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES);
  const secretKey = zeroedBuffer(sodium.crypto_sign_SECRETKEYBYTES);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed);
  sodium.sodium_memzero(seed);
  return { publicKey: new Uint8Array(publicKey), secretKey };
}

function pairOf(seed: Buffer, publicHex: string, name: string): KeyPair {
  const pair = keyOfSeed(seed);
  if (Buffer.from(pair.publicKey).toString('hex') !== publicHex) {
    sodium.sodium_memzero(pair.secretKey);
    throw new AgentError('key-file-mismatch', `the seed in ${name} does not make the public key ${publicHex}`);
  }
  return pair;
}

const notAKey = (name: string): AgentError => new AgentError('key-file-format', `${name} is not a momentd key file`);

function stretch(passphrase: Uint8Array, salt: Buffer, cost: SealingCost): Buffer {
  const stretched = zeroedBuffer(sodium.crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
  const { passes, memoryBytes } = cost;
  const argon2id = sodium.crypto_pwhash_ALG_ARGON2ID13;
  sodium.crypto_pwhash(stretched, Buffer.from(passphrase), salt, passes, memoryBytes, argon2id);
  return stretched;
}

function randomBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  sodium.randombytes_buf(bytes);
  return bytes;
}

const DIGITS = Buffer.from('0123456789abcdef');

function writeHex(out: Buffer, at: number, bytes: Uint8Array): void {
  for (const [i, byte] of bytes.entries()) {
    out[at + 2 * i] = DIGITS[byte >> 4]!;
    out[at + 2 * i + 1] = DIGITS[byte & 15]!;
  }
}

function readHex(file: Buffer, at: number): Buffer | undefined {
  const bytes = zeroedBuffer(sodium.crypto_sign_SEEDBYTES);
  for (let i = 0; i < bytes.length; i++) {
    const high = DIGITS.indexOf(file[at + 2 * i]!);
    const low = DIGITS.indexOf(file[at + 2 * i + 1]!);
    if (high < 0 || low < 0) return undefined;
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}
