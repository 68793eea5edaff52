/** Checks of configured devices on a tree of plain folders, with made-up processes that hold them. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { checkDevices, type DeviceNeeds } from '../../../src/cli/doctor/device-checks.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { parseConfig, type Config } from '../../../src/io/config/config.ts';

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'momentd-doctor-'));
  for (const [path, text] of Object.entries({
    'dev/ptp0': '',
    'dev/pps0': '',
    'dev/ttyS5': '',
    'sys/class/ptp/ptp0/clock_name': 'igb\n',
    'sys/class/ptp/ptp1/clock_name': 'ice\n',
    'sys/class/pps/pps0/name': 'ptp0\n',
  })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
});
after(() => rmSync(root, { recursive: true }));

function config(tables: string): Config {
  const head = '[validator]\ngenesis = "g"\nkey = "k"\nstate_dir = "s"\n';
  return parseConfig(head + tables.replaceAll('ROOT', root), '/etc/momentd.toml');
}

async function look(tables: string, needs: Partial<DeviceNeeds> = {}): Promise<readonly Finding[]> {
  const roots = { devRoot: join(root, 'dev'), sysRoot: join(root, 'sys'), procRoot: join(root, 'proc') };
  return checkDevices(config(tables), { roots, agentRuns: false, holdersOf: () => Promise.resolve([]), ...needs });
}

const told = (findings: readonly Finding[]): string[] => findings.map((f) => `${f.subject}: ${f.severity} ${f.code}`);
const held = (name: string) => ({ holdersOf: () => Promise.resolve([{ pid: 42, name }]) });

const RECEIVER = '[[receiver]]\nname = "gnss"\ndevice = "ROOT/dev/ttyS5"\n';
const PHC = '[[source]]\nname = "nic"\nkind = "phc"\ndevice = "name:igb"\n';
const PPS = '[[source]]\nname = "pulse"\nkind = "pps"\ndevice = "ROOT/dev/pps0"\nreference = "gnss"\n';

test('devices that are there, permitted and free pass', async () => {
  assert.deepEqual(told(await look(RECEIVER + PHC + PPS)), [
    'receiver gnss: ok check-passed',
    'source nic: ok check-passed',
    'source pulse: ok check-passed',
  ]);
});

test('devices that are not there are named, each with its code', async () => {
  const absent =
    RECEIVER.replace('ttyS5', 'ttyS9') +
    PHC.replace('name:igb', 'name:ptp_ocp') +
    PPS.replace('pps0', 'pps7') +
    '[[source]]\nname = "known"\nkind = "phc"\ndevice = "name:ice"\n' +
    '[[source]]\nname = "card"\nkind = "timecard"\ncard = "ocp0"\n';
  assert.deepEqual(told(await look(absent)), [
    'receiver gnss: fail receiver-port-absent',
    'source nic: fail device-absent',
    'source pulse: fail device-absent',
    'source known: fail device-absent',
    'source card: fail source-not-wired',
  ]);
});

test('a serial line in another’s hands fails, a clock only warns, and both say whose', async () => {
  const findings = await look(RECEIVER + PHC, held('gpsd'));
  assert.deepEqual(told(findings), ['receiver gnss: fail receiver-port-held', 'source nic: warn clock-held-elsewhere']);
  for (const { detail } of findings) assert.match(detail, /gpsd \(process 42\)/);
});

test('the agent’s own hold is no trouble while it runs, and a stranger’s still is', async () => {
  const first = async (needs: Partial<DeviceNeeds>): Promise<string> => told(await look(RECEIVER + PHC, needs))[0]!;
  assert.equal(await first({ agentRuns: true, ...held('MainThread') }), 'receiver gnss: ok check-passed');
  assert.equal(await first({ agentRuns: false, ...held('MainThread') }), 'receiver gnss: fail receiver-port-held');
  assert.equal(await first({ agentRuns: true, ...held('gpsd') }), 'receiver gnss: fail receiver-port-held');
});

test('simulated time is warned of, the system clock is not', async () => {
  const tables = '[[source]]\nname = "a"\nkind = "sim"\n[[source]]\nname = "b"\nkind = "system"\n';
  assert.deepEqual(told(await look(tables)), ['source a: warn source-simulated', 'source b: ok check-passed']);
});
