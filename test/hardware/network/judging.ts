/** Afterwards: everything they left behind, judged by the verifier in Python and by `momentd verify`. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { momentd } from '../../cli/run-momentd.ts';
import { OFF_BY_A_LITTLE, OFF_BY_MUCH, type Four } from './four.ts';
import type { Report } from './report.ts';
import type { Validator } from './validator.ts';

const JUDGE = fileURLToPath(new URL('../../peers/verifier/judge_run.py', import.meta.url));

type Judged = {
  readonly code?: string;
  readonly statements: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly evidence: number;
  /** How many intervals held each of the truths that were offered, or none. */
  readonly holds: Readonly<Record<string, number>>;
  readonly widths: readonly [number, number];
  readonly cosigners: number | null;
};
type Certified = { readonly code?: string; readonly subject: string; readonly index: string };

/** What only a running validator can hand out. */
export type Fetched = {
  readonly certificates: readonly string[];
  /** Each lane's checkpoint as another validator keeps it, with its cosignatures. */
  readonly cosigned: readonly string[];
  readonly evidence: { readonly statement: string; readonly record: string };
};

export async function fetched(four: Four, report: Report): Promise<Fetched> {
  const certificates: string[] = [];
  for (const [i, { id, to }] of four.submitted.entries()) {
    const bytes = four.certificates.get(id);
    if (bytes === undefined) throw new Error(`nobody had a certificate of subject ${i}, given to ${to}`);
    certificates.push(kept(four, `subject-${i}.certificate`, bytes));
  }
  const { validators } = await four.all[0]!.json<{ validators: { index: number; name: string }[] }>('/v1/network');
  const cosigned: string[] = [];
  for (const { name } of four.all) {
    const keeper = four.honest.find((validator) => validator.name !== name)!;
    const { index } = validators.find((entry) => entry.name === name)!;
    // The newest may have been made a moment ago: the next look sees it cosigned, or a newer one.
    const note = await keeper.text('a cosigned checkpoint', `/v1/lanes/${index}/checkpoint`, (text) =>
      /(?:^— .*\n){2}/m.test(text),
    );
    cosigned.push(note);
  }
  const { lane } = await four.all[0]!.json<{ lane: { size: string } }>('/v1/status');
  const last = Number(lane.size) - 1;
  const { evidence } = await four.all[0]!.json<{ evidence: string }>(`/v1/statements/${last}`);
  const statement = kept(four, 'last.cose', (await four.all[0]!.ask(`/v1/statements/${last}/cose`)).bytes);
  const record = kept(four, 'last.evidence', (await four.all[0]!.ask(`/v1/evidence/${evidence}`)).bytes);
  report.event(
    `fetched ${certificates.length} certificates, ${cosigned.length} cosigned checkpoints, a statement's evidence`,
  );
  return { certificates, cosigned, evidence: { statement, record } };
}

function kept(four: Four, name: string, bytes: Uint8Array): string {
  const path = join(four.directory, name);
  writeFileSync(path, bytes);
  return path;
}

/** The verifier that shares no code with us, on all of it. */
export function byPython(four: Four, { certificates, cosigned }: Fetched, report: Report): void {
  const plan = {
    genesis: four.genesis,
    certificates,
    validators: four.all.map((validator, place) => ({
      lane: laneOf(validator),
      evidence: join(validator.files.stateDir, 'evidence'),
      truth: truths(four, validator).map(String),
      cosigned: cosigned[place],
    })),
  };
  const file = kept(four, 'plan.json', Buffer.from(JSON.stringify(plan)));
  const run = spawnSync('/usr/bin/python3', ['-B', JUDGE, file], { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(`the Python verifier: ${run.stderr.slice(-800)}`);
  const found = JSON.parse(run.stdout) as { validators: Judged[]; certificates: Certified[] };
  for (const [place, judged] of found.validators.entries()) claimLane(four, four.all[place]!, judged, report);
  const refused = found.certificates.filter(({ code }) => code !== undefined);
  report.claim(
    'Python: every certificate holds, each of another place in the order',
    refused.length === 0 && new Set(found.certificates.map(({ index }) => index)).size === certificates.length,
    refused.length === 0 ? `${certificates.length} certificates` : refused.map(({ code }) => code).join(', '),
  );
}

const truths = ({ truth, wrong }: Four, validator: Validator): readonly bigint[] =>
  validator === wrong ? [truth, truth + OFF_BY_A_LITTLE, truth + OFF_BY_MUCH] : [truth];

function claimLane(four: Four, validator: Validator, judged: Judged, report: Report): void {
  const { name } = validator;
  const kinds = Object.entries(judged.code === undefined ? judged.kinds : {}).map(
    ([kind, count]) => `${count} ${kind}`,
  );
  report.claim(
    `Python: the lane of ${name} holds, entry by entry, with the evidence each entry names`,
    judged.code === undefined,
    judged.code ?? `${judged.statements} statements (${kinds.join(', ')}), ${judged.evidence} records of evidence`,
  );
  if (judged.code !== undefined) return;
  const { holds, statements, widths, cosigners } = judged;
  const count = (key: string): number => holds[key] ?? 0;
  if (validator === four.wrong)
    report.claim(
      `Python: ${name} signed false intervals as long as its clock was wrong`,
      count('0') === 0 && count('1') > 0 && count('2') > 0 && count('none') === 0,
      `${count('1')} off by 1 ms, ${count('2')} off by 5 s, ${count('0')} true`,
    );
  else
    report.claim(
      `Python: every interval ${name} signed holds the true time`,
      count('0') === statements && statements > 0,
      `${count('0')} of ${statements}, widths ${widths[0]} to ${widths[1]} ns`,
    );
  report.claim(`Python: the checkpoint of ${name} is cosigned by others`, (cosigners ?? 0) >= 1, `${cosigners} of 3`);
}

/** The program's own verifier, which recomputes the interval from the evidence as well. */
export async function byMomentd(four: Four, { certificates, evidence }: Fetched, report: Report): Promise<void> {
  const lanes = four.all.map(laneOf);
  const all = await momentd('verify', ...lanes, ...certificates, '--genesis', four.genesis);
  report.claim(
    'momentd verify: four lanes and every certificate',
    all.code === 0,
    all.code === 0
      ? `${lanes.length} lanes, ${certificates.length} certificates`
      : (all.stdout + all.stderr).slice(-600),
  );
  const beside = ['--evidence', evidence.record, '--genesis', four.genesis];
  const one = await momentd('verify', evidence.statement, ...beside);
  report.claim(
    'momentd verify: a statement of the recorded receiver recomputed from its evidence',
    one.code === 0,
    one.code === 0 ? '' : (one.stdout + one.stderr).slice(-600),
  );
}

const laneOf = (validator: Validator): string => join(validator.files.stateDir, 'lane');
