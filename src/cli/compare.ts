/**
 * `momentd compare A B`: which of two subjects was first, with the evidence: by their certificates, offline, or by their ids,
 * asked of an agent.
 *
 * Exit codes: 0 there is an answer (before, after and concurrent are answers), 1 there is none (a certificate is not valid, a
 * subject has no interval yet), 2 wrong usage or no agent.
 */

import type { Command } from 'commander';
import { toHex } from '../core/codec/hex.ts';
import { compare, type Comparison } from '../core/ordering/order-position.ts';
import type { CertifiedSubject } from '../core/ordering/verify-certificate.ts';
import type { IntervalOrder } from '../core/time/interval.ts';
import { since } from '../core/time/nanos.ts';
import { formatNanos } from '../core/time/text.ts';
import { AgentError } from '../ports/agent-error.ts';
import { getJson, withApiOption } from './api-client.ts';
import { readFile } from './lane-reader.ts';
import { isSubjectId, type ComparisonAnswer } from './network-answers.ts';
import { EXIT, guarded, say, sayJson, warn } from './outcome.ts';
import { trustOf, type Trust } from './trust.ts';
import { certificateSays, certifiedBy } from './verify-certificate.ts';

type Options = { readonly api: string; readonly genesis?: string; readonly json?: true };

export function addCompare(program: Command): void {
  withApiOption(
    program
      .command('compare')
      .description('say which of two subjects was first: before, after or concurrent, with the evidence'),
  )
    .argument('<a>', 'certificate of one subject, or its id')
    .argument('<b>', 'certificate of the other, or its id')
    .option('--genesis <file>', 'genesis record of the network (CBOR or JSON): certificates are judged by it, offline')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
Two certificates need --genesis and nobody's word. Two ids are asked of the agent; while one of them is not final its answer
is provisional and says under which assumption.
Exit codes: 0 before, after or concurrent, 1 no answer (a certificate is not valid, a subject has no interval yet), 2 neither.`,
    )
    .action(guarded(compareSubjects));
}

async function compareSubjects(a: string, b: string, options: Options): Promise<void> {
  if (options.genesis !== undefined) return compareCertificates(a, b, options.genesis, options.json === true);
  if (isSubjectId(a) && isSubjectId(b)) return compareByAgent(a, b, options);
  throw new AgentError('cli-usage', 'compare: give two certificates with --genesis, or two subject ids');
}

async function compareByAgent(a: string, b: string, { api, json }: Options): Promise<void> {
  const path = `/v1/compare?a=${a.toLowerCase()}&b=${b.toLowerCase()}`;
  const answer = await getJson<ComparisonAnswer>(api, path);
  if (answer.kind === 'undecided') process.exitCode = EXIT.no;
  if (json === true) return sayJson(answer);
  for (const line of answerLines(answer)) say(line);
}

export function answerLines(answer: ComparisonAnswer): string[] {
  const evidence = (['a', 'b'] as const).map((side) => {
    const { subject, position, seen, index } = answer[side];
    const where = index === null ? position : `entry ${index}`;
    return `${side} ${subject} ${seen === null ? 'has no interval' : `seen in [${seen.earliest_ns}, ${seen.latest_ns}] ns TAI`}, ${where}`;
  });
  switch (answer.kind) {
    case 'undecided':
      return ['nothing can be said yet: too few validators have reported one of them', ...evidence];
    case 'provisional':
      return [`${saidOf(answer.relation)}; this is provisional`, `assuming that ${answer.assumption}`, ...evidence];
    case 'final': {
      if (answer.first === 'same') return ['a and b are the same subject', ...evidence];
      const drawn = answer.relation === 'concurrent' ? `; the order that was drawn puts ${answer.first} first` : '';
      return [`${saidOf(answer.relation)}${drawn}; this is final`, ...evidence];
    }
  }
}

const saidOf = (relation: IntervalOrder): string =>
  relation === 'concurrent' ? 'a and b are concurrent: their intervals overlap' : `a was ${relation} b`;

function compareCertificates(pathA: string, pathB: string, genesis: string, isJson: boolean): void {
  const trust = trustOf({ genesis });
  const [a, b] = [certified(pathA, trust), certified(pathB, trust)];
  if (a === undefined || b === undefined) {
    process.exitCode = EXIT.no;
    return;
  }
  const answer = compare({ kind: 'final', entry: a.entry }, { kind: 'final', entry: b.entry });
  if (answer.kind !== 'final') return;
  if (isJson)
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
