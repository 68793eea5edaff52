/**
 * The addon on this machine's own kernel, with a make-believe /dev/ptp0 below it (test/hardware/rig/phcshim.c, by LD_PRELOAD):
 * errno by errno, call by call. The shim proves nothing about the kernel's interface; test/hardware does.
 */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { loadNative } from '../../src/io/clocks/native.ts';

const hasCompiler = spawnSync('gcc', ['--version']).status === 0;
const skip = !hasCompiler ? 'needs gcc' : !loadNative().loaded ? 'the native addon is not built' : false;
const RIG = join(import.meta.dirname, '..', 'hardware', 'rig');

let root: string;
let shim: string;

before(() => {
  if (skip !== false) return;
  root = mkdtempSync(join(tmpdir(), 'momentd-shim-'));
  shim = join(root, 'phcshim.so');
  execFileSync('gcc', ['-O2', '-shared', '-fPIC', '-o', shim, join(RIG, 'phcshim.c'), '-ldl', '-lpthread']);
});
after(() => {
  if (skip === false) rmSync(root, { recursive: true });
});

type Outcome = {
  readonly kind: string;
  readonly code?: string;
  readonly errno?: string;
  readonly width?: string;
  readonly offset?: string;
};
type Report = {
  readonly open: { readonly code: string; readonly errno: string } | null;
  readonly method: string | null;
  readonly by: Readonly<Record<string, Outcome>>;
};

/** Opens and reads /dev/ptp0 in a process of its own, with the shim's knobs turned beforehand. */
function ask(knobs: Readonly<Record<string, number>>): Report {
  const file = join(root, 'knobs');
  writeFileSync(
    file,
    Object.entries(knobs)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
  );
  const asked = spawnSync(process.execPath, [join(import.meta.dirname, 'ask-phc.ts')], {
    env: { PATH: process.env['PATH'], LD_PRELOAD: shim, PHCSHIM: file },
    encoding: 'utf8',
    timeout: 30_000,
  });
  assert.equal(asked.status, 0, asked.stderr);
  return JSON.parse(asked.stdout) as Report;
}

const METHODS = ['precise', 'extended-raw', 'extended-realtime', 'basic', 'gettime'] as const;

describe('readings', { skip }, () => {
  test('by every call agree with what the shim was told', () => {
    const report = ask({ offset_ns: 37_000_000_000 });
    assert.equal(report.open, null);
    assert.equal(report.method, 'precise');
    for (const method of METHODS) {
      const outcome = report.by[method]!;
      assert.equal(outcome.kind, 'reading', method);
      // Both clocks are read a little apart; a millisecond would still tell TAI from anything else.
      const off = BigInt(outcome.offset!) - 37_000_000_000n;
      assert.ok(off > -1_000_000_000n && off < 1_000_000_000n, `${method} is ${off} ns off`);
    }
  });

  test('are as wide as the driver is slow', () => {
    const report = ask({ delay_ns: 300_000 });
    for (const method of METHODS.slice(1)) assert.ok(BigInt(report.by[method]!.width!) >= 300_000n, method);
  });

  test('on a kernel before 6.12 do without raw stamps', () => {
    const report = ask({ rawclock: 0, precise: 0 });
    assert.equal(report.by['extended-raw']!.errno, 'EINVAL');
    assert.ok(['extended-realtime', 'basic', 'gettime'].includes(report.method!), report.method ?? 'none');
  });

  test('on a driver without the extended call do without it', () => {
    const report = ask({ extended: 0, precise: 0 });
    for (const method of ['precise', 'extended-raw', 'extended-realtime'])
      assert.deepEqual([report.by[method]!.code, report.by[method]!.errno], ['device-unsupported', 'EOPNOTSUPP']);
    assert.ok(['basic', 'gettime'].includes(report.method!));
  });
});

describe('errnos of reading', { skip }, () => {
  const cases = [
    [5, 'EIO', 'device-io-error'],
    [6, 'ENXIO', 'device-absent'],
    [16, 'EBUSY', 'device-busy'],
    [19, 'ENODEV', 'device-removed'],
    [22, 'EINVAL', 'device-unsupported'],
    [25, 'ENOTTY', 'device-unsupported'],
    [75, 'EOVERFLOW', 'device-io-error'],
    [95, 'EOPNOTSUPP', 'device-unsupported'],
    [110, 'ETIMEDOUT', 'device-timeout'],
    [4, 'EINTR', 'device-io-error'],
  ] as const;
  for (const [errno, name, code] of cases) {
    test(`${name} is ${code} from every call`, () => {
      const report = ask({ errno });
      assert.deepEqual(report.open, { code, errno: name });
      for (const method of METHODS)
        assert.deepEqual([report.by[method]!.code, report.by[method]!.errno], [code, name], method);
    });
  }
});

describe('errnos of opening', { skip }, () => {
  const cases = [
    [2, 'ENOENT', 'device-absent'],
    [13, 'EACCES', 'device-forbidden'],
    [1, 'EPERM', 'device-forbidden'],
    [16, 'EBUSY', 'device-busy'],
    [19, 'ENODEV', 'device-removed'],
    [24, 'EMFILE', 'device-io-error'],
  ] as const;
  for (const [errno, name, code] of cases) {
    test(`${name} is ${code}`, () => assert.deepEqual(ask({ open_errno: errno }).open, { code, errno: name }));
  }
});
