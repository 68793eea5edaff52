/**
 * Capabilities as DHT provider records: who offers `time-card`, `archive` or `region:EU` in this network.
 *
 * The key is SHA-256 of "momentd capability v1", the network id and the capability, in the form of a content id. A record
 * is a claim by whoever published it; the hello of the peer it leads to says the same under a signature.
 */

import { peerIdFromString } from '@libp2p/peer-id';
import type { PeerId } from '@libp2p/interface';
import { createHash } from 'node:crypto';
import { LIMITS } from '../../core/limits.ts';
import type { Log } from '../../ports/log.ts';
import type { HostNode } from './host.ts';

export type ContentKey = ReturnType<PeerId['toCID']>;

/** CIDv1, codec libp2p-key (0x72), multihash sha2-256 (0x12) of 32 bytes (0x20). */
const CID_HEAD = Uint8Array.of(0x01, 0x72, 0x12, 0x20);

export function capabilityKey(network: Uint8Array, capability: string): ContentKey {
  const digest = createHash('sha256')
    .update('momentd capability v1\0')
    .update(network)
    .update(`\0${capability}`)
    .digest();
  // The text form of a content id over a SHA-256 is also that of a hashed-key peer id, whose parser we have.
  const id = peerIdFromString(`b${base32(Buffer.concat([CID_HEAD, digest]))}`);
  return id.toCID();
}

/** Publishes on a node what we offer; while that goes on, asking again does nothing. Never rejects. */
export function capabilityPublisher(
  { log }: { readonly log: Log },
  { network, capabilities }: { readonly network: Uint8Array; readonly capabilities: readonly string[] },
): (node: Pick<HostNode, 'contentRouting'>) => Promise<void> {
  let isPublishing = false;
  return async ({ contentRouting }) => {
    if (isPublishing) return;
    isPublishing = true;
    for (const capability of capabilities) {
      try {
        const signal = AbortSignal.timeout(LIMITS.requestWaitMsMax);
        await contentRouting.provide(capabilityKey(network, capability), { signal });
      } catch (error) {
        // While the DHT knows nobody. It is asked again when there are more peers, and by libp2p's reprovider every day.
        log.write('debug', 'capability not yet published', { capability, error: String(error) });
      }
    }
    isPublishing = false;
  };
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** RFC 4648 base32, lower case, without padding. */
function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31]!;
      held &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31]! : text;
}
