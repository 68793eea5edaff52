/**
 * Part of `npm pack`: puts this machine's addon where an installed package looks for a prebuilt one.
 */

import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = join(root, 'build', 'Release', 'momentd.node');
const folder = join(root, 'prebuilds', `${process.platform}-${process.arch}`);

if (existsSync(built)) {
  mkdirSync(folder, { recursive: true });
  copyFileSync(built, join(folder, 'momentd.node'));
  process.stdout.write(`momentd: prebuilt addon in ${folder}\n`);
} else {
  process.stdout.write(
    `momentd: ${built} is not there, so the package carries no prebuilt addon and builds on install\n`,
  );
}
