/** The addon's unix datagram against a receiver that is not ours: python's socket module. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { isNativeError, loadNative } from '../../src/io/clocks/native.ts';
import { serviceManager } from '../../src/io/host/sd-notify.ts';

const load = loadNative();

const RECEIVER = `
import socket, sys
name = sys.argv[1]
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(b'\\0' + name[1:].encode() if name.startswith('@') else name)
print('ready', flush=True)
while True:
    data = s.recv(4096)
    print(data.hex(), flush=True)
    if b'STOPPING' in data: break
`;

for (const kind of ['path', 'abstract'] as const) {
  test(
    `a service manager hears us over its ${kind} socket`,
    { skip: !load.loaded && 'the addon is not built' },
    async (t) => {
      assert.ok(load.loaded);
      const directory = await mkdtemp(join(tmpdir(), 'momentd-notify-'));
      t.after(() => rm(directory, { recursive: true }));
      const socket = kind === 'path' ? join(directory, 'notify') : `@momentd-test-${process.pid}`;
      const receiver = spawn('python3', ['-c', RECEIVER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
      const lines = createInterface({ input: receiver.stdout })[Symbol.asyncIterator]();
      assert.equal((await lines.next()).value, 'ready');
      const manager = serviceManager(
        { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '3000000' },
        (path, payload) => load.native.sendUnixDatagram(path, payload),
        77,
      );
      manager.ready('up\nand running');
      manager.watchdogAtLeast(2_999);
      manager.watchdogAtLeast(180_000);
      manager.alive();
      manager.stopping();
      const heard: string[] = [];
      for await (const line of { [Symbol.asyncIterator]: () => lines }) heard.push(Buffer.from(line, 'hex').toString());
      assert.deepEqual(heard, [
        'READY=1\nMAINPID=77\nSTATUS=up and running',
        'WATCHDOG_USEC=180000000',
        'WATCHDOG=1',
        'STOPPING=1',
      ]);
      assert.equal(manager.watchdogPeriodMs, 1_500);
      if (receiver.exitCode === null) await once(receiver, 'exit');
    },
  );
}

test(
  'a socket that is not there is an error with errno and path',
  { skip: !load.loaded && 'the addon is not built' },
  () => {
    assert.ok(load.loaded);
    const { native } = load;
    const isErrno = (code: string) => (error: unknown) => isNativeError(error) && error.code === code;
    assert.throws(() => native.sendUnixDatagram('/nonexistent/notify', new Uint8Array(1)), isErrno('ENOENT'));
    assert.throws(() => native.sendUnixDatagram('x'.repeat(200), new Uint8Array(1)), isErrno('ENAMETOOLONG'));
    assert.throws(() => native.sendUnixDatagram('', new Uint8Array(1)), isErrno('ENAMETOOLONG'));
  },
);

test('without a service manager nothing is sent', () => {
  const manager = serviceManager({}, () => assert.fail('sent'), 1);
  manager.ready('up');
  manager.alive();
  assert.equal(manager.watchdogPeriodMs, undefined);
  assert.equal(
    serviceManager({ WATCHDOG_USEC: '1000000', WATCHDOG_PID: '2' }, undefined, 1).watchdogPeriodMs,
    undefined,
  );
});
