/** `momentd status`: what a running agent knows, why, and what would help. Exit code 1 while it does not sign. */

import type { Command } from 'commander';
import { getJson, withApiOption } from './api-client.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';
import type { Status } from './status-answer.ts';

type StatusOptions = { readonly api: string; readonly json?: true };

export function addStatus(program: Command): void {
  withApiOption(program.command('status').description('show what a running agent knows, and why'))
    .option('--json', 'answer in JSON, as the API gives it')
    .addHelpText(
      'after',
      `
Exit codes: 0 it signs statements, or follows as an observer or archive, 1 it does not (and says why), 2 it could not be asked.`,
    )
    .action(guarded(showStatus));
}

async function showStatus({ api, json }: StatusOptions): Promise<void> {
  const status = await getJson<Status>(api, '/v1/status');
  const follows = status.role !== 'validator';
  if (!status.attesting.signing && !follows) process.exitCode = EXIT.no;
  if (json === true) return sayJson(status);
  const { time, attesting } = status;
  say(`${status.network.name} / ${status.validator.kid}   momentd ${status.version}`);
  if (status.simulated) say('SIMULATED TIME: a source is simulated, this is not the real time');
  say('');
  if (follows) {
    say(`role       ${status.role}: follows the network and signs nothing`);
    say(`${time.reason.code.padEnd(10)} ${time.reason.remedy}`);
    return;
  }
  say(`state      ${time.state}: ${time.reason.sentence} (${time.reason.code})`);
  if (attesting.reason === null) say(`signing    yes, ${status.lane.size} statements in the lane`);
  else {
    say(`signing    no: ${attesting.reason.sentence} (${attesting.reason.code})`);
    say(`remedy     ${attesting.reason.remedy}`);
  }
  if (time.earliest !== null) {
    say(`earliest   ${time.earliest}`);
    say(`latest     ${time.latest}`);
    say(`guarantee  ${time.guarantee_ns} ns (statistical uncertainty ${time.uncertainty_ns ?? 'unknown'} ns)`);
    for (const { term, ns } of status.budget) if (ns !== '0') say(`           ${ns.padStart(8)} ns  ${term}`);
    say(`holdover   the limit would be reached ${status.seconds_until_limit ?? '?'} s after losing every reference`);
  }
  say(`TAI-UTC    ${time.tai_utc_s ?? 'not known'}${time.tai_utc_s === null ? '' : ' s'}`);
  say(
    `host       ${status.host_identity === null ? 'no identity record is in force' : `identity ${status.host_identity}`}`,
  );
  say('');
  for (const { name, kind, verdict, reason } of status.sources)
    say(`source     ${name} (${kind}): ${verdict}${reason === null ? '' : `, ${reason.sentence} (${reason.code})`}`);
  if (status.inbox.dropped > 0)
    say(`dropped    ${status.inbox.dropped} samples: the loop was too slow for its sources`);
}
