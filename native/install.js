/**
 * npm's install step: makes sure the addon is there, without ever failing the install.
 *
 * A prebuilt binary for this machine is used when the package carries one; otherwise node-gyp builds from source, against
 * the headers of the pinned Node when that is installed, unless what was built last is no older than any of its sources:
 * npx runs this step again in a clone that is installed already. An addon that cannot be built is not an error: simulated sources
 * work without it, and the agent says what is missing when a hardware clock is asked for. Runs under Node 20 and later.
 */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const platform = `${process.platform}-${process.arch}`;

function say(line) {
  process.stdout.write(`momentd: ${line}\n`);
}

function loads(path) {
  // Another process tries it, so that a binary for another libc cannot take the install down with it.
  const tried = spawnSync(process.execPath, ['-e', 'require(process.argv[1])', path], {
    stdio: 'ignore',
    timeout: 30_000,
  });
  return tried.status === 0;
}

/** Whether the binary is there, no older than what it is made of, and loads: Node-API keeps it good for every Node. */
function isCurrent(binary) {
  if (!existsSync(binary)) return false;
  const native = join(root, 'native');
  const sources = readdirSync(native, { recursive: true }).filter((name) => /\.(cc|h)$/.test(name));
  const paths = [join(root, 'binding.gyp'), ...sources.map((name) => join(native, name))];
  const built = statSync(binary).mtimeMs;
  return paths.every((path) => statSync(path).mtimeMs <= built) && loads(binary);
}

function findNodeGyp() {
  const require = createRequire(join(root, 'package.json'));
  try {
    return require.resolve('node-gyp/bin/node-gyp.js');
  } catch {
    return process.env.npm_config_node_gyp;
  }
}

function findPackage(name) {
  const require = createRequire(join(root, 'package.json'));
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

function main() {
  if (process.platform !== 'linux') return say(`no native addon on ${platform}: only simulated sources will work`);
  const prebuilt = join(root, 'prebuilds', platform, 'momentd.node');
  if (existsSync(prebuilt) && loads(prebuilt)) return say(`uses the prebuilt addon for ${platform}`);

  const binary = join(root, 'build', 'Release', 'momentd.node');
  if (isCurrent(binary)) return say('the native addon is built already');

  const nodeGyp = findNodeGyp();
  if (nodeGyp === undefined)
    return say('node-gyp is not installed, so the addon was not built: only simulated sources will work');
  const args = [nodeGyp, 'rebuild', '--loglevel=error'];
  const node = findPackage(`node-${platform}`);
  if (node !== undefined && existsSync(join(node, 'include', 'node', 'node_api.h'))) args.push(`--nodedir=${node}`);
  const built = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', timeout: 600_000 });
  if (built.status === 0 && loads(binary)) return say('built the native addon');
  const why = `${built.stderr ?? ''}\n${built.stdout ?? ''}`
    .split('\n')
    .find((line) => /error|not found|ERR/.test(line));
  say(
    `the native addon was not built (${(why ?? built.error?.message ?? 'node-gyp failed').trim()}): ` +
      'only simulated sources will work; install make, g++ and python3, then run npm rebuild',
  );
}

main();
