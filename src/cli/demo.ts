/**
 * `momentd demo`: a network of one validator on a simulated time card, or of several, in a folder that is thrown away at the
 * end. What a newcomer runs first, so it says what it does, what to try, and that the time is simulated.
 */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { toHex } from '../core/codec/hex.ts';
import { LIMITS } from '../core/limits.ts';
import { formatNanos, formatTai } from '../core/time/text.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { RunningAgent, StartAgent } from '../ports/running-agent.ts';
import type { StatusView } from '../ports/view.ts';
import { demonstrateNetwork } from './demo/demo-network.ts';
import { SIMULATED_SOURCES, writeFirstNetwork } from './first-network.ts';
import { portOf } from './init.ts';
import { guarded, say } from './outcome.ts';
import { untilSignal } from './until-signal.ts';

type DemoOptions = {
  readonly validators: number;
  readonly port: number;
  readonly dir?: string;
  readonly keep?: true;
};

export function addDemo(program: Command, startAgent: StartAgent): void {
  program
    .command('demo')
    .description('run a throw-away network on simulated time cards')
    .option('--validators <number>', 'validators, each a process of its own when there are several', validatorsOf, 1)
    .option('--port <port>', 'port of the first one’s API and dashboard on 127.0.0.1 (0: any free one)', portOf, 0)
    .option('--dir <directory>', 'the folder to make, instead of one among the temporary files')
    .option('--keep', 'leave the folder behind instead of removing it')
    .action(
      guarded(async (options: DemoOptions) => {
        const directory = await newFolder(options.dir);
        try {
          const { validators, port } = options;
          if (validators > 1) await demonstrateNetwork({ directory, validators, port });
          else await demonstrate(directory, options, startAgent);
        } finally {
          if (options.keep === true) say(`kept ${directory}`);
          else await rm(directory, { recursive: true, force: true });
        }
      }),
    );
}

/** It is removed at the end, so it must not be there before. */
async function newFolder(wanted: string | undefined): Promise<string> {
  if (wanted === undefined) return mkdtemp(join(tmpdir(), 'momentd-demo-'));
  const directory = resolve(wanted);
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    const what = exists ? 'exists already' : cause instanceof Error ? cause.message : String(cause);
    throw new AgentError(exists ? 'file-exists' : 'file-unwritable', `make ${directory}: ${what}`, { cause });
  }
  return directory;
}

function validatorsOf(text: string): number {
  const validators = Number(text);
  if (!/^\d{1,3}$/.test(text) || validators < 1 || validators > LIMITS.demoValidatorsMax)
    throw new InvalidArgumentError(`validators, 1 to ${LIMITS.demoValidatorsMax}.`);
  return validators;
}

async function demonstrate(directory: string, { port }: DemoOptions, startAgent: StartAgent): Promise<void> {
  say(`momentd demo: a network of one validator on a simulated time card, in ${directory}`);
  say('The time below is simulated: nothing here says what time it really is.');
  const files = await writeFirstNetwork({
    directory,
    networkName: 'demo',
    validatorName: 'validator-1',
    region: 'EU',
    sealing: undefined,
    sources: SIMULATED_SOURCES,
    apiPort: port,
  });
  say(`made a key (${toHex(files.publicKey).slice(0, 16)}…), a genesis record and a configuration`);
  const agent = await startAgent(files.config, { logLevel: 'error' });
  const ended = untilSignal();
  say('');
  say(`dashboard   ${agent.url ?? ''}/`);
  say(`local API   ${agent.url ?? ''}/v1/status   (and the unix socket ${agent.socket})`);
  say(`status      npx momentd status --api ${agent.socket}`);
  say(`verify      npx momentd verify ${agent.laneDirectory} --genesis ${files.genesis}`);
  say('stop        Ctrl-C');
  say('');
  const endNarration = narrate(agent);
  await ended;
  endNarration();
  const { lane } = agent.status();
  await agent.stop();
  say('');
  say(`stopped cleanly after ${lane.size} statements`);
}

/** One line each second: the state and why, or the interval and what it is made of. */
function narrate(agent: RunningAgent): () => void {
  const timer = setInterval(() => say(lineOf(agent.status())), 1_000);
  return () => clearInterval(timer);
}

function lineOf({ time, budget, lane, attesting }: StatusView): string {
  if (time.earliest === undefined || time.guarantee === undefined)
    return `${time.state.padEnd(14)} ${(attesting.reason ?? time.reason).sentence}`;
  const largest = [...budget]
    .sort((a, b) => (a.nanos < b.nanos ? 1 : -1))
    .slice(0, 3)
    .map(({ term, nanos }) => `${term} ${nanos}`);
  const made = `(${largest.join(', ')}, …)`;
  return `${time.state.padEnd(14)} ${formatTai(time.earliest)} ± ${formatNanos(time.guarantee)} ${made}  statement ${lane.size}`;
}
