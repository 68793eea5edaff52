/**
 * `momentd peers`: who is connected and what their clocks say against ours, and which validator of the genesis record is not
 * there.
 *
 * Exit codes: 0 every validator was heard, 1 one was not, 2 the agent could not be asked.
 */

import type { Command } from 'commander';
import { divideDown, nanos, times, type Nanos } from '../core/time/nanos.ts';
import { formatNanos } from '../core/time/text.ts';
import { getJson, withApiOption } from './api-client.ts';
import { askNetwork, boundsText, nameAt, table, type NetworkAnswer, type PeerAnswer } from './network-answers.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';
import { showOffers } from './offers.ts';
import { harmless } from './terminal.ts';

type PeersOptions = { readonly api: string; readonly json?: true; readonly capability?: string };

export function addPeers(program: Command): void {
  withApiOption(
    program
      .command('peers')
      .description('show who is connected, what their clocks say, and which validator is missing'),
  )
    .option('--capability <name>', 'show instead who offers it (archive, time-card, region:EU), connected or not')
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      `
A clock offset is the middle of the peer's interval less true time by our clock, as bounds: it cannot lie outside them.
Exit codes: 0 every validator of the genesis record was heard within a minute, 1 one was not, 2 it could not be asked.

--capability asks the DHT, then exchanges hellos with whoever it names: confirmed and denied are what the peer itself says under its
signature; unverified is hearsay. Exit codes: 0 somebody is confirmed, 1 nobody is, 2 it could not be asked.`,
    )
    .action(guarded(showPeers));
}

async function showPeers({ api, json, capability }: PeersOptions): Promise<void> {
  if (capability !== undefined) return showOffers(api, capability, json === true);
  const network = await askNetwork(api);
  const { peers } = await getJson<{ readonly peers: readonly PeerAnswer[] }>(api, '/v1/peers');
  const unheard = network.validators.filter(({ index, self }) => !self && !network.heard.includes(index));
  if (unheard.length > 0) process.exitCode = EXIT.no;
  if (json === true) return sayJson({ network, peers, missing: unheard.map(({ index }) => index) });
  for (const line of headLines(network)) say(line);
  if (peers.length > 0) {
    say('');
    for (const line of table(
      HEAD,
      peers.map((peer) => rowOf(peer, network)),
    ))
      say(line);
  }
  say('');
  for (const line of absentLines(network, peers)) say(line);
}

function headLines(network: NetworkAnswer): string[] {
  const { validators, heard, health, features } = network;
  if (!network.networked)
    return [`we are ${nameAt(network, network.self)}; no [network] is configured: there are no peers`];
  const deductions = health.deductions.map(({ cause, points }) => `${cause} -${points}`).join(', ');
  return [
    `we are ${nameAt(network, network.self)}, identity ${network.identity ?? '?'}`,
    `reachable at ${network.addresses.join(' ') || 'no address'}`,
    `${network.peers} connected, ${heard.length} of ${validators.length} validators heard within a minute`,
    `health ${health.score} of 100${deductions === '' ? '' : ` (${deductions})`}`,
    ...features.map(({ feature, ready, quorum }) => `${ready} ready for ${feature}${quorum ? ', a quorum' : ''}`),
  ];
}

const HEAD = ['VALIDATOR', 'ROLE', 'DIRECTION', 'ROUND TRIP', 'CLOCK OFFSET', 'GUARANTEE', 'TRUST', 'PEER'];

function rowOf(peer: PeerAnswer, network: NetworkAnswer): string[] {
  const { time } = peer;
  return [
    nameAt(network, peer.validator),
    peer.role,
    peer.direction,
    peer.round_trip_ns === null ? 'not measured' : formatNanos(toMicros(peer.round_trip_ns)),
    time === null ? 'not compared' : `${boundsText(time.offset)}${time.consistent ? '' : ' APART'}`,
    time === null ? '' : formatNanos(nanos(BigInt(time.guarantee_ns))),
    peer.trust.toFixed(2),
    `${harmless(peer.name)} at ${harmless(peer.address)}`,
  ];
}

/** A round trip is measured to microseconds at best: digits below would be theatre. */
const toMicros = (ns: string): Nanos => times(divideDown(nanos(BigInt(ns)), 1_000n), 1_000n);

function absentLines(network: NetworkAnswer, peers: readonly PeerAnswer[]): string[] {
  const { validators, heard, banned } = network;
  const connected = new Set(peers.map(({ validator }) => validator));
  const absent = validators.filter(({ index, self }) => !self && !connected.has(index));
  const lines = absent.map(({ index, name }) =>
    heard.includes(index)
      ? `indirect   ${name}: not connected, its statements come by way of others`
      : `MISSING    ${name}: not connected, and not heard for a minute`,
  );
  for (const { index, name } of validators.filter(({ index }) => connected.has(index) && !heard.includes(index)))
    lines.push(`SILENT     ${name} (${index}): connected, and no statement of it for a minute`);
  for (const { code, validator } of network.time_alarms)
    lines.push(
      `TIME       ${validator === null ? 'we stand' : `${nameAt(network, validator)} stands`} outside what a quorum agrees on (${code})`,
    );
  for (const name of banned) lines.push(`banned     ${harmless(name)}`);
  if (network.faults > 0) lines.push(`FAULTS     ${network.faults} kept: momentd faults`);
  return lines.length === 0 ? ['every validator is here'] : lines;
}
