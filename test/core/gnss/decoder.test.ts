/** Messages from made frames: units, validity, and content that does not fit its kind. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GnssDecoder, type GnssMessage } from '../../../src/core/gnss/decoder.ts';
import { ubxFrame } from '../../../src/core/gnss/ubx-frame.ts';
import { monoInstant } from '../../../src/core/time/nanos.ts';
import * as made from '../../../src/sim/receiver-frames.ts';

function decode(...frames: Uint8Array[]): GnssMessage[] {
  const messages: GnssMessage[] = [];
  const decoder = new GnssDecoder(({ message }) => messages.push(message));
  for (const frame of frames) decoder.push(frame, monoInstant(0n));
  return messages;
}

const only = (frame: Uint8Array): GnssMessage => {
  const messages = decode(frame);
  assert.equal(messages.length, 1);
  return messages[0]!;
};

/** Fields of the one message, those named. */
function expectFields(frame: Uint8Array, expected: Record<string, unknown>): void {
  const message = only(frame) as unknown as Record<string, unknown>;
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((key) => [key, message[key]])), expected);
}

const utc = { year: 2026, month: 11, day: 20, hour: 12, minute: 0, second: 0 };

test('NAV-PVT: a date the receiver does not vouch for cannot be taken for one', () => {
  expectFields(made.navPvt({ iTowMs: 1, ...utc, nanoNs: -5 }), {
    utc: { valid: true, value: utc },
    nanoNs: -5,
    isFullyResolved: true,
    fix: '3d',
    isFixOk: true,
  });
  for (const valid of [0, 1, 2, 4, 5, 6])
    expectFields(made.navPvt({ iTowMs: 1, ...utc, valid }), { utc: { valid: false, unverified: utc } });
});

test('NAV-TIMEGPS and NAV-TIMELS: each field carries its own validity', () => {
  expectFields(made.navTimeGps({ iTowMs: 7_000, week: 2_445, remainderNs: -3, valid: 5 }), {
    tow: { valid: true, value: { ms: 7_000, remainderNs: -3 } },
    week: { valid: false, unverified: 2_445 },
    leapSeconds: { valid: true, value: 18 },
  });
  expectFields(made.navTimeLs({ iTowMs: 1, source: 255, valid: 2, secondsToEvent: -53_765 }), {
    leapSource: 'unknown',
    leapSeconds: { valid: false, unverified: 18 },
    secondsToEvent: { valid: true, value: -53_765 },
  });
  expectFields(
    made.navTimeLs({ iTowMs: 1, source: 0, changeSource: 2, changeSeconds: -1, secondsToEvent: 60, valid: 3 }),
    {
      leapSource: 'firmware',
      changeSource: 'gps',
      changeSeconds: -1,
      secondsToEvent: { valid: true, value: 60 },
    },
  );
});

test('TIM-TP: base, quantisation error and lock', () => {
  expectFields(made.timTp({ towMs: 1_000, week: 2_445, quantisationErrorPs: -4_331, base: 'utc' }), {
    base: 'utc',
    quantisationErrorPs: { valid: true, value: -4_331 },
    isPulseLocked: true,
    raim: 'active',
  });
  expectFields(made.timTp({ towMs: 1_000, week: 1, isQuantisationErrorValid: false, base: 1, isLocked: false }), {
    base: 'glonass',
    quantisationErrorPs: { valid: false, unverified: 0 },
    isPulseLocked: false,
  });
  for (const [base, name] of [
    [0, 'gps'],
    [2, 'beidou'],
    [3, 'galileo'],
    [4, 'navic'],
    [9, 'unknown'],
    [15, 'unknown'],
  ] as const)
    expectFields(made.timTp({ towMs: 0, week: 0, base }), { base: name });
});

test('jamming and spoofing in the frames no recording holds', () => {
  assert.deepEqual(
    [0, 1, 2, 3].map((jamming) => {
      const message = only(made.monRf({ jamming }));
      return message.type === 'MON-RF' ? message.blocks[0]?.jamming : undefined;
    }),
    ['unknown', 'none', 'warning', 'critical'],
  );
  expectFields(made.navStatus({ iTowMs: 1, spoofing: 3 }), { spoofing: 'affirmed' });
  for (const version of [1, 2] as const)
    expectFields(made.secSig({ version, jamming: 3, spoofing: 2 }), {
      version,
      jamming: 'critical',
      spoofing: 'indicated',
      isJammingDetectionOn: true,
      isSpoofingDetectionOn: true,
      frequencies: version === 1 ? [] : [{ kiloHertz: 1_575_420, isJammed: true }],
    });
});

test('NAV-SAT: satellites without a place are not at zero degrees', () => {
  const frame = made.navSat({ iTowMs: 1, satellites: 2, used: 1 });
  const payload = frame.slice(6, -2);
  payload[8 + 12 + 3] = 0x100 - 91;
  const message = only(ubxFrame(0x01, 0x35, payload));
  assert.ok(message.type === 'NAV-SAT');
  assert.deepEqual(
    message.satellites.map((s) => [s.elevationDegrees, s.isUsed]),
    [
      [45, true],
      [undefined, false],
    ],
  );
  assert.equal(message.satellites[1]!.azimuthDegrees, undefined);
});

test('MON-HW, MON-VER, SEC-UNIQID and answers', () => {
  const hw = new Uint8Array(60);
  hw.set([4, 1, 0b1100], 20);
  expectFields(ubxFrame(0x0a, 0x09, hw), { antenna: 'open', antennaPower: 'on', jamming: 'critical' });
  const version = new Uint8Array(70);
  version.set(new TextEncoder().encode('EXT CORE 1.00'));
  version.set(new TextEncoder().encode('0019'), 30);
  version.set(new TextEncoder().encode('PROTVER=27.10'), 40);
  expectFields(ubxFrame(0x0a, 0x04, version), {
    software: 'EXT CORE 1.00',
    hardware: '0019',
    extensions: ['PROTVER=27.10'],
  });
  expectFields(ubxFrame(0x27, 0x03, Uint8Array.of(1, 0, 0, 0, 1, 2, 3, 4, 5)), { chipId: '0102030405' });
  expectFields(ubxFrame(0x27, 0x03, Uint8Array.of(2, 0, 0, 0, 1, 2, 3, 4, 5, 6)), { chipId: '010203040506' });
  assert.deepEqual(only(made.ack(true, 6, 0x8a)), { type: 'ACK-ACK', classId: 6, messageId: 0x8a });
  assert.deepEqual(only(made.ack(false, 6, 0x8a)), { type: 'ACK-NAK', classId: 6, messageId: 0x8a });
});

test('what is not in the table is named by class, id and length', () => {
  assert.deepEqual(only(ubxFrame(0x02, 0x15, new Uint8Array(40))), {
    type: 'unknown-ubx',
    classId: 2,
    messageId: 0x15,
    payloadBytes: 40,
  });
  // A poll, as a recording of both directions holds it.
  assert.deepEqual(only(ubxFrame(0x01, 0x07, new Uint8Array(0))), {
    type: 'unknown-ubx',
    classId: 1,
    messageId: 7,
    payloadBytes: 0,
  });
  assert.deepEqual(only(made.nmea('PUBX,00,1')), { type: 'unknown-nmea', address: 'PUBX', hasChecksum: true });
  assert.deepEqual(only(made.nmea('GPVTG,1')), { type: 'unknown-nmea', address: 'GPVTG', hasChecksum: true });
});

const LAYOUTS: readonly [name: string, classId: number, id: number, sizes: readonly number[]][] = [
  ['NAV-STATUS', 0x01, 0x03, [1, 15, 17]],
  ['NAV-PVT', 0x01, 0x07, [1, 83]],
  ['NAV-TIMEGPS', 0x01, 0x20, [15, 17]],
  ['NAV-TIMEUTC', 0x01, 0x21, [19, 21]],
  ['NAV-CLOCK', 0x01, 0x22, [19]],
  ['NAV-TIMELS', 0x01, 0x26, [23, 25]],
  ['NAV-SAT', 0x01, 0x35, [5, 7, 9, 20]],
  ['NAV-SIG', 0x01, 0x43, [7, 24]],
  ['NAV-EOE', 0x01, 0x61, [3, 5]],
  ['ACK-ACK', 0x05, 0x01, [1, 3]],
  ['MON-VER', 0x0a, 0x04, [39, 41]],
  ['MON-HW', 0x0a, 0x09, [59, 68]],
  ['MON-RF', 0x0a, 0x38, [3, 28]],
  ['TIM-TP', 0x0d, 0x01, [15, 17]],
  ['TIM-SVIN', 0x0d, 0x04, [27]],
  ['SEC-UNIQID', 0x27, 0x03, [1, 8, 11]],
  ['SEC-SIG', 0x27, 0x09, [1, 4, 8, 13]],
];

test('a good checksum over the wrong length is malformed, whatever the kind', () => {
  for (const [name, classId, id, sizes] of LAYOUTS) {
    for (const size of sizes) {
      const message = only(ubxFrame(classId, id, new Uint8Array(size)));
      assert.ok(message.type === 'malformed', `${name} of ${size} bytes`);
      assert.equal(message.of, name);
    }
  }
  // The counter says 255 satellites, the frame ends after none.
  const claims = new Uint8Array(8);
  claims[5] = 255;
  assert.equal(only(ubxFrame(0x01, 0x35, claims)).type, 'malformed');
});

test('NMEA: every field, and nothing for an empty one', () => {
  expectFields(made.nmea('GNRMC,204657.25,A,4624.27601,N,11701.24518,W,0.045,,240726,,,D,V'), {
    talker: 'GN',
    time: { hour: 20, minute: 46, second: 57, fractionNs: 250_000_000 },
    status: 'valid',
    date: { day: 24, month: 7, yearOfCentury: 26 },
    mode: 'D',
    longitudeDegrees: -(117 + 1.24518 / 60),
  });
  expectFields(made.nmea('GNRMC,,V,,,,,,,,,,N'), {
    time: undefined,
    status: 'warning',
    date: undefined,
    latitudeDegrees: undefined,
  });
  expectFields(made.nmea('GPZDA,235960,31,12,2016,-05,30'), {
    time: { hour: 23, minute: 59, second: 60, fractionNs: 0 },
    year: 2016,
    zoneHours: -5,
    zoneMinutes: 30,
  });
  expectFields(made.nmea('GNGGA,1.5,,,,,0,00,99.99,,M,,M,,'.replace('1.5', '000001.5')), {
    quality: 0,
    satellitesUsed: 0,
    hdop: 99.99,
  });
  expectFields(made.nmea('GNGSA,A,1,,,,,,,,,,,,,99.99,99.99,99.99,4'), {
    fix: 'none',
    satelliteIds: [],
    systemId: '4',
  });
  expectFields(made.nmea('GPGSV,1,1,01,07,38,351,,1'), {
    satellitesInView: 1,
    satellites: [{ satelliteId: 7, elevationDegrees: 38, azimuthDegrees: 351, cnoDbHz: undefined }],
    signalId: '1',
  });
  expectFields(made.nmea('GNGLL,4624.27601,N,11701.24518,W,204221.00,A,A'), { status: 'valid', mode: 'A' });
  expectFields(made.nmea('GNGNS,204221.00,,,,,NN,00,99.9,,,,'), { modes: 'NN', satellitesUsed: 0 });
});

test('NMEA: a field that cannot be what its place demands makes the sentence malformed', () => {
  const wrong = [
    'GPRMC,250000,A,,,,,,,240726,,,A',
    'GPRMC,126000,A,,,,,,,240726,,,A',
    'GPRMC,120061,A,,,,,,,240726,,,A',
    'GPRMC,12000,A,,,,,,,240726,,,A',
    'GPRMC,120000:5,A,,,,,,,240726,,,A',
    'GPRMC,120000.5x,A,,,,,,,240726,,,A',
    'GPRMC,120000,B,,,,,,,240726,,,A',
    'GPRMC,120000,A,,,,,,,320126,,,A',
    'GPRMC,120000,A,,,,,,,011326,,,A',
    'GPRMC,120000,A,,,,,,,24072026,,,A',
    'GPRMC,120000,A,4624.2.7,N,,,,,240726,,,A',
    'GPRMC,120000,A,4624.27,X,,,,,240726,,,A',
    'GPRMC,120000,A,,,,,,,240726,,,Q',
    'GPZDA,120000,1e1,11,2026,00,00',
    'GPZDA,120000,20,11,-2026,00,00',
    'GPZDA,120000,20,11,2026,+,00',
    'GPGGA,120000,,,,,1,12345678901,,,',
    'GPGGA,120000,,,,,1,12,Infinity,,',
    'GPGGA,120000,,,,,1,12,1234567890123456,,',
    'GPGSA,A,4,,,,,,,,,,,,,1,1,1',
    'GPGSV,1,1,01,xx,38,351,',
    'GPRMC,120000,A',
    'GPZDA',
  ];
  for (const text of wrong) assert.equal(only(made.nmea(text)).type, 'malformed', text);
});

test('the counts name what was skipped and what was malformed', () => {
  const decoder = new GnssDecoder(() => undefined);
  decoder.push(Uint8Array.of(1, 2, 3), monoInstant(0n));
  decoder.push(ubxFrame(0x01, 0x61, new Uint8Array(3)), monoInstant(0n));
  decoder.end();
  const { skippedBytes, malformedFrames, ubxFrames, bytes } = decoder.counts;
  assert.deepEqual(
    { skippedBytes, malformedFrames, ubxFrames, bytes },
    { skippedBytes: 3, malformedFrames: 1, ubxFrames: 1, bytes: 14 },
  );
});
