/** The leap second table of a configured leap-seconds.list, or the one this release was built with. */

import { readFile } from 'node:fs/promises';
import { BUILT_IN_LEAP_TABLE, parseLeapSecondsList, type LeapTable } from '../../core/time/leap-seconds.ts';
import { AgentError } from '../../ports/agent-error.ts';

export async function loadLeapTable(path: string | undefined): Promise<LeapTable> {
  if (path === undefined) return BUILT_IN_LEAP_TABLE;
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('leap-file-unusable', `read the leap second table: ${what}`, { cause });
  }
  const table = parseLeapSecondsList(text, path);
  if ('problem' in table)
    throw new AgentError('leap-file-unusable', `${path}:${table.line}: ${table.problem}`, { fields: { path } });
  return table;
}
