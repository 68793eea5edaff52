/** The configuration: what is accepted, and that each mistake is refused with its line, its key and a way out. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '../../../src/io/config/config.ts';
import { loadConfig } from '../../../src/io/config/load.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import { configReference } from './reference.ts';

const FILE = '/etc/momentd/momentd.toml';
const VALIDATOR = [
  '[validator]',
  'genesis = "genesis.cbor"',
  'key = "validator.key"',
  'state_dir = "/var/lib/momentd"',
];
const SOURCE = ['[[source]]', 'name = "card0"', 'kind = "sim"'];
const FOLLOWER = ['[validator]', 'role = "observer"', ...VALIDATOR.slice(1), ...SOURCE];
const good = (...more: string[]): string => [...VALIDATOR, ...SOURCE, ...more].join('\n');

test('the least configuration is enough, and the rest is as documented', () => {
  const config = parseConfig(good(), FILE);
  assert.equal(config.validator.genesis, '/etc/momentd/genesis.cbor', 'relative to the file');
  assert.equal(config.validator.guard, '/var/lib/momentd.guard', 'outside the state directory');
  assert.equal(config.api.socket, '/var/lib/momentd/api.sock');
  assert.equal(config.api.port, undefined);
  assert.equal(config.validator.heartbeat, 1_000_000_000n);
  assert.equal(config.clock.limit, 10_000n);
  assert.deepEqual(
    config.sources.map(({ kind, name }) => [kind, name]),
    [['sim', 'card0']],
  );
});

test('an observer needs a network and no source', () => {
  const config = parseConfig([...FOLLOWER.slice(0, 5), '[network]', 'pinned = []'].join('\n'), FILE);
  assert.deepEqual([config.validator.role, config.sources], ['observer', []]);
});

test('every path is relative to the file', () => {
  const text = [...VALIDATOR, '[clock]', 'leap_seconds_file = "leap.list"', ...SOURCE, 'faults_file = "faults"'].join(
    '\n',
  );
  const config = parseConfig(text, FILE);
  assert.equal(config.clock.leap_seconds_file, '/etc/momentd/leap.list');
  const [source] = config.sources;
  assert.equal(source?.kind === 'sim' && source.faults_file, '/etc/momentd/faults');
});

test('everything can be said', () => {
  const config = parseConfig(
    [
      ...VALIDATOR,
      'heartbeat = "250ms"',
      'guard = "/srv/guard"',
      '[clock]',
      'limit = "2 us"',
      'host_rate_max = "50ppm"',
      'faults_max = 1',
      '[api]',
      'port = 8123',
      '[log]',
      'level = "debug"',
      '[[receiver]]',
      'name = "gnss0"',
      'device = "/dev/ttyS5"',
      '[[source]]',
      'name = "card0"',
      'kind = "timecard"',
      'card = "ocp0"',
      'reference = "gnss0"',
      'oscillator = "rb"',
      '[[source]]',
      'name = "nic"',
      'kind = "phc"',
      'device = "/dev/ptp1"',
      'phase_offset = "500ns"',
    ].join('\n'),
    FILE,
  );
  assert.equal(config.clock.limit, 2_000n);
  assert.equal(config.clock.host_rate_max, 50_000_000n);
  assert.equal(config.receivers[0]!.baud, 115_200);
  const [card, nic] = config.sources;
  assert.ok(card?.kind === 'timecard' && nic?.kind === 'phc');
  assert.equal(card.oscillator, 'rb');
  assert.equal(nic.phase_offset, 500n);
});

const MISTAKES: readonly [string, string, RegExp][] = [
  ['not TOML', '[validator]\nkey =', /momentd\.toml:2: not TOML/],
  ['a key twice', `${VALIDATOR.join('\n')}\nkey = "b"`, /:5: not TOML.*multiple times/],
  ['a typo', good().replace('state_dir', 'sate_dir'), /:4: sate_dir is not a key.*did you mean "state_dir"\?/],
  [
    'an unknown key far from any',
    good('[api]', 'colour = "blue"'),
    /:9: colour is not a key.*known keys: socket, port/,
  ],
  ['an unknown section', good('[apy]', 'port = 1'), /:8: \[apy\] is not a key.*did you mean "api"/],
  ['a key outside any section', `port = 1\n${good()}`, /:1: port stands outside any section/],
  ['a missing key', good().replace('key = "validator.key"', ''), /:1: key is required here/],
  ['a missing section', SOURCE.join('\n'), /:1: genesis is required here/],
  ['no source', VALIDATOR.join('\n'), /\[\[source\]\] at least one source/],
  [
    'an unknown role',
    good().replace('[validator]', '[validator]\nrole = "light"'),
    /:2: role must be one of validator, obs/,
  ],
  ['an observer with a source', FOLLOWER.join('\n'), /:6: \[\[source\]\] has no place under role = "observer"/],
  [
    'an archive with a receiver',
    [...FOLLOWER.slice(0, 5), '[[receiver]]', 'name = "g"', 'device = "/dev/ttyS0"']
      .join('\n')
      .replace('observer', 'archive'),
    /:6: \[\[receiver\]\] has no place under role = "archive"/,
  ],
  [
    'an observer without a network',
    FOLLOWER.slice(0, 5).join('\n'),
    /:1: \[network\] is needed under role = "observer"/,
  ],
  ['a wrong type', good('[api]', 'port = "80"'), /:9: port must be a whole number from 0 to 65535/],
  ['a number out of range', good('[api]', 'port = 70000'), /:9: port must be a whole number/],
  ['a fraction', good('[api]', 'port = 1.5'), /:9: port must be a whole number/],
  [
    'a duration without a unit',
    `${VALIDATOR.join('\n')}\nheartbeat = 1\n${SOURCE.join('\n')}`,
    /:5: heartbeat must be a dur/,
  ],
  ['a fraction of a unit', good('[clock]', 'limit = "1.5us"'), /:9: limit must be a duration/],
  [
    'a duration too long',
    `${VALIDATOR.join('\n')}\nheartbeat = "2h"\n${SOURCE.join('\n')}`,
    /:5: heartbeat must be between/,
  ],
  ['a negative duration', good('[clock]', 'floor = "-1ns"'), /:9: floor must be a duration/],
  ['a rate in the wrong unit', good('[clock]', 'host_wander = "1us"'), /:9: host_wander must be a rate/],
  ['an unknown level', good('[log]', 'level = "loud"'), /:9: level must be one of error, warn, info, debug/],
  ['a source without kind', `${VALIDATOR.join('\n')}\n[[source]]\nname = "a"`, /:5: kind is required/],
  ['an unknown kind', good().replace('"sim"', '"sundial"'), /:7: kind must be one of sim, system/],
  ['a key of another kind', good('[[source]]', 'kind = "system"', 'name = "b"', 'seed = 1'), /:11: seed is not a key/],
  ['a name twice', good('[[source]]', 'kind = "system"', 'name = "card0"'), /:10: name "card0" is used twice/],
  [
    'a reference to nobody',
    good('[[source]]', 'kind = "pps"', 'name = "p"', 'device = "/dev/pps0"', 'reference = "gnss9"'),
    /reference no \[\[receiver\]\] is named "gnss9"/,
  ],
  ['an empty path', good().replace('"validator.key"', '""'), /:3: key must be a path/],
];

test('each mistake is one line with file, line, key and what would do', () => {
  for (const [why, text, message] of MISTAKES) {
    assert.throws(
      () => parseConfig(text, FILE),
      (error) => {
        assert.ok(error instanceof AgentError, why);
        assert.equal(error.code, 'config-invalid', why);
        assert.match(error.message, message, why);
        assert.doesNotMatch(error.message, /\n/, why);
        return true;
      },
    );
  }
});

test('no text makes the reader fail in any other way', () => {
  const lines = fc.constantFrom(...good('[api]', 'port = 1', '[[receiver]]', 'x = [1, {a = 2}]', '[a.b]').split('\n'));
  const noise = fc.oneof(lines, fc.string({ maxLength: 30 }));
  fc.assert(
    fc.property(fc.array(noise, { maxLength: 15 }), (text) => {
      try {
        parseConfig(text.join('\n'), FILE);
      } catch (error) {
        assert.ok(error instanceof AgentError && error.code === 'config-invalid', String(error));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('a file that cannot be read or is no configuration says so', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'momentd-config-'));
  t.after(() => rm(directory, { recursive: true }));
  const isCode = (code: string) => (error: unknown) => error instanceof AgentError && error.code === code;
  await assert.rejects(loadConfig(join(directory, 'none.toml')), isCode('config-unreadable'));
  await assert.rejects(loadConfig(directory), isCode('config-unreadable'));
  await writeFile(join(directory, 'big.toml'), '#'.repeat(300_000));
  await assert.rejects(loadConfig(join(directory, 'big.toml')), isCode('config-invalid'));
});

test('docs/configuration.md is what the schema says', () => {
  const page = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
  assert.equal(page, configReference(), 'run: npx node test/io/config/reference.ts');
});
