/** Which second a message names, and every reason not to believe it. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Code } from '../../../src/core/codes.ts';
import { GnssDecoder, type ReceivedMessage } from '../../../src/core/gnss/decoder.ts';
import {
  fullYear,
  nearestSecond,
  taiOfWeek,
  unixSecondsOfUtc,
  wholeSecondsNear,
} from '../../../src/core/gnss/gnss-epochs.ts';
import { ReceiverState } from '../../../src/core/gnss/receiver-state.ts';
import {
  timeOfDayOf,
  UTC_SETTLING_DEFAULT,
  type TimeOfDay,
  type TimeOfDayRules,
  type TimeRefusal,
} from '../../../src/core/gnss/time-of-day.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { monoInstant, nanos, seconds, shift, taiInstant, ZERO } from '../../../src/core/time/nanos.ts';
import * as made from '../../../src/sim/receiver-frames.ts';

/** 2026-11-20T12:00:00 UTC in every count: GPS week 2445, second 475,218 of it. */
const NOON_TAI = taiInstant(1_795_176_037n * 1_000_000_000n);
const utc = { year: 2026, month: 11, day: 20, hour: 12, minute: 0, second: 0 };
const WEEK = 2_445;
const TOW_MS = 475_218_000;

const RULES: TimeOfDayRules = {
  leapTable: BUILT_IN_LEAP_TABLE,
  plausibleFrom: taiInstant(1_790_000_000n * 1_000_000_000n),
  sawtoothSign: 1,
  utcSettling: UTC_SETTLING_DEFAULT,
};

/** Pushes frames a second apart and returns what the last message that speaks of time came to. */
function read(frames: readonly Uint8Array[], rules: Partial<TimeOfDayRules> = {}): TimeOfDay | TimeRefusal {
  const state = new ReceiverState();
  let last: TimeOfDay | TimeRefusal | undefined;
  const decoder = new GnssDecoder((received: ReceivedMessage) => {
    state.observe(received);
    last = timeOfDayOf(received, state, { ...RULES, ...rules }) ?? last;
  });
  frames.forEach((frame, index) => decoder.push(frame, shift(monoInstant(0n), seconds(index))));
  assert.ok(last !== undefined, 'a message spoke of time');
  return last;
}

const proof = made.navTimeLs({ iTowMs: TOW_MS });
const rmc = (text: string) => made.nmea(`GNRMC,${text}`);

function named(frames: readonly Uint8Array[], rules: Partial<TimeOfDayRules> = {}): bigint {
  const time = read(frames, rules);
  if (time.kind === 'refusal') assert.fail(`${time.code}: ${time.detail}`);
  return time.second;
}

function refused(code: Code, frames: readonly Uint8Array[], rules: Partial<TimeOfDayRules> = {}): void {
  const time = read(frames, rules);
  assert.equal(time.kind === 'refusal' ? time.code : `named ${time.second}`, code);
}

describe('every kind of label names the same second', () => {
  const settled = { utcSettling: ZERO };
  const valid: readonly [name: string, frames: Uint8Array[], rules?: Partial<TimeOfDayRules>][] = [
    ['NAV-PVT', [proof, made.navPvt({ iTowMs: TOW_MS, ...utc })]],
    ['NAV-PVT with a negative nano', [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, nanoNs: -127_759 })]],
    ['NAV-TIMEUTC', [proof, made.navTimeUtc({ iTowMs: TOW_MS, ...utc, nanoNs: 321_732 })]],
    ['NAV-TIMEGPS without any leap count', [made.navTimeGps({ iTowMs: TOW_MS, week: WEEK, valid: 3 })]],
    [
      'NAV-TIMEGPS with a negative remainder',
      [made.navTimeGps({ iTowMs: TOW_MS + 1, week: WEEK, remainderNs: -1_000_257 })],
    ],
    ['TIM-TP on GPS', [made.timTp({ towMs: TOW_MS, week: WEEK })]],
    ['TIM-TP on Galileo', [made.timTp({ towMs: TOW_MS, week: WEEK - 1_024, base: 3 })]],
    ['TIM-TP on BeiDou, 14 s behind GPS', [made.timTp({ towMs: TOW_MS - 14_000, week: WEEK - 1_356, base: 2 })]],
    ['TIM-TP on UTC', [proof, made.timTp({ towMs: TOW_MS - 18_000, week: WEEK, base: 'utc' })]],
    [
      'TIM-TP on GLONASS, 3 h ahead of UTC',
      [proof, made.timTp({ towMs: TOW_MS - 18_000 + 10_800_000, week: WEEK, base: 1 })],
    ],
    ['RMC', [rmc('120000.00,A,,,,,,,201126,,,A')], settled],
    ['RMC a hair before the second', [rmc('115959.998,A,,,,,,,201126,,,A')], settled],
    ['ZDA after RMC', [rmc('115959,A,,,,,,,201126,,,A'), made.nmea('GNZDA,120000.00,20,11,2026,00,00')], settled],
    [
      'ZDA after GGA',
      [
        made.nmea('GNGGA,120000,,,,,1,08,1,,'),
        rmc('115959,A,,,,,,,201126,,,A'),
        made.nmea('GPZDA,120000,20,11,2026,-05,30'),
      ],
      settled,
    ],
  ];
  for (const [name, frames, rules] of valid) test(name, () => assert.equal(named(frames, rules), NOON_TAI));
});

test('TIM-TP labels the next pulse, the others the previous; the sawtooth follows the declared sign', () => {
  const pulse = made.timTp({ towMs: TOW_MS, week: WEEK, quantisationErrorPs: -4_331 });
  const plus = read([pulse]);
  const minus = read([pulse], { sawtoothSign: -1 });
  const gps = read([made.navTimeGps({ iTowMs: TOW_MS, week: WEEK })]);
  assert.ok(plus.kind === 'time-of-day' && minus.kind === 'time-of-day' && gps.kind === 'time-of-day');
  assert.deepEqual([plus.which, plus.sawtoothPs, minus.sawtoothPs], ['next', -4_331n, 4_331n]);
  assert.deepEqual([gps.which, gps.sawtoothPs], ['previous', undefined]);
  const unsaid = read([
    made.timTp({ towMs: TOW_MS, week: WEEK, quantisationErrorPs: 9, isQuantisationErrorValid: false }),
  ]);
  assert.ok(unsaid.kind === 'time-of-day' && unsaid.sawtoothPs === undefined, 'qErrInvalid is honoured');
  const absurd = read([made.timTp({ towMs: TOW_MS, week: WEEK, quantisationErrorPs: 50_001 })]);
  assert.ok(absurd.kind === 'time-of-day' && absurd.sawtoothPs === undefined, 'no sawtooth is that large');
});

describe('refused', () => {
  const gps = made.navTimeGps({ iTowMs: TOW_MS, week: WEEK });
  const cases: readonly [name: string, code: Code, frames: Uint8Array[], rules?: Partial<TimeOfDayRules>][] = [
    [
      'NAV-PVT not fully resolved',
      'reference-time-invalid',
      [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, valid: 3 })],
    ],
    [
      'NAV-PVT without a good fix',
      'reference-no-fix',
      [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, isFixOk: false })],
    ],
    [
      'NAV-PVT with the 30th of February',
      'tod-date-impossible',
      [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, month: 2, day: 30 })],
    ],
    ['NAV-PVT in month 0', 'tod-date-impossible', [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, month: 0 })]],
    [
      'a :60 in the middle of the day',
      'tod-date-impossible',
      [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, second: 60 })],
    ],
    ['NAV-PVT off the second', 'tod-off-second', [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, nanoNs: 200_000_000 })]],
    [
      'NAV-PVT that admits 2 ms',
      'tod-inaccurate',
      [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, timeAccuracyNs: 2_000_000 })],
    ],
    [
      'NAV-TIMEUTC without validUTC',
      'reference-time-invalid',
      [proof, made.navTimeUtc({ iTowMs: TOW_MS, ...utc, valid: 3 })],
    ],
    ['NAV-TIMEGPS without week', 'reference-time-invalid', [made.navTimeGps({ iTowMs: TOW_MS, week: WEEK, valid: 1 })]],
    [
      'NAV-TIMEGPS that admits a second',
      'tod-inaccurate',
      [made.navTimeGps({ iTowMs: TOW_MS, week: WEEK, timeAccuracyNs: 1e9 })],
    ],
    [
      'NAV-TIMEGPS while NAV-STATUS has no fix',
      'reference-no-fix',
      [made.navStatus({ iTowMs: 1, isFixOk: false }), gps],
    ],
    [
      'a week that rolled over',
      'source-date-implausible',
      [made.navTimeGps({ iTowMs: TOW_MS, week: WEEK - 1_024, valid: 3 })],
    ],
    [
      'a week 1,024 ahead',
      'source-date-implausible',
      [made.navTimeGps({ iTowMs: TOW_MS, week: WEEK + 1_024, valid: 3 })],
    ],
    [
      'a UTC date that rolled over',
      'source-date-implausible',
      [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, year: 2007, month: 4 })],
    ],
    [
      'a UTC date before the leap table',
      'source-date-implausible',
      [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, year: 1980 })],
    ],
    [
      'a UTC date after the leap table',
      'leap-table-expired',
      [proof, made.navPvt({ iTowMs: TOW_MS, ...utc, year: 2028 })],
    ],
    [
      'a leap count that contradicts the table',
      'tai-utc-disagrees',
      [made.navTimeLs({ iTowMs: 1, leapSeconds: 17 }), gps],
    ],
    [
      'a leap count of NAV-TIMEGPS that contradicts',
      'tai-utc-disagrees',
      [made.navTimeGps({ iTowMs: TOW_MS, week: WEEK, leapSeconds: 13 })],
    ],
    [
      'UTC while the leap count is the firmware\u2019s',
      'leap-source-unproven',
      [made.navTimeLs({ iTowMs: 1, source: 0 }), made.navPvt({ iTowMs: TOW_MS, ...utc })],
    ],
    [
      'UTC while nobody has a leap count',
      'leap-source-unproven',
      [made.navTimeLs({ iTowMs: 1, source: 255, valid: 0 }), made.navPvt({ iTowMs: TOW_MS, ...utc })],
    ],
    [
      'UTC while the leap count is not vouched for',
      'leap-source-unproven',
      [made.navTimeLs({ iTowMs: 1, valid: 2 }), made.navPvt({ iTowMs: TOW_MS, ...utc })],
    ],
    [
      'UTC with a count of unstated origin, not settled',
      'leap-source-unproven',
      [gps, made.navPvt({ iTowMs: TOW_MS, ...utc })],
    ],
    ['RMC that has not settled', 'leap-source-unproven', [rmc('120000.00,A,,,,,,,201126,,,A')]],
    ['RMC with status V', 'reference-no-fix', [rmc('204657.00,V,,,,,,,240723,,,N')], { utcSettling: ZERO }],
    ['RMC that is estimated', 'reference-no-fix', [rmc('120000.00,A,,,,,,,201126,,,E')], { utcSettling: ZERO }],
    ['RMC that is simulated', 'reference-no-fix', [rmc('120000.00,A,,,,,,,201126,,,S')], { utcSettling: ZERO }],
    ['RMC without a date', 'reference-time-invalid', [rmc('120000.00,A,,,,,,,,,,A')], { utcSettling: ZERO }],
    ['RMC on the 31st of June', 'tod-date-impossible', [rmc('120000.00,A,,,,,,,310626,,,A')], { utcSettling: ZERO }],
    [
      'RMC of 1999, as after a rollover',
      'source-date-implausible',
      [rmc('120000.00,A,,,,,,,220899,,,A')],
      { utcSettling: ZERO },
    ],
    ['RMC at half a second', 'tod-off-second', [rmc('120000.50,A,,,,,,,201126,,,A')], { utcSettling: ZERO }],
    ['ZDA on its own', 'reference-no-fix', [made.nmea('GNZDA,120000.00,20,11,2026,00,00')], { utcSettling: ZERO }],
    [
      'ZDA after a GGA without fix',
      'reference-no-fix',
      [made.nmea('GNGGA,120000,,,,,0,00,99,,'), made.nmea('GNZDA,120000.00,20,11,2026,00,00')],
      { utcSettling: ZERO },
    ],
    [
      'ZDA without a date',
      'reference-time-invalid',
      [rmc('115959,A,,,,,,,201126,,,A'), made.nmea('GNZDA,120000.00,,,,00,00')],
      { utcSettling: ZERO },
    ],
    ['TIM-TP between seconds', 'tod-off-second', [made.timTp({ towMs: TOW_MS + 500, week: WEEK })]],
    [
      'TIM-TP a fraction of a millisecond off',
      'tod-off-second',
      [made.timTp({ towMs: TOW_MS, week: WEEK, towSubMs: 1 })],
    ],
    [
      'TIM-TP that is not locked',
      'reference-time-invalid',
      [made.timTp({ towMs: TOW_MS, week: WEEK, isLocked: false })],
    ],
    [
      'TIM-TP on UTC that is not available',
      'reference-time-invalid',
      [proof, made.timTp({ towMs: TOW_MS, week: WEEK, base: 'utc', isUtcAvailable: false })],
    ],
    [
      'TIM-TP on UTC without proof of the leap count',
      'leap-source-unproven',
      [made.timTp({ towMs: TOW_MS - 18_000, week: WEEK, base: 'utc' })],
    ],
    ['TIM-TP on an unknown base', 'tod-time-base-unknown', [made.timTp({ towMs: TOW_MS, week: WEEK, base: 15 })]],
    ['TIM-TP on NavIC', 'tod-time-base-unknown', [made.timTp({ towMs: TOW_MS, week: WEEK, base: 4 })]],
  ];
  for (const [name, code, frames, rules] of cases) test(`${name}: ${code}`, () => refused(code, frames, rules));
});

test('UTC of a receiver that never tells its leap source is believed once it has settled', () => {
  const hms = (s: number) => `12${String(Math.floor(s / 60)).padStart(2, '0')}${String(s % 60).padStart(2, '0')}`;
  const frames = Array.from({ length: 902 }, (_, s) => rmc(`${hms(s)}.00,A,,,,,,,201126,,,A`));
  refused('leap-source-unproven', frames.slice(0, 900));
  assert.equal(named(frames.slice(0, 901)), shift(NOON_TAI, seconds(900)));
  // One sentence without validity starts the wait again.
  refused('leap-source-unproven', frames.with(450, rmc(`${hms(450)}.00,V,,,,,,,201126,,,N`)));
});

describe('around an inserted leap second', () => {
  // 2016-12-31T23:59:60 is TAI second 1,483,228,836; the step takes effect one second later.
  const from2016 = { plausibleFrom: taiInstant(1_480_000_000n * 1_000_000_000n) };
  const proven17 = made.navTimeLs({ iTowMs: 1, leapSeconds: 17 });
  const day = { year: 2016, month: 12, day: 31, hour: 23, minute: 59 };
  const newYear = { year: 2017, month: 1, day: 1, hour: 0, minute: 0 };
  test('a :60 that the table knows is taken', () => {
    const pvt = made.navPvt({ iTowMs: 2, ...day, second: 60 });
    assert.equal(named([proven17, pvt], from2016), 1_483_228_836n * 1_000_000_000n);
  });
  test('its neighbours in UTC are refused, because receivers differ in naming them', () => {
    refused('source-leap-ambiguous', [proven17, made.navPvt({ iTowMs: 2, ...day, second: 59 })], from2016);
    const proven18 = made.navTimeLs({ iTowMs: 1, leapSeconds: 18 });
    for (const second of [0, 1, 2])
      refused('source-leap-ambiguous', [proven18, made.navPvt({ iTowMs: 2, ...newYear, second })], from2016);
    assert.equal(
      named([proven18, made.navPvt({ iTowMs: 2, ...newYear, second: 3 })], from2016),
      1_483_228_840n * 1_000_000_000n,
    );
    assert.equal(
      named([proven17, made.navPvt({ iTowMs: 2, ...day, second: 57 })], from2016),
      1_483_228_833n * 1_000_000_000n,
    );
  });
  test('satellite time runs through it', () => {
    const week = 1_930;
    for (const [tow, leapSeconds] of [
      [16, 17],
      [17, 17],
      [18, 18],
    ] as const) {
      const frame = made.navTimeGps({ iTowMs: tow * 1_000, week, leapSeconds });
      assert.equal(named([frame], from2016), (1_483_228_819n + BigInt(tow)) * 1_000_000_000n);
    }
  });
  test('a :60 at midnight of a day without a leap second is refused', () => {
    refused('source-leap-ambiguous', [
      proof,
      made.navPvt({ iTowMs: TOW_MS, ...utc, hour: 23, minute: 59, second: 60 }),
    ]);
  });
});

test('law: satellite time and UTC name one second, whatever the date', () => {
  const rules = { plausibleFrom: taiInstant(1_500_000_000n * 1_000_000_000n) };
  fc.assert(
    fc.property(
      fc.integer({ min: 1_500_000_000, max: 1_814_000_000 }),
      fc.integer({ min: -999_999, max: 999_999 }),
      (unix, nano) => {
        const days = Math.floor(unix / 86_400);
        const date = new Date(unix * 1_000);
        const fields = {
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
          hour: date.getUTCHours(),
          minute: date.getUTCMinutes(),
          second: date.getUTCSeconds(),
        };
        assert.equal(unixSecondsOfUtc(fields), BigInt(unix), `${days}`);
        const gps = unix - 315_964_800 + 18;
        const [week, iTowMs] = [Math.floor(gps / 604_800), (gps % 604_800) * 1_000];
        const byUtc = named([proof, made.navPvt({ iTowMs, ...fields, nanoNs: nano })], rules);
        const byGps = named([made.navTimeGps({ iTowMs, week, remainderNs: nano })], rules);
        const byPulse = named([made.timTp({ towMs: iTowMs, week })], rules);
        assert.deepEqual([byGps, byPulse], [byUtc, byUtc]);
        assert.equal(byUtc, BigInt(unix + 37) * 1_000_000_000n);
      },
    ),
    { numRuns: 200 },
  );
});

test('epochs: week zero of each system, rounding to seconds, centuries', () => {
  assert.equal(taiOfWeek('gps', 0, ZERO), 315_964_819n * 1_000_000_000n);
  assert.equal(taiOfWeek('galileo', 0, ZERO), taiOfWeek('gps', 1_024, ZERO));
  assert.equal(taiOfWeek('beidou', 0, ZERO), taiOfWeek('gps', 1_356, seconds(14)));
  assert.deepEqual(wholeSecondsNear(nanos(-1n)), { whole: 0n, off: -1n });
  assert.deepEqual(wholeSecondsNear(nanos(1_999_999_999n)), { whole: 2n, off: -1n });
  assert.deepEqual(nearestSecond(taiInstant(-600_000_000n)), { second: -1_000_000_000n, off: 400_000_000n });
  const near2026 = taiInstant(1_795_176_037n * 1_000_000_000n);
  assert.deepEqual(
    [26, 75, 76, 99, 0].map((yy) => fullYear(yy, near2026)),
    [2026, 2075, 1976, 1999, 2000],
  );
});
