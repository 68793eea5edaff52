/** Checks of the files of a validator: as `init` leaves them, and broken in each way that a person manages. */

import assert from 'node:assert/strict';
import { chmod, cp, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, after, test, type TestContext } from 'node:test';
import {
  checkGuard,
  checkIdentity,
  checkLeapTable,
  checkStateDirectory,
  checkSyncs,
  measureSyncs,
} from '../../../src/cli/doctor/file-checks.ts';
import type { Finding } from '../../../src/cli/doctor/finding.ts';
import { SIMULATED_SOURCES, writeFirstNetwork } from '../../../src/cli/first-network.ts';
import { BUILT_IN_LEAP_TABLE } from '../../../src/core/time/leap-seconds.ts';
import { millis, nanos, negate, seconds, shift, type Nanos } from '../../../src/core/time/nanos.ts';
import { loadConfig } from '../../../src/io/config/load.ts';

let origin: string;
before(async () => {
  origin = await mkdtemp(join(tmpdir(), 'momentd-doctor-'));
  for (const name of ['one', 'other'])
    await writeFirstNetwork({
      directory: join(origin, name),
      networkName: 'net',
      validatorName: name,
      region: 'EU',
      sealing: undefined,
      sources: SIMULATED_SOURCES,
      apiPort: undefined,
    });
});
after(() => rm(origin, { recursive: true }));

/** A validator's directory of its own, to be broken. */
async function validator(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'momentd-doctor-'));
  t.after(() => rm(directory, { recursive: true }));
  await cp(join(origin, 'one'), directory, { recursive: true });
  const config = await loadConfig(join(directory, 'momentd.toml'));
  return { directory, config, at: (name: string) => join(directory, name) };
}

const told = ({ subject, severity, code }: Finding): string => `${subject}: ${severity} ${code}`;

test('what init leaves is well', async (t) => {
  const { config } = await validator(t);
  assert.deepEqual((await checkIdentity(config)).map(told), [
    'genesis record: ok check-passed',
    'key: ok check-passed',
    'key and genesis: ok check-passed',
  ]);
  assert.equal(told(await checkGuard(config.validator.guard)), 'guard: ok check-passed');
  assert.equal(told(await checkStateDirectory(config.validator.state_dir)), 'state directory: ok check-passed');
});

test('a key others may read is named, and the genesis record is still looked at', async (t) => {
  const { config, at } = await validator(t);
  await chmod(at('validator.key'), 0o644);
  assert.deepEqual((await checkIdentity(config)).map(told), [
    'genesis record: ok check-passed',
    'key: fail key-file-permissions',
  ]);
});

test('a key that is gone, and a genesis record that is damaged, are both named', async (t) => {
  const { config, at } = await validator(t);
  await rm(at('validator.key'));
  await writeFile(at('genesis.cbor'), Uint8Array.of(0xa1));
  const findings = await checkIdentity(config);
  assert.deepEqual(
    findings.map(({ subject, severity }) => `${subject}: ${severity}`),
    ['genesis record: fail', 'key: fail'],
  );
  assert.equal(findings[1]!.code, 'key-file-unreadable');
  assert.ok(findings.every(({ remedy }) => remedy.length > 0));
});

test('a key of another network’s genesis does not fit', async (t) => {
  const { config, at } = await validator(t);
  await cp(join(origin, 'other', 'genesis.cbor'), at('genesis.cbor'));
  assert.equal(told((await checkIdentity(config)).at(-1)!), 'key and genesis: fail key-not-in-genesis');
});

test('whoever follows has a key that no record lists', async (t) => {
  const { config, at } = await validator(t);
  const observer = { ...config, validator: { ...config.validator, role: 'observer' as const } };
  assert.equal(told((await checkIdentity(observer)).at(-1)!), 'role: fail role-key-registered');
  await cp(join(origin, 'other', 'genesis.cbor'), at('genesis.cbor'));
  assert.equal(told((await checkIdentity(observer)).at(-1)!), 'role: ok check-passed');
});

test('the guard is missing, cut short, or open to others', async (t) => {
  const { config, at } = await validator(t);
  const guard = at('state.guard');
  await chmod(guard, 0o640);
  assert.equal(told(await checkGuard(guard)), 'guard: warn state-open-to-others');
  await chmod(guard, 0o620);
  assert.equal(told(await checkGuard(guard)), 'guard: fail state-open-to-others');
  await truncate(guard, 1_000);
  assert.equal(told(await checkGuard(guard)), 'guard: fail guard-damaged');
  await rm(guard);
  assert.equal(told(await checkGuard(guard)), 'guard: fail guard-missing');
  assert.equal(told(await checkGuard(config.validator.state_dir)), 'guard: fail guard-damaged');
});

test('the state directory is missing, a file, or open to others', async (t) => {
  const { config, at } = await validator(t);
  const state = config.validator.state_dir;
  await chmod(state, 0o755);
  assert.equal(told(await checkStateDirectory(state)), 'state directory: warn state-open-to-others');
  await chmod(state, 0o770);
  assert.equal(told(await checkStateDirectory(state)), 'state directory: fail state-open-to-others');
  assert.equal(told(await checkStateDirectory(at('genesis.cbor'))), 'state directory: fail state-unusable');
  assert.equal(told(await checkStateDirectory(at('absent'))), 'state directory: fail state-unusable');
});

test('the leap table is judged by its last day, and by whether a receiver could stand in', () => {
  const { expires } = BUILT_IN_LEAP_TABLE;
  const on = (before: Nanos, hasReceiver = false): string =>
    told(checkLeapTable(BUILT_IN_LEAP_TABLE, shift(expires, negate(before)), hasReceiver));
  const days = (count: number): Nanos => seconds(count * 86_400);
  assert.equal(on(days(30)), 'leap second table: ok check-passed');
  assert.equal(on(nanos(days(30) - 1n)), 'leap second table: warn leap-table-expiring');
  assert.equal(on(nanos(0)), 'leap second table: warn leap-table-expiring');
  assert.equal(on(nanos(-1)), 'leap second table: fail leap-table-expired');
  assert.equal(on(nanos(-1), true), 'leap second table: warn leap-table-expired');
});

test('three syncs must fit a heartbeat, and should fit half of one', () => {
  const sync = (each: Nanos): string => told(checkSyncs([each], seconds(1)));
  assert.equal(sync(millis(166)), 'disk sync: ok check-passed');
  assert.equal(sync(millis(167)), 'disk sync: warn disk-sync-slow');
  assert.equal(sync(millis(333)), 'disk sync: warn disk-sync-slow');
  assert.equal(sync(millis(334)), 'disk sync: fail disk-sync-slow');
  assert.equal(told(checkSyncs([], seconds(1))), 'disk sync: warn check-not-made');
});

test('the probe writes a few times, gives up on a slow disk, and leaves nothing behind', async (t) => {
  const { config } = await validator(t);
  const state = config.validator.state_dir;
  const steps = await measureSyncs(state);
  assert.equal(steps.length, 16);
  assert.ok(steps.every((step, i) => step >= 0n && (i === 0 || step >= steps[i - 1]!)));
  assert.deepEqual(await readdir(state), []);
  let told = 0;
  const slow = await measureSyncs(state, () => millis(400 * told++));
  assert.ok(slow.length < 5, `${slow.length} steps of a second each`);
  await assert.rejects(measureSyncs(join(state, 'absent')), /ENOENT/);
  assert.deepEqual(await readdir(state), []);
});
