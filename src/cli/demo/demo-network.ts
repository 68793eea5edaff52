/**
 * A demonstration of several validators: each a process of its own with its own key and its own simulated card, speaking to
 * the others over loopback as they would over a network. Everything is in one folder; everyone ends with it.
 */

import { createHash } from 'node:crypto';
import { readToken } from '../../io/api/token.ts';
import { AgentError } from '../../ports/agent-error.ts';
import { post } from '../api-client.ts';
import { follow, reachedLines } from '../follow-subject.ts';
import { freePorts } from '../free-ports.ts';
import { writeLocalNetwork } from '../local-network.ts';
import { say } from '../outcome.ts';
import { untilSignal } from '../until-signal.ts';
import { Narration } from './narration.ts';
import { ValidatorProcess } from './validator-process.ts';

const LOOK_MS = 1_000;
const FIRST_SUBJECT_WAIT_SECONDS = 60;

type Demonstration = { readonly directory: string; readonly validators: number; readonly port: number };

export async function demonstrateNetwork({ directory, validators, port }: Demonstration): Promise<void> {
  say(`momentd demo: a network of ${validators} validators on simulated time cards, in ${directory}`);
  say('The time below is simulated: nothing here says what time it really is.');
  const ports = await freePorts(validators);
  const folders = await writeLocalNetwork({ directory, networkName: 'demo', validators, ports, apiPort: port });
  say(`made ${validators} keys, a genesis record with all of them and a configuration for each`);
  const ended = untilSignal().then(() => 'signal' as const);
  const processes: ValidatorProcess[] = [];
  try {
    for (const [i, files] of folders.entries())
      processes.push(await ValidatorProcess.start(`validator-${i + 1}`, files));
    const ready = await Promise.race([ended, Promise.all(processes.map((process) => process.ready))]);
    if (ready === 'signal') return;
    for (const line of whatToTry(directory, processes, ready[0])) say(line);
    await narrate(processes, ended);
  } finally {
    say('');
    say('stopping');
    await Promise.all(processes.map((process) => process.stop()));
  }
  say(`stopped: ${processes.map(({ name, ending }) => `${name} ${ending ?? ''}`).join(', ')}`);
}

function whatToTry(directory: string, processes: readonly ValidatorProcess[], url: string | undefined): string[] {
  const last = processes.at(-1)!;
  return [
    '',
    `dashboard   ${url ?? ''}/`,
    `processes   ${processes.map(({ name, pid }) => `${name} ${pid}`).join(', ')}; the log of each is in its folder`,
    '',
    'try, in a second terminal:',
    `  export MOMENTD_API=${processes[0]!.files.socket}`,
    '  npx momentd peers',
    '  npx momentd submit README.md --wait final --certificate readme.cert',
    '  npx momentd order',
    `  npx momentd verify readme.cert --genesis ${directory}/genesis.cbor`,
    `  kill -STOP ${last.pid}; npx momentd order status     # finality waits for ${last.name}; kill -CONT ${last.pid} and it goes on`,
    'stop        Ctrl-C',
    '',
  ];
}

/** Until a signal; a network of which nobody is left has nothing to tell. */
async function narrate(processes: readonly ValidatorProcess[], ended: Promise<'signal'>): Promise<void> {
  const narration = new Narration(processes, say);
  let hasSubmitted = false;
  const over = new AbortController();
  void ended.then(() => over.abort());
  while (!over.signal.aborted) {
    const isEveryoneSigning = await narration.look();
    if (isEveryoneSigning && !hasSubmitted) {
      hasSubmitted = true;
      void submitFirst(processes[0]!).catch((error: unknown) => {
        if (!over.signal.aborted) say(`subject    ${error instanceof Error ? error.message : String(error)}`);
      });
    }
    if (processes.every(({ ending }) => ending !== undefined))
      throw new AgentError('agent-not-reached', 'demonstrate: every validator has ended; their logs say why (--keep)');
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, LOOK_MS))]);
  }
}

/** So that there is something in the order: what it takes is told. */
async function submitFirst({ files, name }: ValidatorProcess): Promise<void> {
  const digest = createHash('sha256').update('momentd demo').digest('hex');
  const token = await readToken(files.stateDir);
  const startedAt = performance.now();
  const { status, body } = await post(files.socket, '/v1/subjects', { body: { digest }, token });
  if (status !== 202) return say(`subject    ${name} did not take it: ${body.toString('utf8')}`);
  const { id } = JSON.parse(body.toString('utf8')) as { readonly id: string };
  say(`subject    ${name} took a first one, ${id.slice(0, 16)}…`);
  const followed = await follow({ api: files.socket, id, goal: 'final', seconds: FIRST_SUBJECT_WAIT_SECONDS });
  const took = ((performance.now() - startedAt) / 1_000).toFixed(1);
  say(`subject    ${followed.isReached ? `final after ${took} s` : followed.waitsFor}`);
  for (const line of reachedLines(followed)) say(`           ${line}`);
}
