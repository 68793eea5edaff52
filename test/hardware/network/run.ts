/**
 * The whole job on what is real of it: four validators, a kernel clock and a receiver each, one network, faults, and
 * everything they leave judged by others. `bash test/hardware/run.sh --network`; ends with 1 when a claim fails.
 *
 * With `--short`, as CI runs it, the faults come two at a time, of validators that have no part in each other's; every claim
 * is the same.
 */

import { rmSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { IS_VIRTUAL, SKIP } from '../support.ts';
import { clockStep, killed, offByLittle, offByMuch, receiverCut } from './faults.ts';
import { Four } from './four.ts';
import { byMomentd, byPython, fetched } from './judging.ts';
import { Report } from './report.ts';

type Fault = readonly [name: string, happens: (four: Four, report: Report) => Promise<void>];

/** The killed one's others are asked while the first has no receiver; the stepped clock is not the one that is wrong. */
const PAIRS: readonly (readonly Fault[])[] = [
  [
    ['receiver cut', receiverCut],
    ['SIGKILL', killed],
  ],
  [
    ['PHC step', clockStep],
    ['a clock off by five seconds', offByMuch],
  ],
];

const isShort = process.argv.includes('--short');

async function run(report: Report, four: Four): Promise<void> {
  sayWhatIsReal(report, four);
  report.heading('What happened');
  await report.part('four start, meet and agree', async () => {
    for (const validator of four.all) {
      validator.start();
      await validator.answers('its API answers', '/v1/status', () => true);
      report.event(`${validator.name}: runs`);
    }
    for (const validator of four.all) {
      await validator.signs();
      report.event(`${validator.name}: locked and signing`);
    }
    const subjects = await four.submit([...four.all, ...four.all]);
    await four.areFinal(subjects, four.all);
    report.claim('subjects given to each of the four are final with all four', true, `${subjects.length} subjects`);
  });
  await report.part('a clock off by a millisecond', () => offByLittle(four, report));
  for (const together of isShort ? PAIRS : PAIRS.flat().map((one) => [one]))
    await Promise.all(together.map(([name, happens]) => report.part(name, () => happens(four, report))));
  await report.part('one order', () => oneOrder(four, report));
  await report.part('judged by others', async () => {
    const files = await fetched(four, report);
    for (const validator of four.all) {
      const code = await validator.stop('SIGTERM');
      validator.receiver.pullOut();
      report.claim(`${validator.name} ends cleanly when asked`, code === 0, `exit code ${code}`);
    }
    byPython(four, files, report);
    await byMomentd(four, files, report);
  });
}

async function oneOrder(four: Four, report: Report): Promise<void> {
  await four.areFinal(four.submitted, four.honest);
  const orders = await Promise.all(four.honest.map((validator) => four.orderOf(validator)));
  const texts = new Set(orders.map((order) => JSON.stringify(order)));
  const subjects = new Set(orders[0]!.map(({ subject }) => subject));
  report.claim(
    'the honest ones have one order, byte for byte, with every subject in it',
    texts.size === 1 && four.submitted.every(({ id }) => subjects.has(id)),
    `${orders[0]!.length} entries, ${four.submitted.length} submitted`,
  );
}

function sayWhatIsReal(report: Report, four: Four): void {
  report.heading('What is real here, and what is not');
  const receiver = four.isRecorded
    ? "validator-1's receiver: the bytes of a u-blox M8T recording, its dates moved to now, over a pty in pieces of 31 bytes, again and again"
    : 'validator-1: NO RECORDINGS here (../shared/gnss-logs); its receiver is made, its bytes written in pieces';
  for (const line of [
    'real      four processes of momentd run; libp2p over TCP on loopback; keys, lanes, files, signals, the API with its token',
    'real      a Linux kernel (User-Mode Linux) with its PTP, external time stamp and tty code, through the addon',
    `replayed  ${receiver}`,
    'made      the other three receivers: UBX frames written here, over ptys',
    'made      the four clocks themselves: a kernel module each (rig/phcsim.c), pulses aligned with the receivers; no oscillator, no satellite',
    'not here  the PPS device as a source: in this kernel its interrupt is later than the agent takes for possible (devices.test.ts reads it)',
    'known     true time: the raw clock plus one constant, which no validator is told',
    `made      the faults: ${isShort ? 'two at a time, of different validators (short form)' : 'one after another'}`,
    'wrong     validator-4 by 1 ms from its start, by 5 s later: clock, pulse and receiver agree with one another',
    'not here  distance: the four share a processor and a kernel, so messages take what scheduling takes',
  ])
    report.line(line);
}

if (SKIP !== false || IS_VIRTUAL) {
  console.error('needs the rig in real time: bash test/hardware/run.sh --network');
  process.exit(2);
}
setPriority(constants.priority.PRIORITY_HIGH);
const report = new Report();
const four = await Four.make();
try {
  await run(report, four);
} finally {
  await four.end();
  rmSync(dirname(four.directory), { recursive: true, force: true });
}
process.exit(report.verdict() ? 0 : 1);
