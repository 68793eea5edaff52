/**
 * `momentd lanes`: every validator's lane as this agent keeps it: how far it is stored, who vouches for it.
 *
 * Exit codes: 0 all are followed, 1 one is frozen (its validator contradicted itself), 2 the agent could not be asked.
 */

import type { Command } from 'commander';
import { taiInstant } from '../core/time/nanos.ts';
import { formatTai } from '../core/time/text.ts';
import { getJson, withApiOption } from './api-client.ts';
import { askNetwork, namesOf, table, type LaneAnswer, type NetworkAnswer } from './network-answers.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';

type LanesOptions = { readonly api: string; readonly json?: true };

export function addLanes(program: Command): void {
  withApiOption(
    program.command('lanes').description('show every validator’s lane as it is kept here, and who cosigned it'),
  )
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 all are followed, 1 a lane is frozen because its validator contradicted itself, 2 it could not be asked.',
    )
    .action(guarded(showLanes));
}

async function showLanes({ api, json }: LanesOptions): Promise<void> {
  const network = await askNetwork(api);
  const { lanes } = await getJson<{ readonly lanes: readonly LaneAnswer[] }>(api, '/v1/lanes');
  if (lanes.some(({ frozen }) => frozen)) process.exitCode = EXIT.no;
  if (json === true) return sayJson({ lanes });
  for (const line of table(
    HEAD,
    lanes.map((lane) => rowOf(lane, network)),
  ))
    say(line);
}

const HEAD = ['VALIDATOR', 'ENTRIES', 'LAST TIME', 'STATE', 'CHECKPOINT', 'COSIGNED BY'];

function rowOf(lane: LaneAnswer, network: NetworkAnswer): string[] {
  const { checkpoint } = lane;
  const state = lane.frozen ? 'FROZEN' : lane.catching_up ? 'catching up' : 'followed';
  return [
    lane.name,
    lane.size,
    lane.last_tai_ns === null ? 'none' : formatTai(taiInstant(BigInt(lane.last_tai_ns))),
    lane.validator === network.self ? 'our own' : state,
    checkpoint === null ? 'none yet' : checkpoint.size,
    checkpoint === null ? '' : namesOf(network, checkpoint.cosigners),
  ];
}
