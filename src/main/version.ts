/** The release's version, from the package's own manifest. */

import { readFileSync } from 'node:fs';

/** `src/main` and `dist/main` both lie two folders below the package. */
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly version: string;
};

export const VERSION: string = manifest.version;
