/**
 * Who gets an item directly, and in which order: the strategies of kinds.ts applied to the peers there are.
 *
 * Up to `DIRECT_MESH_MAX` validators everyone sends its own words to everyone: one hop, n - 1 sends per word, and nobody
 * relays. Above it the mesh becomes an overlay of bounded degree: each validator sends to those at distance 1, 2, 4, 8 ...
 * round the circle of validators' positions (about log2 n of them), and what it hears for the first time it passes on the
 * same way. Any validator is then reached in at most log2 n hops, and a single lost link or silent peer is gone round.
 */

import { assert } from '../assert.ts';
import { KIND_RULES, type MessageKind } from './kinds.ts';
import type { Nanos } from '../time/nanos.ts';

export const DIRECT_MESH_MAX = 64;

/** A connected peer, as far as choosing goes. */
export type Neighbour = {
  readonly peer: string;
  /** Its position in the genesis record; undefined for others than validators. */
  readonly position: number | undefined;
  /** What a message to it takes; undefined until measured. */
  readonly delay: Nanos | undefined;
};

/** Positions the validator at `position` of `count` sends to. */
export function directPositions(position: number, count: number): Set<number> {
  assert(position >= 0 && position < count, 'a position lies among the validators');
  const positions = new Set<number>();
  if (count <= DIRECT_MESH_MAX) for (let at = 0; at < count; at++) positions.add(at);
  else for (let distance = 1; distance < count; distance *= 2) positions.add((position + distance) % count);
  positions.delete(position);
  return positions;
}

/** True when an item heard from another validator is to be passed on over direct streams. */
export const mustRelay = (kind: MessageKind, count: number): boolean =>
  KIND_RULES[kind].toValidators === 'structured' && count > DIRECT_MESH_MAX;

/**
 * Peers to send to over direct streams, fastest first; those not yet measured come last, in order of name. Gossip is not
 * this function's: whoever is not listed is reached by the topic's mesh, where the kind has one.
 */
export function directRecipients(
  kind: MessageKind,
  neighbours: readonly Neighbour[],
  own: { readonly position: number | undefined; readonly count: number },
): Neighbour[] {
  const rule = KIND_RULES[kind];
  const positions = own.position === undefined ? undefined : directPositions(own.position, own.count);
  const isRecipient = ({ position }: Neighbour): boolean => {
    if (position === undefined) return rule.toOthers === 'flooding';
    if (rule.toValidators === 'flooding') return true;
    return rule.toValidators === 'structured' && positions?.has(position) === true;
  };
  return neighbours.filter(isRecipient).sort(byDelay);
}

function byDelay(a: Neighbour, b: Neighbour): number {
  if (a.delay !== b.delay) {
    if (a.delay === undefined) return 1;
    if (b.delay === undefined) return -1;
    return a.delay < b.delay ? -1 : 1;
  }
  return a.peer < b.peer ? -1 : a.peer > b.peer ? 1 : 0;
}
