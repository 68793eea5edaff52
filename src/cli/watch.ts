/**
 * `momentd watch`: the status of a running agent, live. On a terminal a picture that is drawn again when something happens;
 * elsewhere a line whenever it changes. An agent that goes away is said to be away, and asked again until it is back.
 */

import type { Command } from 'commander';
import { LIMITS } from '../core/limits.ts';
import { AgentError } from '../ports/agent-error.ts';
import { getJson, withApiOption } from './api-client.ts';
import { guarded, say } from './outcome.ts';
import type { Status } from './status-answer.ts';
import { paintFor } from './terminal.ts';
import { followEvents } from './watch/event-follower.ts';
import { frame, lineOf, type Alert, type Watched } from './watch/frame.ts';

/** Without an event the status is asked for this often; after one, at once, but not more often than `SOONEST_MS`. */
const LOOK_MS = 1_000;
const SOONEST_MS = 100;
/** Looks that are remembered for the picture of the guarantee. */
const REMEMBERED = 300;

export function addWatch(program: Command): void {
  withApiOption(
    program.command('watch').description('watch a running agent: state, reason, interval, budget, sources, alerts'),
  )
    .addHelpText(
      'after',
      `
q or Ctrl-C quits. Without a terminal it prints a line whenever state, reason or signing change, and every ten statements.
NO_COLOR is respected.`,
    )
    .action(guarded(watch));
}

async function watch({ api }: { readonly api: string }): Promise<void> {
  const screen = process.stdout.isTTY ? new Screen() : new Lines();
  let watched: Watched = {
    address: api,
    status: undefined,
    alerts: undefined,
    lost: undefined,
    guarantees: [],
    growth: undefined,
  };
  const ended = new AbortController();
  let wake: () => void = () => undefined;
  const end = (): void => {
    ended.abort();
    wake();
  };
  let hasNews = false;
  const follower = followEvents(api, () => {
    hasNews = true;
    wake();
  });
  const closeScreen = screen.open({ onQuit: end, onResize: () => screen.show(watched) });
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    while (!ended.signal.aborted) {
      hasNews = false;
      watched = await look(watched, api);
      screen.show(watched);
      await pause(
        SOONEST_MS,
        () => ended.signal.aborted,
        (resume) => (wake = resume),
      );
      await pause(
        LOOK_MS - SOONEST_MS,
        () => ended.signal.aborted || hasNews,
        (resume) => (wake = resume),
      );
    }
  } finally {
    follower.stop();
    closeScreen();
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  }
}

/** Waits, or less when it is woken for a reason that holds. */
function pause(milliseconds: number, isEnough: () => boolean, onWake: (resume: () => void) => void): Promise<void> {
  if (isEnough()) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    onWake(() => {
      if (!isEnough()) return;
      clearTimeout(timer);
      resolve();
    });
  });
}

async function look(before: Watched, api: string): Promise<Watched> {
  try {
    const status = await getJson<Status>(api, '/v1/status');
    const alerts = await alertsOf(api);
    const guarantee = status.time.guarantee_ns === null ? undefined : Number(status.time.guarantee_ns);
    return {
      ...before,
      status,
      alerts,
      lost: undefined,
      guarantees: [...before.guarantees, guarantee].slice(-REMEMBERED),
      growth: growthOf(status),
    };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    looks.length = 0;
    return { ...before, lost: error.message };
  }
}

/** When the lane had how many entries, for its growth over the last half minute. */
const looks: { readonly atMs: number; readonly size: number }[] = [];

function growthOf({ lane }: Status): number | undefined {
  looks.push({ atMs: performance.now(), size: Number(lane.size) });
  while (looks.length > 2 && looks.at(-1)!.atMs - looks[0]!.atMs > 30_000) looks.shift();
  const [first, last] = [looks[0]!, looks.at(-1)!];
  return last.atMs - first.atMs < 1_000 ? undefined : (1_000 * (last.size - first.size)) / (last.atMs - first.atMs);
}

/** An agent that has no alerts to tell answers "not found", and is not asked again and again for it. */
async function alertsOf(api: string): Promise<readonly Alert[] | undefined> {
  try {
    const { active } = await getJson<{ active: readonly Alert[] }>(api, '/v1/alerts');
    return active.slice(0, LIMITS.watchAlertsMax);
  } catch (error) {
    if (error instanceof AgentError && error.code === 'agent-refused') return undefined;
    throw error;
  }
}

type Handlers = { readonly onQuit: () => void; readonly onResize: () => void };

/** The whole terminal: another screen, no cursor, keys as they are pressed; all of it given back at the end. */
class Screen {
  open({ onQuit, onResize }: Handlers): () => void {
    const { stdin, stdout } = process;
    const onKey = (key: Buffer): void => {
      // q, Q, Ctrl-C, Ctrl-D; Ctrl-C comes as a byte while the terminal is raw.
      if (['q', 'Q', '\x03', '\x04'].includes(key.toString('latin1'))) onQuit();
    };
    stdout.write('\x1b[?1049h\x1b[?25l');
    const giveBack = (): void => void stdout.write('\x1b[?25h\x1b[?1049l');
    process.once('exit', giveBack);
    if (stdin.isTTY) stdin.setRawMode(true);
    stdin.on('data', onKey);
    stdin.resume();
    stdout.on('resize', onResize);
    return () => {
      stdout.off('resize', onResize);
      stdin.off('data', onKey);
      if (stdin.isTTY) stdin.setRawMode(false);
      stdin.pause();
      process.off('exit', giveBack);
      giveBack();
    };
  }

  show(watched: Watched): void {
    const { columns, rows } = process.stdout;
    const lines = frame(watched, { columns, rows, paint: paintFor(process.stdout, process.env) });
    // Each line is cleared behind its text rather than the screen before it: nothing flickers.
    process.stdout.write(`\x1b[H${lines.map((line) => `${line}\x1b[K`).join('\r\n')}\x1b[J`);
  }
}

/** A pipe or a file: a line when something changed. */
class Lines {
  #told = '';

  open(): () => void {
    return () => undefined;
  }

  show(watched: Watched): void {
    const { status, lost } = watched;
    const key =
      status === undefined || lost !== undefined
        ? (lost ?? '')
        : `${status.time.reason.code} ${status.attesting.reason?.code ?? ''} ${Math.floor(Number(status.lane.size) / 10)} ${(watched.alerts ?? []).map(({ code, state }) => `${code} ${state}`).join()}`;
    if (key === this.#told || (status === undefined && lost === undefined)) return;
    this.#told = key;
    say(lineOf(watched));
  }
}
