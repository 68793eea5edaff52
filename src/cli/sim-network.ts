/**
 * `momentd sim network`: whole networks on virtual time, under seeded faults, and what the checkers found.
 *
 * Exit codes: 0 every promise held, 1 one was broken (the seed that shows it is printed), 2 wrong usage.
 */

import { InvalidArgumentError, Option, type Command } from 'commander';

import { accountOf, hasFailed, mixOf } from '../sim/network/campaign.ts';
import { isMix, isPlannable, MIXES, type Mix } from '../sim/network/plan.ts';
import { runNetwork, type RunResult } from '../sim/network/run.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';

type Options = {
  readonly validators: number;
  readonly seeds: { readonly from: number; readonly to: number };
  readonly faults: Mix | 'all';
  readonly subjects: number;
  readonly json: boolean;
};

const MIX_HELP: Readonly<Record<Mix, string>> = {
  calm: 'nothing goes wrong',
  lossy: 'messages are lost, doubled and reordered',
  partition: 'parts of the network do not hear each other for a while',
  churn: 'validators die at any step and come back with what was fsynced',
  clock: 'clocks refuse, or know the time too badly to be counted',
  byzantine: 'up to f validators fork, equivocate, lie, flood, withhold, censor or vote falsely',
  everything: 'all of these at once',
};

/** Attaches the command to `momentd sim`. */
export function addSimNetwork(sim: Command): void {
  sim
    .command('network')
    .description('check agreement, order, truth and progress of simulated networks under faults')
    .option('--validators <n>', 'validators of the network', validators, 4)
    .addOption(new Option('--seeds <a..b>', 'seeds to run').argParser(seedRange).default({ from: 1, to: 20 }, '1..20'))
    .option('--faults <mix>', `${MIXES.join(', ')}, or all: each seed its own`, faults, 'all')
    .option('--subjects <n>', 'subjects that clients submit in each run', count, 24)
    .option('--json', 'print the account as JSON', false)
    .addHelpText('after', `\nMixes:\n${MIXES.map((mix) => `  ${mix.padEnd(12)} ${MIX_HELP[mix]}`).join('\n')}`)
    .action(guarded(simNetwork));
}

async function simNetwork(options: Options): Promise<void> {
  const { seeds } = options;
  const results: RunResult[] = [];
  const interrupted = new AbortController();
  const onInterrupt = (): void => interrupted.abort();
  process.once('SIGINT', onInterrupt);
  for (let seed = seeds.from; seed <= seeds.to && !interrupted.signal.aborted; seed++) {
    const { validators: count, subjects } = options;
    results.push(runNetwork({ seed, mix: mixOf(seed, options.faults), validators: count, subjects }));
    if (seed % 10 === 0) await showProgress(seed - seeds.from + 1, seeds.to - seeds.from + 1);
  }
  process.off('SIGINT', onInterrupt);
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  const account = accountOf(results);
  const reproduce = account.failures.map((failure) => reproduction(failure, options));
  const isHeld = account.failures.length === 0;
  if (options.json) sayJson({ held: isHeld, validators: options.validators, ...account, reproduce });
  else report(account, options, reproduce);
  process.exitCode = isHeld ? EXIT.yes : EXIT.no;
}

function report(account: ReturnType<typeof accountOf>, options: Options, reproduce: readonly string[]): void {
  const rows: [string, string | number][] = [
    ['validators', options.validators],
    ['seeds run', account.seeds],
    ['subjects final', `${account.finals} of ${account.submitted}`],
    ['disagreements', account.disagreements],
    ['reversals', `${account.reversals} in ${account.decidablePairs} decidable pairs`],
    ['double signatures', account.doubleSignatures],
    ['other violations', account.otherViolations],
    ['stuck subjects', account.stuckSubjects],
    ['concurrent pairs', `${account.concurrentPairs} (order drawn)`],
    ['moved late', account.late],
    ['sets replaced', `${account.successions} (a lane was forked)`],
    ['finality', `${account.finalityMsMedian.toFixed(0)} ms median, ${account.finalityMsWorst.toFixed(0)} ms worst`],
  ];
  for (const [name, value] of rows) say(`${name.padEnd(18)} ${value}`);
  for (const [mix, { seeds, failed }] of Object.entries(account.perMix))
    say(`  ${mix.padEnd(16)} ${seeds} seeds, ${failed} failed`);
  for (const failure of account.failures.filter(hasFailed).slice(0, 10))
    for (const { what, detail } of failure.violations.slice(0, 3)) say(`seed ${failure.seed}: ${what} (${detail})`);
  for (const line of reproduce.slice(0, 10)) say(`reproduce: ${line}`);
}

const reproduction = ({ seed, mix }: RunResult, { validators: n, subjects }: Options): string =>
  `momentd sim network --validators ${n} --seeds ${seed}..${seed} --faults ${mix} --subjects ${subjects}`;

/** One line, rewritten, on a terminal only; lets an interrupt be heard. */
async function showProgress(done: number, total: number): Promise<void> {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} seeds`);
  await new Promise((resolve) => setImmediate(resolve));
}

function seedRange(text: string): Options['seeds'] {
  const match = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(text);
  const [from, to] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match === null || from > to) throw new InvalidArgumentError('write A..B with A not above B.');
  return { from, to };
}

function faults(text: string): Mix | 'all' {
  if (text !== 'all' && !isMix(text)) throw new InvalidArgumentError(`one of ${MIXES.join(', ')}, all.`);
  return text;
}

function count(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('a whole number from 1 to 99999.');
  return Number(text);
}

function validators(text: string): number {
  const n = count(text);
  if (!isPlannable(n)) throw new InvalidArgumentError('more validators than a genesis record may name.');
  return n;
}
