/** What is known of a receiver, how long it stays known, and whose word counts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReferenceHealth } from '../../../src/core/clock/observation.ts';
import { GnssDecoder } from '../../../src/core/gnss/decoder.ts';
import { ReceiverState } from '../../../src/core/gnss/receiver-state.ts';
import { monoInstant, seconds, shift, type MonoInstant } from '../../../src/core/time/nanos.ts';
import * as made from '../../../src/sim/receiver-frames.ts';

const START = monoInstant(1_000_000_000_000n);
const at = (second: number): MonoInstant => shift(START, seconds(second));
const utc = { year: 2026, month: 11, day: 20, hour: 12, minute: 0, second: 0 };

class Script {
  readonly state = new ReceiverState();
  #now = START;
  readonly #decoder = new GnssDecoder((received) => this.state.observe(received));

  say(second: number, ...frames: Uint8Array[]): this {
    this.#now = at(second);
    for (const frame of frames) this.#decoder.push(frame, this.#now);
    return this;
  }

  health(second: number): ReferenceHealth {
    return this.state.health('gnss', at(second));
  }
}

test('a receiver that has said nothing is unknown in every field', () => {
  const { kind, reference, at: when, ...fields } = new Script().health(0);
  assert.deepEqual([kind, reference, when], ['health', 'gnss', START]);
  assert.deepEqual(new Set(Object.values(fields)), new Set([undefined]));
});

test('a healthy receiver', () => {
  const script = new Script().say(
    0,
    made.navPvt({ iTowMs: 0, ...utc, fixType: 5 }),
    made.navTimeUtc({ iTowMs: 0, ...utc }),
    made.navTimeGps({ iTowMs: 0, week: 2_445 }),
    made.navTimeLs({ iTowMs: 0 }),
    made.navStatus({ iTowMs: 0, gpsFix: 5 }),
    made.monRf(),
    made.secSig({ version: 2 }),
  );
  assert.deepEqual(script.health(1), {
    kind: 'health',
    reference: 'gnss',
    at: at(1),
    fix: 'time-only',
    timeValid: true,
    taiUtcSeconds: 37,
    leapSource: 'satellites',
    satellitesUsed: 12,
    antenna: 'ok',
    jamming: 'none',
    spoofing: 'none',
  });
});

test('every word goes stale on its own', () => {
  const script = new Script().say(
    0,
    made.navPvt({ iTowMs: 0, ...utc }),
    made.navTimeLs({ iTowMs: 0 }),
    made.monRf(),
    made.navStatus({ iTowMs: 0 }),
  );
  const known = (second: number) => {
    const { fix, timeValid, satellitesUsed, jamming, antenna, spoofing, taiUtcSeconds } = script.health(second);
    return { fix, timeValid, satellitesUsed, jamming, antenna, spoofing, taiUtcSeconds };
  };
  const gone = { fix: undefined, timeValid: undefined };
  assert.deepEqual(known(2), known(0));
  assert.deepEqual(known(3), { ...known(0), ...gone });
  assert.deepEqual(known(11), { ...known(0), ...gone, satellitesUsed: undefined });
  assert.deepEqual(known(16), {
    ...known(0),
    ...gone,
    satellitesUsed: undefined,
    jamming: undefined,
    antenna: undefined,
    spoofing: undefined,
  });
  assert.equal(known(600).taiUtcSeconds, 37);
  assert.equal(known(601).taiUtcSeconds, undefined);
});

test('a frozen epoch is not a fresh one', () => {
  const script = new Script();
  for (let second = 0; second <= 10; second++)
    script.say(second, made.navPvt({ iTowMs: 777, ...utc }), made.navStatus({ iTowMs: 777 }));
  const { fix, timeValid } = script.health(10);
  assert.deepEqual({ fix, timeValid }, { fix: undefined, timeValid: undefined });
  const frozen = new Script();
  for (let second = 0; second <= 10; second++)
    frozen.say(second, made.nmea('GPRMC,120000,A,,,,,,,201126,,,A'), made.nmea('GPGGA,120000,,,,,1,08,1,,'));
  assert.deepEqual([frozen.health(10).fix, frozen.health(10).timeValid], [undefined, undefined]);
});

test('no fix outweighs every other word', () => {
  const good = made.navPvt({ iTowMs: 0, ...utc });
  for (const bad of [
    made.navStatus({ iTowMs: 0, gpsFix: 0 }),
    made.navStatus({ iTowMs: 0, isFixOk: false }),
    made.navStatus({ iTowMs: 0, gpsFix: 1 }),
    made.nmea('GPRMC,120000,V,,,,,,,201126,,,N'),
    made.nmea('GPGGA,120000,,,,,0,00,99,,'),
    made.nmea('GPGGA,120000,,,,,6,00,99,,'),
    made.nmea('GPGGA,120000,,,,,8,08,1,,'),
  ])
    assert.equal(new Script().say(0, bad, good).health(0).fix, 'none');
});

test('one constellation without satellites says nothing of the others', () => {
  const gsa = (talker: string, fix: number) => made.nmea(`${talker}GSA,A,${fix},,,,,,,,,,,,,1,1,1`);
  assert.equal(new Script().say(0, gsa('GP', 3), gsa('BD', 1)).health(0).fix, '3d');
  assert.equal(new Script().say(0, gsa('GP', 1), gsa('BD', 1)).health(0).fix, 'none');
});

test('time is valid only when everyone who speaks of it says so', () => {
  const pvt = made.navPvt({ iTowMs: 0, ...utc });
  assert.equal(new Script().say(0, pvt, made.navTimeUtc({ iTowMs: 0, ...utc, valid: 3 })).health(0).timeValid, false);
  assert.equal(new Script().say(0, pvt, made.navTimeGps({ iTowMs: 0, week: 1, valid: 1 })).health(0).timeValid, false);
  assert.equal(new Script().say(0, made.navPvt({ iTowMs: 0, ...utc, valid: 3 })).health(0).timeValid, false);
});

test('the origin of the leap second count', () => {
  const origins: readonly [frame: Uint8Array, source: ReferenceHealth['leapSource'], taiUtc: number | undefined][] = [
    [made.navTimeLs({ iTowMs: 1, source: 0 }), 'default', 37],
    [made.navTimeLs({ iTowMs: 1, source: 255 }), 'unknown', 37],
    [made.navTimeLs({ iTowMs: 1, source: 9 }), 'unknown', 37],
    [made.navTimeLs({ iTowMs: 1, source: 5 }), 'satellites', 37],
    [made.navTimeLs({ iTowMs: 1, source: 7 }), 'configured', 37],
    [made.navTimeLs({ iTowMs: 1, source: 2, valid: 2 }), 'unknown', undefined],
    [made.navTimeGps({ iTowMs: 1, week: 1 }), 'unknown', 37],
    [made.navTimeGps({ iTowMs: 1, week: 1, valid: 3 }), 'unknown', undefined],
  ];
  for (const [frame, source, taiUtc] of origins) {
    const { leapSource, taiUtcSeconds } = new Script().say(0, frame).health(0);
    assert.deepEqual([leapSource, taiUtcSeconds], [source, taiUtc]);
  }
  // NAV-TIMELS knows where the count is from; NAV-TIMEGPS, heard later, does not.
  const both = new Script().say(0, made.navTimeLs({ iTowMs: 1, source: 0 }), made.navTimeGps({ iTowMs: 1, week: 1 }));
  assert.equal(both.health(0).leapSource, 'default');
});

test('of jamming, spoofing and antenna the worse word counts, and "unknown" for nothing', () => {
  const jammed = new Script().say(0, made.monRf({ jamming: 0 }), made.secSig({ version: 1, jamming: 3 }));
  assert.equal(jammed.health(0).jamming, 'critical');
  assert.equal(new Script().say(0, made.monRf({ jamming: 0 })).health(0).jamming, 'unknown');
  assert.equal(new Script().say(0, made.monRf({ jamming: 0 }), made.secSig({ version: 2 })).health(0).jamming, 'none');
  const spoofed = new Script().say(0, made.navStatus({ iTowMs: 0 }), made.secSig({ version: 2, spoofing: 3 }));
  assert.equal(spoofed.health(0).spoofing, 'affirmed');
  assert.equal(new Script().say(0, made.navStatus({ iTowMs: 0, spoofing: 2 })).health(0).spoofing, 'indicated');
  assert.equal(new Script().say(0, made.navStatus({ iTowMs: 0, spoofing: 0 })).health(0).spoofing, 'unknown');
  for (const [antenna, word] of [
    [0, 'unknown'],
    [1, 'unknown'],
    [2, 'ok'],
    [3, 'short'],
    [4, 'open'],
    [9, 'unknown'],
  ] as const)
    assert.equal(new Script().say(0, made.monRf({ antenna })).health(0).antenna, word);
});

test('UTC must be valid without a break for its age to grow', () => {
  const rmc = (second: number, status: string) =>
    made.nmea(`GPRMC,1200${String(second).padStart(2, '0')},${status},,,,,,,201126,,,A`);
  const script = new Script();
  for (let second = 0; second <= 20; second++) script.say(second, rmc(second, second === 10 ? 'V' : 'A'));
  assert.equal(script.state.utcValidFor(at(20)), seconds(9));
  assert.equal(script.state.utcValidFor(at(26)), undefined);
  script.say(30, rmc(30, 'A'));
  assert.equal(script.state.utcValidFor(at(30)), seconds(0), 'a silence is a break');
});

test('talkers of chance do not make it grow or fail', () => {
  const script = new Script();
  for (let i = 0; i < 676; i++) {
    const talker = String.fromCharCode(65 + Math.floor(i / 26), 65 + (i % 26));
    script.say(i % 5, made.nmea(`${talker}RMC,1200${String(i % 60).padStart(2, '0')},A,,,,,,,201126,,,A`));
    script.say(i % 5, made.nmea(`${talker}GSA,A,3,,,,,,,,,,,,,1,1,1,${i}`));
  }
  assert.equal(script.health(5).fix, '3d');
});
