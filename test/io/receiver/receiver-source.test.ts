/**
 * The receiver source on a line under the test's control, and on a pseudo terminal. The host clock is the test's own:
 * nothing here depends on how fast the machine is.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Observation, ReferenceHealth } from '../../../src/core/clock/observation.ts';
import { PAIRING_DEFAULTS } from '../../../src/core/gnss/pairing.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import {
  millis,
  monoInstant,
  nanos,
  seconds,
  shift,
  taiInstant,
  type MonoInstant,
} from '../../../src/core/time/nanos.ts';
import { portHolders } from '../../../src/io/receiver/port-holders.ts';
import { ReceiverSource, type ReceiverOptions } from '../../../src/io/receiver/receiver-source.ts';
import { openSerialLine } from '../../../src/io/receiver/serial-line.ts';
import type { SerialLine } from '../../../src/ports/serial-line.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import type { HostClock } from '../../../src/ports/host-clock.ts';
import * as made from '../../../src/sim/receiver-frames.ts';
import { epochsOf } from '../../../src/sim/receiver-replay.ts';
import { retimed } from '../../../src/sim/receiver-retime.ts';
import { openPty, ptyMissing } from './pty.ts';

const NOON = taiInstant(1_795_176_037n * 1_000_000_000n);
const TOW_MS = 475_218_000;
const WEEK = 2_445;

class HandClock implements HostClock {
  readonly bootId = 'test';
  #now: MonoInstant = monoInstant(1_000_000_000_000n);
  now(): MonoInstant {
    return this.#now;
  }
  boottime() {
    return nanos(this.#now);
  }
  set(ms: number): MonoInstant {
    this.#now = shift(monoInstant(1_000_000_000_000n), millis(ms));
    return this.#now;
  }
}

/** A line whose bytes come when the test says so. */
class HandLine implements SerialLine {
  readonly writes: Uint8Array[] = [];
  #take: (bytes: Uint8Array) => void = () => undefined;
  readonly #end = Promise.withResolvers<undefined>();
  readonly closed: Promise<void> = this.#end.promise;
  /** What the receiver answers to a write, if anything. */
  answer: Uint8Array | undefined;
  attach(take: (bytes: Uint8Array) => void): this {
    this.#take = take;
    return this;
  }
  say(...frames: Uint8Array[]): void {
    for (const frame of frames) this.#take(frame);
  }
  write(bytes: Uint8Array): Promise<void> {
    this.writes.push(bytes);
    if (this.answer !== undefined) this.say(this.answer);
    return Promise.resolve();
  }
  close(): Promise<void> {
    this.#end.resolve(undefined);
    return this.closed;
  }
}

type Rig = { source: ReceiverSource; clock: HandClock; seen: Observation[]; log: string[]; lines: HandLine[] };

function rig(t: TestContext, options: Partial<ReceiverOptions> = {}, open?: (line: HandLine, n: number) => void): Rig {
  const clock = new HandClock();
  const seen: Observation[] = [];
  const log: string[] = [];
  const lines: HandLine[] = [];
  const source = new ReceiverSource(
    {
      clock,
      log: {
        write: (_level, message, fields) =>
          log.push(`${message} ${String(fields?.['code'])} ${String(fields?.['detail'])}`),
      },
      plausibleFrom: () => shift(NOON, seconds(-86_400)),
      openLine: (_options, take) => {
        const line = new HandLine().attach(take);
        lines.push(line);
        return new Promise((resolve) => {
          open?.(line, lines.length - 1);
          resolve(line);
        });
      },
    },
    {
      name: 'gnss0',
      path: '/dev/ttyS5',
      baud: 115_200,
      configure: false,
      receiverPort: 'uart1',
      time: { leapTable: BUILT_IN_LEAP_TABLE, sawtoothSign: 1, utcSettling: seconds(900) },
      ...options,
    },
  );
  t.after(() => source.stop());
  return { source, clock, seen, log, lines };
}

const start = (r: Rig): Promise<void> => r.source.start((observation) => r.seen.push(observation));
const healthOf = (r: Rig): ReferenceHealth | undefined =>
  r.seen.findLast((observation): observation is ReferenceHealth => observation.kind === 'health');
const presencesOf = (r: Rig): string[] =>
  r.seen.flatMap((o) => (o.kind === 'presence' ? [`${o.present ? 'there' : 'away'} ${o.code}`] : []));

/** One healthy epoch: pulse at `second`, then the messages 120 ms later, as a receiver would. */
function epoch(r: Rig, second: number, extra: Uint8Array[] = []): void {
  const iTowMs = TOW_MS + 1_000 * second;
  const learned = r.clock.set(1_000 * second + 1);
  const stamp = taiInstant(NOON + BigInt(second) * 1_000_000_000n + 85n);
  r.source.edges({ kind: 'raw-edge', source: 'card0', channel: 0, stamp, learned, sequence: undefined });
  r.clock.set(1_000 * second + 120);
  r.lines
    .at(-1)!
    .say(
      made.navStatus({ iTowMs }),
      made.navTimeGps({ iTowMs, week: WEEK }),
      made.navTimeLs({ iTowMs }),
      made.timTp({ towMs: iTowMs + 1_000, week: WEEK, quantisationErrorPs: 1_000 + second }),
      made.monRf(),
      ...extra,
    );
}

test('edges of a device are labelled, health is told, and nothing is written to the receiver', async (t) => {
  const r = rig(t);
  await start(r);
  for (let second = 0; second < 6; second++) epoch(r, second);
  const edges = r.seen.filter((observation) => observation.kind === 'edge');
  assert.deepEqual(
    edges.map(({ second, sawtoothPs, source, reference }) => ({ s: second - NOON, sawtoothPs, source, reference })),
    [2, 3, 4].map((s) => ({
      s: BigInt(s) * 1_000_000_000n,
      sawtoothPs: BigInt(999 + s),
      source: 'card0',
      reference: 'gnss0',
    })),
  );
  assert.deepEqual(presencesOf(r), ['there receiver-present']);
  const { fix, taiUtcSeconds, leapSource, jamming, antenna } = healthOf(r)!;
  assert.deepEqual(
    { fix, taiUtcSeconds, leapSource, jamming, antenna },
    { fix: '3d', taiUtcSeconds: 37, leapSource: 'satellites', jamming: 'none', antenna: 'ok' },
  );
  assert.equal(r.lines[0]!.writes.length, 0);
});

test('jamming, spoofing and a firmware leap count are told at once, and stop labels where they must', async (t) => {
  const r = rig(t);
  await start(r);
  epoch(r, 0);
  epoch(r, 1, [made.monRf({ jamming: 3 }), made.secSig({ version: 2, spoofing: 2 })]);
  assert.deepEqual([healthOf(r)?.jamming, healthOf(r)?.spoofing], ['critical', 'indicated']);
  epoch(r, 2, [made.navTimeLs({ iTowMs: 5, source: 0 })]);
  assert.equal(healthOf(r)?.leapSource, 'default');
  epoch(r, 3, [
    made.navTimeUtc({ iTowMs: TOW_MS + 3_000, year: 2026, month: 11, day: 20, hour: 12, minute: 0, second: 3 }),
    made.navTimeLs({ iTowMs: 6, leapSeconds: 17 }),
  ]);
  r.clock.set(4_000);
  r.lines[0]!.say(made.navTimeGps({ iTowMs: TOW_MS + 4_000, week: WEEK, valid: 3 }));
  assert.equal(r.source.problem?.code, 'tai-utc-disagrees');
  assert.ok((r.source.refusals.get('tai-utc-disagrees') ?? 0) > 0);
});

test('a receiver that falls silent becomes unknown, then absent, and returns', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  const r = rig(t);
  await start(r);
  epoch(r, 0);
  const advance = (ms: number): void => {
    r.clock.set(ms);
    t.mock.timers.tick(250);
  };
  advance(2_000);
  assert.equal(healthOf(r)?.fix, '3d');
  advance(3_000);
  assert.equal(healthOf(r)?.fix, undefined);
  assert.deepEqual(presencesOf(r), ['there receiver-present']);
  advance(11_000);
  assert.deepEqual(presencesOf(r), ['there receiver-present', 'away receiver-silent']);
  epoch(r, 12);
  assert.equal(presencesOf(r).at(-1), 'there receiver-present');
});

test('a line that is lost is looked for at growing intervals until it is back', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  const absent = new Set([1, 2]);
  const r = rig(t, {}, (_line, n) => {
    if (absent.has(n)) throw new AgentError('receiver-port-absent', 'not there');
  });
  await start(r);
  epoch(r, 0);
  await r.lines[0]!.close();
  await settle();
  assert.equal(presencesOf(r).at(-1), 'away receiver-port-lost');
  assert.equal(healthOf(r)?.fix, undefined, 'what a lost receiver said last is not known any more');
  const opened: number[] = [];
  for (let ms = 0; ms < 5_000; ms += 100) {
    t.mock.timers.tick(100);
    await settle();
    while (opened.length < r.lines.length - 1) opened.push(ms + 100);
  }
  assert.deepEqual(opened, [500, 1_500, 3_500]);
  assert.equal(presencesOf(r).at(-1), 'away receiver-port-absent');
  epoch(r, 20);
  assert.equal(presencesOf(r).at(-1), 'there receiver-present');
});

test('a line that fails in a way nobody foresaw, or is none, is told as failed', async (t) => {
  const r = rig(t, {}, () => {
    throw new Error('Input/output error');
  });
  await start(r);
  assert.deepEqual(presencesOf(r), ['away receiver-port-failed']);
  // A file that is there, and opens, and is no serial line.
  const folder = mkdtempSync(join(tmpdir(), 'momentd-line-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, '');
  const open = openSerialLine({ path, baud: 115_200 }, () => undefined);
  await assert.rejects(open, { code: 'receiver-port-failed' });
});

/** Lets promises that are ready run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('configured only when asked, and the answer is believed', async (t) => {
  const accepted = rig(t, { configure: true }, (line) => (line.answer = made.ack(true, 0x06, 0x8a)));
  await start(accepted);
  assert.equal(accepted.lines[0]!.writes.length, 2);
  assert.equal(accepted.source.problem, undefined);
  const refused = rig(t, { configure: true }, (line) => (line.answer = made.ack(false, 0x06, 0x8a)));
  await start(refused);
  assert.deepEqual([refused.lines[0]!.writes.length, refused.source.problem?.code], [1, 'receiver-config-refused']);
  assert.deepEqual(presencesOf(refused), ['there receiver-present'], 'it is read all the same');
});

test('a receiver that does not answer is asked three times', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval', 'setTimeout'] });
  // An answer to something else is no answer.
  const r = rig(t, { configure: true }, (line) => (line.answer = made.ack(true, 0x06, 0x01)));
  const started = start(r);
  for (let i = 0; i < 8; i++) {
    await settle();
    t.mock.timers.tick(1_000);
  }
  await started;
  assert.deepEqual([r.lines[0]!.writes.length, r.source.problem?.code], [3, 'receiver-config-unanswered']);
});

test('refusals that take turns every second are told once each, and again after a minute without them', async (t) => {
  const r = rig(t);
  await start(r);
  const told = (code: string): number =>
    r.log.filter((line) => line.startsWith(`receiver not believed ${code}`)).length;
  const coldEpoch = (second: number): void => {
    const iTowMs = TOW_MS + 1_000 * second;
    const learned = r.clock.set(1_000 * second + 1);
    const stamp = taiInstant(NOON + BigInt(second) * 1_000_000_000n);
    r.source.edges({ kind: 'raw-edge', source: 'card0', channel: 0, stamp, learned, sequence: undefined });
    r.clock.set(1_000 * second + 120);
    const date = { year: 2026, month: 11, day: 20, hour: 12, minute: Math.floor(second / 60), second: second % 60 };
    r.lines[0]!.say(made.navTimeLs({ iTowMs, source: 0 }), made.navPvt({ ...date, iTowMs }));
  };
  for (let second = 0; second < 30; second++) coldEpoch(second);
  assert.ok(r.source.refusals.get('pairing-no-tod')! >= 28 && r.source.refusals.get('leap-source-unproven')! >= 28);
  assert.deepEqual([told('pairing-no-tod'), told('leap-source-unproven')], [1, 1]);
  for (let second = 95; second < 98; second++) coldEpoch(second);
  assert.equal(told('leap-source-unproven'), 2);
});

test('start and stop may be called twice, and nothing is emitted after stop', async (t) => {
  const r = rig(t);
  await start(r);
  await start(r);
  assert.equal(r.lines.length, 1);
  epoch(r, 0);
  await r.source.stop();
  await r.source.stop();
  const before = r.seen.length;
  epoch(r, 1);
  assert.equal(r.seen.length, before);
});

const noPty = ptyMissing() ?? false;
const log = new URL('../../../../shared/gnss-logs/u-blox-m8t-time.log', import.meta.url);
const noLog = existsSync(log) ? false : `no recordings: ${log.pathname} is missing`;

test(
  'a recording through a pseudo terminal, as now, is read whole and labels edges',
  { skip: noPty || noLog },
  async (t) => {
    const pty = openPty();
    t.after(() => pty.close());
    const written: Buffer[] = [];
    pty.written.on('data', (chunk) => written.push(Buffer.from(chunk)));
    const recording = retimed(readFileSync(log), NOON)!;
    const epochs = epochsOf(recording).slice(0, 40);
    const clock = new HandClock();
    const seen: Observation[] = [];
    let arrived = Promise.withResolvers<undefined>();
    let [expected, received] = [0, 0];
    const source = new ReceiverSource(
      {
        clock,
        log: { write: () => undefined },
        plausibleFrom: () => NOON,
        openLine: (options, take) =>
          openSerialLine(options, (bytes) => {
            take(bytes);
            received += bytes.length;
            if (received === expected) arrived.resolve(undefined);
          }),
      },
      {
        name: 'gnss0',
        path: pty.path,
        baud: 115_200,
        configure: false,
        receiverPort: 'uart1',
        time: { leapTable: BUILT_IN_LEAP_TABLE, sawtoothSign: 1, utcSettling: seconds(900) },
        pairing: PAIRING_DEFAULTS,
      },
    );
    t.after(() => source.stop());
    await source.start((observation) => seen.push(observation));
    for (const [second, bytes] of epochs.entries()) {
      const learned = clock.set(1_000 * second + 1);
      const stamp = taiInstant(NOON + BigInt(second) * 1_000_000_000n);
      source.edges({ kind: 'raw-edge', source: 'card0', channel: 0, stamp, learned, sequence: undefined });
      clock.set(1_000 * second + 150);
      arrived = Promise.withResolvers();
      expected += bytes.length;
      await pty.write(bytes);
      await arrived.promise;
    }
    const edges = seen.filter((observation) => observation.kind === 'edge');
    assert.ok(edges.length >= 35, `${edges.length} edges`);
    for (const edge of edges) assert.equal(edge.second, edge.stamp);
    // TIM-TP is believed while its leap count is (30 epochs of this recording), so the sawtooth is known for those.
    assert.ok(edges.filter((edge) => edge.sawtoothPs !== undefined).length >= 25);
    assert.equal(Buffer.concat(written).length, 0, 'a passive source writes nothing');
  },
);

test('the line ends when the other side goes away, and a second opener is told', { skip: noPty }, async (t) => {
  const pty = openPty();
  t.after(() => pty.close());
  const line = await openSerialLine({ path: pty.path, baud: 9_600 }, () => undefined);
  await assert.rejects(
    openSerialLine({ path: pty.path, baud: 9_600 }, () => undefined),
    { code: 'receiver-port-held' },
  );
  pty.close();
  await line.closed;
  await line.close();
});

test(
  'a path with nothing there is absent; a port another process holds is refused with its name',
  { skip: noPty },
  async (t) => {
    await assert.rejects(
      openSerialLine({ path: '/nowhere/tty', baud: 9_600 }, () => undefined),
      { code: 'receiver-port-absent' },
    );
    const pty = openPty();
    t.after(() => pty.close());
    const holder = spawn('sh', ['-c', `exec 3<>${pty.path}; echo held; exec sleep 60`], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.after(() => holder.kill());
    await once(holder.stdout, 'data');
    // The shell may still be about to become `sleep`: either name is its own.
    const holders = await portHolders(pty.path);
    assert.deepEqual(
      holders.map(({ pid }) => pid),
      [holder.pid],
    );
    await assert.rejects(
      openSerialLine({ path: pty.path, baud: 9_600 }, () => undefined),
      (error: AgentError) => {
        assert.equal(error.code, 'receiver-port-held');
        assert.match(error.message, new RegExp(`held by (?:sleep|sh) \\(pid ${holder.pid}\\)`));
        return true;
      },
    );
  },
);

test('what is no device is held by nobody', async () => {
  assert.deepEqual(await portHolders('/nowhere/tty'), []);
  assert.deepEqual(await portHolders(import.meta.filename), []);
});
