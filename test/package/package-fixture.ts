/** The Debian package, built from this tree and installed below a scratch root, with a search path that has no Node. */

import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export type Installed = {
  readonly package: string;
  readonly root: string;
  readonly directory: string;
  readonly dpkgSaid: string;
  readonly buildSeconds: number;
  readonly run: (...args: string[]) => { code: number | null; stdout: string; stderr: string };
  readonly start: (...args: string[]) => Started;
  readonly remove: () => void;
};

/** Why there is no package here; undefined when one can be made. */
export function missingTool(): string | undefined {
  return ['dpkg-deb', 'dpkg', 'objdump', 'systemd-sysusers', 'systemd-tmpfiles'].find(
    (tool) => spawnSync(tool, ['--version']).error !== undefined,
  );
}

export function buildAndInstall(): Installed {
  const directory = mkdtempSync(join(tmpdir(), 'momentd-package-'));
  const began = performance.now();
  const built = spawnSync(process.execPath, ['deploy/debian/build.js', '--out', directory], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  assert.equal(built.status, 0, built.stderr);
  const file = built.stdout.trim().split('\n').at(-1)!;
  const root = join(directory, 'host');
  for (const folder of ['var/lib/dpkg/info', 'var/lib/dpkg/updates', 'bin'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'var/lib/dpkg/status'), '');
  // The scripts honour DPKG_ROOT; what the package depends on is on this host, not below the scratch root.
  const options = [`--root=${root}`, '--force-script-chrootless', '--force-depends'];
  const installed = spawnSync('dpkg', [...options, '-i', file], { encoding: 'utf8' });
  assert.equal(installed.status, 0, installed.stdout + installed.stderr);
  // All that the launcher of the package uses; a Node of the host's stays out of sight.
  const path = join(directory, 'path');
  mkdirSync(path);
  for (const tool of ['sh', 'readlink', 'dirname']) symlinkSync(join('/usr/bin', tool), join(path, tool));
  const environment = { PATH: path, TMPDIR: directory, HOME: directory, LANG: 'C.UTF-8' };
  const program = join(root, 'usr/bin/momentd');
  return {
    package: file,
    root,
    directory,
    dpkgSaid: installed.stdout + installed.stderr,
    buildSeconds: (performance.now() - began) / 1_000,
    run: (...args) => {
      const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env: environment });
      return { code: status, stdout, stderr };
    },
    start: (...args) => new Started(spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A command that goes on until it is stopped; what it prints is waited for, line by line. */
export class Started {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #code: number | null | undefined;

  constructor(child: ChildProcess) {
    this.child = child;
    const wakeAll = (): void => this.#waiting.forEach((wake) => wake());
    for (const stream of [child.stdout!, child.stderr!])
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        wakeAll();
      });
    child.once('close', (code) => {
      this.#code = code;
      wakeAll();
    });
  }

  /** The first line that matches, from the `from`th on; throws when the command ends without one. */
  async line(pattern: RegExp, from = 0): Promise<string> {
    for (;;) {
      const found = this.lines.slice(from).find((line) => pattern.test(line));
      if (found !== undefined) return found;
      assert.equal(this.#code, undefined, `ended before ${String(pattern)}:\n${this.lines.slice(-20).join('\n')}`);
      await this.#somethingNew();
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal);
    while (this.#code === undefined) await this.#somethingNew();
    return this.#code;
  }

  #somethingNew(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }
}
