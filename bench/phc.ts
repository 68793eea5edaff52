/**
 * The bracket of a PTP clock read through the addon, against a C program that makes the same calls on the same clock.
 *
 *   bash test/hardware/run.sh --bench          in the rig
 *   node bench/phc.ts [/dev/ptp0]              on a host with a PTP clock and gcc
 *
 * What counts is the width the kernel's own stamps leave: it is the reading's error. Rounds of the two alternate so that both
 * meet the same machine. Prints each median and the ratio; the target is 1.05. Call times are printed beside it.
 */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, env, exit, hrtime } from 'node:process';

import { CLOCK, requireNative } from '../src/io/clocks/native.ts';

const DEVICE = argv[2] ?? '/dev/ptp0';
const SAMPLES = 5;
const ROUNDS = 20;
const READINGS = 200;
const DELAY_KNOB = '/sys/module/phcsim/parameters/read_delay_ns';

const METHODS = {
  'extended-raw': [1, CLOCK.monotonicRaw],
  'extended-realtime': [1, CLOCK.realtime],
  gettime: [3, CLOCK.monotonicRaw],
} as const;
type Method = keyof typeof METHODS;

if (!existsSync(DEVICE)) {
  console.log(`phc: skipped, there is no ${DEVICE} here; run bash test/hardware/run.sh --bench`);
  exit(0);
}
// The rig's clock costs nothing to read; with this knob its brackets are those of a card on a bus.
if (existsSync(DELAY_KNOB)) writeFileSync(DELAY_KNOB, '4000');

const scratch = mkdtempSync(join(tmpdir(), 'momentd-bench-'));
const program = join(env['MOMENTD_RIG_TOOLS'] ?? scratch, 'phcbench');
if (!existsSync(program))
  execFileSync('gcc', ['-O2', '-o', program, join(import.meta.dirname, '..', 'test', 'hardware', 'rig', 'phcbench.c')]);

const native = requireNative();
const handle = new native.PhcHandle(DEVICE, false, () => undefined);
await handle.open();

for (const method of Object.keys(METHODS) as Method[]) {
  if (!(await isThere(method))) {
    console.log(`phc ${method}: this kernel does not have it`);
    continue;
  }
  const inC: number[] = [];
  const inAddon: number[] = [];
  let addonNs = 0n;
  for (let round = 0; round < ROUNDS; round++) {
    inC.push(...widthsInC(method));
    const begin = hrtime.bigint();
    inAddon.push(...(await widthsInAddon(method)));
    addonNs += hrtime.bigint() - begin;
  }
  const [c, addon] = [medianOf(inC), medianOf(inAddon)];
  const perCallUs = Number(addonNs) / (ROUNDS * READINGS) / 1_000;
  console.log(
    `phc ${method}: median bracket ${addon} ns through the addon, ${c} ns in C, ratio ${(addon / c).toFixed(3)} ` +
      `(${ROUNDS * READINGS} readings each, best of ${SAMPLES}; ${perCallUs.toFixed(1)} µs from question to answer in JavaScript)`,
  );
}
await handle.close();
rmSync(scratch, { recursive: true });

async function isThere(method: Method): Promise<boolean> {
  const [call, clockId] = METHODS[method];
  return handle.measure(call, 1, clockId).then(
    () => true,
    () => false,
  );
}

function widthsInC(method: Method): number[] {
  const output = execFileSync(program, [DEVICE, method, String(SAMPLES), String(READINGS)], { encoding: 'latin1' });
  return output.trim().split('\n').map(Number);
}

async function widthsInAddon(method: Method): Promise<number[]> {
  const [call, clockId] = METHODS[method];
  const widths: number[] = [];
  for (let i = 0; i < READINGS; i++) {
    const values = await handle.measure(call, SAMPLES, clockId);
    widths.push(Number(values[5]! - values[3]!));
  }
  return widths;
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
