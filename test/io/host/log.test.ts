/** The log's lines: one JSON object each, levels, bigints as text, and whatever is named like a secret cut out. */

import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { pinoLog } from '../../../src/io/host/log.ts';
import type { LogLevel } from '../../../src/ports/log.ts';

function lines(level: LogLevel, write: (log: ReturnType<typeof pinoLog>) => void): Record<string, unknown>[] {
  let text = '';
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString('utf8');
      done();
    },
  });
  write(pinoLog(level, destination));
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a line has level, message, fields and the system’s time in milliseconds, and nothing else', () => {
  const [line] = lines('info', (log) =>
    log.write('warn', 'a clock went', { source: 'card0', age_ns: 12n, left: undefined }),
  );
  const { system_time_ms: time, ...rest } = line!;
  assert.equal(typeof time, 'number');
  assert.deepEqual(rest, { level: 'warn', message: 'a clock went', source: 'card0', age_ns: '12' });
});

test('what is below the level is not written', () => {
  const written = lines('warn', (log) => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log.write(level, 'once');
  });
  assert.deepEqual(
    written.map(({ level }) => level),
    ['warn', 'error'],
  );
});

test('a field named like a secret is cut, whoever passes it', () => {
  const secrets = ['passphrase', 'secret', 'secretKey', 'token', 'seed', 'authorization'];
  const fields = Object.fromEntries(secrets.map((name) => [name, 'hunter2']));
  const [line] = lines('info', (log) => log.write('info', 'careless', fields));
  for (const name of secrets) assert.equal(line![name], '[cut]', name);
  assert.doesNotMatch(JSON.stringify(line), /hunter2/);
});

test('a line cannot be broken by what is in it', () => {
  const written = lines('info', (log) => log.write('info', 'said', { text: 'a\n{"level":"error"}' }));
  assert.equal(written.length, 1);
  assert.equal(written[0]!['text'], 'a\n{"level":"error"}');
});
