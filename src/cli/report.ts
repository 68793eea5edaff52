/**
 * `momentd report`: a period of a lane as a compliance report, on the terminal, as JSON and as a page, signed.
 *
 * Reads files only, as `audit` does, and may be run beside a running agent: it takes the lane as of its newest checkpoint.
 */

import { writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { assembleReport, encodeReport, type Report } from '../core/report/report.ts';
import { sealReport } from '../core/report/seal.ts';
import type { Threshold } from '../core/report/period.ts';
import { micros, millis, nanos, seconds, type Nanos } from '../core/time/nanos.ts';
import { formatNanos, parseDuration } from '../core/time/text.ts';
import { loadConfig } from '../io/config/load.ts';
import { readKeyFile, readPassphraseFile } from '../io/keys/key-store.ts';
import { sodiumSigner } from '../io/keys/sodium-signer.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { Signer } from '../ports/signer.ts';
import { withOwnerOptions, type OwnerOptions } from './lane-reader.ts';
import { EXIT, guarded, say, warn } from './outcome.ts';
import { gatherReport, type ReportSources } from './report/gather.ts';
import { renderHtml } from './report/html.ts';

type ReportOptions = OwnerOptions & {
  readonly config?: string;
  readonly evidence?: string;
  readonly from?: string;
  readonly to?: string;
  readonly gapAfter: Nanos;
  readonly threshold: readonly Threshold[];
  readonly json?: string | true;
  readonly html?: string;
  readonly signWith?: string;
  readonly passphraseFile?: string;
  readonly unsigned?: true;
};

/** What RTS 25 of MiFID II allows a clock to diverge from UTC; a fifth below it one should have noticed. */
const RTS_25: readonly Threshold[] = [
  { name: 'RTS 25, high-frequency trading', limit: micros(100n), warning: micros(80n) },
  { name: 'RTS 25, other electronic trading', limit: millis(1n), warning: micros(800n) },
];

export function addReport(program: Command): void {
  withOwnerOptions(
    program
      .command('report')
      .description(
        "report a period's compliance from lane and evidence: widths, coverage, gaps, states, drift, thresholds",
      )
      .argument('[directory]', 'the lane, where there is no configuration'),
  )
    .option('--config <file>', "the validator's configuration: lane, evidence, genesis record and the key to sign with")
    .option('--evidence <directory>', 'the evidence store; default: beside the lane, where there is one')
    .option(
      '--from <time>',
      'begin: UTC such as 2026-11-01 or 2026-11-01T08:30:00Z, or nanoseconds of TAI; default: first entry',
    )
    .option('--to <time>', 'end, not included; default: the last entry')
    .addOption(
      new Option('--gap-after <duration>', 'silence that counts as a gap, such as 5s')
        .argParser(durationOf)
        .default(seconds(5n), '5s'),
    )
    .addOption(
      new Option('--threshold <name=limit,warning>', 'what is judged, such as "house=10us,8us"; may be repeated')
        .argParser(thresholdOf)
        .default(RTS_25, 'those of RTS 25'),
    )
    .option('--json [file]', 'write the report as JSON; without a file to standard output, unsigned')
    .option('--html <file>', 'write the report as a page that needs nothing else')
    .option('--sign-with <file>', 'sign the files with this key file instead of the one of --config')
    .option('--passphrase-file <file>', 'first line: the passphrase of that key')
    .option('--unsigned', 'do not sign')
    .addHelpText(
      'after',
      `
Beside each file FILE.sig is written; momentd verify FILE checks both. The same lane, evidence and question give the same bytes.

Exit codes: 0 every threshold is met, 1 one is not met or not shown for all of the period, or the lane is not whole,
2 it could not be made.`,
    )
    .action(guarded(makeReport));
}

async function makeReport(directory: string | undefined, options: ReportOptions): Promise<void> {
  const { sources, key } = await sourcesOf(directory, options);
  const report = assembleReport(
    await gatherReport(sources, {
      from: options.from,
      to: options.to,
      gapAfter: options.gapAfter,
      thresholds: options.threshold,
    }),
  );
  if (report.verdict !== 'met' && report.verdict !== 'met-with-warnings') process.exitCode = EXIT.no;
  const files = [
    ...(typeof options.json === 'string' ? [{ path: options.json, bytes: encodeReport(report) }] : []),
    ...(options.html === undefined
      ? []
      : [{ path: options.html, bytes: new TextEncoder().encode(renderHtml(report)) }]),
  ];
  if (files.length > 0) await writeFiles(files, key, Uint8Array.from(Buffer.from(report.network.id, 'hex')));
  if (options.json === true) return void process.stdout.write(encodeReport(report));
  for (const line of linesOf(report)) say(line);
  for (const { path } of files)
    say(`wrote        ${path}${key === undefined ? ', unsigned' : `, signed in ${path}.sig`}`);
}

type Key = { readonly path: string; readonly passphraseFile: string | undefined };

async function sourcesOf(
  directory: string | undefined,
  options: ReportOptions,
): Promise<{ sources: ReportSources; key: Key | undefined }> {
  if ((directory === undefined) === (options.config === undefined))
    throw new AgentError('cli-usage', 'report: give the lane, or --config, and not both');
  const ownKey =
    options.signWith === undefined ? undefined : { path: options.signWith, passphraseFile: options.passphraseFile };
  if (options.config === undefined) {
    const lane = resolve(directory!);
    const evidence = options.evidence ?? join(dirname(lane), 'evidence');
    return { sources: { lane, evidence, owner: options }, key: options.unsigned === true ? undefined : ownKey };
  }
  const { validator } = await loadConfig(options.config);
  const configured = { path: validator.key, passphraseFile: validator.passphrase_file };
  return {
    sources: {
      lane: join(validator.state_dir, 'lane'),
      evidence: options.evidence ?? join(validator.state_dir, 'evidence'),
      owner: { genesis: validator.genesis },
    },
    key: options.unsigned === true ? undefined : (ownKey ?? configured),
  };
}

async function writeFiles(
  files: readonly { readonly path: string; readonly bytes: Uint8Array }[],
  key: Key | undefined,
  network: Uint8Array,
): Promise<void> {
  let signer: Signer | undefined;
  try {
    if (key === undefined) warn('the report is not signed: give --sign-with, or --config');
    else signer = await signerOf(key);
    for (const { path, bytes } of files) {
      put(path, bytes);
      if (signer !== undefined) {
        const { kid } = signer;
        put(`${path}.sig`, sealReport({ kid, network, sign: (message) => signer!.sign(message) }, bytes));
      }
    }
  } finally {
    signer?.release();
  }
}

async function signerOf({ path, passphraseFile }: Key): Promise<Signer> {
  const passphrase = passphraseFile === undefined ? undefined : await readPassphraseFile(passphraseFile);
  return sodiumSigner(await readKeyFile(path, passphrase));
}

/** A report that exists may have been handed to somebody: it is never overwritten. */
function put(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes, { flag: 'wx' });
  } catch (cause) {
    const exists = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw new AgentError(exists ? 'file-exists' : 'file-unwritable', `write ${path}: ${String(cause)}`, { cause });
  }
}

export function linesOf(report: Report): readonly string[] {
  const { period, guarantee_ns: g, coverage, gaps, evidence, thresholds } = report;
  const duration = (ns: string): string => formatNanos(nanos(BigInt(ns)));
  const when = ({ utc, tai_ns }: { readonly utc: string | null; readonly tai_ns: string }): string =>
    utc ?? `${tai_ns} ns TAI`;
  return [
    `validator    ${report.validator.name ?? report.validator.kid} of network ${report.network.name ?? report.network.id.slice(0, 16)}`,
    `period       ${when(period.from)} to ${when(period.to)}`,
    `lane         ${report.lane.whole ? `whole, ${report.lane.entries} entries` : 'NOT WHOLE'}`,
    ...report.lane.findings.map(
      ({ code, detail, path, entry }) =>
        `  ${path ?? (entry === null ? 'lane' : `entry ${entry}`)}: ${detail} [${code}]`,
    ),
    g === null
      ? 'guarantee    none: no statement in the period'
      : `guarantee    half at most ${duration(g.p50)}, 99 % at most ${duration(g.p99)}, greatest ${duration(g.greatest)}`,
    `coverage     ${coverage.attested_share} of the period, ${duration(coverage.unattested_ns)} not attested`,
    ...(evidence === null
      ? ['evidence     none at hand']
      : [
          `states       locked ${duration(evidence.states_ns.locked)}, holdover ${duration(evidence.states_ns.holdover)}`,
          `evidence     ${evidence.recomputed} of ${evidence.looked_at} sampled intervals recomputed, ${evidence.not_kept} not kept any more`,
          ...evidence.wrong.map(({ entry, code, detail }) => `  entry ${entry}: ${detail} [${code}]`),
        ]),
    ...gaps.longest
      .slice(0, 10)
      .map(
        ({ from, length_ns: length, reason }) =>
          `gap          ${duration(length)} from ${when(from)}: ${reason.sentence}${reason.code === null ? '' : ` [${reason.code}]`}`,
      ),
    ...(gaps.count > 10 ? [`             and ${gaps.count - 10} more (--json lists ${gaps.longest.length})`] : []),
    ...thresholds.map(({ name, limit_ns: limit, verdict }) => `threshold    ${name} (${duration(limit)}): ${verdict}`),
    `verdict      ${report.verdict}`,
  ];
}

function durationOf(text: string): Nanos {
  const found = parseDuration(text);
  if (found === undefined) throw new InvalidArgumentError('a duration is a number with a unit, such as 250ms or 5s.');
  return found;
}

function thresholdOf(text: string, before: readonly Threshold[]): readonly Threshold[] {
  const [, name, limitText, warningText] = /^(?:([^=]{1,64})=)?([^,=]+)(?:,([^,=]+))?$/.exec(text) ?? [];
  const limit = limitText === undefined ? undefined : parseDuration(limitText);
  if (limit === undefined) throw new InvalidArgumentError('a threshold is NAME=LIMIT,WARNING, such as house=10us,8us.');
  const warning = warningText === undefined ? nanos((limit * 4n) / 5n) : parseDuration(warningText);
  if (warning === undefined || warning > limit)
    throw new InvalidArgumentError('the warning is a duration below the limit.');
  const own = before === RTS_25 ? [] : before;
  if (own.length >= 10) throw new InvalidArgumentError('ten thresholds at most.');
  return [...own, { name: name ?? limitText!, limit, warning }];
}
