/** Receivers: UBX, NMEA and RTCM3 bytes through decoder, state, time of day and pairing. */

import { isDeepStrictEqual } from 'node:util';
import { nmeaChecksum, ubxChecksum } from '../../src/core/gnss/checksums.ts';
import { GnssDecoder, type ReceivedMessage } from '../../src/core/gnss/decoder.ts';
import { Pairing, PAIRING_DEFAULTS } from '../../src/core/gnss/pairing.ts';
import { ReceiverState } from '../../src/core/gnss/receiver-state.ts';
import { timeOfDayOf, type TimeOfDayRules } from '../../src/core/gnss/time-of-day.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { BUILT_IN_LEAP_TABLE } from '../../src/core/time/leap-seconds.ts';
import { millis, monoInstant, seconds, shift, taiInstant } from '../../src/core/time/nanos.ts';
import {
  monRf,
  navPvt,
  navStatus,
  navTimeGps,
  navTimeLs,
  navTimeUtc,
  secSig,
  timTp,
} from '../../src/sim/receiver-frames.ts';
import { holds, utf8, type Target } from '../target.ts';

const RULES: TimeOfDayRules = {
  leapTable: BUILT_IN_LEAP_TABLE,
  plausibleFrom: taiInstant(1_500_000_000_000_000_000n),
  sawtoothSign: 1,
  utcSettling: seconds(5),
};

const MESSAGE_KINDS: readonly (readonly [classId: number, id: number, payload: number])[] = [
  [0x01, 0x03, 16],
  [0x01, 0x07, 92],
  [0x01, 0x20, 16],
  [0x01, 0x21, 20],
  [0x01, 0x22, 20],
  [0x01, 0x26, 24],
  [0x01, 0x35, 8 + 12 * 3],
  [0x01, 0x43, 8 + 16 * 2],
  [0x01, 0x61, 4],
  [0x05, 0x01, 2],
  [0x0a, 0x04, 40 + 30 * 2],
  [0x0a, 0x09, 60],
  [0x0a, 0x38, 4 + 24 * 2],
  [0x0d, 0x01, 16],
  [0x0d, 0x04, 28],
  [0x27, 0x03, 10],
  [0x27, 0x09, 12],
  [0x27, 0x09, 4 + 4 * 2],
];

const SENTENCES = [
  '$GNRMC,204657.00,A,4624.27601,N,11701.24518,W,0.045,,240726,,,A,V',
  '$GPZDA,144310.00,09,08,2026,00,00',
  '$GNGGA,204221.00,4624.27601,N,11701.24518,W,1,06,1.36,286.2,M,-18.2,M,,',
  '$GNGNS,204221.00,4624.27601,N,11701.24518,W,AN,06,1.36,286.2,-18.2,,',
  '$GNGSA,A,3,25,06,20,22,24,,,,,,,,2.23,1.36,1.76',
  '$GPGSV,3,1,09,07,38,351,00,08,60,306,31,11,73,114,35,17,36,265,46,1',
  '$GNGLL,4624.27601,N,11701.24518,W,204221.00,A,A',
  '$PUBX,04,073824.00,131014,113903.99,1814,16D,-3222439,-3033.453,21',
];

/** What a healthy receiver sends in one epoch. */
function healthyFrames(): readonly Uint8Array[] {
  const utc = { year: 2026, month: 11, day: 20, hour: 12, minute: 0, second: 0 };
  const iTowMs = 475_218_000;
  return [
    navStatus({ iTowMs }),
    navPvt({ iTowMs, ...utc, nanoNs: -120 }),
    navTimeGps({ iTowMs, week: 2_445 }),
    navTimeLs({ iTowMs }),
    navTimeUtc({ iTowMs, ...utc }),
    timTp({ towMs: iTowMs + 1_000, week: 2_445, quantisationErrorPs: -4_331 }),
    timTp({ towMs: iTowMs - 17_000, week: 2_445, base: 'utc' }),
    monRf(),
    secSig({ version: 2 }),
  ];
}

function ubxFrameOf(classId: number, id: number, payload: Uint8Array): Uint8Array {
  const size = payload.length;
  const frame = Uint8Array.from([0xb5, 0x62, classId, id, size & 0xff, size >> 8, ...payload, 0, 0]);
  frame.set(ubxChecksum(frame, 2, frame.length - 2), frame.length - 2);
  return frame;
}

/** Counters and versions that make the content readable at all; the rest is a pattern. */
function payloadOf([classId, id, size]: readonly [number, number, number]): Uint8Array {
  const payload = Uint8Array.from({ length: size }, (_, i) => (i * 37) & 0xff);
  if (classId === 0x01 && id === 0x35) payload[5] = 3;
  if (classId === 0x01 && id === 0x43) payload[5] = 2;
  if (classId === 0x0a && id === 0x38) payload[1] = 2;
  if (classId === 0x27 && id === 0x03) payload[0] = 2;
  return payload;
}

function sentenceOf(text: string): Uint8Array {
  const bytes = utf8(text);
  const sum = nmeaChecksum(bytes, 1, bytes.length).toString(16).toUpperCase().padStart(2, '0');
  return utf8(`${text}*${sum}\r\n`);
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));

/** Makes the checksums of whatever looks like a frame hold, so that mutated content passes the scanner. */
function mended(input: Uint8Array): Uint8Array {
  const piece = input.slice();
  for (let at = 0; at + 8 <= piece.length; at++) {
    if (piece[at] === 0xb5 && piece[at + 1] === 0x62) {
      const end = at + 6 + (piece[at + 4]! | (piece[at + 5]! << 8));
      if (end + 2 <= piece.length) piece.set(ubxChecksum(piece, at + 2, end), end);
    } else if (piece[at] === 0x24) {
      const star = piece.indexOf(0x2a, at);
      if (star < 0 || star + 2 >= piece.length) continue;
      const sum = nmeaChecksum(piece, at + 1, star)
        .toString(16)
        .toUpperCase()
        .padStart(2, '0');
      piece.set(utf8(sum), star + 1);
    }
  }
  return piece;
}

/** A frame no mutation touches, to be found at the end. NAV-EOE with a time of week of its own. */
const LAST_FRAME = ubxFrameOf(0x01, 0x61, new Uint8Array([0x15, 0xcd, 0x5b, 0x07]));
const LAST_TOW_MS = 123_456_789;
/** Filler that begins no frame, longer than any frame that an input may have left open. */
const FILLER = new Uint8Array(2 * (LIMITS.gnssUbxPayloadBytesMax + 8));

const START = monoInstant(1_000_000_000n);

/** Messages of a stream without their arrival, which differs with the pieces. */
function messagesOf(chunks: readonly Uint8Array[]): unknown[] {
  const messages: unknown[] = [];
  const decoder = new GnssDecoder(({ message, offset, sizeBytes }) => messages.push({ message, offset, sizeBytes }));
  for (const chunk of chunks) decoder.push(chunk, START);
  decoder.end();
  return messages;
}

const receiver: Target = {
  name: 'receiver',
  about: 'core/gnss: a stream in pieces through decoder, state, time of day and pairing',
  forms: ['bytes', 'bytes', 'text'],
  seeds: [
    ...healthyFrames(),
    joined(healthyFrames()),
    ...MESSAGE_KINDS.map((kind) => ubxFrameOf(kind[0], kind[1], payloadOf(kind))),
    ...SENTENCES.map(sentenceOf),
    joined(SENTENCES.map(sentenceOf)),
    Uint8Array.of(0xd3, 0, 2, 0x3e, 0xd0, 0, 0, 0),
  ],
  inputBytesMax: 2_048,
  mend: mended,
  run(input) {
    const words = new Set<string>();
    const state = new ReceiverState();
    const pairing = new Pairing({ reference: 'fuzz', ...PAIRING_DEFAULTS });
    let covered = 0;
    let lastTowMs = -1;
    const take = (received: ReceivedMessage): void => {
      holds(received.offset >= covered, 'frames come in order and do not overlap');
      covered = received.offset + received.sizeBytes;
      words.add(received.message.type);
      if (received.message.type === 'NAV-EOE') lastTowMs = received.message.iTowMs;
      state.observe(received);
      const time = timeOfDayOf(received, state, RULES);
      if (time !== undefined) words.add(time.kind);
      if (time?.kind === 'time-of-day') pairing.takeTimeOfDay(time);
    };
    const decoder = new GnssDecoder(take);
    const chunks: Uint8Array[] = [];
    let at = START;
    for (let from = 0; from < input.length;) {
      // Sizes and pauses from the bytes themselves.
      const to = from + 1 + (input[from]! % 97);
      const chunk = input.slice(from, to);
      chunks.push(chunk);
      at = shift(at, millis(input[from]!));
      decoder.push(chunk, at);
      holds(decoder.heldBytes < LIMITS.gnssUbxPayloadBytesMax + 8, 'no more than one frame is held');
      if ((input[from]! & 3) === 0)
        pairing.takePulse({
          kind: 'raw-edge',
          source: 'c',
          stamp: taiInstant(BigInt(from) * 1_000_000_000n),
          learned: at,
          sequence: undefined,
        });
      from = to;
    }
    state.health('fuzz', at);
    // The filler is expensive to scan: one input in 64 shows that the decoder comes back.
    const isClosed = input.length % 64 === 7;
    if (isClosed) {
      decoder.push(FILLER, at);
      decoder.push(LAST_FRAME, at);
      holds(lastTowMs === LAST_TOW_MS, 'a frame after garbage is found');
    }
    decoder.end();
    holds(decoder.heldBytes === 0, 'nothing is held at the end');
    const { bytes, skippedBytes } = decoder.counts;
    holds(bytes === input.length + (isClosed ? FILLER.length + LAST_FRAME.length : 0), 'every byte is counted');
    holds(skippedBytes <= bytes, 'no more is skipped than came');
    holds(isDeepStrictEqual(messagesOf([input]), messagesOf(chunks)), 'a stream means the same in any pieces');
    return [...words]
      .filter((word) => !word.startsWith('unknown'))
      .sort()
      .slice(0, 3)
      .join(' ');
  },
};

export const RECEIVER_TARGETS: readonly Target[] = [receiver];
