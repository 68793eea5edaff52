/** Recordings moved to another date and cut into the bursts they were sent in. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GnssDecoder, type GnssMessage } from '../../src/core/gnss/decoder.ts';
import { ReceiverState } from '../../src/core/gnss/receiver-state.ts';
import { timeOfDayOf, type TimeOfDay } from '../../src/core/gnss/time-of-day.ts';
import { BUILT_IN_LEAP_TABLE } from '../../src/core/time/leap-seconds.ts';
import { monoInstant, seconds, shift, taiInstant, ZERO } from '../../src/core/time/nanos.ts';
import { nmea, navTimeGps, navTimeLs, timTp } from '../../src/sim/receiver-frames.ts';
import { streamOf } from '../../src/sim/random.ts';
import { epochsOf, replayOf } from '../../src/sim/receiver-replay.ts';
import { retimed } from '../../src/sim/receiver-retime.ts';

const NOON = taiInstant(1_795_176_037n * 1_000_000_000n);
const logs = new URL('../../../shared/gnss-logs/', import.meta.url);
const skip = existsSync(logs) ? false : `no recordings: ${logs.pathname} is missing`;
const read = (name: string): Uint8Array => readFileSync(new URL(`${name}.log`, logs));
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

function timesOf(stream: Uint8Array): TimeOfDay[] {
  const state = new ReceiverState();
  const times: TimeOfDay[] = [];
  const decoder = new GnssDecoder((received) => {
    state.observe(received);
    const time = timeOfDayOf(received, state, {
      leapTable: BUILT_IN_LEAP_TABLE,
      plausibleFrom: NOON,
      sawtoothSign: 1,
      utcSettling: ZERO,
    });
    if (time?.kind === 'time-of-day') times.push(time);
  });
  decoder.push(stream, monoInstant(0n));
  decoder.end();
  return times;
}

function messagesOf(stream: Uint8Array): { kinds: string[]; bad: number } {
  const kinds: string[] = [];
  const decoder = new GnssDecoder(({ message }: { message: GnssMessage }) => kinds.push(message.type));
  decoder.push(stream, monoInstant(0n));
  decoder.end();
  const { ubxBadChecksums, nmeaBadChecksums } = decoder.counts;
  return { kinds, bad: ubxBadChecksums + nmeaBadChecksums };
}

test('a recording begins at the chosen second, and is the same otherwise', { skip }, () => {
  for (const name of [
    'u-blox-m8t-time',
    'ublox-zed-f9p-hp',
    'ublox-zed-f9p-nmea',
    'ublox-neo-m9n-nmea',
    'ublox-aek-4t',
  ]) {
    const recording = read(name);
    const moved = retimed(recording, NOON);
    assert.ok(moved !== undefined, name);
    assert.deepEqual(messagesOf(moved), messagesOf(recording), name);
    const times = timesOf(moved).filter((time) => time.which === 'previous');
    assert.ok(times.length >= 3, `${name}: ${times.length} seconds`);
    const distinct = [...new Set(times.map((time) => time.second))];
    distinct.forEach((second, index) => assert.equal(second, shift(NOON, seconds(index)), `${name}: second ${index}`));
  }
});

test('leap seconds that lie between the dates move UTC, the count and satellite time apart', () => {
  // 2008-12-31T00:00:00 UTC, when GPS-UTC was 14 s.
  const old = join(
    navTimeGps({ iTowMs: 259_214_000, week: 1_512, leapSeconds: 14 }),
    navTimeLs({ iTowMs: 259_214_000, leapSeconds: 14 }),
    timTp({ towMs: 259_201_000, week: 1_512, base: 'utc' }),
    nmea('GPRMC,000000.00,A,,,,,,,311208,,,A'),
    nmea('GPZDA,000000.00,31,12,2008,00,00'),
    nmea('GPGGA,000000.00,,,,,1,08,1,,'),
  );
  const moved = retimed(old, NOON);
  assert.ok(moved !== undefined);
  assert.deepEqual(
    timesOf(moved).map(({ source, second }) => [source, second - NOON]),
    [
      ['NAV-TIMEGPS', 0n],
      ['TIM-TP', 1_000_000_000n],
      ['GPRMC', 0n],
      ['GPZDA', 0n],
    ],
  );
  assert.ok(String.fromCharCode(...moved).includes('$GPGGA,120000.00'));
});

test('a stream that tells no date cannot be moved', () => {
  assert.equal(retimed(nmea('GPGGA,000000.00,,,,,1,08,1,,'), NOON), undefined);
  assert.equal(retimed(nmea('GPRMC,000000.00,V,,,,,,,311208,,,N'), NOON), undefined);
  assert.equal(retimed(new Uint8Array(0), NOON), undefined);
});

test('epochs join to the recording again, and each holds one second', { skip }, () => {
  for (const name of ['u-blox-m8t-time', 'ublox-zed-f9p-hp', 'ublox-neo-m9n-nmea', 'gp-320fw-2019-04-07-coldboot']) {
    const recording = read(name);
    assert.deepEqual(join(...epochsOf(recording)), Uint8Array.from(recording), name);
  }
  const moved = retimed(read('u-blox-m8t-time'), NOON)!;
  const epochs = epochsOf(moved);
  // 151 whole bursts and the beginning of one more, each begun by its TIM-TP.
  assert.equal(epochs.length, 152);
  for (const epoch of epochs) assert.equal(messagesOf(epoch).kinds.filter((kind) => kind === 'TIM-TP').length, 1);
});

test('faults of the plan, alike for one seed', () => {
  const epochs = Array.from({ length: 10 }, (_, i) => new Uint8Array(100).fill(i));
  const plan = { epochMs: 50, flipShare: 0.1, cutEpochs: new Set([2]), silentEpochs: new Set([4, 5]) };
  const steps = replayOf(epochs, plan, streamOf(7, 'replay'));
  assert.deepEqual(
    steps.map(({ afterMs }) => afterMs),
    [0, 50, 100, 150, 300, 350, 400, 450],
  );
  assert.equal(steps[2]!.bytes.length, 50);
  const flipped = steps.flatMap(({ bytes, afterMs }) => [...bytes].filter((byte) => byte !== afterMs / 50)).length;
  assert.ok(flipped > 30 && flipped < 150, `${flipped} of 750 bytes`);
  assert.deepEqual(replayOf(epochs, plan, streamOf(7, 'replay')), steps);
  assert.notDeepEqual(replayOf(epochs, plan, streamOf(8, 'replay')), steps);
  assert.ok(
    epochs.every((epoch, i) => epoch.every((byte) => byte === i)),
    'the recording is not touched',
  );
});
