/** A made-up agent whose every number is known, in two states that differ in every number. */

import { AlertBook } from '../../../src/core/alerts/alert-book.ts';
import type { AlertFacts } from '../../../src/core/alerts/facts.ts';
import { alertRules } from '../../../src/core/alerts/rules.ts';
import { CODES, type Code } from '../../../src/core/codes.ts';
import { BUILT_IN_LEAP_TABLE, leapStep } from '../../../src/core/time/leap-seconds.ts';
import { micros, millis, monoInstant, nanos, seconds, taiInstant } from '../../../src/core/time/nanos.ts';
import { ppt } from '../../../src/core/time/rate.ts';
import type { Snapshot } from '../../../src/io/metrics/row.ts';
import type { AlertsState } from '../../../src/ports/alerts-view.ts';
import type { NetworkStatusView } from '../../../src/ports/network-view.ts';
import type { SourceView } from '../../../src/ports/view.ts';
import { at, facts, THRESHOLDS } from '../../core/alerts/made-up-facts.ts';

const reason = (code: Code) => ({ code, ...CODES[code] });
const NOW = 1_795_000_000_123_456_789n;

const source = (name: string, verdict: SourceView['verdict'], code?: Code): SourceView => ({
  name,
  kind: 'timecard',
  cause: name,
  verdict,
  reason: code === undefined ? undefined : reason(code),
  earliest: undefined,
  latest: undefined,
});

/** A book that has looked once at such an agent. */
function alerts(facts: AlertFacts, peersMin: number | undefined): AlertsState {
  const book = new AlertBook(alertRules(THRESHOLDS));
  book.look(at(0), facts);
  const { network } = facts;
  return { asOf: at(0), active: book.active(), past: [], standings: book.standings(), network, peersMin };
}

const items = (faults: number, statements: number, subjects: number, checkpoints: number) => ({
  faults,
  statements,
  subjects,
  checkpoints,
});

const NETWORK: NetworkStatusView = {
  isNetworked: true,
  identity: 'peer',
  addresses: [],
  validators: [],
  self: 0,
  heard: [0, 1, 2],
  peers: 4,
  roundTripMedian: millis(42),
  counters: {
    sentItems: items(1, 200, 30, 4),
    droppedItems: items(0, 5, 6, 7),
    sentBytes: 123_456,
    receivedBytes: 654_321,
    receivedFrames: 321,
    refusedHellos: new Map(),
  },
  inbound: { accepted: 9, refused: new Map() },
  banned: [],
  faults: 2,
  timeAlarms: [],
  features: [],
  health: {
    score: 65,
    deductions: [
      { cause: 'peers', points: 30 },
      { cause: 'drops', points: 5 },
    ],
  },
};

export const LOCKED: Snapshot = {
  status: {
    version: '1.2.3',
    startedAt: monoInstant(1n),
    bootId: 'boot',
    identity: undefined,
    network: { name: 'test', id: new Uint8Array(32) },
    role: 'validator',
    validator: { publicKey: new Uint8Array(32), kid: new Uint8Array(8) },
    time: {
      asOf: monoInstant(5n),
      state: 'locked',
      reason: reason('clock-locked'),
      earliest: taiInstant(NOW - 85n),
      latest: taiInstant(NOW + 85n),
      guarantee: nanos(85n),
      uncertainty: nanos(31n),
      taiUtcSeconds: 37,
      nanoMoment: NOW,
    },
    budget: [
      { term: 'read-bracket', nanos: nanos(60n) },
      { term: 'floor', nanos: nanos(25n) },
    ],
    estimate: undefined,
    secondsUntilLimit: 86_400,
    assumptions: [],
    sources: [source('card0', 'truechimer')],
    attesting: { since: monoInstant(1n), reason: undefined },
    lane: { size: 250n, lastTai: taiInstant(NOW), lastId: undefined },
    inbox: { waiting: 3, waitingMax: 4_096, dropped: 7 },
    simulated: false,
  },
  meters: {
    beats: 260,
    beatsSkipped: 2,
    guarantee: nanos(84n),
    limit: micros(10),
    hostRate: ppt(-12_345_678n),
    dropped: {
      readingsWide: 1,
      readingsStray: 2,
      readingsUntrusted: 3,
      edgesStray: 4,
      edgesUnconfirmed: 5,
      unknownSource: 6,
      unrecordable: 8,
    },
    leapTable: BUILT_IN_LEAP_TABLE,
    sources: [{ name: 'card0', kind: 'timecard', age: millis(125), phase: nanos(-13n) }],
    checkpoint: { age: seconds(9), entriesSince: 9 },
  },
  alerts: alerts(
    facts({
      network: {
        peers: 4,
        latency: millis(42),
        participation: 0.75,
        isOwnTimeApart: false,
        isOrderContradicted: true,
        cosignatureAge: seconds(12),
        finalityWait: millis(1_250),
      },
    }),
    2,
  ),
  network: NETWORK,
  api: { answered: 120, followers: 3, refusedFor: (code) => (code === 'api-rate-limited' ? 0 : 1) },
  process: {
    cpuSeconds: 1.5,
    residentBytes: 100_000_000,
    heapUsedBytes: 20_000_000,
    loopActiveSeconds: 0.75,
    openDescriptors: 33,
  },
  freeBytes: 5_000_000_000,
};

/** Nothing is known that could be unknown, and every count has moved. */
export const LOST: Snapshot = {
  status: {
    ...LOCKED.status,
    version: '1.2.4',
    time: {
      ...LOCKED.status.time,
      state: 'unsynchronized',
      reason: reason('sources-disagree'),
      earliest: undefined,
      latest: undefined,
      guarantee: undefined,
      uncertainty: undefined,
      taiUtcSeconds: undefined,
      nanoMoment: undefined,
    },
    budget: [],
    secondsUntilLimit: undefined,
    sources: [source('card0', 'falseticker', 'source-falseticker')],
    attesting: { since: monoInstant(9n), reason: reason('disk-full') },
    lane: { ...LOCKED.status.lane, size: 251n },
    inbox: { waiting: 4, waitingMax: 8, dropped: 9 },
    simulated: true,
  },
  meters: {
    ...LOCKED.meters,
    beats: 261,
    beatsSkipped: 3,
    guarantee: undefined,
    limit: nanos(2_000_000_001n),
    hostRate: undefined,
    dropped: {
      readingsWide: 11,
      readingsStray: 12,
      readingsUntrusted: 13,
      edgesStray: 14,
      edgesUnconfirmed: 15,
      unknownSource: 16,
      unrecordable: 18,
    },
    leapTable: { ...BUILT_IN_LEAP_TABLE, expires: leapStep(1_830_000_000n, 37).fromTai },
    sources: [{ name: 'card0', kind: 'timecard', age: undefined, phase: undefined }],
    checkpoint: { age: seconds(61), entriesSince: 70 },
  },
  alerts: alerts(facts({ network: undefined, refusal: 'disk-full' }), undefined),
  network: undefined,
  api: { answered: 130, followers: 0, refusedFor: (code) => (code === 'api-rate-limited' ? 2 : 1) },
  process: {
    cpuSeconds: 2.5,
    residentBytes: 100_000_001,
    heapUsedBytes: 20_000_001,
    loopActiveSeconds: 1.25,
    openDescriptors: undefined,
  },
  freeBytes: undefined,
};
