/** Reads a configuration file from disk. The file is small by nature; one that is not is refused before it is parsed. */

import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LIMITS } from '../../core/limits.ts';
import { AgentError } from '../../ports/agent-error.ts';
import { parseConfig, type Config } from './config.ts';

export async function loadConfig(path: string): Promise<Config> {
  const file = resolve(path);
  return parseConfig(await readText(file), file);
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > LIMITS.configBytesMax)
      throw new AgentError(
        'config-invalid',
        `${file}: ${size} bytes are no configuration (${LIMITS.configBytesMax} at most)`,
      );
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('config-unreadable', `read the configuration: ${what}`, { cause });
  }
}
