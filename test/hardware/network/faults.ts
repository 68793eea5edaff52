/** What is done to the four while they run, and what each of the others has to say to it. */

import type { LogLine } from '../support/watched-agent.ts';
import { OFF_BY_A_LITTLE, OFF_BY_MUCH, type Four } from './four.ts';
import type { Report } from './report.ts';
import type { Validator } from './validator.ts';

/** More pulses than the run lasts. */
const ALL_PULSES = 1_000_000;
const STEP = 600_000n;

type OrderStatus = { readonly size: string; readonly waiting: { readonly lanes: readonly number[] } };
type Alarm = { readonly code: string; readonly validator: number | null };
type NetworkAnswer = {
  readonly validators: readonly { readonly index: number; readonly name: string }[];
  readonly time_alarms: readonly Alarm[];
};
type PeersAnswer = {
  readonly peers: readonly {
    readonly validator: number | null;
    readonly time: { readonly offset: { readonly least_ns: string; readonly most_ns: string } } | null;
  }[];
};

const codeOf = (line: LogLine): string => String(line['code']);

/** Receiver and pulse of the first go and come back. */
export async function receiverCut(four: Four, report: Report): Promise<void> {
  const [first] = four.all as [Validator];
  await first.signs();
  const from = first.logs.length;
  first.clock.knob('extts_miss', ALL_PULSES);
  first.receiver.pullOut();
  report.event(`${first.name}: receiver and pulse cut`);
  try {
    const presence = await first.logged('the lost line', ({ message }) => message === 'receiver presence', from);
    const held = await first.isIn('holdover');
    report.claim('receiver cut: named', codeOf(presence) === 'receiver-port-lost', codeOf(presence));
    report.claim('receiver cut: held over', held === 'reference-health-missing', held);
    const meanwhile = await four.submit([first]);
    await four.areFinal(meanwhile, four.all);
    report.claim('receiver cut: what it is given meanwhile becomes final everywhere', true);
  } finally {
    first.clock.knob('extts_miss', 0);
    first.receiver.plugIn();
  }
  const back = await first.isIn('locked');
  report.claim('receiver cut: survived', back === 'clock-relocked', `locked again, ${back}`);
}

/** Somebody steps the clock of the second while its pulse stays where it was. */
export async function clockStep(four: Four, report: Report): Promise<void> {
  const second = four.all[1]!;
  await second.signs();
  const from = second.logs.length;
  second.clock.command('step', STEP);
  report.event(`${second.name}: PTP clock stepped by ${STEP / 1_000n} µs`);
  const down = await second.changesTo('unsynchronized', from);
  report.claim('PHC step: seen, named, nothing signed on it', codeOf(down) === 'source-stepped', codeOf(down));
  const back = await second.changesTo('locked', from);
  report.claim('PHC step: survived', codeOf(back) === 'clock-relocked', `locked again, ${codeOf(back)}`);
  const after = await four.submit([second]);
  await four.areFinal(after, four.all);
}

/** The third is killed; the order waits for its lane, says so, and goes on when it is back. */
export async function killed(four: Four, report: Report): Promise<void> {
  const [first, , third] = four.all as [Validator, Validator, Validator];
  const others = four.all.filter((validator) => validator !== third);
  const index = await indexOf(third);
  const before = others.map(({ logs }) => logs.length);
  await third.stop('SIGKILL');
  // A terminal that nobody reads fills up.
  third.receiver.pullOut();
  report.event(`${third.name}: SIGKILL`);
  for (const [i, other] of others.entries())
    await other.logged(
      'that the killed one left',
      ({ message, ...line }) => message === 'a peer left' && line['validator'] === index,
      before[i],
    );
  report.claim('SIGKILL: each of the others logs that it left', true);
  const meanwhile = await four.submit(others);
  await first.answers<OrderStatus>('it waits for the killed lane', '/v1/order/status', ({ waiting }) =>
    waiting.lanes.includes(index),
  );
  const positions = await Promise.all(
    meanwhile.map(({ id }) => first.json<{ position: string }>(`/v1/subjects/${id}`)),
  );
  report.claim(
    'SIGKILL: the order waits for its lane by name, and calls nothing final without it',
    positions.every(({ position }) => position !== 'final'),
    positions.map(({ position }) => position).join(', '),
  );
  third.receiver.plugIn();
  third.start();
  await third.signs();
  report.event(`${third.name}: runs, locked and signing again`);
  await four.areFinal(meanwhile, four.all);
  report.claim('SIGKILL: survived; the subjects given meanwhile are final with all four', true);
}

/** The fourth is off by a millisecond from its start: less than any exchange between them can tell. */
export async function offByLittle(four: Four, report: Report): Promise<void> {
  const index = await indexOf(four.wrong);
  let narrowest: bigint | undefined;
  for (const validator of four.honest) {
    const { peers } = await validator.answers<PeersAnswer>('a time exchange with the fourth', '/v1/peers', (answer) =>
      answer.peers.some((peer) => peer.validator === index && peer.time !== null),
    );
    const { least_ns: least, most_ns: most } = peers.find(({ validator: of }) => of === index)!.time!.offset;
    report.event(
      `${validator.name}: ${four.wrong.name} less our time is between ${millis(least)} and ${millis(most)} ms`,
    );
    for (const end of [-BigInt(least), BigInt(most)]) if (narrowest === undefined || end < narrowest) narrowest = end;
  }
  report.bound(
    `a clock off by ${millis(OFF_BY_A_LITTLE)} ms cannot be named by time exchange here: an exchange tells no more than its way ` +
      `took, and the nearest of these ends was ${millis(narrowest!)} ms away. What it does to the order is claimed below`,
  );
}

/** The fourth comes back as after a spoofer: receiver, pulse and clock agree, and are wrong by more than a way takes. */
export async function offByMuch(four: Four, report: Report): Promise<void> {
  const { wrong, honest } = four;
  const index = await indexOf(wrong);
  const exit = await wrong.stop('SIGTERM');
  wrong.receiver.pullOut();
  report.claim(`${wrong.name} ends cleanly when asked`, exit === 0, `exit code ${exit}`);
  wrong.clock.unload();
  wrong.offset = four.truth + OFF_BY_MUCH;
  wrong.clock.load(wrong.offset);
  wrong.receiver.plugIn();
  wrong.start();
  await wrong.signs();
  report.event(`${wrong.name}: signs again, its clock, pulse and receiver ${apart(OFF_BY_MUCH)} the truth`);
  for (const validator of honest) {
    const { time_alarms: alarms } = await validator.answers<NetworkAnswer>(
      'names the fourth',
      '/v1/network',
      (answer) => answer.time_alarms.some((alarm) => alarm.validator === index),
    );
    report.claim(
      `wrong clock: ${validator.name} names ${wrong.name}, and nobody else`,
      alarms.every(({ code, validator: of }) => code === 'peer-time-apart' && of === index),
      alarms.map(({ code, validator: of }) => `${code} ${of}`).join(', '),
    );
  }
  const { time_alarms: own } = await wrong.answers<NetworkAnswer>(
    'its own clock stands apart',
    '/v1/network',
    (answer) => answer.time_alarms.some(({ code }) => code === 'own-time-apart'),
  );
  report.claim(
    'wrong clock: it hears from the others that it is the one',
    true,
    own.map(({ code }) => code).join(', '),
  );
  for (const validator of honest) await validator.signs();
  const after = await four.submit(honest);
  await four.areFinal(after, honest);
  report.claim('wrong clock: the honest ones still order what they are given', true);
}

async function indexOf(validator: Validator): Promise<number> {
  const { validators } = await validator.json<NetworkAnswer>('/v1/network');
  return validators.find(({ name }) => name === validator.name)!.index;
}

const millis = (ns: bigint | string): string => (Number(ns) / 1e6).toFixed(3);

/** `5000.000 ms behind`, to go before what it is measured against. */
const apart = (ns: bigint): string => (ns < 0n ? `${millis(-ns)} ms behind` : `${millis(ns)} ms ahead of`);
