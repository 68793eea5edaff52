/**
 * Memory for secrets: outside the JavaScript heap, locked against swapping, guarded by unreadable pages on both sides.
 *
 * Node may copy an ordinary buffer when it likes and never tells; libsodium's allocation stays where it is until it is
 * freed, and is overwritten then.
 */

import sodium from 'sodium-native';

export function zeroedBuffer(size: number): Buffer {
  const buffer = sodium.sodium_malloc(size);
  sodium.sodium_memzero(buffer);
  return buffer;
}

export function zero(bytes: Uint8Array): void {
  bytes.fill(0);
}
