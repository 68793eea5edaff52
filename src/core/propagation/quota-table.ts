/**
 * The quotas of kinds.ts for a network of a given size, by the way a message comes.
 *
 * On a direct stream a peer speaks for itself. On gossip, and in an overlay, it passes on what all validators said, so the
 * quota is multiplied by their number; whoever would use that to speak for itself is still held by its signature.
 */

import type { Quota } from '../peers/quotas.ts';
import { scaled } from '../peers/quotas.ts';
import { KIND_RULES, MESSAGE_KINDS, type MessageKind } from './kinds.ts';
import { DIRECT_MESH_MAX } from './recipients.ts';

export type QuotaKey = `${'direct' | 'gossip'} ${MessageKind}`;

export const quotaKey = (way: 'direct' | 'gossip', kind: MessageKind): QuotaKey => `${way} ${kind}`;

/** `validators` is their number in the epoch. */
export function quotaTable(validators: number): Readonly<Record<QuotaKey, Quota>> {
  const table: Partial<Record<QuotaKey, Quota>> = {};
  for (const kind of MESSAGE_KINDS) {
    const { quota } = KIND_RULES[kind];
    const shared = { items: scaled(quota.items, validators), bytes: scaled(quota.bytes, validators) };
    table[quotaKey('direct', kind)] = validators > DIRECT_MESH_MAX ? shared : quota;
    table[quotaKey('gossip', kind)] = shared;
  }
  return table as Record<QuotaKey, Quota>;
}
