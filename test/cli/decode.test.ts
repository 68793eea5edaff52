/** `momentd decode` as a user meets it: lines, totals, standard input, a reader that leaves, a file that is not there. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { decode } from '../../src/cli/decode.ts';
import * as made from '../../src/sim/receiver-frames.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

const RECORDING = Buffer.concat([
  Buffer.from('# a comment\r\n'),
  made.timTp({ towMs: 475_218_000, week: 2_445, quantisationErrorPs: -4_331 }),
  made.navTimeGps({ iTowMs: 475_217_000, week: 2_445, valid: 3 }),
  made.nmea('GNRMC,120000.00,A,,,,,,,201126,,,A'),
  made.navStatus({ iTowMs: 1 }).with(10, 0xff),
]);

async function run(
  args: readonly string[],
  input?: Buffer,
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [MAIN, 'decode', ...args]);
  // A child that does not read its input closes it early.
  child.stdin.on('error', () => undefined).end(input);
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, 'exit');
  return { code: child.exitCode, out, err };
}

function recordingFile(t: TestContext, bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'momentd-decode-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'feed.bin');
  writeFileSync(path, bytes);
  return path;
}

test('one JSON line per message with units, validity and offset; totals last; alike from a file and from -', async (t) => {
  const fromFile = await run([recordingFile(t, RECORDING)]);
  const fromInput = await run(['-'], RECORDING);
  assert.deepEqual([fromFile.code, fromFile.err], [0, '']);
  assert.deepEqual(fromInput, fromFile);
  const lines = fromFile.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual(
    lines.map(({ type, offset, size_bytes }) => [type, offset, size_bytes]),
    [
      ['TIM-TP', 13, 24],
      ['NAV-TIMEGPS', 37, 24],
      ['RMC', 61, 38],
      ['totals', undefined, undefined],
    ],
  );
  assert.deepEqual(lines[0]!['quantisation_error_ps'], { valid: true, value: -4_331 });
  assert.deepEqual(lines[1]!['leap_seconds'], { valid: false, unverified: 18 });
  assert.deepEqual(lines[2]!['date'], { day: 20, month: 11, year_of_century: 26 });
  assert.deepEqual(lines[3], {
    type: 'totals',
    messages: { GNRMC: 1, 'NAV-TIMEGPS': 1, 'TIM-TP': 1 },
    bytes: RECORDING.length,
    ubx_frames: 2,
    nmea_frames: 1,
    nmea_unchecked_frames: 0,
    rtcm3_frames: 0,
    ubx_bad_checksums: 1,
    nmea_bad_checksums: 0,
    rtcm3_bad_checksums: 0,
    skipped_bytes: 37,
    malformed_frames: 0,
  });
});

test('an empty recording has totals only', async (t) => {
  const { code, out } = await run([recordingFile(t, new Uint8Array(0))]);
  assert.equal(code, 0);
  assert.equal(out.split('\n').length, 2);
});

test('a file that cannot be read: one line, exit code 2', async () => {
  for (const [path, problem] of [
    ['/nowhere/feed.bin', 'ENOENT'],
    [tmpdir(), 'EISDIR'],
  ] as const) {
    const { code, out, err } = await run([path]);
    assert.deepEqual([code, out], [2, '']);
    assert.match(
      err,
      new RegExp(`^momentd: reading ${path} failed with ${problem} \\[decode-input-unreadable\\].*\\n$`),
    );
  }
});

test('a reader that has had enough ends it without a word', async (t) => {
  const long = Buffer.concat(Array.from({ length: 5_000 }, () => RECORDING));
  const child = spawn(process.execPath, [MAIN, 'decode', recordingFile(t, long)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const err = text(child.stderr);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.deepEqual([code, await err], [0, '']);
});

test('a slow reader makes it wait, so that a long recording needs the memory of one chunk', async (t) => {
  const long = Buffer.concat(Array.from({ length: 10_000 }, () => RECORDING));
  let [waitingMax, total] = [0, 0];
  const slow = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      total += chunk.length;
      waitingMax = Math.max(waitingMax, slow.writableLength);
      setImmediate(done);
    },
  });
  await decode(recordingFile(t, long), slow);
  assert.ok(total > 4_000_000, `${total} bytes in all`);
  // One chunk of input is 64 KiB; its text is some seven times as long.
  assert.ok(waitingMax < 1_000_000, `${waitingMax} bytes waited`);
});
