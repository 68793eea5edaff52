/**
 * The addon as it was built on this machine: clocks, errors, environments, pseudo terminals. What needs a real /dev/ptp or
 * /dev/pps is in test/hardware.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, readdirSync, readSync, writeSync } from 'node:fs';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import { CLOCK, isNativeError, loadNative, type Native, type NativeError } from '../../src/io/clocks/native.ts';

const load = loadNative();
const skip = load.loaded ? false : 'the native addon is not built: run npm rebuild';
const native = (): Native => {
  assert(load.loaded);
  return load.native;
};
const ignoreEvents = (): void => undefined;

function nativeErrorOf(action: () => unknown): NativeError {
  try {
    action();
  } catch (error) {
    assert(isNativeError(error), String(error));
    return error;
  }
  assert.fail('nothing was thrown');
}

async function rejectionOf(promise: Promise<unknown>): Promise<NativeError> {
  const error: unknown = await promise.then(
    () => assert.fail('the promise was kept'),
    (reason: unknown) => reason,
  );
  assert(isNativeError(error), String(error));
  return error;
}

test('every clock reads as a bigint and does not run back', { skip }, () => {
  for (const clock of Object.values(CLOCK)) {
    const first = native().clockGettime(clock);
    assert.equal(typeof first, 'bigint');
    assert.ok(native().clockGettime(clock) >= first, `clock ${clock}`);
  }
});

test('the fast path agrees with the plain one', { skip }, () => {
  const { scratch } = native();
  const before = native().clockGettime(CLOCK.monotonicRaw);
  assert.equal(native().readClock(CLOCK.monotonicRaw), 0);
  const middle = scratch[0]!;
  const after = native().clockGettime(CLOCK.monotonicRaw);
  assert.ok(before <= middle && middle <= after);
});

test('a bracket holds its reading in order', { skip }, () => {
  const before = native().clockGettime(CLOCK.monotonicRaw);
  assert.equal(native().readBracket(CLOCK.monotonicRaw), 0);
  const [first, reading, last] = native().scratch;
  const after = native().clockGettime(CLOCK.monotonicRaw);
  assert.ok(before <= first! && first! <= reading! && reading! <= last! && last! <= after);
});

test('a clock that does not exist is EINVAL, thrown or returned', { skip }, () => {
  const error = nativeErrorOf(() => native().clockGettime(99));
  assert.deepEqual([error.code, error.errno, error.syscall], ['EINVAL', 22, 'clock_gettime']);
  assert.equal(native().readClock(99), 22);
  assert.equal(native().readBracket(99), 22);
});

test('a clock named by something else than a number is a TypeError', { skip }, () => {
  for (const wrong of [undefined, 'TAI', 1n, null]) {
    assert.throws(() => native().clockGettime(wrong as unknown as number), TypeError);
    assert.throws(() => native().readClock(wrong as unknown as number), TypeError);
    assert.throws(() => native().readBracket(wrong as unknown as number), TypeError);
  }
});

test('adjtimex reads the discipline and agrees with the clocks on TAI-UTC', { skip }, () => {
  const kernel = native().adjtimex();
  assert.ok(kernel.maxerrorUs >= 0n);
  assert.ok(kernel.state >= 0 && kernel.state <= 5);
  // Both clocks are read within this test; whole seconds between them can only be the offset.
  const utc = native().clockGettime(CLOCK.realtime);
  const tai = native().clockGettime(CLOCK.tai);
  assert.equal((tai - utc) / 1_000_000_000n, BigInt(kernel.tai));
});

test('a pseudo terminal carries every byte value unchanged in both directions', { skip }, () => {
  const pty = native().openpty();
  try {
    assert.match(pty.slavePath, /^\/dev\/pts\/\d+$/);
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    for (const [from, to] of [
      [pty.masterFd, pty.slaveFd],
      [pty.slaveFd, pty.masterFd],
    ] as const) {
      assert.equal(writeSync(from, all), all.length);
      const got = Buffer.alloc(0x100);
      let size = 0;
      while (size < all.length) size += readSync(to, got, size, got.length - size, null);
      assert.deepEqual(got, all);
    }
  } finally {
    closeSync(pty.masterFd);
    closeSync(pty.slaveFd);
  }
});

test('a device that is not there is ENOENT with its path, and its handle still closes', { skip }, async () => {
  const phc = new (native().PhcHandle)('/nowhere/ptp0', false, ignoreEvents);
  const pps = new (native().PpsHandle)('/nowhere/pps0', ignoreEvents);
  for (const [handle, path] of [
    [phc, '/nowhere/ptp0'],
    [pps, '/nowhere/pps0'],
  ] as const) {
    const error = await rejectionOf(handle.open());
    assert.deepEqual([error.code, error.syscall, error.path], ['ENOENT', 'open', path]);
    await handle.close();
    await handle.close();
  }
});

test('a file that is no clock answers each question with the errno of its ioctl', { skip }, async () => {
  const phc = new (native().PhcHandle)('/dev/null', true, ignoreEvents);
  await phc.open();
  assert.equal((await rejectionOf(phc.caps())).code, 'ENOTTY');
  assert.equal((await rejectionOf(phc.pin(0))).code, 'ENOTTY');
  assert.equal((await rejectionOf(phc.setPin(0, 1, 0))).code, 'ENOTTY');
  assert.equal((await rejectionOf(phc.extts(0, 3))).code, 'ENOTTY');
  assert.equal((await rejectionOf(phc.mask(0))).code, 'ENOTTY');
  assert.equal((await rejectionOf(phc.enablePps(1))).code, 'ENOTTY');
  const asked = [
    [0, 'ioctl PTP_SYS_OFFSET_PRECISE', 'ENOTTY'],
    [1, 'ioctl PTP_SYS_OFFSET_EXTENDED', 'ENOTTY'],
    [2, 'ioctl PTP_SYS_OFFSET', 'ENOTTY'],
    [3, 'clock_gettime', 'EINVAL'],
  ] as const;
  for (const [method, syscall, code] of asked) {
    const error = await rejectionOf(phc.measure(method, 5, 0));
    assert.deepEqual([error.syscall, error.code, error.path], [syscall, code, '/dev/null']);
  }
  await phc.close();
});

test('a PPS question to a file that is no PPS is ENOTTY', { skip }, async () => {
  const pps = new (native().PpsHandle)('/dev/null', ignoreEvents);
  await pps.open();
  assert.equal((await rejectionOf(pps.caps())).code, 'ENOTTY');
  assert.equal((await rejectionOf(pps.watch(1))).code, 'ENOTTY');
  await pps.close();
});

test('sample counts outside 1 to 25 are EINVAL before the kernel is asked', { skip }, async () => {
  const phc = new (native().PhcHandle)('/dev/null', false, ignoreEvents);
  await phc.open();
  for (const samples of [0, 26, 4_294_967_295]) {
    assert.equal((await rejectionOf(phc.measure(1, samples, 0))).code, 'EINVAL');
  }
  await phc.close();
});

test('a question before open is EBADF, after close EAGAIN', { skip }, async () => {
  const phc = new (native().PhcHandle)('/dev/null', false, ignoreEvents);
  assert.equal((await rejectionOf(phc.caps())).code, 'EBADF');
  await phc.close();
  assert.equal((await rejectionOf(phc.caps())).code, 'EAGAIN');
});

test('a seventeenth waiting question is refused, the sixteen before it are answered', { skip }, async () => {
  const phc = new (native().PhcHandle)('/dev/null', false, ignoreEvents);
  // The thread may already have taken some, so more than sixteen are put: at least one must be refused or all answered,
  // and none may stay pending.
  const asked = Array.from({ length: 2_000 }, () => rejectionOf(phc.caps()));
  const codes = new Set((await Promise.all(asked)).map((error) => error.code));
  codes.delete('EBADF');
  codes.delete('EAGAIN');
  assert.deepEqual([...codes], []);
  await phc.close();
});

test('handles made with wrong arguments are TypeErrors', { skip }, () => {
  const Phc = native().PhcHandle as unknown as new (...args: unknown[]) => unknown;
  const Pps = native().PpsHandle as unknown as new (...args: unknown[]) => unknown;
  for (const args of [[], ['/dev/null'], [1, false, ignoreEvents], ['/dev/null', 0, ignoreEvents]]) {
    assert.throws(() => new Phc(...args), TypeError);
  }
  for (const args of [[], ['/dev/null'], [1, ignoreEvents]]) assert.throws(() => new Pps(...args), TypeError);
});

test(
  'each worker thread has its own scratch, and one that is terminated takes its device threads along',
  { skip },
  async () => {
    assert(load.loaded);
    const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const native = require(workerData);
    const phc = new native.PhcHandle('/dev/null', false, () => {});
    const pps = new native.PpsHandle('/dev/null', () => {});
    phc.open().then(() => pps.open()).then(() => {
      native.readClock(4);
      parentPort.postMessage(native.scratch[0]);
    });
    setInterval(() => {}, 1000);
  `;
    native().scratch[0] = 7n;
    const workers = Array.from({ length: 4 }, () => new Worker(source, { eval: true, workerData: load.path }));
    const readings = await Promise.all(
      workers.map((worker) => new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))),
    );
    for (const reading of readings) assert.ok(typeof reading === 'bigint' && reading > 7n);
    assert.equal(native().scratch[0], 7n);
    // Terminating while the device threads wait must neither hang nor crash this process.
    const codes = await Promise.all(workers.map((worker) => worker.terminate()));
    assert.deepEqual(codes, [1, 1, 1, 1]);
  },
);

test('descriptors and threads are given back, two hundred times', { skip }, async () => {
  const cycle = async (): Promise<void> => {
    const phc = new (native().PhcHandle)('/dev/null', false, ignoreEvents);
    const pps = new (native().PpsHandle)('/dev/null', ignoreEvents);
    await Promise.all([phc.open(), pps.open()]);
    await Promise.all([phc.close(), pps.close()]);
  };
  await cycle();
  const count = (): readonly number[] =>
    ['/proc/self/fd', '/proc/self/task'].map((folder) => readdirSync(folder).length);
  const before = count();
  for (let i = 0; i < 200; i++) await cycle();
  assert.deepEqual(count(), before);
});

test('a worker that ends by itself with its handles open takes them along', { skip }, async () => {
  assert(load.loaded);
  const source = `
    const native = require(require('node:worker_threads').workerData);
    const phc = new native.PhcHandle('/dev/null', false, () => {});
    const pps = new native.PpsHandle('/dev/null', () => {});
    Promise.all([phc.open(), pps.open()]).then(() => process.exit(7));
  `;
  for (let i = 0; i < 5; i++) {
    const worker = new Worker(source, { eval: true, workerData: load.path });
    const [code] = (await once(worker, 'exit')) as [number];
    assert.equal(code, 7);
  }
});

test('a worker that is terminated while answers are on their way takes nobody along', { skip }, async () => {
  assert(load.loaded);
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const native = require(workerData);
    const phc = new native.PhcHandle('/dev/null', false, () => {});
    const ask = () => phc.caps().catch(() => {}).then(ask);
    phc.open().then(() => { parentPort.postMessage(1); for (let i = 0; i < 8; i++) ask(); });
  `;
  for (let i = 0; i < 20; i++) {
    const worker: Worker = new Worker(source, { eval: true, workerData: load.path });
    await once(worker, 'message');
    assert.equal(await worker.terminate(), 1);
  }
});
