#!/usr/bin/env node
// The launcher: finds a Node that can run momentd, or says in one line that there is none.
//
// Plain JavaScript that any Node since 12 reads. In a clone it runs src/main.ts by type stripping, in an installed
// package dist/main.js. A Node outside the supported range hands over to the one that npm installed beside us. In a clone
// what was stripped and compiled is kept, below node_modules, where only those can write who can write the sources too.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const SUPPORTED = { major: 24, minorMin: 15 };

const [major, minor] = process.versions.node.split('.').map(Number);
const entry = entryPoint();

if (major === SUPPORTED.major && minor >= SUPPORTED.minorMin) {
  if (entry.pathname.endsWith('.ts'))
    module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/momentd', import.meta.url)));
  await import(entry.href);
} else {
  const runtime = bundledNode();
  if (runtime === undefined) {
    process.stderr.write(
      `momentd: needs Node ${SUPPORTED.major}.${SUPPORTED.minorMin} or a later ${SUPPORTED.major}.x, this is ` +
        `${process.versions.node}, and the package node-linux-${process.arch} is not installed (run npm ci)\n`,
    );
    process.exit(2);
  }
  handOver(runtime);
}

function entryPoint() {
  const source = new URL('../src/main.ts', import.meta.url);
  return existsSync(source) ? source : new URL('../dist/main.js', import.meta.url);
}

/** The Node 24 that came with `npm ci`, or undefined. */
function bundledNode() {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-linux-${process.arch}/package.json`);
    const version = JSON.parse(readFileSync(manifest, 'utf8')).version;
    const binary = fileURLToPath(new URL('bin/node', `file://${manifest}`));
    return version.startsWith(`${SUPPORTED.major}.`) && existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

/** Runs the same command line under `runtime`; signals go on to it, its end is our end. */
function handOver(runtime) {
  const child = spawn(runtime, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // The terminal sends SIGINT to both; a supervisor sends it only to us, so it is passed on, and a second one is harmless.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`momentd: could not start ${runtime}: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
