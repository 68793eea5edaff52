/** Events over a real connection: replay, live, filtered, a gap that is said, a slow follower that is dropped and told why. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { EventLog } from '../../../src/agent/event-log.ts';
import { CODES } from '../../../src/core/codes.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant, nanos, taiInstant } from '../../../src/core/time/nanos.ts';
import { EVENT_KINDS } from '../../../src/io/api/render-event.ts';
import { ApiCounts } from '../../../src/io/api/api-counts.ts';
import { buildApi } from '../../../src/io/api/server.ts';
import { listen } from '../../../src/io/api/listen.ts';
import type { AgentEvent } from '../../../src/ports/event-log.ts';
import type { AgentView } from '../../../src/ports/view.ts';
import { EventReader, type Frame } from './event-reader.ts';

const RUN = '0badcafe';
const NOBODY = {} as AgentView;
const LOCAL = { host: '127.0.0.1:1' };

/** One of each kind: the record makes the compiler ask for a new one. */
const ONE_OF_EACH: { readonly [Kind in AgentEvent['kind']]: Extract<AgentEvent, { kind: Kind }> } = {
  'clock-changed': { kind: 'clock-changed', from: 'acquiring', to: 'locked', code: 'clock-locked' },
  'attesting-changed': { kind: 'attesting-changed', code: undefined },
  warned: { kind: 'warned', code: 'leap-table-expiring' },
  'source-judged': {
    kind: 'source-judged',
    source: 'card0',
    from: undefined,
    to: 'falseticker',
    code: 'source-falseticker',
  },
  'presence-changed': { kind: 'presence-changed', source: 'gnss0', present: false, code: 'receiver-silent' },
  'statement-committed': {
    kind: 'statement-committed',
    seq: 12n,
    id: new Uint8Array(32).fill(3),
    statement: 'heartbeat',
    tai: taiInstant(1_795_000_000_123_456_789n),
    guarantee: nanos(85n),
  },
  'commit-refused': { kind: 'commit-refused', code: 'disk-full', detail: 'no space' },
  'alert-changed': {
    kind: 'alert-changed',
    code: 'alert-drift-high',
    severity: 'critical',
    source: undefined,
    isRaised: true,
    value: 1.7e-6,
    unit: 'seconds',
  },
  'peer-joined': { kind: 'peer-joined', peer: '12D3', kid: new Uint8Array(8) },
  'peer-left': { kind: 'peer-left', peer: '12D3', kid: undefined, code: 'peer-banned' },
  'fault-found': { kind: 'fault-found', code: 'peer-banned', kid: new Uint8Array(8), detail: 'd' },
  'subjects-final': { kind: 'subjects-final', first: 7n, count: 3 },
};
const warning = ONE_OF_EACH.warned;

async function served(t: TestContext) {
  const problems: string[] = [];
  const log = new EventLog({
    run: RUN,
    now: () => monoInstant(7n),
    hostUtcMs: () => 1_795_000_000_000,
    soon: (wake) => void setImmediate(wake),
  });
  const counts = new ApiCounts();
  const app = await buildApi(NOBODY, {
    log: { write: (_level, message) => problems.push(message) },
    version: '1',
    events: log,
    counts,
  });
  const listening = await listen(app, { socketPath: undefined, port: 0 });
  let isOpen = true;
  const close = async (): Promise<void> => {
    if (isOpen) await listening.close();
    isOpen = false;
  };
  t.after(close);
  const readers: EventReader[] = [];
  const follow = async (query = '', headers: Record<string, string> = {}): Promise<EventReader> => {
    const reader = await EventReader.open(`${listening.addresses.url}/v1/events${query}`, headers);
    readers.push(reader);
    return reader;
  };
  t.after(() => {
    for (const reader of readers) reader.close();
  });
  return { app, counts, log, follow, close, problems };
}

const withEvents = (count: number) => (frames: readonly Frame[]) =>
  frames.filter(({ id }) => id !== undefined).length >= count;
const idsOf = (frames: readonly Frame[]) => frames.flatMap(({ id }) => id ?? []);

test('a follower sees what happens after it came, and can resume from any id', async (t) => {
  const { log, follow } = await served(t);
  log.tell(warning);
  const live = await follow();
  assert.equal(live.headers['content-type'], 'text/event-stream; charset=utf-8');
  assert.equal(live.headers['cache-control'], 'no-store');
  const [start] = await live.until((frames) => frames.length > 0);
  assert.deepEqual(start, { event: 'start', id: undefined, data: { run: RUN, newest: `${RUN}-1` } });
  log.tell(ONE_OF_EACH['statement-committed']);
  log.tell(ONE_OF_EACH['clock-changed']);
  assert.deepEqual(idsOf(await live.until(withEvents(2))), [`${RUN}-2`, `${RUN}-3`]);
  const statement = live.frames.find(({ event }) => event === 'statement-committed')!;
  assert.deepEqual(statement.data, {
    id: `${RUN}-2`,
    kind: 'statement-committed',
    at_mono_ns: '7',
    host_utc: '2026-11-18T11:06:40.000Z',
    seq: '12',
    statement_id: '03'.repeat(32),
    statement_kind: 'heartbeat',
    tai_ns: '1795000000123456789',
    guarantee_ns: '85',
  });

  const resumed = await follow('?from=0', { 'last-event-id': `${RUN}-1` });
  assert.deepEqual(idsOf(await resumed.until(withEvents(2))), [`${RUN}-2`, `${RUN}-3`], 'the header is newer');
  const all = await follow('?from=0');
  assert.deepEqual(idsOf(await all.until(withEvents(3))), [`${RUN}-1`, `${RUN}-2`, `${RUN}-3`]);
  assert.ok(all.frames.every(({ event }) => event !== 'reset'));
  const changes = await follow('?from=0&kinds=warned,clock-changed');
  assert.deepEqual(idsOf(await changes.until(withEvents(2))), [`${RUN}-1`, `${RUN}-3`]);
});

test('an id of another run, of the future or forgotten leads to a reset, and then to everything there is', async (t) => {
  const { log, follow } = await served(t);
  log.tell(warning);
  for (const asked of ['11111111-1', `${RUN}-99`, 'nonsense']) {
    const reader = await follow('', { 'last-event-id': asked });
    const frames = await reader.until(withEvents(1));
    assert.deepEqual(
      frames.map(({ event }) => event),
      ['start', 'reset', 'warned'],
      asked,
    );
    assert.equal(frames[1]!.data['code'], 'api-events-forgotten');
  }
  for (let i = 0; i <= LIMITS.eventsChangesMax; i++) log.tell(warning);
  const late = await follow(`?from=${RUN}-1`);
  const frames = await late.until(withEvents(LIMITS.eventsChangesMax));
  assert.equal(frames.filter(({ event }) => event === 'reset').length, 1, 'told once');
  assert.equal(frames[1]!.event, 'reset');
});

test('every kind of event is told as its schema says, live and in pages', async (t) => {
  const { app, log, follow, problems } = await served(t);
  const live = await follow();
  for (const event of Object.values(ONE_OF_EACH)) log.tell(event);
  const frames = await live.until(withEvents(EVENT_KINDS.length));
  const answer = await app.inject({ url: '/v1/events/recent?limit=50', headers: LOCAL });
  assert.equal(answer.statusCode, 200, answer.body);
  const page = answer.json<{ events: Record<string, unknown>[]; forgotten: boolean; next: string; newest: string }>();
  assert.deepEqual(
    page.events,
    frames.filter(({ id }) => id !== undefined).map(({ data }) => data),
    'the schema of the page drops nothing',
  );
  assert.deepEqual(page.events.map(({ kind }) => kind).sort(), [...EVENT_KINDS].sort());
  assert.deepEqual([page.forgotten, page.next, page.newest], [false, `${RUN}-12`, `${RUN}-12`]);
  const second = await app.inject({ url: `/v1/events/recent?from=${RUN}-10&limit=1`, headers: LOCAL });
  assert.equal(second.json<{ next: string }>().next, `${RUN}-11`);
  const other = await app.inject({ url: '/v1/events/recent?from=11111111-4', headers: LOCAL });
  assert.equal(other.json<{ forgotten: boolean }>().forgotten, true);
  assert.deepEqual(problems, []);
});

test('a follower that does not read is told why and dropped; the others go on', async (t) => {
  const { log, follow } = await served(t);
  const [slow, quick] = [await follow(), await follow()];
  slow.pause();
  const detail = 'x'.repeat(8_000);
  const total = LIMITS.apiEventBacklogMax * 2;
  for (let told = 0; told < total; told += 64) {
    for (let i = 0; i < 64; i++) log.tell({ kind: 'commit-refused', code: 'disk-full', detail });
    await quick.until(withEvents(told + 64));
  }
  slow.resume();
  const frames = await slow.until((all) => all.some(({ event }) => event === 'end'));
  assert.equal(frames.at(-1)!.data['code'], 'api-follower-slow');
  await slow.ended();
  assert.ok(idsOf(frames).length < total, `${idsOf(frames).length} of ${total}`);
  log.tell(warning);
  assert.equal((await quick.until(withEvents(total + 1))).at(-1)!.event, 'warned');
});

test('no more than so many follow, and a place is free again when one leaves', async (t) => {
  const { app, counts, follow } = await served(t);
  const first = await follow();
  await Promise.all(Array.from({ length: LIMITS.apiEventClientsMax - 1 }, () => follow()));
  const refused = await app.inject({ url: '/v1/events', headers: LOCAL });
  assert.equal(refused.statusCode, 503);
  assert.equal(refused.json<{ code: string }>().code, 'api-too-many-followers');
  assert.equal(refused.headers['retry-after'], '10');
  assert.deepEqual([counts.followers, counts.refusedFor('api-too-many-followers')], [LIMITS.apiEventClientsMax, 1]);
  first.close();
  await first.ended();
  // The server learns of it by its own end of the connection: asked until it has.
  for (;;) {
    const next = await follow();
    if (next.status === 200) break;
  }
  assert.equal(counts.followers, LIMITS.apiEventClientsMax, 'whoever left is not counted');
});

test('when the agent stops, every follower is told and let go', async (t) => {
  const { follow, close } = await served(t);
  const reader = await follow();
  await reader.until((frames) => frames.length > 0);
  await close();
  await reader.ended();
  assert.equal(reader.frames.at(-1)!.data['code'], 'api-stopping');
  assert.ok('api-stopping' in CODES);
});

test('on the unix socket too', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'momentd-events-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const socketPath = join(folder, 'api.sock');
  const log = new EventLog({
    run: RUN,
    now: () => monoInstant(7n),
    hostUtcMs: () => 0,
    soon: (wake) => void setImmediate(wake),
  });
  const app = await buildApi(NOBODY, { log: { write: () => undefined }, version: '1', events: log });
  const listening = await listen(app, { socketPath, port: undefined });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ socketPath, path: '/v1/events', headers: { host: 'localhost' } }, resolve)
      .on('error', reject)
      .end();
  });
  let text = '';
  response.setEncoding('utf8').on('data', (more: string) => (text += more));
  response.on('error', () => undefined);
  const closed = new Promise((resolve) => response.once('close', resolve));
  await listening.close();
  await closed;
  assert.match(text, /^event: end\ndata: \{"code":"api-stopping"/m);
});

test('what is no id and no kind is refused', async (t) => {
  const { app } = await served(t);
  for (const query of ['from=1', 'from=0badcafe', 'kinds=', 'kinds=all', 'kinds=warned,', 'limit=2']) {
    const answer = await app.inject({ url: `/v1/events?${query}`, headers: LOCAL });
    assert.equal(answer.statusCode, 400, query);
    assert.equal(answer.json<{ code: string }>().code, 'api-bad-request');
  }
  assert.equal((await app.inject({ method: 'HEAD', url: '/v1/events', headers: LOCAL })).statusCode, 404);
});
