/** A made-up agent for tests of the API: everything is there, and each part can be another. */

import { BUDGET_TERMS, budgetFrom } from '../../../src/core/clock/budget.ts';
import { monoInstant, nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { ppt } from '../../../src/core/time/rate.ts';
import type { DevicesView } from '../../../src/ports/device-view.ts';
import type { AgentView, StatementView, TimeView } from '../../../src/ports/view.ts';

export const NOW = 1_795_000_000_123_456_789n;
export const LANE_SIZE = 250n;
/** What every request from this machine says. */
export const LOCAL = { host: '127.0.0.1:1' };

export const reason = { code: 'addon-not-loaded', sentence: 'it is so', remedy: 'change it' } as const;
const digest = (fill: number) => new Uint8Array(32).fill(fill);

export const time: TimeView = {
  asOf: monoInstant(5n),
  state: 'locked',
  reason,
  earliest: taiInstant(NOW - 85n),
  latest: taiInstant(NOW + 85n),
  guarantee: nanos(85n),
  uncertainty: undefined,
  taiUtcSeconds: 37,
  nanoMoment: NOW - 37_000_000_000n,
};

/** Without an interval, and why. */
export const noTime: TimeView = {
  ...time,
  state: 'acquiring',
  earliest: undefined,
  latest: undefined,
  guarantee: undefined,
  taiUtcSeconds: undefined,
  nanoMoment: undefined,
};

const statement = (seq: bigint): StatementView => ({
  seq,
  id: digest(1),
  bytes: Uint8Array.of(0xd2, 0x84),
  earliest: taiInstant(NOW),
  latest: taiInstant(NOW + 1n),
  kind: 'heartbeat',
  taiUtcSeconds: 37,
  evidence: digest(9),
});

const source = {
  name: 's',
  kind: 'sim',
  cause: 'c',
  verdict: 'truechimer',
  reason: undefined,
  earliest: undefined,
  latest: undefined,
} as const;

/** One of everything, said in full; beside each, one that said nothing. */
export const devices: DevicesView = {
  sources: () => [
    {
      ...source,
      reference: 'gnss0',
      guarantee: nanos(85n),
      uncertainty: nanos(40n),
      budget: BUDGET_TERMS.map((term) => ({ term, nanos: nanos(1n) })),
      isSetter: true,
      readingAge: nanos(7n),
      phase: nanos(-3n),
    },
    {
      ...source,
      name: 'silent',
      reason,
      reference: undefined,
      guarantee: undefined,
      uncertainty: undefined,
      budget: [],
      isSetter: false,
      readingAge: undefined,
      phase: undefined,
    },
  ],
  receivers: () => [
    {
      name: 'gnss0',
      distrust: reason,
      presence: { value: { present: true, reason }, age: nanos(1n) },
      health: {
        value: {
          kind: 'health',
          reference: 'gnss0',
          at: monoInstant(1n),
          fix: '3d',
          timeValid: true,
          taiUtcSeconds: 37,
          leapSource: 'satellites',
          satellitesUsed: 12,
          antenna: 'ok',
          jamming: 'none',
          spoofing: undefined,
        },
        age: nanos(2n),
      },
      telemetry: {
        satellites: {
          value: [
            {
              gnss: 'gps',
              satelliteId: 3,
              elevationDegrees: 40,
              azimuthDegrees: undefined,
              cnoDbHz: 44,
              isUsed: true,
            },
          ],
          age: nanos(3n),
        },
        radio: {
          value: [
            {
              blockId: undefined,
              jamming: 'none',
              antenna: 'ok',
              antennaPower: 'on',
              noisePerMs: 80,
              agcCount: 5_000,
              jammingIndicator: 9,
            },
          ],
          age: nanos(4n),
        },
        make: { software: 'sw', hardware: 'hw', extensions: ['MOD=X'] },
        ownAccuracyNs: 12,
        problem: { code: 'receiver-silent', detail: 'd', age: nanos(5n) },
      },
    },
    { name: 'gnss1', distrust: undefined, presence: undefined, health: undefined, telemetry: undefined },
  ],
  oscillators: () => [
    {
      source: 's',
      oscillator: 'rb',
      rateMax: ppt(15n),
      agingPerDayMax: ppt(2n),
      rateLearned: ppt(7n),
      lock: { value: { locked: true, temperatureMilliC: 41_000 }, age: nanos(6n) },
      told: { disciplineLocked: false, phaseNs: -3.25, alarms: ['TEMP'] },
      card: {
        name: 'ocp0',
        serial: undefined,
        clockSource: 'PPS',
        pulse: 'sync',
        servoOffsetNs: -2,
        servoDrift: 1,
        utcTaiOffsetSeconds: 37,
        connectors: [{ name: 'sma1', use: 'IN: 10Mhz' }],
      },
    },
    {
      source: 'silent',
      oscillator: 'tcxo',
      rateMax: ppt(560_000n),
      agingPerDayMax: ppt(3_000n),
      rateLearned: undefined,
      lock: undefined,
      told: undefined,
      card: undefined,
    },
  ],
};

export const view: AgentView = {
  genesis: Uint8Array.of(0xa0),
  now: () => time,
  watchBeats: () => () => undefined,
  devices,
  status: () => ({
    version: '1.2.3',
    startedAt: monoInstant(1n),
    bootId: 'boot',
    network: { name: 'test', id: digest(2) },
    role: 'validator',
    validator: { publicKey: digest(3), kid: new Uint8Array(8) },
    time,
    budget: [{ term: 'floor', nanos: nanos(85n) }],
    secondsUntilLimit: undefined,
    assumptions: ['one'],
    estimate: { asOf: monoInstant(4n), earliest: taiInstant(NOW - 80n), latest: undefined },
    sources: [source],
    identity: digest(7),
    attesting: { since: monoInstant(1n), reason: undefined },
    lane: { size: LANE_SIZE, lastTai: taiInstant(NOW), lastId: digest(1) },
    inbox: { waiting: 0, waitingMax: 4096, dropped: 0 },
    simulated: true,
  }),
  statements: (from, limit) =>
    Promise.resolve(
      Array.from({ length: limit }, (_, i) => from + BigInt(i))
        .filter((seq) => seq < LANE_SIZE)
        .map(statement),
    ),
  drift: (span, pointsMax) => ({
    length: nanos(1_000_000_000n),
    isTruncated: false,
    points: [
      {
        from: taiInstant(NOW),
        length: nanos(1_000_000_000n),
        samples: pointsMax,
        refused: 0,
        worst: 'locked',
        offset: { least: nanos(-3n), greatest: nanos(5n), mean: nanos(1n), count: 2 },
        frequency: undefined,
        guarantee: { least: span, greatest: span, mean: span, count: 1 },
        budget: undefined,
        states: { acquiring: 0, locked: 7, holdover: 0, unsynchronized: 0, faulted: 0 },
      },
    ],
    stability: [{ tauSeconds: 1, factor: 1, adev: 0.5, oadev: 0.5, mdev: 0.5, tdev: 0.3, hdev: undefined, mtie: 2 }],
  }),
  history: (span, pointsMax) => ({
    length: span,
    isTruncated: true,
    points: [
      {
        from: taiInstant(NOW),
        length: span,
        samples: pointsMax,
        refused: 1,
        worst: 'holdover',
        offset: undefined,
        frequency: undefined,
        guarantee: { least: nanos(1n), greatest: nanos(9n), mean: nanos(5n), count: 2 },
        budget: budgetFrom((term) => nanos(term.length)),
        states: { acquiring: 0, locked: 6, holdover: 1, unsynchronized: 0, faulted: 0 },
      },
    ],
  }),
  laneFile: (path) =>
    Promise.resolve(path === 'checkpoint' || path === 'tile/0/000' ? new TextEncoder().encode(path) : undefined),
  identity: Uint8Array.of(0xd2, 7),
  identityRecord: (wanted) => Promise.resolve(wanted[0] === 7 ? Uint8Array.of(0xd2, 6) : undefined),
  evidence: (wanted) => Promise.resolve(wanted[0] === 9 ? Uint8Array.of(1, 2) : undefined),
};
