/** The leap second table of a configured leap-seconds.list, or the one this release was built with. */

import { open } from 'node:fs/promises';
import { LIMITS } from '../../core/limits.ts';
import { BUILT_IN_LEAP_TABLE, parseLeapSecondsList, type LeapTable } from '../../core/time/leap-seconds.ts';
import { AgentError } from '../../ports/agent-error.ts';

export async function loadLeapTable(path: string | undefined): Promise<LeapTable> {
  if (path === undefined) return BUILT_IN_LEAP_TABLE;
  let text: string;
  try {
    text = await readBounded(path);
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('leap-file-unusable', `read the leap second table: ${what}`, { cause });
  }
  const table = parseLeapSecondsList(text, path);
  if ('problem' in table)
    throw new AgentError('leap-file-unusable', `${path}:${table.line}: ${table.problem}`, { fields: { path } });
  return table;
}

/** The text of the file. Reading ends one byte above the bound, so that a device that never ends is refused as well. */
async function readBounded(path: string): Promise<string> {
  const bytes = Buffer.alloc(LIMITS.leapFileBytesMax + 1);
  let length = 0;
  const file = await open(path);
  try {
    while (length < bytes.length) {
      const { bytesRead } = await file.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
  } finally {
    await file.close();
  }
  if (length > LIMITS.leapFileBytesMax) throw new Error(`${path} has more than ${LIMITS.leapFileBytesMax} bytes`);
  return bytes.toString('utf8', 0, length);
}
