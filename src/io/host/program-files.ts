/** The files of the installed program and their digest, as docs/spec/identity.md, "Software digest", names them. */

import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { softwareDigest, type FileDigest } from '../../core/attestation/software-digest.ts';
import type { Digest } from '../../core/codec/sha256.ts';
import { LIMITS } from '../../core/limits.ts';
import { AgentError } from '../../ports/agent-error.ts';

const MANIFEST = 'package.json';
const COMPILED = 'dist';
const SOURCES = 'src';
const FOLDERS = ['bin', 'native', 'prebuilds'];
/** Where a host that has no prebuilt addon compiles it, among much else. */
const COMPILED_ADDON = 'build/Release';

/** Reads every file of the package at `root`. Rejects with `identity-facts` where one cannot be read. */
export async function digestOfProgram(root: string): Promise<Digest> {
  try {
    const compiled = await filesIn(root, COMPILED);
    const code = compiled.length > 0 ? compiled : await filesIn(root, SOURCES);
    const paths = [MANIFEST, ...code];
    for (const folder of FOLDERS) paths.push(...(await filesIn(root, folder)));
    paths.push(...(await filesIn(root, COMPILED_ADDON)).filter((path) => path.endsWith('.node')));
    if (paths.length > LIMITS.programFilesMax)
      throw new AgentError('identity-facts', `list the program in ${root}: ${paths.length} files`);
    const files: FileDigest[] = [];
    // One after the other: this competes with nothing that is in a hurry.
    for (const path of paths) files.push({ path, digest: sha256Of(await readFile(join(root, path))) });
    return softwareDigest(files);
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new AgentError('identity-facts', `read the program in ${root}: ${what}`, { cause });
  }
}

const sha256Of = (bytes: Uint8Array): Digest => createHash('sha256').update(bytes).digest();

/** Regular files below a folder, relative to `root`; none where there is no such folder. */
async function filesIn(root: string, folder: string): Promise<string[]> {
  try {
    const entries = await readdir(join(root, folder), { withFileTypes: true });
    const found: string[] = [];
    for (const entry of entries) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory()) found.push(...(await filesIn(root, path)));
      else if (entry.isFile()) found.push(path);
    }
    return found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
