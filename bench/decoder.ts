/**
 * Decoder throughput, against a plain loop that looks at every byte of the same input in the same process.
 *
 *   node bench/decoder.ts [FILE...]
 *
 * Without files the input is made: one second of a timing receiver's UBX output, and one of NMEA, over and over. Rounds
 * alternate between the two loops so that both meet the same machine; the median round counts. Prints MB/s and the ratio.
 */

import { readFileSync } from 'node:fs';
import { argv, hrtime } from 'node:process';
import { GnssDecoder } from '../src/core/gnss/decoder.ts';
import { FrameScanner } from '../src/core/gnss/frame-scanner.ts';
import { monoInstant } from '../src/core/time/nanos.ts';
import { navPvt, navSat, navStatus, navTimeGps, navTimeLs, nmea, timTp } from '../src/sim/receiver-frames.ts';
import { figure, say, tellFigures } from './figures.ts';

const CHUNK_BYTES = 65_536;
const INPUT_BYTES = 16 * 1_048_576;
const ROUNDS = 7;

const at = monoInstant(0n);
let sink = 0;

const madeUbx = Buffer.concat([
  navPvt({ iTowMs: 1_000, year: 2026, month: 11, day: 20, hour: 12, minute: 0, second: 0, nanoNs: -120 }),
  navStatus({ iTowMs: 1_000 }),
  navTimeGps({ iTowMs: 1_000, week: 2_445 }),
  navTimeLs({ iTowMs: 1_000 }),
  navSat({ iTowMs: 1_000, satellites: 24 }),
  timTp({ towMs: 2_000, week: 2_445, quantisationErrorPs: -4_331 }),
]);
const madeNmea = Buffer.concat(
  [
    'GNRMC,120000.00,A,4624.27601,N,11701.24518,W,0.045,,201126,,,A,V',
    'GNGGA,120000.00,4624.27601,N,11701.24518,W,1,12,0.64,286.2,M,-18.2,M,,',
    'GNGSA,A,3,25,06,20,22,24,12,31,,,,,,2.23,1.36,1.76,1',
    'GPGSV,3,1,12,07,38,351,30,08,60,306,31,11,73,114,35,17,36,265,46,1',
    'GPGSV,3,2,12,20,19,049,29,24,31,133,38,28,57,208,32,32,16,070,00,1',
    'GNGLL,4624.27601,N,11701.24518,W,120000.00,A,A',
    'GNZDA,120000.00,20,11,2026,00,00',
  ].map((text) => nmea(text)),
);

const recordings = argv.slice(2).map((file) => [file.replace(/.*\//, ''), readFileSync(file)] as const);
const inputs =
  recordings.length > 0
    ? recordings
    : ([
        ['made UBX', madeUbx],
        ['made NMEA', madeNmea],
      ] as const);

for (const [name, bytes] of inputs) {
  const copies = Math.max(1, Math.round(INPUT_BYTES / bytes.length));
  const input = Buffer.concat(Array.from({ length: copies }, () => bytes));
  const rates = { scan: [] as number[], frames: [] as number[], decode: [] as number[] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.scan.push(megabytesPerSecond(input, byteScan));
    rates.frames.push(megabytesPerSecond(input, frames));
    rates.decode.push(megabytesPerSecond(input, decode));
  }
  const [scan, framed, decoded] = [median(rates.scan), median(rates.frames), median(rates.decode)];
  say(
    `${name}: byte scan ${scan.toFixed(0)} MB/s, framing and checksums ${framed.toFixed(0)} MB/s, ` +
      `decoded ${decoded.toFixed(0)} MB/s, ratio ${(decoded / scan).toFixed(3)}`,
  );
  figure({ what: `${name} decoded`, value: decoded, unit: 'MB/s', baseline: 'byte scan', ratio: decoded / scan });
}
if (sink === 0) throw new Error('nothing was decoded');
tellFigures('decoder');

/** The least a parser can do: look at every byte, and note the line ends. */
function byteScan(input: Uint8Array): void {
  let lines = 0;
  // Not for-of: the iterator is several times slower than the index, and the baseline must be a fair one.
  // eslint-disable-next-line @typescript-eslint/prefer-for-of
  for (let i = 0; i < input.length; i++) if (input[i] === 0x0a) lines++;
  sink += lines + 1;
}

function frames(input: Uint8Array): void {
  const scanner = new FrameScanner((frame) => (sink += frame.bytes.length));
  for (let i = 0; i < input.length; i += CHUNK_BYTES) scanner.push(input.subarray(i, i + CHUNK_BYTES), at);
}

function decode(input: Uint8Array): void {
  const decoder = new GnssDecoder((received) => (sink += received.sizeBytes));
  for (let i = 0; i < input.length; i += CHUNK_BYTES) decoder.push(input.subarray(i, i + CHUNK_BYTES), at);
}

function megabytesPerSecond(input: Uint8Array, run: (input: Uint8Array) => void): number {
  const started = hrtime.bigint();
  run(input);
  return (input.length * 1_000) / Number(hrtime.bigint() - started);
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
