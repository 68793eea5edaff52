/**
 * The decoder against gpsd's: every recorded log, field by field. ubxtool reads the UBX logs, pynmea2 the NMEA ones.
 *
 * ubxtool ends on CFG-DOSC (a fault of its own), so configuration messages, none of which we read, are cut from its copy
 * of a log by a scan that shares no code with ours. Skipped, by name, where a tool or the recordings are missing.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { GnssDecoder, type GnssMessage, type ReceivedMessage } from '../../src/core/gnss/decoder.ts';
import type { KnownNmea } from '../../src/core/gnss/nmea-messages.ts';
import { monoInstant } from '../../src/core/time/nanos.ts';
import { ours as ourView, theirs as theirView } from './pynmea2-view.ts';
import { fieldsOf, framesOf } from './ubxtool-view.ts';

const logs = new URL('../../../shared/gnss-logs/', import.meta.url).pathname;
const PYTHON = '/usr/bin/python3';
const UBXTOOL = '/usr/bin/ubxtool';

const noLogs = existsSync(logs) ? undefined : `no recordings: ${logs} is missing`;
const noUbxtool = existsSync(UBXTOOL) ? undefined : 'no ubxtool: install the Debian packages gpsd and python3-gps';
const noPynmea2 = canImport('pynmea2') ? undefined : 'no pynmea2: install the Debian package python3-nmea2';

const names = noLogs === undefined ? readdirSync(logs).filter((name) => name.endsWith('.log')) : [];

function decodeAll(bytes: Uint8Array, chunkBytes: number): { received: ReceivedMessage[]; decoder: GnssDecoder } {
  const received: ReceivedMessage[] = [];
  const decoder = new GnssDecoder((message) => received.push(message));
  for (let i = 0; i < bytes.length; i += chunkBytes) decoder.push(bytes.subarray(i, i + chunkBytes), monoInstant(0n));
  decoder.end();
  return { received, decoder };
}

test('every recording decodes without a throw, alike in any chunks', { skip: noLogs ?? false }, () => {
  for (const name of names) {
    const bytes = readFileSync(join(logs, name));
    const whole = decodeAll(bytes, bytes.length);
    for (const chunkBytes of [1, 7, 1_000]) {
      const cut = decodeAll(bytes, chunkBytes);
      assert.deepEqual(cut.received, whole.received, `${name} in chunks of ${chunkBytes}`);
      assert.deepEqual(cut.decoder.counts, whole.decoder.counts, `${name} in chunks of ${chunkBytes}`);
    }
    const { counts } = whole.decoder;
    assert.equal(counts.bytes, bytes.length);
  }
});

test('UBX: fields equal those of ubxtool, frame by frame', { skip: noLogs ?? noUbxtool ?? false }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'momentd-ubxtool-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const compared = new Map<string, number>();
  for (const name of names) {
    const bytes = withoutClass6(readFileSync(join(logs, name)));
    const copy = join(folder, name);
    writeFileSync(copy, bytes);
    const options = { encoding: 'utf8', maxBuffer: 2 ** 27 } as const;
    const theirs = framesOf(execFileSync(UBXTOOL, ['-r', '-f', copy, '-v', '2'], options));
    const ours = decodeAll(bytes, 4_096).received.map((received) => received.message);
    for (const type of new Set(ours.map((message) => message.type))) {
      const mine = ours.filter((message) => message.type === type);
      const other = theirs.filter((frame) => frame.name === type);
      if (!isRead(type)) continue;
      assert.equal(mine.length, other.length, `${name}: number of ${type}`);
      for (const [index, message] of mine.entries()) {
        const fields = fieldsOf(message);
        if (fields === undefined) continue;
        assert.deepEqual(other[index]!.pick(Object.keys(fields)), fields, `${name}: ${type} number ${index}`);
        compared.set(type, (compared.get(type) ?? 0) + 1);
      }
    }
    for (const type of new Set(theirs.map((frame) => frame.name)))
      assert.ok(!isRead(type) || ours.some((message) => message.type === type), `${name}: ${type} is missed`);
  }
  const total = [...compared.values()].reduce((sum, count) => sum + count, 0);
  t.diagnostic(`${total} UBX frames compared: ${JSON.stringify(Object.fromEntries(compared))}`);
  assert.ok(total > 2_900, `${total} frames compared`);
  for (const type of [
    'NAV-PVT',
    'NAV-TIMEGPS',
    'NAV-TIMEUTC',
    'NAV-TIMELS',
    'NAV-SAT',
    'NAV-SIG',
    'TIM-TP',
    'TIM-SVIN',
  ])
    assert.ok(compared.has(type), `${type} was compared`);
});

test('NMEA: fields equal those of pynmea2, sentence by sentence', { skip: noLogs ?? noPynmea2 ?? false }, (t) => {
  const compared = new Map<string, number>();
  for (const name of names) {
    const bytes = readFileSync(join(logs, name));
    const sentences = decodeAll(bytes, 4_096).received.flatMap(({ message, offset, sizeBytes }) => {
      if (!isSentence(message)) return [];
      return [{ text: bytes.toString('latin1', offset, offset + sizeBytes), fields: ourView(message) }];
    });
    if (sentences.length === 0) continue;
    const input = sentences.map(({ text }) => text).join('\n');
    const script = new URL('pynmea2-fields.py', import.meta.url).pathname;
    const output = execFileSync(PYTHON, [script], { input, encoding: 'utf8', maxBuffer: 2 ** 26 });
    const theirs = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.equal(theirs.length, sentences.length, name);
    for (const [index, { text, fields }] of sentences.entries()) {
      assert.deepEqual(fields, theirView(theirs[index]!), `${name}: ${text}`);
      const kind = text.slice(3, 6);
      compared.set(kind, (compared.get(kind) ?? 0) + 1);
    }
  }
  const total = [...compared.values()].reduce((sum, count) => sum + count, 0);
  t.diagnostic(`${total} NMEA sentences compared: ${JSON.stringify(Object.fromEntries(compared))}`);
  assert.ok(total > 2_500, `${total} sentences compared`);
});

const isSentence = (message: GnssMessage): message is KnownNmea => 'talker' in message;

function isRead(type: string): boolean {
  return /^(?:NAV-(?:PVT|STATUS|TIMEGPS|TIMEUTC|TIMELS|CLOCK|SAT|SIG|EOE)|TIM-(?:TP|SVIN)|MON-(?:RF|HW|VER)|SEC-UNIQID|ACK-(?:ACK|NAK))$/.test(
    type,
  );
}

/** A scan of its own: drops the UBX frames of class 06, copies everything else. */
function withoutClass6(bytes: Buffer): Buffer {
  const kept: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf('b562', 0, 'hex'); at >= 0; at = bytes.indexOf('b562', at + 1, 'hex')) {
    if (bytes[at + 2] !== 0x06) continue;
    kept.push(bytes.subarray(from, at));
    from = at + 8 + bytes.readUInt16LE(at + 4);
  }
  return Buffer.concat([...kept, bytes.subarray(from)]);
}

function canImport(module: string): boolean {
  try {
    execFileSync(PYTHON, ['-c', `import ${module}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
