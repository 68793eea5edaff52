/**
 * `momentd compare A B`: which of two subjects was first, by their certificates, offline, with the evidence.
 *
 * Exit codes: 0 there is an answer (before, after and concurrent are answers), 1 a certificate is not valid, 2 wrong usage.
 */

import type { Command } from 'commander';
import { toHex } from '../core/codec/hex.ts';
import { compare, type Comparison } from '../core/ordering/order-position.ts';
import type { CertifiedSubject } from '../core/ordering/verify-certificate.ts';
import { since } from '../core/time/nanos.ts';
import { formatNanos } from '../core/time/text.ts';
import { readFile } from './lane-reader.ts';
import { EXIT, guarded, say, sayJson, warn } from './outcome.ts';
import { trustOf, type Trust } from './trust.ts';
import { certificateSays, certifiedBy } from './verify-certificate.ts';

type Options = { readonly genesis: string; readonly json?: true };

export function addCompare(program: Command): void {
  program
    .command('compare')
    .description('say which of two certified subjects was first: before, after or concurrent, with the evidence')
    .argument('<a>', 'certificate of one subject')
    .argument('<b>', 'certificate of the other')
    .requiredOption('--genesis <file>', 'genesis record of the network (CBOR or JSON)')
    .option('--json', 'answer in JSON')
    .action(guarded(compareCertificates));
}

function compareCertificates(pathA: string, pathB: string, options: Options): void {
  const trust = trustOf({ genesis: options.genesis });
  const [a, b] = [certified(pathA, trust), certified(pathB, trust)];
  if (a === undefined || b === undefined) {
    process.exitCode = EXIT.no;
    return;
  }
  const answer = compare({ kind: 'final', entry: a.entry }, { kind: 'final', entry: b.entry });
  if (answer.kind !== 'final') return;
  if (options.json === true)
    return sayJson({
      relation: answer.relation,
      first: answer.first,
      final: true,
      a: certificateSays(a),
      b: certificateSays(b),
    });
  for (const line of lines(answer)) say(line);
}

function certified(path: string, trust: Trust): CertifiedSubject | undefined {
  const verdict = certifiedBy(trust, readFile(path), path);
  if (verdict.kind === 'accept') return verdict.value;
  warn(`${path}: not a valid certificate: ${verdict.detail} [${verdict.code}]`);
  return undefined;
}

function lines({ relation, first, a, b }: Extract<Comparison, { kind: 'final' }>): string[] {
  const evidence = [
    `a ${toHex(a.subject)} seen in [${a.seen.earliest}, ${a.seen.latest}] ns TAI, entry ${a.index}`,
    `b ${toHex(b.subject)} seen in [${b.seen.earliest}, ${b.seen.latest}] ns TAI, entry ${b.index}`,
  ];
  if (first === 'same') return ['a and b are the same subject', ...evidence];
  if (relation === 'concurrent')
    return [
      `a and b are concurrent: their intervals overlap; the order that was drawn puts ${first} first`,
      ...evidence,
    ];
  const gap = relation === 'before' ? since(b.seen.earliest, a.seen.latest) : since(a.seen.earliest, b.seen.latest);
  return [`a was ${relation} b: the intervals are ${formatNanos(gap)} apart; this is final`, ...evidence];
}
