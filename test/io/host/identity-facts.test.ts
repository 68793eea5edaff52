/** Facts of a host: gathered from plain folders that stand for /sys, with everything that may be missing or odd. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { decodeIdentity, encodeIdentity, type HostIdentity } from '../../../src/core/attestation/identity.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { monoInstant, nanos } from '../../../src/core/time/nanos.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { fileTree } from '../../../src/io/clocks/sysfs.ts';
import { readFirmware } from '../../../src/io/host/device-firmware.ts';
import { gatherIdentity, type ClockDevice } from '../../../src/io/host/identity-facts.ts';
import { digestOfProgram } from '../../../src/io/host/program-files.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import type { HostClock } from '../../../src/ports/host-clock.ts';

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'momentd-facts-'))));
afterEach(() => rmSync(root, { recursive: true }));

const network = Uint8Array.from(sha256(new TextEncoder().encode('a network')));
const software = { version: '0.1.0', digest: network };

function put(path: string, text: string): void {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}

const host = (bootId = '4509beb0-0123-4567-89ab-cdef01234567'): HostClock => ({
  bootId,
  now: () => monoInstant(1n),
  boottime: () => nanos(86_400_999_999_999n),
});

function gathered(devices: readonly ClockDevice[], kernel?: string): HostIdentity {
  const facts = { network, bootCount: 4n, software, devices, ...(kernel !== undefined && { kernel }) };
  const identity = gatherIdentity({ tree: fileTree, host: host() }, facts);
  // Whatever was gathered can be signed and read back.
  const read = decodeIdentity(encodeIdentity(identity));
  assert.ok(!isFault(read));
  assert.deepEqual(read, identity);
  return identity;
}

const device = (overrides: Partial<ClockDevice> = {}): ClockDevice => ({
  source: 'card0',
  model: 'time card (meta)',
  serial: 'TC-1',
  folder: join(root, 'class/timecard/ocp0'),
  ...overrides,
});

/** `device/driver` of the card, and its module. */
function addDriver(attributes: Readonly<Record<string, string>>): void {
  mkdirSync(join(root, 'drivers/ptp_ocp'), { recursive: true });
  mkdirSync(join(root, 'class/timecard/ocp0/device'), { recursive: true });
  for (const [name, text] of Object.entries(attributes)) put(`drivers/ptp_ocp/module/${name}`, text);
  symlinkSync(join(root, 'drivers/ptp_ocp'), join(root, 'class/timecard/ocp0/device/driver'));
}

test('kernel, boot, up-time in whole seconds, and the card with its driver', () => {
  addDriver({ version: '1.3\n', srcversion: 'ABC\n' });
  const identity = gathered([device()]);
  assert.equal(toHex(identity.bootSeed), '4509beb00123456789abcdef01234567');
  assert.equal(identity.uptimeSeconds, 86_400n, 'rounded down: whole seconds that have passed');
  assert.equal(identity.bootCount, 4n);
  assert.ok(identity.kernel.length > 0);
  assert.deepEqual(
    [...identity.cards],
    [['card0', { model: 'time card (meta)', serial: 'TC-1', firmware: undefined, driver: 'ptp_ocp 1.3' }]],
  );
});

test('a driver of the kernel itself has no version; one that only knows its source says that', () => {
  addDriver({});
  assert.equal(gathered([device()]).cards.get('card0')!.driver, 'ptp_ocp');
  put('drivers/ptp_ocp/module/srcversion', '533BB7E5866E52F63B9ACCB\n');
  assert.equal(gathered([device()]).cards.get('card0')!.driver, 'ptp_ocp srcversion 533BB7E5866E52F63B9ACCB');
});

test('what is missing, empty or odd is absent or made plain, and always fits a record', () => {
  const nothing = gathered([device({ model: undefined, serial: '' })]);
  assert.deepEqual(nothing.cards.get('card0'), {
    model: undefined,
    serial: undefined,
    firmware: undefined,
    driver: undefined,
  });
  const odd = gathered([device({ serial: `\u0000é${'x'.repeat(1_000)}`, source: 'my card' })], 'k'.repeat(500));
  assert.match(odd.cards.get('clock-0')!.serial!, /^\?\?x{62}$/);
  assert.equal(odd.kernel.length, 64);
  assert.equal(gathered([], '').kernel, 'unnamed');
  const long = 'ÿ'.repeat(300);
  const many = Array.from({ length: 20 }, (_, i) =>
    device({ source: `${'s'.repeat(60)}${i}`, model: long, serial: long }),
  );
  addDriver({ version: long });
  assert.equal(gathered(many).cards.size, LIMITS.identityCardsMax);
});

test('firmware is what the driver tells devlink of the card at that place, and nothing else', async () => {
  mkdirSync(join(root, 'devices/0000:00:01.0/0000:02:00.0'), { recursive: true });
  mkdirSync(join(root, 'class/timecard/ocp0'), { recursive: true });
  symlinkSync(join(root, 'devices/0000:00:01.0/0000:02:00.0'), join(root, 'class/timecard/ocp0/device'));
  const firmwareOf = async (text: string | undefined): Promise<string | undefined> => {
    const firmware = await readFirmware(() => Promise.resolve(text));
    const facts = { network, bootCount: 4n, software, devices: [device()], firmware };
    const identity = gatherIdentity({ tree: fileTree, host: host() }, facts);
    assert.ok(!isFault(decodeIdentity(encodeIdentity(identity))));
    return identity.cards.get('card0')!.firmware;
  };
  const info = (running: unknown, place = 'pci/0000:02:00.0'): string =>
    JSON.stringify({ info: { [place]: { driver: 'ptp_ocp', serial_number: '1', versions: { fixed: {}, running } } } });
  assert.equal(await firmwareOf(info({ fw: '22' })), '22');
  assert.equal(await firmwareOf(info({ loader: '3' })), 'loader 3');
  assert.equal(
    await firmwareOf(info({ 'fw.mgmt': '7.1', 'fw.undi': '1.2', 'fw.none': '' })),
    'fw.mgmt 7.1, fw.undi 1.2',
  );
  assert.equal((await firmwareOf(info({ fw: 'é'.repeat(500) })))?.length, 64);
  const untold = [undefined, '', '{', '[]', 'null', '{"info": 3}', info({}), info({ fw: 22 }), info(undefined)];
  for (const text of [...untold, info({ fw: '22' }, 'pci/0000:00:01.0'), info({ fw: '22' }, 'auxiliary/0000:02:00.0')])
    assert.equal(await firmwareOf(text), undefined, text);
});

test('a host that does not tell its boot has no identity', () => {
  for (const bootId of ['', 'boot', '4509beb0', '4509BEB0-0123-4567-89ab-cdef01234567', '00'.repeat(17)])
    assert.throws(
      () =>
        gatherIdentity(
          { tree: fileTree, host: host(bootId) },
          { network, bootCount: undefined, software, devices: [] },
        ),
      (error) => error instanceof AgentError && error.code === 'identity-facts',
    );
});

test('the program digest is that of sha256sum over its files, and moves with each of them', async () => {
  put('package.json', '{}');
  put('src/main.ts', 'main');
  put('src/core/a.ts', 'a');
  put('bin/momentd.js', 'bin');
  put('build/Release/momentd.node', 'addon');
  put('build/Release/obj.target/x.o', 'object');
  put('README.md', 'not of the program');
  mkdirSync(join(root, 'native'));
  const line = (path: string, text: string): string => `${toHex(sha256(new TextEncoder().encode(text)))}  ${path}\n`;
  const lines = [
    line('bin/momentd.js', 'bin'),
    line('build/Release/momentd.node', 'addon'),
    line('package.json', '{}'),
    line('src/core/a.ts', 'a'),
    line('src/main.ts', 'main'),
  ];
  const expected = toHex(sha256(new TextEncoder().encode(lines.join(''))));
  assert.equal(toHex(await digestOfProgram(root)), expected);
  put('README.md', 'changed');
  put('build/Release/obj.target/x.o', 'changed');
  symlinkSync(join(root, 'README.md'), join(root, 'src/link.ts'));
  assert.equal(toHex(await digestOfProgram(root)), expected);
  const seen = new Set([expected]);
  for (const path of [
    'src/core/a.ts',
    'bin/momentd.js',
    'build/Release/momentd.node',
    'native/new.cc',
    'dist/main.js',
  ]) {
    put(path, 'changed');
    seen.add(toHex(await digestOfProgram(root)));
  }
  assert.equal(seen.size, 6);
  put('src/main.ts', 'not what runs');
  assert.ok(seen.has(toHex(await digestOfProgram(root))), 'where there is a dist, the sources do not run');
});

test('a program that cannot be read is a failure with its code', async () => {
  await assert.rejects(
    digestOfProgram(join(root, 'absent')),
    (error) => error instanceof AgentError && error.code === 'identity-facts',
  );
});
