/** Devices over the API: everything said arrives, everything unsaid is null, and the host's meters are numbers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostRoute } from '../../../src/io/api/device-routes.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import { hostMeters } from '../../../src/io/host/host-meters.ts';
import { LOCAL, view } from './made-up-view.ts';

const quiet = { log: { write: () => undefined }, version: '1' };
type Row = Record<string, unknown>;

test('sources, receivers and oscillators say all they know, and null for the rest', async (t) => {
  const app = await buildApi(view, quiet);
  t.after(() => app.close());
  const get = async (url: string): Promise<Record<string, Row[]>> => {
    const answer = await app.inject({ url, headers: LOCAL });
    assert.equal(answer.statusCode, 200, answer.body);
    return answer.json();
  };
  const [source, mute] = (await get('/v1/sources'))['sources']!;
  assert.equal(source!['guarantee_ns'], '85');
  assert.equal((source!['budget'] as Row[]).length, 10);
  assert.deepEqual([mute!['guarantee_ns'], mute!['budget'], mute!['phase_ns']], [null, [], null]);

  const [receiver, unheard] = (await get('/v1/receivers'))['receivers']!;
  assert.deepEqual(receiver!['sky'], {
    age_ns: '3',
    satellites: [{ gnss: 'gps', satellite_id: 3, elevation_deg: 40, azimuth_deg: null, cno_db_hz: 44, used: true }],
  });
  assert.deepEqual(receiver!['health'], {
    age_ns: '2',
    fix: '3d',
    time_valid: true,
    tai_utc_s: 37,
    leap_source: 'satellites',
    satellites_used: 12,
    antenna: 'ok',
    jamming: 'none',
    spoofing: null,
  });
  assert.equal((receiver!['radio'] as { blocks: Row[] }).blocks[0]!['block'], null);
  assert.equal(receiver!['believed'], false);
  const { name, believed, ...unsaid } = unheard!;
  assert.deepEqual([name, believed], ['gnss1', true]);
  assert.ok(Object.values(unsaid).every((value) => value === null));

  const [oscillator, plain] = (await get('/v1/oscillator'))['oscillators']!;
  assert.equal(oscillator!['phase_ns'], -3.25);
  assert.deepEqual((oscillator!['card'] as Row)['connectors'], [{ name: 'sma1', use: 'IN: 10Mhz' }]);
  assert.deepEqual(
    [plain!['locked'], plain!['alarms'], plain!['card'], plain!['rate_max_ppt']],
    [null, null, null, '560000'],
  );
});

test('the host’s meters are read when asked', async (t) => {
  const meters = hostMeters(() => Promise.resolve(undefined));
  t.after(() => meters.stop());
  const app = await buildApi(view, { ...quiet, groups: [hostRoute(meters.read)] });
  t.after(() => app.close());
  const answer = await app.inject({ url: '/v1/host', headers: LOCAL });
  assert.equal(answer.statusCode, 200, answer.body);
  const body = answer.json<Row & { process: Row }>();
  assert.equal(body['state_free_bytes'], null);
  assert.ok((body['memory_bytes'] as number) > 0 && (body.process['resident_bytes'] as number) > 1_000_000);
  assert.ok((body.process['loop_busy_share'] as number) >= 0);
});
