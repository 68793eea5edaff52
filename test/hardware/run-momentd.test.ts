/**
 * `momentd run`, the program itself, on a kernel's PTP clock and a receiver on a serial line: it signs what is true, and
 * whatever is done to the receiver or to the clock leads to a documented state and reason (docs/receivers.md), never to a
 * wrong interval. Every answer of /v1/time and every statement is held against the rig's exact truth.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { taiInstant } from '../../src/core/time/nanos.ts';
import { hostClock } from '../../src/io/clocks/host-clock.ts';
import { epochsOf } from '../../src/sim/receiver-replay.ts';
import { retimed } from '../../src/sim/receiver-retime.ts';
import { momentd } from '../cli/run-momentd.ts';
import { command, IS_VIRTUAL, knob, loadClock, SKIP, trueOffset, unloadClock } from './support.ts';
import { burstOf, WELL, type Mood } from './support/made-burst.ts';
import { ReceiverOnPty, type Burst } from './support/receiver-on-pty.ts';
import { WatchedAgent, type LogLine, type Word } from './support/watched-agent.ts';

const RECORDING = new URL('../../../shared/gnss-logs/u-blox-m8t-time.log', import.meta.url);

/** More pulses than the test lasts. */
const ALL_PULSES = 1_000_000;
/** Just within what a network clock's servo is declared to pull: 100 ppb. */
const SERVO_PPB = 95;
/** Epochs after which a receiver that were believed would long have led to a lock: 3 s of trust, 3 of steadiness. */
const ENOUGH_EPOCHS = 10;

/** A clock that keeps TAI, a receiver that tells the truth, and a network of one validator. */
class Scene {
  readonly directory = mkdtempSync(join(tmpdir(), 'momentd-hardware-'));
  readonly link = join(this.directory, 'gnss0');
  readonly socket = join(this.directory, 'state', 'api.sock');
  readonly genesis = join(this.directory, 'genesis.cbor');
  readonly lane = join(this.directory, 'state', 'lane');
  readonly config = join(this.directory, 'momentd.toml');
  readonly offset: bigint;
  readonly receiver: ReceiverOnPty;

  constructor(t: TestContext) {
    // Afresh: other tests have stepped and steered it.
    unloadClock();
    loadClock();
    knob('pulse_apart', 1);
    this.offset = trueOffset();
    const host = hostClock();
    this.receiver = new ReceiverOnPty({ link: this.link, truth: () => host.now() + this.offset });
    t.after(() => {
      this.receiver.pullOut();
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  /** `momentd init`, then the sources an operator of this host writes in. */
  async init(): Promise<void> {
    const made = await momentd('init', '--dir', this.directory);
    assert.equal(made.code, 0, made.stderr);
    this.configure((template) => template.slice(0, template.indexOf('# The system clock')) + this.#sources());
  }

  /** The operator's edit between two starts. */
  configure(edit: (text: string) => string): void {
    const before = readFileSync(this.config, 'utf8');
    const after = edit(before);
    assert.notEqual(after, before, 'the edit found its place');
    writeFileSync(this.config, after);
  }

  #sources(): string {
    return `[[receiver]]
name = "gnss0"
device = "${this.link}"

[[source]]
name = "card0"
kind = "phc"
device = "/dev/ptp0"
extts_channel = 0
pin = 0
reference = "gnss0"
oscillator = "ocxo"
`;
  }

  /** Starts the agent for the length of a test. */
  async start(t: TestContext): Promise<WatchedAgent> {
    const agent = new WatchedAgent(this.config, this.socket, this.offset);
    t.after(async () => {
      this.receiver.pullOut();
      await agent.stop('SIGKILL').catch(() => undefined);
    });
    await agent.serves();
    return agent;
  }

  says(change: Partial<Mood>): void {
    this.receiver.says = burstOf({ ...WELL, ...change });
  }
}

const changedTo =
  (to: string) =>
  (line: LogLine): boolean =>
    line.message === 'clock state changed' && line['to'] === to;

/** Locked, and something was signed since the lane had `size` entries. */
const hasSigned =
  (size: bigint) =>
  ({ state, isSigning, laneSize }: Word): boolean =>
    state === 'locked' && isSigning && laneSize > size;

/** Ends the agent cleanly and says how right it was; nothing it said may have been wrong. */
async function finish(t: TestContext, agent: WatchedAgent, from: bigint): Promise<void> {
  const statements = await agent.judgeStatements(from);
  assert.equal(await agent.stop(), 0, agent.story());
  assert.deepEqual(agent.wrong, []);
  assert.ok(statements > 0 && agent.timesRight > 0);
  t.diagnostic(
    `${statements} statements and ${agent.timesRight} answers of /v1/time, all right; widths ${agent.narrowest} to ${agent.widest} ns`,
  );
}

test(
  'momentd run on a kernel clock and a receiver on a serial line',
  { skip: SKIP, timeout: 280_000 },
  async (t: TestContext) => {
    const scene = new Scene(t);
    await scene.init();
    await t.test('signs, and holds what it may while the receiver is pulled, jammed or spoofed', (s) =>
      faults(s, scene),
    );
    await t.test('does not sign on a wrong leap second count after a cold start', (s) => coldStart(s, scene));
    t.diagnostic(`${scene.receiver.written} bursts of the receiver, ${scene.receiver.missed} left out`);
  },
);

async function faults(t: TestContext, scene: Scene): Promise<void> {
  const { receiver } = scene;
  scene.says({});
  receiver.plugIn();
  const agent = await scene.start(t);
  const locked = await agent.log(changedTo('locked'));
  assert.deepEqual([locked['from'], locked['code']], ['acquiring', 'clock-locked']);
  await agent.word(hasSigned(0n));
  await pulled(t, scene, agent);
  await interfered(t, scene, agent);
  await stepped(t, agent);
  await verified(scene, agent);
  await finish(t, agent, 0n);
}

/** The receiver and its pulse vanish, and come back. */
async function pulled(t: TestContext, { receiver }: Scene, agent: WatchedAgent): Promise<void> {
  const from = agent.logs.length;
  knob('extts_miss', ALL_PULSES);
  receiver.pullOut();
  const presence = await agent.log(({ message }) => message === 'receiver presence', from);
  assert.equal(presence['code'], 'receiver-port-lost');
  const held = await agent.log(changedTo('holdover'), from);
  assert.equal(held['code'], 'reference-health-missing');
  const { laneSize: size } = await agent.next();
  await agent.word(({ state, isSigning, laneSize }) => state === 'holdover' && isSigning && laneSize > size);
  knob('extts_miss', 0);
  receiver.plugIn();
  await agent.log(({ message, code }) => message === 'receiver presence' && code === 'receiver-present', from);
  const back = await agent.log(changedTo('locked'), from);
  assert.equal(back['code'], 'clock-relocked');
  t.diagnostic('pulled: holdover [reference-health-missing], back: locked [clock-relocked]');
}

/** Jammed, then spoofed as well, then well again. */
async function interfered(t: TestContext, scene: Scene, agent: WatchedAgent): Promise<void> {
  const from = agent.logs.length;
  scene.says({ jamming: 3 });
  const held = await agent.log(changedTo('holdover'), from);
  assert.equal(held['code'], 'reference-jammed');
  await agent.word(({ source }) => source === 'reference-jammed');
  scene.says({ spoofing: 2 });
  await agent.word(({ state, source }) => state === 'holdover' && source === 'reference-spoofed');
  scene.says({});
  await agent.word(({ source }) => source === 'reference-settling');
  const back = await agent.log(changedTo('locked'), from);
  assert.equal(back['code'], 'clock-relocked');
  t.diagnostic(
    'jammed: holdover [reference-jammed]; spoofed: source [reference-spoofed]; back: locked [clock-relocked]',
  );
}

/** Somebody steps the clock by 600 µs while the receiver's pulse stays where it was. */
async function stepped(t: TestContext, agent: WatchedAgent): Promise<void> {
  const from = agent.logs.length;
  command('step', 600_000n);
  const down = await agent.log(changedTo('unsynchronized'), from);
  assert.equal(down['code'], 'source-stepped');
  const back = await agent.log(changedTo('locked'), from);
  assert.equal(back['code'], 'clock-relocked');
  const { laneSize } = await agent.next();
  await agent.word(hasSigned(laneSize));
  t.diagnostic('stepped by 600 µs: unsynchronized [source-stepped], back: locked [clock-relocked]');
}

/** What it signed convinces a stranger: the lane, and a statement recomputed from its evidence. */
async function verified({ directory, lane, genesis }: Scene, agent: WatchedAgent): Promise<void> {
  const last = (await agent.next()).laneSize - 1n;
  const { cose, evidence } = await agent.statement(last);
  const [statementFile, evidenceFile] = [join(directory, 'last.cose'), join(directory, 'last.evidence')];
  writeFileSync(statementFile, cose);
  writeFileSync(evidenceFile, evidence);
  const ofOne = await momentd('verify', statementFile, '--evidence', evidenceFile, '--genesis', genesis);
  assert.equal(ofOne.code, 0, ofOne.stdout + ofOne.stderr);
  const ofLane = await momentd('verify', lane, '--genesis', genesis);
  assert.equal(ofLane.code, 0, ofLane.stdout + ofLane.stderr);
}

/** UTC one second wrong by its firmware's count; then by a count it says it has from the satellites; then a good receiver. */
async function coldStart(t: TestContext, scene: Scene): Promise<void> {
  const { receiver } = scene;
  // Trust and lock are waited for three times over here; their default lengths were seen at work in the first start.
  scene.configure((text) =>
    text
      .replace('[clock]\n', '[clock]\nlock_after = "3s"\n')
      .replace('[[receiver]]\n', '[[receiver]]\ntrust_after = "3s"\n'),
  );
  const wrong = { tellsSatelliteTime: false, leap: { source: 0, gpsUtcSeconds: 17 } };
  scene.says(wrong);
  receiver.plugIn();
  const agent = await scene.start(t);
  const { laneSize } = await agent.next();
  await receiver.epochs(ENOUGH_EPOCHS);
  assert.deepEqual(await agent.next(), refusing('leap-source-unproven', laneSize));
  scene.says({ ...wrong, leap: { source: 2, gpsUtcSeconds: 17 } });
  await agent.word(({ source }) => source === 'tai-utc-disagrees');
  await receiver.epochs(ENOUGH_EPOCHS);
  assert.deepEqual(await agent.next(), refusing('tai-utc-disagrees', laneSize));
  assert.deepEqual([agent.timesRight, agent.wrong], [0, []], 'no interval was told of');
  t.diagnostic(
    'cold start: acquiring [leap-source-unproven], wrong from the satellites: acquiring [tai-utc-disagrees]',
  );

  receiver.says = recordedOr(burstOf(WELL), t);
  const locked = await agent.log(changedTo('locked'));
  assert.equal(locked['code'], 'clock-locked');
  await agent.word(hasSigned(laneSize));
  await silent(t, scene, agent);
  await finish(t, agent, laneSize);
}

const refusing = (code: string, laneSize: bigint): Word => ({
  state: 'acquiring',
  code,
  source: code,
  isSigning: false,
  laneSize,
});

/**
 * The line stays open and nothing comes any more, while the pulses go on: the clock's servo may follow them wherever they
 * go, unseen by us. Where time costs nothing it is pulled away as fast as a network clock's servo is declared to pull, until
 * the guarantee, which must have grown with it, reaches the limit.
 */
async function silent(t: TestContext, { receiver }: Scene, agent: WatchedAgent): Promise<void> {
  const from = agent.logs.length;
  receiver.says = () => undefined;
  const held = await agent.log(changedTo('holdover'), from);
  assert.equal(held['code'], 'reference-health-missing');
  await agent.log(({ message, code }) => message === 'receiver presence' && code === 'receiver-silent', from);
  t.diagnostic('silent: holdover [reference-health-missing], presence [receiver-silent]');
  if (!IS_VIRTUAL) return;
  command('freq', SERVO_PPB);
  const over = await agent.log(changedTo('unsynchronized'), from);
  assert.equal(over['code'], 'guarantee-over-limit');
  t.diagnostic(`pulled away by ${SERVO_PPB} ppb: unsynchronized [guarantee-over-limit]`);
}

/** A recording as if it began with the first second asked for; the made receiver where there are no recordings. */
function recordedOr(made: Burst, t: TestContext): Burst {
  if (!existsSync(RECORDING)) {
    t.diagnostic(`no recordings: ${RECORDING.pathname} is missing; a made receiver stands in`);
    return made;
  }
  const recording = readFileSync(RECORDING);
  let first: bigint | undefined;
  let epochs: readonly Uint8Array[] = [];
  return (second) => {
    if (first === undefined) {
      first = second;
      epochs = epochsOf(retimed(recording, taiInstant(second * 1_000_000_000n))!);
    }
    return epochs[Number(second - first)];
  };
}
