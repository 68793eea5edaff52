/** A tree's frontier as part of a saved state. */

import type { Digest } from '../codec/sha256.ts';
import { Frontier } from '../log/merkle.ts';

export type SavedFrontier = { readonly size: number; readonly peaks: readonly Digest[] };

export const savedFrontier = (frontier: Frontier): SavedFrontier => ({ size: frontier.size, peaks: frontier.peaks() });

export function frontierOf({ size, peaks }: SavedFrontier): Frontier {
  let next = 0;
  return Frontier.of(size, () => peaks[next++]!);
}
