/**
 * Which installed packages the program needs at run time: the closure of package.json's dependencies, each found where Node
 * would find it, without what is only there to build the addon.
 */

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package carries the addon built. */
const BUILD_ONLY = new Set(['node-gyp', 'node-addon-api']);

/** Paths relative to `root`, such as `node_modules/libp2p`. */
export function runtimePackages(root) {
  const found = new Set();
  const visit = (from) => {
    const manifest = JSON.parse(readFileSync(join(root, from, 'package.json'), 'utf8'));
    const required = Object.keys(manifest.dependencies ?? {});
    // The runtime is packed apart; of the others an optional or a peer package counts when it is installed.
    const wished =
      from === ''
        ? []
        : [...Object.keys(manifest.optionalDependencies ?? {}), ...Object.keys(manifest.peerDependencies ?? {})];
    for (const name of [...required, ...wished]) {
      if (from === '' && BUILD_ONLY.has(name)) continue;
      const place = placeOf(root, from, name);
      if (place === undefined && required.includes(name))
        throw new Error(`${from || 'momentd'} needs ${name}: run npm ci`);
      if (place === undefined || found.has(place)) continue;
      found.add(place);
      visit(place);
    }
  };
  visit('');
  return [...found].sort();
}

/** The nearest node_modules upwards that has it, as Node looks. */
function placeOf(root, from, name) {
  for (let at = from; ; at = dirname(at) === '.' ? '' : dirname(at)) {
    const place = join(at, 'node_modules', name);
    if (!at.endsWith('node_modules') && existsSync(join(root, place, 'package.json'))) return place;
    if (at === '') return undefined;
  }
}
