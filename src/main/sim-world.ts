/**
 * The true time of simulated cards: an anchor, what it was at one instant of the host's raw clock.
 *
 * Validators on one host that share a file share one truth, so that their intervals can be compared. Whoever comes first
 * makes the file, whole or not at all; a file of an earlier boot is refused, because its raw clock is gone.
 */

import { linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { monoInstant, taiInstant, type MonoInstant, type TaiInstant } from '../core/time/nanos.ts';
import { coarseTaiNow } from '../io/host/coarse-time.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { HostClock } from '../ports/host-clock.ts';

export type SimAnchor = { readonly epoch: TaiInstant; readonly origin: MonoInstant };

const LINE = /^momentd simulated world v1 boot ([0-9a-f-]{1,64}) tai (\d{1,19}) mono (\d{1,19})\n$/;

export function simAnchor(path: string | undefined, host: HostClock): SimAnchor {
  const fresh = { epoch: coarseTaiNow(), origin: host.now() };
  if (path === undefined) return fresh;
  return readAnchor(path, host.bootId) ?? makeAnchor(path, fresh, host.bootId);
}

function readAnchor(path: string, bootId: string): SimAnchor | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw unusable(path, String(cause), cause);
  }
  const match = LINE.exec(text);
  if (match === null) throw unusable(path, 'not the anchor of a simulated world');
  if (match[1] !== bootId) throw unusable(path, 'made in another boot of this host: remove it');
  return { epoch: taiInstant(BigInt(match[2]!)), origin: monoInstant(BigInt(match[3]!)) };
}

/** Written beside and linked into place: of several that start at once one wins, and all read its file. */
function makeAnchor(path: string, anchor: SimAnchor, bootId: string): SimAnchor {
  const temporary = `${path}.${process.pid}.new`;
  try {
    writeFileSync(temporary, `momentd simulated world v1 boot ${bootId} tai ${anchor.epoch} mono ${anchor.origin}\n`);
    try {
      linkSync(temporary, path);
    } finally {
      unlinkSync(temporary);
    }
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'))
      throw unusable(path, String(cause), cause);
  }
  return readAnchor(path, bootId) ?? anchor;
}

const unusable = (path: string, what: string, cause?: unknown): AgentError =>
  new AgentError('source-not-wired', `read the simulated world ${path}: ${what}`, { cause, fields: { path } });
