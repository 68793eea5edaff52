/** What `momentd watch` and `momentd drift` show, and that a terminal, a small window and an agent that goes away are no trouble. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { driftLines, type DriftAnswer } from '../../src/cli/drift.ts';
import { furthest, sparkline, squeezed } from '../../src/cli/spark.ts';
import type { Status } from '../../src/cli/status-answer.ts';
import { fit, inColour, paintFor, plainly } from '../../src/cli/terminal.ts';
import { EventLines } from '../../src/cli/watch/event-follower.ts';
import { frame, lineOf, type Watched } from '../../src/cli/watch/frame.ts';

const PROGRAM = fileURLToPath(new URL('./watch-commands.ts', import.meta.url));

const reason = { code: 'reference-lost', sentence: 'the reference is lost', remedy: 'look at the antenna' };
const locked: Status = {
  version: '0.1.0',
  simulated: true,
  network: { name: 'my-net', id: '00' },
  role: 'validator',
  validator: { kid: '0011223344556677' },
  time: {
    state: 'locked',
    reason: { ...reason, code: 'clock-locked', sentence: 'a trusted reference is followed' },
    earliest: '2026-11-20T12:00:37.000000000 TAI',
    latest: '2026-11-20T12:00:37.000000400 TAI',
    guarantee_ns: '200',
    uncertainty_ns: '40',
    tai_utc_s: 37,
  },
  budget: [
    { term: 'source-accuracy', ns: '150' },
    { term: 'read-bracket', ns: '50' },
    { term: 'floor', ns: '0' },
  ],
  seconds_until_limit: 900,
  sources: [{ name: 'card0', kind: 'sim', verdict: 'truechimer', reason: null }],
  host_identity: null,
  attesting: { signing: true, reason: null },
  lane: { size: '42' },
  inbox: { dropped: 0 },
};
const refusing: Status = {
  ...locked,
  time: { ...locked.time, state: 'unsynchronized', reason, earliest: null, latest: null, guarantee_ns: null },
  sources: [{ name: 'evil\x1b[2J', kind: 'sim', verdict: 'unusable', reason }],
  attesting: { signing: false, reason },
};
const alert = { code: 'alert-holdover', severity: 'critical', source: 'card0', sentence: 'coasting', state: 'firing' };
const watched: Watched = {
  address: 'a',
  status: locked,
  alerts: [],
  lost: undefined,
  guarantees: [200, 210, undefined, 190],
  growth: 1,
};

test('the frame says state, reason, interval, budget and growth, and refusals with their remedy', () => {
  const text = frame(watched, { columns: 120, rows: 40, paint: plainly }).join('\n');
  for (const part of [
    'locked: a trusted reference',
    'SIMULATED TIME',
    '42 statements, 1.00 a second',
    '±200 ns',
    'no alerts',
  ])
    assert.ok(text.includes(part), part);
  assert.match(text, /150 ns {2}source-accuracy {4}█{38}/);
  assert.doesNotMatch(text, /floor/, 'a term of nothing takes no line');
  const refusal = frame(
    { ...watched, status: refusing, alerts: [alert, { ...alert, code: 'alert-flapping', state: 'pending' }] },
    { columns: 120, rows: 40, paint: plainly },
  ).join('\n');
  assert.match(refusal, /signing {4}no: the reference is lost \(reference-lost\)\nremedy {5}look at the antenna/);
  assert.match(refusal, /CRITICAL alert-holdover coasting \(card0\)/);
  assert.match(refusal, /pending alert-flapping if it lasts: coasting \(card0\)/, 'what is pending is no news yet');
  assert.ok(!refusal.includes('\x1b'), 'a terminal obeys nobody but us');
});

test('law of the window: never wider, never higher than there is room, and the foot stays', () => {
  for (const status of [locked, refusing, undefined])
    for (const lost of [undefined, 'connect ECONNREFUSED'])
      for (const columns of [1, 20, 79, 200])
        for (const rows of [1, 2, 5, 50]) {
          const lines = frame({ ...watched, status, lost }, { columns, rows, paint: inColour });
          assert.ok(lines.length <= rows, `${lines.length} lines in ${rows}`);
          for (const line of lines) assert.ok(line.replace(/\x1b\[[0-9;]*m/g, '').length <= columns, line);
          assert.match(lines.at(-1)!, /q|…/);
        }
});

test('colour is for terminals, and NO_COLOR is heard', () => {
  assert.equal(paintFor({ isTTY: true }, {})('bad', 'x'), '\x1b[31mx\x1b[0m');
  assert.equal(paintFor({ isTTY: false }, {})('bad', 'x'), 'x');
  assert.equal(paintFor({ isTTY: true }, { NO_COLOR: '1' })('bad', 'x'), 'x');
  assert.equal(paintFor({ isTTY: true }, { NO_COLOR: '' })('bad', 'x'), '\x1b[31mx\x1b[0m', 'empty is not set');
  assert.equal(fit('\x1b[31mabcdef\x1b[0m', 4), '\x1b[31mabc\x1b[0m…');
});

test('one line tells it to a pipe', () => {
  assert.match(lineOf(watched), /^locked \(clock-locked\), 2026.* ±200 ns, statement 42$/);
  assert.match(
    lineOf({ ...watched, status: refusing }),
    /^unsynchronized .* no interval, not signing: the reference is lost/,
  );
  assert.equal(lineOf({ ...watched, lost: 'nobody\nthere' }), 'not reached: nobody?there');
});

test('a line of blocks spans its values and keeps extremes when it is squeezed', () => {
  assert.equal(sparkline([1, undefined, 8, 4]), '▁ █▄');
  assert.equal(sparkline([5, 5]), '▁▁');
  assert.equal(sparkline([]), '');
  assert.deepEqual(squeezed([1, -9, 2, 3, undefined, 4], 3, furthest), [-9, 3, 4]);
  assert.deepEqual(squeezed([1], 3, furthest), [1]);
});

test('drift shows a hole as a hole, and the worst state of what it puts together', () => {
  const summary = (mean: number) => ({
    least: String(mean - 1),
    greatest: String(mean + 1),
    mean: String(mean),
    count: 1,
  });
  const point = (second: number, state: string) => ({
    from_tai_ns: `${second}000000000`,
    samples: 1,
    refused: 0,
    worst_state: state,
    offset_ns: summary(second),
    frequency_ppt: null,
    guarantee_ns: summary(200),
  });
  const answer: DriftAnswer = {
    bucket_ns: '1000000000',
    truncated: false,
    points: [point(1, 'locked'), point(2, 'holdover'), point(5, 'faulted')],
    stability: [{ tau_s: 1, adev_ppb: 1.5, oadev_ppb: 1.5, mdev_ppb: null, tdev_ns: null, mtie_ns: 2 }],
  };
  const text = driftLines(answer, { columns: 100, paint: plainly }).join('\n');
  assert.match(text, /^offset +▁▃ {2}█$/m);
  assert.match(text, /^ +0 ns to 6 ns$/m);
  assert.match(text, /^frequency +not measured$/m);
  assert.match(text, /^state +━╌ {2}F$/m);
  assert.match(text, /^ +1 +1\.500 +1\.500 +2\.000$/m);
  assert.deepEqual(driftLines({ ...answer, points: [] }, { columns: 80, paint: plainly }), [
    'nothing was measured in that span',
  ]);
});

test('events are told by name however the stream is cut, and an endless line is not kept', () => {
  const kinds: string[] = [];
  const lines = new EventLines((kind) => kinds.push(kind));
  const text = ': hello\n\nid: 1\nevent: clock-changed\ndata: {}\n\ndata: {}\n\nevent: nothing\n\n';
  for (const mark of text) lines.take(mark);
  lines.take('data: '.padEnd(1_000_000, 'x'));
  lines.take('\n\n');
  assert.deepEqual(kinds, ['clock-changed', 'message', 'message']);
});

/** An agent that says what the test wants and can go away. */
async function agent(
  t: TestContext,
  port = 0,
): Promise<{ server: Server; address: string; say: (status: Status) => void }> {
  let status = locked;
  const followers = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    if (request.url === '/v1/status') return void response.end(JSON.stringify(status));
    if (request.url !== '/v1/events') return void response.writeHead(404).end('{}');
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
    followers.add(response);
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => close(server));
  return {
    server,
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    say: (next) => {
      status = next;
      for (const response of followers) response.write('event: clock-changed\ndata: {}\n\n');
    },
  };
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  if (server.listening) await new Promise((resolve) => server.close(resolve));
}

test('in a pipe a line comes at each change, and an agent that goes away is missed and found again', async (t) => {
  const first = await agent(t);
  const child = spawn(process.execPath, [PROGRAM, 'watch', '--api', first.address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value!;
  assert.match(await next(), /^locked /);
  first.say(refusing);
  assert.match(await next(), /^unsynchronized .*not signing/);
  const port = Number(new URL(first.address).port);
  await close(first.server);
  assert.match(await next(), /^not reached: /);
  await agent(t, port);
  assert.match(await next(), /^locked /);
  child.kill('SIGINT');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

/** A terminal of python's, told what to wait for and what to type then. */
const TERMINAL = `
import fcntl, os, pty, re, signal, struct, sys, termios
program, steps = sys.argv[1:4], sys.argv[4:]
pid, fd = pty.fork()
if pid == 0: os.execv(program[0], program + ['watch', '--api', os.environ['WATCHED']])
def resize(rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0)); os.kill(pid, signal.SIGWINCH)
resize(30, 100)
seen = b''
for step in steps:
    pattern, action = step.split('=>')
    while re.search(pattern.encode(), seen) is None: seen += os.read(fd, 65536)
    print('saw', pattern, flush=True)
    seen = b''
    if action == 'small': resize(5, 20)
    elif action: os.write(fd, action.encode())
try:
    while True: seen += os.read(fd, 65536)
except OSError: pass
print('end', seen.endswith(b'\\x1b[?25h\\x1b[?1049l'), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
`;

test('on a terminal it draws, follows the size of the window, and gives everything back at q', async (t) => {
  const { address } = await agent(t);
  const python = spawn(
    'python3',
    ['-c', TERMINAL, process.execPath, PROGRAM, '--', 'my-net=>small', 'signing.{0,30}…=>q'],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, WATCHED: address, TERM: 'xterm' } },
  );
  t.after(() => python.kill('SIGKILL'));
  const lines: string[] = [];
  for await (const line of createInterface({ input: python.stdout })) lines.push(line);
  assert.deepEqual(lines, ['saw my-net', 'saw signing.{0,30}…', 'end True 0']);
});
