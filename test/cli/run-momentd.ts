/** The program as a user starts it: the launcher, a command line, what it prints. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const LAUNCHER = fileURLToPath(new URL('../../bin/momentd.js', import.meta.url));

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

/** Runs a command to its end. */
export const momentd = (...args: string[]): Promise<Ended> => runProgram(LAUNCHER, ...args);

/** The same for a program of fewer commands, which starts in less time. */
export async function runProgram(program: string, ...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** A command that runs until it is told to stop. */
export class Running {
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  readonly #waiting: { readonly pattern: RegExp; readonly resolve: (line: string) => void }[] = [];
  readonly #ended: Promise<number | null>;
  stderr = '';

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = process.env) {
    const child = spawn(process.execPath, [LAUNCHER, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: environment });
    this.child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line));
    this.#ended = once(child, 'close').then(([code]: unknown[]) => code as number | null);
  }

  /** The first line, from the beginning, that matches; rejects when the command ends without one. */
  async line(pattern: RegExp): Promise<string> {
    const there = this.lines.find((line) => pattern.test(line));
    if (there !== undefined) return there;
    const comes = new Promise<string>((resolve) => this.#waiting.push({ pattern, resolve }));
    const ends = this.#ended.then((code) => {
      throw new Error(`ended with ${code} before ${String(pattern)}:\n${this.lines.join('\n')}\n${this.stderr}`);
    });
    return Promise.race([comes, ends]);
  }

  /** Sends the signal, as often as asked, and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGINT', times = 1): Promise<number | null> {
    for (let i = 0; i < times; i++) if (this.child.exitCode === null) this.child.kill(signal);
    return this.#ended;
  }

  #take(line: string): void {
    this.lines.push(line);
    for (const { pattern, resolve } of this.#waiting) if (pattern.test(line)) resolve(line);
  }
}
