/** One who follows, as its faces see it: no time by code, no statement, a beat for whoever watches, and no alert for its role. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AlertWatch } from '../../src/agent/alert-watch.ts';
import { Observer } from '../../src/agent/observer.ts';
import { BUILT_IN_LEAP_TABLE } from '../../src/core/time/leap-seconds.ts';
import { micros, seconds, taiInstant } from '../../src/core/time/nanos.ts';
import { THRESHOLDS } from '../core/alerts/made-up-facts.ts';
import { ManualHost, ManualTimers, NETWORK } from './harness.ts';

test('an observer says by code that it tells no time, and never alerts for that', async () => {
  const host = new ManualHost();
  const timers = new ManualTimers();
  const lines: string[] = [];
  const observer = new Observer(
    {
      role: 'observer',
      host,
      timers,
      identity: {
        version: '1',
        network: { name: 'net', id: NETWORK },
        validator: { publicKey: new Uint8Array(32), kid: new Uint8Array(8) },
        genesis: Uint8Array.of(1),
      },
      leapTable: BUILT_IN_LEAP_TABLE,
      limit: micros(10),
      onBeat: (line) => lines.push(line),
    },
    { beatEvery: seconds(1) },
  );
  const alerts = new AlertWatch(
    {
      view: observer,
      network: undefined,
      host,
      timers,
      log: { write: () => undefined },
      events: { tell: () => undefined },
      coarseNow: () => taiInstant(1_800_000_000_000_000_000n),
      freeBytes: () => Promise.resolve(1e12),
    },
    THRESHOLDS,
  );
  const pass = (): void => {
    host.pass(seconds(1));
    timers.beat();
  };
  let woken = 0;
  const leave = observer.watchBeats(() => (woken += 1));
  observer.start();
  observer.start();
  alerts.start();
  for (let i = 0; i < 180; i++) pass();
  leave();
  pass();
  observer.stop();
  pass();

  assert.equal(observer.meters().beats, 181);
  assert.equal(woken, 180);
  assert.deepEqual(new Set(lines), new Set(['observer: follows the network, signs nothing']));
  const { role, time, attesting, lane } = observer.status();
  assert.deepEqual(
    [role, time.earliest, time.reason.code, attesting.reason?.code, lane.size],
    ['observer', undefined, 'role-observer', 'role-observer', 0n],
  );
  assert.equal(observer.interval(), undefined);
  assert.deepEqual(await observer.statements(), []);
  const { active, standings } = alerts.alerts();
  assert.deepEqual(
    active.map(({ rule }) => rule.code),
    [],
  );
  assert.ok(standings.length > 0, 'the rules were looked at all the same');
  alerts.stop();
});
