/** One validator of a demonstration: `momentd run` as a process of its own, its log in a file, ended by its pid. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { dirname, join } from 'node:path';
import { AgentError } from '../../ports/agent-error.ts';
import type { LocalValidator } from '../local-network.ts';

/** What a clean stop may take on a busy machine: the lane is synced and the peers are told. */
const STOP_WAIT_MS = 15_000;

export class ValidatorProcess {
  readonly name: string;
  readonly files: LocalValidator;
  readonly logPath: string;
  /** How it ended; undefined while it runs. */
  ending: string | undefined;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #ready: Promise<string | undefined>;

  private constructor(name: string, files: LocalValidator, started: { child: ChildProcess; logPath: string }) {
    this.name = name;
    this.files = files;
    this.logPath = started.logPath;
    this.#child = started.child;
    this.#ended = once(this.#child, 'exit').then(([code, signal]: unknown[]) => {
      this.ending = typeof signal === 'string' ? `by ${signal}` : `with exit code ${String(code)}`;
    });
    this.#ready = this.#untilReady();
    // Whoever awaits `ready` hears of it; nobody need be waiting yet.
    this.#ready.catch(() => undefined);
  }

  /** Starts the same program as this one, whatever it was started with. */
  static async start(name: string, files: LocalValidator): Promise<ValidatorProcess> {
    const logPath = join(dirname(files.config), 'log');
    const log = await open(logPath, 'a', 0o600);
    try {
      const child = spawn(process.execPath, [process.argv[1]!, 'run', '--config', files.config], {
        stdio: ['ignore', 'pipe', log.fd],
      });
      return new ValidatorProcess(name, files, { child, logPath });
    } finally {
      await log.close();
    }
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Its port's address, if it has one, once it answers. Rejects with its last words when it ends before. */
  get ready(): Promise<string | undefined> {
    return this.#ready;
  }

  async #untilReady(): Promise<string | undefined> {
    const lines = createInterface({ input: this.#child.stdout! });
    const answers = new Promise<string | undefined>((resolve) =>
      lines.on('line', (line) => {
        if (line.startsWith('local API: ')) resolve(/http:\/\/\S+/.exec(line)?.[0]);
      }),
    );
    const ends = this.#ended.then(async () => {
      throw new AgentError(
        'agent-not-reached',
        `start ${this.name}: it ended ${this.ending ?? ''}: ${await this.lastWords()}`,
      );
    });
    return Promise.race([answers, ends]);
  }

  /** The end of its log. */
  async lastWords(): Promise<string> {
    const text = await readFile(this.logPath, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').at(-1)!.slice(0, 500);
  }

  /** Asks it to stop, also where it was suspended, and ends it when it does not. */
  async stop(): Promise<void> {
    if (this.ending === undefined) {
      this.#child.kill('SIGTERM');
      this.#child.kill('SIGCONT');
    }
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_WAIT_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}
