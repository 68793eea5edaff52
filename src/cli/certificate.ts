/**
 * `momentd certificate ID`: the timestamp certificate of a final subject, as a file that anyone checks offline.
 *
 * Exit codes: 0 saved, 1 there is none yet (it says where the subject stands), 2 the agent could not be asked.
 */

import { writeFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { getFile, getJson, withApiOption } from './api-client.ts';
import { isSubjectId, type SubjectAnswer } from './network-answers.ts';
import { EXIT, guarded, say, sayJson, warn } from './outcome.ts';

type CertificateOptions = { readonly api: string; readonly out: string; readonly json?: true };

export function addCertificate(program: Command): void {
  withApiOption(program.command('certificate').description('save the timestamp certificate of a final subject'))
    .argument('<id>', 'subject id, 64 hexadecimal digits (momentd submit prints it)', idOf)
    .requiredOption('--out <file>', 'where to save it')
    .option('--json', 'answer in JSON')
    .addHelpText('after', '\nExit codes: 0 saved, 1 there is none yet and it says why, 2 the agent could not be asked.')
    .action(guarded(saveCertificate));
}

async function saveCertificate(id: string, { api, out, json }: CertificateOptions): Promise<void> {
  const bytes = await getFile(api, `/v1/subjects/${id}/certificate`);
  if (bytes === undefined) {
    const { position } = await getJson<SubjectAnswer>(api, `/v1/subjects/${id}`);
    process.exitCode = EXIT.no;
    if (json === true) return sayJson({ id, position, certificate: null });
    return warn(`${id}: ${WHY[position]}`);
  }
  await writeFile(out, bytes);
  if (json === true) return sayJson({ id, position: 'final', certificate: out });
  say(`saved ${out} (${bytes.length} bytes)`);
  say(`next: momentd verify ${out} --genesis GENESIS`);
}

const WHY: Readonly<Record<SubjectAnswer['position'], string>> = {
  unknown: 'no validator has reported it, or it became final long ago and another keeps what a certificate takes',
  reported: 'reported, by too few validators for an interval yet',
  provisional: 'it has an interval and is not final yet (momentd order status says for whom finality waits)',
  final: 'final, and the votes for its cut are not here: ask again, or ask another validator',
};

export function idOf(text: string): string {
  if (!isSubjectId(text)) throw new InvalidArgumentError('a subject id is 64 hexadecimal digits.');
  return text.toLowerCase();
}
