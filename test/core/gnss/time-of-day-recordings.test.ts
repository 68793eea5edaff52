/** Times of day in recordings of real receivers: what is named, what is refused. Skipped by name where the recordings are not. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { GnssDecoder } from '../../../src/core/gnss/decoder.ts';
import { ReceiverState } from '../../../src/core/gnss/receiver-state.ts';
import {
  timeOfDayOf,
  UTC_SETTLING_DEFAULT,
  type TimeOfDay,
  type TimeOfDayRules,
  type TimeRefusal,
} from '../../../src/core/gnss/time-of-day.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { monoInstant, since, taiInstant, ZERO } from '../../../src/core/time/nanos.ts';

const RULES: TimeOfDayRules = {
  leapTable: BUILT_IN_LEAP_TABLE,
  plausibleFrom: taiInstant(1_790_000_000n * 1_000_000_000n),
  sawtoothSign: 1,
  utcSettling: UTC_SETTLING_DEFAULT,
};

test(
  'recordings: cold starts, rollovers and a leap count of unknown origin never name a second',
  { skip: logsMissing() },
  () => {
    const bad: readonly [log: string, plausibleFrom: bigint][] = [
      // Simulated sky of 2019 that falls back to 1999-08-22 at the rollover.
      ['gp-320fw-2019-04-07-coldboot', 1_554_000_000n],
      // One NAV-TIMELS with srcOfCurrLs 255; UTC must stay unproven for the whole recording.
      ['bt451', 1_100_000_000n],
    ];
    for (const [log, from] of bad) {
      const { times, refusals } = readLog(log, taiInstant(from * 1_000_000_000n));
      assert.deepEqual(
        times.filter((time) => time.second < from * 1_000_000_000n),
        [],
        log,
      );
      assert.ok(refusals.length > 0, log);
    }
  },
);

test(
  'recordings: a timing receiver names consecutive seconds, and TIM-TP foretells what NAV-TIMEGPS confirms',
  { skip: logsMissing() },
  () => {
    const { times, refusals } = readLog('u-blox-m8t-time', taiInstant(1_600_000_000n * 1_000_000_000n));
    const gps = times.filter((time) => time.source === 'NAV-TIMEGPS').map((time) => time.second);
    assert.equal(gps.length, 151);
    gps.forEach((second, index) => assert.equal(second, gps[0]! + BigInt(index) * 1_000_000_000n));
    // 2021-02-23T18:04:29 UTC.
    assert.equal(gps[0], (1_614_103_469n + 37n) * 1_000_000_000n);
    // Each burst begins with TIM-TP, about the pulse after the one its NAV messages are about.
    const isPulse = (time: TimeOfDay | undefined): boolean => time?.source === 'TIM-TP';
    const pairs = times.flatMap((time, index) => (isPulse(time) ? [since(time.second, times[index + 1]!.second)] : []));
    assert.deepEqual(new Set(pairs), new Set([1_000_000_000n]));
    // From the 31st epoch on srcOfCurrLs is 255 in this recording, so nothing labelled in UTC is believed any more.
    assert.equal(pairs.length, 30);
    assert.deepEqual(new Set(refusals.map((refusal) => refusal.code)), new Set(['leap-source-unproven']));
  },
);

function logsMissing(): string | false {
  try {
    readFileSync(new URL('../../../../shared/gnss-logs/SHA256SUMS', import.meta.url));
    return false;
  } catch {
    return 'no recordings: ../shared/gnss-logs is missing';
  }
}

function readLog(
  name: string,
  plausibleFrom: TimeOfDayRules['plausibleFrom'],
): { times: TimeOfDay[]; refusals: TimeRefusal[] } {
  const state = new ReceiverState();
  const times: TimeOfDay[] = [];
  const refusals: TimeRefusal[] = [];
  const decoder = new GnssDecoder((received) => {
    state.observe(received);
    const time = timeOfDayOf(received, state, { ...RULES, plausibleFrom, utcSettling: ZERO });
    if (time?.kind === 'time-of-day') times.push(time);
    else if (time !== undefined) refusals.push(time);
  });
  decoder.push(readFileSync(new URL(`../../../../shared/gnss-logs/${name}.log`, import.meta.url)), monoInstant(0n));
  decoder.end();
  return { times, refusals };
}
