/**
 * The mutating part of the receiver fuzzer, deterministic by seed: used by fuzz/decoder.ts for long runs and by a short
 * test. Each step makes one input, pushes it through the whole receiver path and asserts what must hold of any input.
 */

import assert from 'node:assert/strict';
import { GnssDecoder } from '../../../src/core/gnss/decoder.ts';
import { Pairing, PAIRING_DEFAULTS } from '../../../src/core/gnss/pairing.ts';
import { ReceiverState } from '../../../src/core/gnss/receiver-state.ts';
import { timeOfDayOf, type TimeOfDayRules } from '../../../src/core/gnss/time-of-day.ts';
import { nmeaChecksum, ubxChecksum } from '../../../src/core/gnss/checksums.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import {
  monRf,
  navPvt,
  navStatus,
  navTimeGps,
  navTimeLs,
  navTimeUtc,
  secSig,
  timTp,
} from '../../../src/sim/receiver-frames.ts';
import { millis, monoInstant, seconds, shift, taiInstant, type MonoInstant } from '../../../src/core/time/nanos.ts';

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

const INTERESTING = [0x00, 0x01, 0x7f, 0x80, 0xff, 0xb5, 0x62, 0x24, 0x21, 0x2a, 0x2c, 0x0d, 0x0a, 0xd3, 0x3c, 0x30];

/** A frame no mutation touches, to be found at the end. NAV-EOE with a time of week of its own. */
const LAST_FRAME = ubxFrameOf(0x01, 0x61, new Uint8Array([0x15, 0xcd, 0x5b, 0x07]));
const LAST_TOW_MS = 123_456_789;

export class ReceiverFuzz {
  readonly totals = { bytes: 0, messages: 0, malformed: 0, timesOfDay: 0, refusals: 0, outcomes: 0, heldBytesMax: 0 };
  readonly #seeds: Uint8Array[];
  #state: number;
  #at: MonoInstant = monoInstant(1_000_000_000n);
  /** Filler that begins no frame, longer than any frame that a mutation may have left open. */
  readonly #filler = new Uint8Array(2 * (LIMITS.gnssUbxPayloadBytesMax + 8));

  constructor(seed: number, recordings: readonly Uint8Array[]) {
    // xorshift32 must not start at zero; the multiplier spreads small seeds.
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995) | 1;
    this.#seeds = [...recordings, builtInStream(() => this.#below(256)), healthyStream()];
  }

  step(): void {
    const input = this.#mutated();
    const { totals } = this;
    const state = new ReceiverState();
    const pairing = new Pairing({ reference: 'fuzz', ...PAIRING_DEFAULTS });
    let lastTowMs = -1;
    let covered = 0;
    const decoder = new GnssDecoder((received) => {
      assert.ok(received.offset >= covered, 'frames come in order and do not overlap');
      covered = received.offset + received.sizeBytes;
      totals.messages++;
      if (received.message.type === 'malformed') totals.malformed++;
      if (received.message.type === 'NAV-EOE') lastTowMs = received.message.iTowMs;
      state.observe(received);
      const time = timeOfDayOf(received, state, RULES);
      if (time?.kind === 'time-of-day') {
        totals.timesOfDay++;
        totals.outcomes += pairing.takeTimeOfDay(time).length;
      } else if (time !== undefined) totals.refusals++;
    });
    for (let from = 0; from < input.length;) {
      const to = from + 1 + this.#below(this.#below(4) === 0 ? 4 : 2_048);
      this.#at = shift(this.#at, millis(this.#below(400)));
      decoder.push(input.subarray(from, to), this.#at);
      from = to;
      totals.heldBytesMax = Math.max(totals.heldBytesMax, decoder.heldBytes);
      if (this.#below(3) === 0) {
        const learned = this.#at;
        const stamp = taiInstant(BigInt(this.#below(100)) * 1_000_000_000n);
        totals.outcomes += pairing.takePulse({
          kind: 'raw-edge',
          source: 'c',
          stamp,
          learned,
          sequence: undefined,
        }).length;
      }
    }
    state.health('fuzz', this.#at);
    // The filler is expensive to scan: one input in 64 shows that the decoder comes back.
    const isClosed = this.#below(64) === 0;
    if (isClosed) {
      decoder.push(this.#filler, this.#at);
      decoder.push(LAST_FRAME, this.#at);
      assert.equal(lastTowMs, LAST_TOW_MS, 'a frame after garbage is found');
    }
    decoder.end();
    assert.equal(decoder.heldBytes, 0);
    assert.ok(totals.heldBytesMax < LIMITS.gnssUbxPayloadBytesMax + 8, 'no more than one frame is held');
    const { bytes, skippedBytes } = decoder.counts;
    assert.ok(
      skippedBytes <= bytes && bytes === input.length + (isClosed ? this.#filler.length + LAST_FRAME.length : 0),
    );
    totals.bytes += bytes;
  }

  #mutated(): Uint8Array {
    const seed = this.#pick(this.#seeds);
    const from = this.#below(seed.length);
    let piece = Uint8Array.from(seed.subarray(from, from + 1 + this.#below(this.#below(64) === 0 ? 20_000 : 384)));
    for (let mutations = this.#below(6); mutations > 0; mutations--) piece = this.#mutate(piece);
    if (this.#below(2) === 0) mendChecksums(piece);
    return piece;
  }

  #mutate(piece: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    const at = this.#below(piece.length);
    switch (this.#below(6)) {
      case 0:
        piece[at]! ^= 1 << this.#below(8);
        return piece;
      case 1:
        piece[at] = this.#pick(INTERESTING);
        return piece;
      case 2:
        for (let i = at; i < Math.min(piece.length, at + 4); i++) piece[i] = this.#pick(INTERESTING);
        return piece;
      case 3:
        return piece.length < 2
          ? piece
          : Uint8Array.from([...piece.subarray(0, at), ...piece.subarray(at + this.#below(32))]);
      case 4:
        return Uint8Array.from([...piece.subarray(0, at), ...piece.subarray(Math.max(0, at - this.#below(64)))]);
      default: {
        const other = this.#pick(this.#seeds);
        const from = this.#below(other.length);
        return Uint8Array.from([
          ...piece.subarray(0, at),
          ...other.subarray(from, from + this.#below(128)),
          ...piece.subarray(at),
        ]);
      }
    }
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#below(items.length)]!;
  }

  #below(limit: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return limit === 0 ? 0 : (x >>> 0) % limit;
  }
}

/** What a healthy receiver sends in one epoch. */
function healthyStream(): Uint8Array {
  const utc = { year: 2026, month: 11, day: 20, hour: 12, minute: 0, second: 0 };
  const iTowMs = 475_218_000;
  const frames = [
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
  return Uint8Array.from(frames.flatMap((frame) => [...frame]));
}

/** Every kind of message once, with content of chance. */
function builtInStream(byte: () => number): Uint8Array {
  const frames = MESSAGE_KINDS.map(([classId, id, size]) =>
    ubxFrameOf(
      classId,
      id,
      Uint8Array.from({ length: size }, (_, i) => plausibleByte(classId, id, i) ?? byte()),
    ),
  );
  const sentences = SENTENCES.map((text) => {
    const bytes = new TextEncoder().encode(text);
    const sum = nmeaChecksum(bytes, 1, bytes.length).toString(16).toUpperCase().padStart(2, '0');
    return new TextEncoder().encode(`${text}*${sum}\r\n`);
  });
  return Uint8Array.from([...frames, ...sentences].flatMap((frame) => [...frame]));
}

/** Counters and versions that make the content readable at all. */
function plausibleByte(classId: number, id: number, at: number): number | undefined {
  if (classId === 0x01 && id === 0x35 && at === 5) return 3;
  if (classId === 0x01 && id === 0x43 && at === 5) return 2;
  if (classId === 0x0a && id === 0x38 && at === 1) return 2;
  if (classId === 0x27 && id === 0x03 && at === 0) return 2;
  return undefined;
}

function ubxFrameOf(classId: number, id: number, payload: Uint8Array): Uint8Array {
  const frame = Uint8Array.from([
    0xb5,
    0x62,
    classId,
    id,
    payload.length & 0xff,
    payload.length >> 8,
    ...payload,
    0,
    0,
  ]);
  frame.set(ubxChecksum(frame, 2, frame.length - 2), frame.length - 2);
  return frame;
}

/** Makes the checksums of whatever looks like a frame hold, so that mutated content passes the scanner. */
function mendChecksums(piece: Uint8Array): void {
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
      piece.set(new TextEncoder().encode(sum), star + 1);
    }
  }
}
