/** Validators of one network as processes of this host: the program as it is shipped, simulated cards, real libp2p on loopback. */

import { request } from 'node:http';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePorts } from '../../src/cli/free-ports.ts';
import { writeLocalNetwork, type LocalValidator } from '../../src/cli/local-network.ts';
import { readToken } from '../../src/io/api/token.ts';
import { Running } from '../cli/run-momentd.ts';

export type Answer = { readonly status: number; readonly bytes: Buffer };

/** One validator that runs, or can be run again. */
export class Member {
  readonly files: LocalValidator;
  #running: Running | undefined;

  constructor(files: LocalValidator) {
    this.files = files;
  }

  start(): void {
    this.#running = new Running(['run', '--config', this.files.config]);
  }

  get pid(): number {
    return this.#running!.child.pid!;
  }

  get stderr(): string {
    return this.#running?.stderr ?? '';
  }

  stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    return this.#running?.stop(signal) ?? Promise.resolve(null);
  }

  async ask(path: string, body?: object): Promise<Answer> {
    const token = body === undefined ? undefined : await readToken(this.files.stateDir);
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const asking = request(
        {
          socketPath: this.files.socket,
          path,
          method: body === undefined ? 'GET' : 'POST',
          headers: {
            host: 'localhost',
            ...(payload !== undefined && { 'content-type': 'application/json', authorization: `Bearer ${token}` }),
          },
        },
        (response) => {
          const parts: Buffer[] = [];
          response.on('data', (part: Buffer) => parts.push(part));
          response.on('end', () => resolve({ status: response.statusCode!, bytes: Buffer.concat(parts) }));
        },
      );
      asking.on('error', reject);
      asking.end(payload);
    });
  }

  async json<T = Record<string, unknown>>(path: string, body?: object): Promise<T> {
    const { status, bytes } = await this.ask(path, body);
    if (status >= 300) throw new Error(`${path}: ${status} ${bytes.toString()}`);
    return JSON.parse(bytes.toString()) as T;
  }

  /** Asks until the answer holds; an agent that does not answer yet is asked again. The test's own timeout ends it. */
  async until<T>(path: string, holds: (answer: T) => boolean): Promise<T> {
    for (;;) {
      const answer = await this.json<T>(path).catch(() => undefined);
      if (answer !== undefined && holds(answer)) return answer;
      if (typeof this.#running?.child.exitCode === 'number') throw new Error(`ended: ${this.stderr.slice(-2_000)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export async function localNetwork(t: TestContext, count: number): Promise<readonly Member[]> {
  const directory = await mkdtemp(join(tmpdir(), 'momentd-network-'));
  const ports = await freePorts(count);
  const validators = await writeLocalNetwork({ directory, networkName: 'local', validators: count, ports });
  // A second of steady tracking is enough for what is not about locking.
  for (const { config } of validators) {
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replace('[clock]\n', '[clock]\nlock_after = "1s"\n'));
  }
  const members = validators.map((files) => new Member(files));
  t.after(async () => {
    await Promise.all(members.map((member) => member.stop('SIGKILL')));
    await rm(directory, { recursive: true, force: true });
  });
  return members;
}
