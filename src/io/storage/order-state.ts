/**
 * Where the order stood when the own lane was pruned: what a start goes on from, because the entries before it are gone.
 * docs/spec/lane.md section "Pruning", docs/operating.md.
 *
 *     order.state = SHA-256 of the rest, hexadecimal, newline | JSON
 *
 * The digest tells a torn or altered file from a whole one. What it says of lanes and order log is compared with theirs
 * before anything is ordered (agent/order/order-keeper.ts).
 */

import { join } from 'node:path';
import { toHex } from '../../core/codec/hex.ts';
import { decodePlain, encodePlain } from '../../core/codec/plain-json.ts';
import { sha256 } from '../../core/codec/sha256.ts';
import type { SavedOrdering } from '../../core/ordering/ordering.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Disk } from '../../ports/disk.ts';
import { TileFiles } from './tile-files.ts';

const FILE = 'order.state';

export function writeOrderState(disk: Disk, stateDir: string, saved: SavedOrdering): Promise<void> {
  const json = new TextEncoder().encode(encodePlain(saved));
  const head = new TextEncoder().encode(`${toHex(sha256(json))}\n`);
  return new TileFiles(disk, stateDir).write([{ path: FILE, bytes: Buffer.concat([head, json]) }]);
}

/** The state to go on from; undefined for a lane that is whole, which is read from its beginning. */
export async function readOrderState(
  disk: Disk,
  stateDir: string,
  own: { readonly lane: number; readonly firstKept: number },
): Promise<SavedOrdering | undefined> {
  if (own.firstKept === 0) return undefined;
  const path = join(stateDir, FILE);
  const bytes = await disk.read(path);
  const head = bytes === undefined ? '' : Buffer.from(bytes.subarray(0, 64)).toString('latin1');
  if (bytes === undefined || head !== toHex(sha256(bytes.subarray(65))))
    throw missing(path, bytes === undefined ? 'there is none' : 'it is not whole');
  const saved = decodePlain(new TextDecoder().decode(bytes.subarray(65))) as SavedOrdering;
  const size = saved.builder.lanes[own.lane]?.prefixes.size ?? 0;
  if (size < own.firstKept)
    throw missing(path, `it stands at entry ${size}, and those before ${own.firstKept} are gone`);
  return saved;
}

const missing = (path: string, what: string): AgentError =>
  new AgentError('order-state-missing', `read ${path}, because the lane is pruned: ${what}`, { fields: { path } });
