/** The oscillator's adapter against a line that a test answers, and against a real serial port on a pseudo terminal. */

import assert from 'node:assert/strict';
import { closeSync, read, writeSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';

import type { Observation } from '../../../src/core/clock/observation.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant, nanos } from '../../../src/core/time/nanos.ts';
import { checksum } from '../../../src/core/timecard/sa5x.ts';
import { loadNative } from '../../../src/io/clocks/native.ts';
import { openSerialLine } from '../../../src/io/receiver/serial-line.ts';
import { OscillatorPort, type OscillatorOptions } from '../../../src/io/timecard/oscillator-port.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import type { HostClock } from '../../../src/ports/host-clock.ts';
import type { SerialLine } from '../../../src/ports/serial-line.ts';
import { FakeSchedule } from '../clocks/fake-native.ts';

const clock: HostClock = { now: () => monoInstant(7n), boottime: () => nanos(7n), bootId: 'x' };

let schedule: FakeSchedule;
let observations: Observation[];
let problems: string[];
let written: string[];
let opened: { path: string; baud: number }[];
let refusal: AgentError | undefined;
/** What the oscillator says to a question; undefined is silence. */
let answer: (question: string) => string | undefined;
let hangUp: () => void;
let port: OscillatorPort | undefined;

beforeEach(() => {
  schedule = new FakeSchedule();
  observations = [];
  problems = [];
  written = [];
  opened = [];
  refusal = undefined;
  answer = sa5x({ Locked: '1', Temperature: '45500', DisciplineLocked: '1', Phase: '-3.5', Alarms: '0' });
  hangUp = (): void => undefined;
});

afterEach(async () => {
  const stopping = port?.stop();
  // A question that was left unanswered ends at its deadline.
  while (schedule.pending.length > 0) await schedule.tick();
  await stopping;
  port = undefined;
});

function sa5x(values: Readonly<Record<string, string>>): (question: string) => string | undefined {
  return (question) => {
    const value = values[/get,(\w+)/.exec(question)?.[1] ?? ''];
    return value === undefined ? undefined : `[=${value}|${checksum(`=${value}`)}]\r\n`;
  };
}

function make(options: Partial<OscillatorOptions> = {}): OscillatorPort {
  port = new OscillatorPort(
    {
      clock,
      deadline: schedule.schedule,
      onProblem: (code) => problems.push(code),
      openLine: (asked, take) => {
        opened.push(asked);
        if (refusal !== undefined) return Promise.reject(refusal);
        const closed = new Promise<void>((resolve) => (hangUp = resolve));
        const line: SerialLine = {
          closed,
          write: (bytes) => {
            const question = Buffer.from(bytes).toString('latin1');
            written.push(question);
            const said = answer(question);
            if (said !== undefined) queueMicrotask(() => take(Buffer.from(said, 'latin1')));
            return Promise.resolve();
          },
          close: () => {
            hangUp();
            return Promise.resolve();
          },
        };
        return Promise.resolve(line);
      },
    },
    { source: 'card0', kind: 'sa5x', path: '/dev/ttyS7', ...options },
  );
  return port;
}

const emit = (observation: Observation): void => void observations.push(observation);

describe('a round of questions', () => {
  test('becomes one health of the card', async () => {
    await make().start(emit);
    assert.deepEqual(observations, [
      { kind: 'oscillator', source: 'card0', at: 7n, locked: true, temperatureMilliC: 45_500 },
    ]);
    assert.equal(written.length, 5);
    assert.deepEqual(opened, [{ path: '/dev/ttyS7', baud: 57_600 }]);
    assert.deepEqual(problems, []);
  });

  test('is asked again at its pace on the same line', async () => {
    await make({ intervalMs: 5_000 }).start(emit);
    await schedule.tick();
    assert.equal(observations.length, 2);
    assert.equal(opened.length, 1);
    assert.ok(schedule.delays.includes(5_000));
  });

  test('an unlocked oscillator says so', async () => {
    answer = sa5x({ Locked: '0', Temperature: '20000', DisciplineLocked: '0', Phase: '0', Alarms: '8' });
    await make().start(emit);
    assert(observations[0]?.kind === 'oscillator');
    assert.equal(observations[0].locked, false);
  });

  test('announcements between are passed over', async () => {
    const plain = answer;
    answer = (question): string => `[>Loading...]\r\n[>Microchip SA5X]\r\n${plain(question) ?? ''}`;
    await make().start(emit);
    assert.equal(observations.length, 1);
    assert.deepEqual(problems, []);
  });

  test('a damaged answer is told and leaves its fact out', async () => {
    const plain = answer;
    answer = (question): string | undefined => (question.includes('Locked') ? '[=1|ff]\r\n' : plain(question));
    await make().start(emit);
    assert(observations[0]?.kind === 'oscillator');
    assert.equal(observations[0].locked, undefined);
    assert.deepEqual(problems, ['oscillator-reply-unknown', 'oscillator-reply-unknown']);
  });

  test('an oscillator of another kind yields no health at all', async () => {
    answer = (): string => 'garbage\r\n';
    await make({ kind: 'csac' }).start(emit);
    assert.deepEqual(observations, []);
    assert.deepEqual(problems, ['oscillator-reply-unknown']);
  });

  test('every kind is asked at its own speed', async () => {
    answer = (): string => '?\n\n';
    for (const [kind, baud] of [
      ['sa3x', 57_600],
      ['csac', 57_600],
      ['mro50', 9_600],
    ] as const) {
      await make({ kind }).start(emit);
      await port?.stop();
      assert.equal(opened.at(-1)?.baud, baud);
    }
    await make({ kind: 'mro50', baud: 115_200 }).start(emit);
    assert.equal(opened.at(-1)?.baud, 115_200);
  });
});

describe('trouble', () => {
  test('silence ends at the deadline, closes the line and opens it afresh', async () => {
    const plain = answer;
    answer = (): undefined => undefined;
    const started = make().start(emit);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(schedule.delays, [LIMITS.oscillatorAnswerMsMax]);
    await schedule.tick();
    await started;
    assert.deepEqual(problems, ['oscillator-silent']);
    assert.deepEqual(observations, []);
    answer = plain;
    await schedule.tick();
    assert.equal(opened.length, 2);
    assert.equal(observations.length, 1);
  });

  test('a port that another process holds is told by its own code, with growing pauses', async () => {
    refusal = new AgentError('receiver-port-held', '/dev/ttyS7 is held by oscillatord (pid 7)');
    await make({ intervalMs: 1_000 }).start(emit);
    for (let i = 0; i < 5; i++) await schedule.tick();
    assert.deepEqual(new Set(problems), new Set(['receiver-port-held']));
    assert.deepEqual(schedule.delays, [2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    refusal = undefined;
    await schedule.tick();
    assert.equal(observations.length, 1);
  });

  test('a line that the device hung up is opened again', async () => {
    await make().start(emit);
    hangUp();
    await new Promise((resolve) => setImmediate(resolve));
    await schedule.tick();
    assert.equal(opened.length, 2);
    assert.equal(observations.length, 2);
  });

  test('nothing is emitted after stop, and both ends may be called twice', async () => {
    const made = make();
    await made.start(emit);
    await made.start(emit);
    await made.stop();
    await made.stop();
    assert.deepEqual(schedule.pending, []);
    assert.equal(observations.length, 1);
  });
});

const load = loadNative();
test('over a real serial port on a pseudo terminal', { skip: load.loaded ? false : 'no addon' }, async () => {
  assert(load.loaded);
  const pty = load.native.openpty();
  // The simulated oscillator: answers each question that arrives at the other end, until that end is closed.
  let question = '';
  const buffer = Buffer.alloc(256);
  const hungUp = new Promise<void>((resolve) => {
    const listen = (): void => {
      read(pty.masterFd, buffer, 0, buffer.length, null, (error, size) => {
        if (error !== null) return resolve();
        question += buffer.toString('latin1', 0, size);
        if (question.endsWith('}')) {
          writeSync(pty.masterFd, answer(question) ?? '');
          question = '';
        }
        listen();
      });
    };
    listen();
  });
  const real = new OscillatorPort(
    { clock, openLine: openSerialLine, onProblem: (code, message) => problems.push(`${code}: ${message}`) },
    { source: 'card0', kind: 'sa5x', path: pty.slavePath },
  );
  try {
    await real.start(emit);
  } finally {
    await real.stop();
    // With the last descriptor of this side closed, the pending read of the other ends with EIO.
    closeSync(pty.slaveFd);
    await hungUp;
    closeSync(pty.masterFd);
  }
  assert.deepEqual(problems, []);
  assert.deepEqual(observations, [
    { kind: 'oscillator', source: 'card0', at: 7n, locked: true, temperatureMilliC: 45_500 },
  ]);
});
