/** Frames in mixed streams: found whole, in any chunks, behind any garbage, and counted to the last byte. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc24q, hexDigit, nmeaChecksum, ubxChecksum } from '../../../src/core/gnss/checksums.ts';
import { FrameScanner } from '../../../src/core/gnss/frame-scanner.ts';
import { ubxFrame } from '../../../src/core/gnss/ubx-frame.ts';
import { fromHex, toHex } from '../../../src/core/codec/hex.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant } from '../../../src/core/time/nanos.ts';
import { nmea } from '../../../src/sim/receiver-frames.ts';

type Seen = { kind: string; hex: string; offset: number; firstArrival: bigint; lastArrival: bigint };

/** Pushes each chunk with its index as arrival. */
function scan(...chunks: Uint8Array[]): { seen: Seen[]; scanner: FrameScanner } {
  const seen: Seen[] = [];
  const scanner = new FrameScanner(({ kind, bytes, offset, firstArrival, lastArrival }) =>
    seen.push({ kind, hex: toHex(bytes), offset, firstArrival, lastArrival }),
  );
  chunks.forEach((chunk, index) => scanner.push(chunk, monoInstant(BigInt(index))));
  scanner.end();
  return { seen, scanner };
}

const text = (s: string): Uint8Array => new TextEncoder().encode(s);
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

function rtcm3(payload: Uint8Array): Uint8Array {
  const frame = Uint8Array.from([0xd3, payload.length >> 8, payload.length & 0xff, ...payload, 0, 0, 0]);
  const crc = crc24q(frame, 0, frame.length - 3);
  frame.set([crc >> 16, (crc >> 8) & 0xff, crc & 0xff], frame.length - 3);
  return frame;
}

const EOE = ubxFrame(0x01, 0x61, Uint8Array.of(1, 2, 3, 4));
const ZDA = text('$GPZDA,144310.00,09,08,2022,00,00*66\r\n');

test('checksums equal published frames', () => {
  // Poll frames as the interface description prints them.
  for (const hex of ['b5620a0400000e34', 'b56201070000 0819'.replace(' ', ''), 'b562270300002aa5']) {
    const frame = fromHex(hex)!;
    assert.deepEqual([...ubxChecksum(frame, 2, frame.length - 2)], [...frame.subarray(-2)]);
    assert.equal(scan(frame).seen.length, 1, hex);
  }
  // RTCM 10403.x, example frame of message 1005 in section 4.2.
  const example = fromHex('d300133ed7d30202980edeef34b4bd62ac0941986f33360b98')!;
  assert.deepEqual(
    scan(example).seen.map(({ kind }) => kind),
    ['rtcm3'],
  );
  for (const sentence of [
    '$GPZDA,144310.00,09,08,2022,00,00*66',
    '$GNZDA,144155.00,09,08,2022,00,00*7B',
    '$GNRMC,204657.00,V,,,,,,,240723,,,N*61',
  ]) {
    assert.equal(nmeaChecksum(text(sentence), 1, sentence.length - 3), Number.parseInt(sentence.slice(-2), 16));
    assert.deepEqual(
      scan(text(sentence)).seen.map(({ kind }) => kind),
      ['nmea'],
    );
  }
  assert.deepEqual(
    ['0', '9', 'A', 'F', 'a', 'f', 'g', ' '].map((c) => hexDigit(c.charCodeAt(0))),
    [0, 9, 10, 15, 10, 15, -1, -1],
  );
});

test('kinds mix in one stream, each at its offset, line ends not counted as skipped', () => {
  const stream = join(EOE, ZDA, rtcm3(Uint8Array.of(0x3e, 0xd0, 7)), text('noise'), ZDA, EOE);
  const { seen, scanner } = scan(stream);
  assert.deepEqual(
    seen.map(({ kind, offset }) => [kind, offset]),
    [
      ['ubx', 0],
      ['nmea', 12],
      ['rtcm3', 50],
      ['nmea', 64],
      ['ubx', 102],
    ],
  );
  const { bytes, skippedBytes, ubxFrames, nmeaFrames, rtcm3Frames } = scanner.counts;
  assert.deepEqual(
    { bytes, skippedBytes, ubxFrames, nmeaFrames, rtcm3Frames },
    { bytes: stream.length, skippedBytes: 5, ubxFrames: 2, nmeaFrames: 2, rtcm3Frames: 1 },
  );
});

test('arrivals are those of the chunks with the first and the last byte', () => {
  const { seen } = scan(EOE.subarray(0, 3), EOE.subarray(3, 9), join(EOE.subarray(9), EOE), EOE);
  assert.deepEqual(
    seen.map(({ firstArrival, lastArrival }) => [firstArrival, lastArrival]),
    [
      [0n, 2n],
      [2n, 2n],
      [3n, 3n],
    ],
  );
});

const broken: readonly [name: string, bytes: Uint8Array, counted: Record<string, number>][] = [
  ['a UBX frame with a wrong checksum', EOE.with(11, 0), { ubxBadChecksums: 1, skippedBytes: 12 }],
  ['a UBX frame with a flipped payload bit', EOE.with(7, 0xff), { ubxBadChecksums: 1, skippedBytes: 12 }],
  [
    'a UBX header that claims too much',
    Uint8Array.of(0xb5, 0x62, 1, 7, 0x01, 0x20),
    { ubxBadChecksums: 0, skippedBytes: 6 },
  ],
  ['half a UBX sync', Uint8Array.of(0xb5, 0x00), { skippedBytes: 2 }],
  [
    'a sentence with a wrong checksum',
    text('$GPZDA,144310.00,09,08,2022,00,00*67\r\n'),
    { nmeaBadChecksums: 1, skippedBytes: 38 },
  ],
  ['a sentence with a checksum that is no number', text('$GPZDA,1*G7\r\n'), { nmeaFrames: 0, skippedBytes: 13 }],
  ['a sentence with a control character', text('$GPZDA,1\u0007*00\r\n'), { nmeaFrames: 0, skippedBytes: 14 }],
  ['a sentence without end', text(`$GPZDA${',1'.repeat(200)}`), { nmeaFrames: 0, skippedBytes: 406 }],
  ['a dollar in a text', text('costs $5\r\n'), { nmeaUncheckedFrames: 0, skippedBytes: 10 }],
  ['RTCM3 with a wrong CRC', rtcm3(Uint8Array.of(1, 2, 3)).with(4, 9), { rtcm3BadChecksums: 1, skippedBytes: 9 }],
  ['RTCM3 with reserved bits set', Uint8Array.of(0xd3, 0x04, 0x00), { rtcm3BadChecksums: 0, skippedBytes: 3 }],
];

for (const [name, bytes, counted] of broken) {
  test(`${name} is skipped, and the frame behind it found`, () => {
    const { seen, scanner } = scan(join(bytes, EOE));
    assert.deepEqual(
      seen.map(({ hex }) => hex),
      [toHex(EOE)],
    );
    for (const [count, value] of Object.entries(counted))
      assert.equal(scanner.counts[count as keyof typeof scanner.counts], value, count);
  });
}

test('a frame inside a false frame is found', () => {
  const outer = Uint8Array.of(0xb5, 0x62, 0x01, 0x07, 92, 0);
  assert.equal(scan(join(outer, EOE, ZDA, EOE, new Uint8Array(100))).seen.length, 3);
});

test('a frame cut off at the end of the stream hides no complete one behind it', () => {
  const cut = Uint8Array.of(0xb5, 0x62, 0x01, 0x07, 0xff, 0x1f);
  const { seen, scanner } = scan(join(cut, EOE, ZDA));
  assert.deepEqual(
    seen.map(({ kind }) => kind),
    ['ubx', 'nmea'],
  );
  assert.equal(scanner.counts.skippedBytes, 6);
});

test('a cut sentence ends where the next begins', () => {
  const { seen } = scan(text('$GPRMC,0003$GPZDA,144310.00,09,08,2022,00,00*66\r\n'));
  assert.deepEqual(
    seen.map(({ offset }) => offset),
    [11],
  );
});

test('a sentence without a checksum is told apart', () => {
  assert.deepEqual(
    scan(text('$GPZDA,222449,25,10,2010,+00,00\r\n')).seen.map(({ kind }) => kind),
    ['nmea-unchecked'],
  );
});

const piece = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((payload) => ubxFrame(0x01, 0x99, payload)),
  fc.uint8Array({ maxLength: 40 }).map(rtcm3),
  fc.stringMatching(/^[A-Z]{5},[0-9,.]{0,40}$/).map((s) => nmea(s)),
  fc.uint8Array({ maxLength: 20 }),
  fc.constantFrom(
    Uint8Array.of(0xb5, 0x62),
    Uint8Array.of(0xb5, 0x62, 1, 7, 200, 0),
    text('$G'),
    Uint8Array.of(0xd3, 0),
  ),
);

test('law: how a stream is cut into chunks changes nothing, and every byte is counted once', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 60 })),
      (pieces, sizes) => {
        const stream = join(...pieces);
        const whole = scan(stream);
        const chunks: Uint8Array[] = [];
        for (let at = 0; at < stream.length;) {
          const { value: size = 1 } = sizes.next() as { value?: number };
          chunks.push(stream.subarray(at, at + size));
          at += size;
        }
        const cut = scan(...chunks);
        const shape = ({ kind, hex, offset }: Seen) => ({ kind, hex, offset });
        assert.deepEqual(cut.seen.map(shape), whole.seen.map(shape));
        assert.deepEqual(cut.scanner.counts, whole.scanner.counts);
        const framed = whole.seen.reduce((sum, { hex }) => sum + hex.length / 2, 0);
        const { bytes, skippedBytes } = whole.scanner.counts;
        const lineEnds = bytes - skippedBytes - framed;
        assert.ok(lineEnds >= 0 && lineEnds <= stream.filter((byte) => byte === 0x0a || byte === 0x0d).length);
      },
    ),
    { numRuns: 300 },
  );
});

test('law: no more than the longest frame is ever held', () => {
  const scanner = new FrameScanner(() => undefined);
  const header = Uint8Array.of(0xb5, 0x62, 0x01, 0x07, 0x00, 0x20);
  for (let i = 0; i < 5_000; i++) {
    scanner.push(header, monoInstant(BigInt(i)));
    assert.ok(scanner.heldBytes < LIMITS.gnssUbxPayloadBytesMax + 8);
  }
});
