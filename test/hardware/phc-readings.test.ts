/**
 * A real kernel's PTP clock, read by every call the kernel has; its truth is known (see support.ts).
 */

import assert from 'node:assert/strict';
import { release } from 'node:os';
import { after, before, test } from 'node:test';

import { PHC_METHODS, type PhcMethod, type PhcReader } from '../../src/io/clocks/phc-reader.ts';
import { command, commonOf, knob, offsetOf, openReader, readingBy, SKIP, widthOf, type Offset } from './support.ts';

/** A step is nothing a reading of a hundred microseconds could be mistaken about. */
const BRACKET_MAX_NS = 1_000_000n;

let reader: PhcReader;
let methods: readonly PhcMethod[];

before(async () => {
  if (SKIP !== false) return;
  reader = await openReader();
  const [major = 0, minor = 0] = release().split('.').map(Number);
  const hasRawStamps = major > 6 || (major === 6 && minor >= 12);
  methods = PHC_METHODS.filter((method) => hasRawStamps || method !== 'extended-raw');
});

after(async () => {
  if (SKIP === false) await reader.close();
});

async function offsetsBy(method: PhcMethod, count: number): Promise<readonly Offset[]> {
  const offsets: Offset[] = [];
  for (let i = 0; i < count; i++) offsets.push(offsetOf(await readingBy(reader, method)));
  return offsets;
}

test('the clock has what the rig built into it', { skip: SKIP }, () => {
  assert.deepEqual(reader.caps, {
    maxAdjPpb: 500_000_000,
    alarms: 0,
    externalTimestamps: 1,
    periodicOutputs: 1,
    pps: 1,
    pins: 2,
    crossTimestamping: 1,
  });
  assert.equal(reader.method, 'precise');
});

test(
  'stamps on the raw clock are refused by a kernel that lacks them and the others go on',
  { skip: SKIP },
  async () => {
    const result = await reader.readBy('extended-raw');
    if (methods.includes('extended-raw')) assert.equal(result.kind, 'reading');
    else assert.equal(result.kind === 'failed' && result.errno, 'EINVAL');
  },
);

test('readings by all calls together leave room for one truth', { skip: SKIP }, async (t) => {
  const all: Offset[] = [];
  for (const method of methods) {
    const offsets = await offsetsBy(method, 50);
    const widths = offsets.map(widthOf).sort((a, b) => Number(a - b));
    t.diagnostic(`${method}: bracket median ${widths[25]!} ns, widest ${widths.at(-1)!} ns`);
    all.push(...offsets);
  }
  const common = commonOf(all);
  assert.ok(common.low <= common.high, `no offset fits all: ${common.low} to ${common.high}`);
});

test('slow reads widen the brackets and the truth stays inside', { skip: SKIP }, async () => {
  const quick = commonOf(await offsetsBy('gettime', 5));
  knob('read_delay_ns', 200_000);
  try {
    for (const method of methods.filter((m) => m !== 'precise')) {
      for (const slow of await offsetsBy(method, 5)) {
        assert.ok(slow.low <= quick.high && quick.low <= slow.high, `${method} lost the truth`);
        // The guest's ndelay is only roughly calibrated; without the knob a bracket is some 15 µs wide at most.
        assert.ok(widthOf(slow) >= 25_000n, `${method} claims ${widthOf(slow)} ns for a read of 200 µs`);
      }
    }
  } finally {
    knob('read_delay_ns', 0);
  }
});

test(
  'a commanded step of 1.000000500 s is seen inside the stated brackets, by every call',
  { skip: SKIP },
  async (t) => {
    for (const method of methods) {
      const earlier = commonOf(await offsetsBy(method, 10));
      command('step', 1_000_000_500n);
      const later = commonOf(await offsetsBy(method, 10));
      const low = later.low - earlier.high;
      const high = later.high - earlier.low;
      t.diagnostic(`${method}: step between ${low} and ${high} ns`);
      assert.ok(low <= 1_000_000_500n && 1_000_000_500n <= high, `${method}: ${low} to ${high} excludes the step`);
      assert.ok(high - low <= BRACKET_MAX_NS, `${method}: ${high - low} ns is no measurement of a step`);
    }
  },
);

test('a commanded frequency of +50 ppm is seen inside the stated brackets', { skip: SKIP }, async (t) => {
  command('freq', 50_000);
  try {
    const first = await readingBy(reader, 'gettime');
    // A stretch of real or simulated time; nothing below depends on how long it really was.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const last = await readingBy(reader, 'gettime');
    const gained = { low: offsetOf(last).low - offsetOf(first).high, high: offsetOf(last).high - offsetOf(first).low };
    const elapsed = { low: last.before - first.after, high: last.after - first.before };
    t.diagnostic(`gained ${gained.low} to ${gained.high} ns in ${elapsed.low} to ${elapsed.high} ns`);
    // 50 ppm of the elapsed time, rounded outward; the clock's own arithmetic truncates below 1 ns.
    assert.ok(gained.low <= (elapsed.high * 50n) / 1_000_000n + 2n, 'it gained too much');
    assert.ok(gained.high >= (elapsed.low * 50n) / 1_000_000n - 2n, 'it gained too little');
    assert.ok(elapsed.low > 1_000_000_000n, 'the stretch is long enough to tell 50 ppm from 49');
    assert.ok(gained.high - gained.low < 1_000_000n);
  } finally {
    command('freq', 0);
  }
});

test('each errno of the driver becomes its code, and the clock reads again afterwards', { skip: SKIP }, async () => {
  const cases = [
    [5, 'EIO', 'device-io-error'],
    [16, 'EBUSY', 'device-busy'],
    [19, 'ENODEV', 'device-removed'],
    [95, 'EOPNOTSUPP', 'device-unsupported'],
    [110, 'ETIMEDOUT', 'device-timeout'],
    [22, 'EINVAL', 'device-unsupported'],
  ] as const;
  for (const [errno, name, code] of cases) {
    knob('fail_errno', errno);
    try {
      for (const method of ['precise', 'extended-realtime', 'basic', 'gettime'] as const) {
        const result = await reader.readBy(method);
        assert.deepEqual(
          [result.kind, result.kind === 'failed' && [result.errno, result.code]],
          ['failed', [name, code]],
        );
      }
    } finally {
      knob('fail_errno', 0);
    }
    await readingBy(reader, 'basic');
  }
});

test('a clock without cross timestamps is read by the next best call', { skip: SKIP }, async () => {
  knob('no_xtstamp', 1);
  const other = await openReader();
  try {
    assert.notEqual(other.method, 'precise');
    assert.equal((await other.read()).kind, 'reading');
    const precise = await other.readBy('precise');
    assert.equal(precise.kind === 'failed' && precise.code, 'device-unsupported');
  } finally {
    knob('no_xtstamp', 0);
    await other.close();
  }
});

test('a read-only descriptor cannot arm an input or route a pin', { skip: SKIP }, async () => {
  const { native } = await import('./support.ts');
  const handle = new (native().PhcHandle)('/dev/ptp0', false, () => undefined);
  await handle.open();
  assert.equal((await handle.pin(0)).name, 'SMA1');
  assert.equal((await handle.pin(1)).function, 2);
  await assert.rejects(handle.pin(2), { code: 'EINVAL' });
  await handle.close();
});
