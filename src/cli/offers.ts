/**
 * `momentd peers --capability`: who is said to offer something, and what its own signed hello says of it.
 *
 * Exit codes: 0 somebody's hello confirms it, 1 nobody's does, 2 the agent could not be asked.
 */

import { isCapability } from '../core/peers/hello.ts';
import { AgentError } from '../ports/agent-error.ts';
import { getJson, type ApiAddress } from './api-client.ts';
import { askNetwork, nameAt, table, type CapabilityAnswer } from './network-answers.ts';
import { EXIT, say, sayJson } from './outcome.ts';
import { harmless } from './terminal.ts';

export async function showOffers(api: ApiAddress, capability: string, isJson: boolean): Promise<void> {
  if (!isCapability(capability))
    throw new AgentError(
      'cli-usage',
      `--capability takes 1 to 32 of letters, digits, - and :, not ${harmless(capability)}`,
    );
  const network = await askNetwork(api);
  const answer = await getJson<CapabilityAnswer>(api, `/v1/capabilities/${encodeURIComponent(capability)}`);
  if (!answer.offers.some(({ check }) => check === 'confirmed')) process.exitCode = EXIT.no;
  if (isJson) return sayJson(answer);
  if (!network.networked) return say('no [network] is configured: there are no peers');
  if (answer.offers.length > 0)
    for (const line of table(
      ['CHECK', 'ROLE', 'VALIDATOR', 'PEER'],
      answer.offers.map(({ check, role, validator, name, addresses }) => [
        check,
        role ?? 'not known',
        role === null ? 'not known' : nameAt(network, validator),
        `${harmless(name)} at ${addresses.map(harmless).join(' ') || 'no address'}`,
      ]),
    ))
      say(line);
  for (const line of wordsOf(answer)) say(line);
}

function wordsOf({ capability, complete, offers }: CapabilityAnswer): string[] {
  const some = (check: CapabilityAnswer['offers'][number]['check']): boolean =>
    offers.some((one) => one.check === check);
  return [
    ...(offers.length === 0 ? [`nobody else is said to offer ${capability}`] : []),
    ...(some('unverified')
      ? ['unverified: it did not say hello, and a record in the DHT is the word of anyone at all']
      : []),
    ...(some('denied') ? ['denied: its own hello does not say so'] : []),
    ...(complete ? [] : ['the search was cut short: there may be more']),
  ];
}
