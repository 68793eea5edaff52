/** Files an operator brings: configuration, leap seconds, keys. */

import {
  BUILT_IN_LEAP_TABLE,
  leapStateAt,
  nextLeapAfter,
  parseLeapSecondsList,
  taiOfUnixSeconds,
} from '../../src/core/time/leap-seconds.ts';
import { formatUtc } from '../../src/core/time/text.ts';
import { clockConfigOf } from '../../src/io/config/clock-config.ts';
import { parseConfig } from '../../src/io/config/config.ts';
import { decodeKey, encodeKey, keyOfSeed } from '../../src/io/keys/key-format.ts';
import { AgentError } from '../../src/ports/agent-error.ts';
import { digestOf } from '../../test/core/attestation/actors.ts';
import { holds, sameBytes, utf8, type Target } from '../target.ts';

/** The code of an `AgentError`; anything else is a finding. */
function refused(error: unknown): string {
  if (!(error instanceof AgentError)) throw error;
  return error.code;
}

const CONFIGS = [
  `[validator]\ngenesis = "genesis.cbor"\nkey = "validator.key"\nstate_dir = "/var/lib/momentd"\n[[source]]\nname = "card0"\nkind = "sim"\n`,
  `[validator]
genesis = "genesis.cbor"
key = "validator.key"
state_dir = '/var/lib/momentd'
heartbeat = "250ms"
guard = "/srv/guard"
[clock]
limit = "2 us"
host_rate_max = "50ppm"
faults_max = 1
[api]
port = 8123
[log]
level = "debug"
[[receiver]]
name = "gnss0"
device = "/dev/ttyS5"
[[source]]
name = "card0"
kind = "timecard"
card = "ocp0"
reference = "gnss0"
`,
  '# a comment\n[validator]\ngenesis = """a\nb"""\nx = [1, 2.5, 0x1f, 1979-05-27T07:32:00Z, { a = true }]\n',
];

const config: Target = {
  name: 'config',
  about: 'io/config: a configuration file, and the clock it configures',
  forms: ['text', 'bytes'],
  seeds: CONFIGS.map(utf8),
  inputBytesMax: 4_096,
  run(input) {
    try {
      const parsed = parseConfig(Buffer.from(input).toString('utf8'), '/etc/momentd/momentd.toml');
      const clock = clockConfigOf(parsed, BUILT_IN_LEAP_TABLE);
      holds(clock.sources.length === parsed.sources.length, 'every source is in the clock');
      return `${parsed.sources.length} sources`;
    } catch (error) {
      const word = refused(error);
      const problem = /^\S+:\d+: (?:\S+ )?(.{0,24})/.exec((error as Error).message)?.[1];
      return `${word} ${problem?.replaceAll(/[^a-z ]/g, '').slice(0, 16)}`;
    }
  },
};

const LEAP_SECONDS = `#$	3676924800
#@	3991507200
2272060800	10	# 1 Jan 1972
2287785600	11	# 1 Jul 1972
3692217600	12	# 1 Jan 2017
#h	16edd0f0 3666784f 37db6bdd e74ced87 59af48f1
`;

const leapSeconds: Target = {
  name: 'leap-seconds',
  about: 'core/time/leap-seconds: a leap-seconds.list, and every question to the table it gives',
  forms: ['text', 'bytes'],
  seeds: [LEAP_SECONDS, '#@ 1\n2272060800 10\n', '\r\n#@ 999999999999 \r\n0 10\r\n999999999999 9\r\n'].map(utf8),
  inputBytesMax: 2_048,
  run(input) {
    const table = parseLeapSecondsList(Buffer.from(input).toString('utf8'), 'fuzz');
    if ('problem' in table) {
      holds(table.line >= 0 && table.problem.length <= 128, 'a problem is short and has a line');
      return table.problem.slice(0, 16);
    }
    let before: bigint | undefined;
    for (const step of table.steps) {
      holds(before === undefined || step.fromTai > before, 'steps ascend');
      before = step.fromTai;
      const state = leapStateAt(table, step.fromTai);
      holds(state.kind !== 'before-table', 'the table speaks of its own steps');
      nextLeapAfter(table, step.fromTai);
      holds(typeof formatUtc(step.fromTai, table) === 'string', 'a step has a date');
      taiOfUnixSeconds(table, step.fromTai / 1_000_000_000n, true);
    }
    return table.steps.length === 0 ? 'none' : 'table';
  },
};

const KEY = keyOfSeed(Buffer.from(digestOf('key')));
const PASSPHRASE = utf8('correct horse');
const openKey = encodeKey(KEY);
/** The same key sealed by `encodeKey` at the least cost. Written out, because a seal holds salt and nonce of chance. */
const sealedKey = utf8(
  [
    'momentd-key v1',
    'public 556cbdbc6088089d7bda2c63ac0c48e39d67c9423a9a5d07d17cf7a2cc973474',
    'argon2id 1 8192 01bcae57b02acaaa56794e7462f8153c',
    'xchacha20poly1305 aaf796bf3dcd4b9e724e6ec200ea78ad6e199d20d33b0cc8 b15253c755356ca04fc07224a27daed36fbe833bdfb071f03acd8e68e404927496b70bfc56a4f35c59d374217dba4fca',
    '',
  ].join('\n'),
);
/** A cost that would take more than a millisecond is not tried: the bound on it is checked before anything is stretched. */
const isCheap = (text: string): boolean => {
  const cost = /^argon2id (\d+) (\d+) /m.exec(text);
  return (
    cost === null ||
    (Number(cost[1]) <= 2 && Number(cost[2]) <= 16_384) ||
    Number(cost[1]) > 16 ||
    Number(cost[2]) > 1_073_741_824
  );
};

const keyFile: Target = {
  name: 'key-file',
  about: 'io/keys/key-format: key files, open and sealed',
  forms: ['text', 'bytes'],
  seeds: [new Uint8Array(openKey), sealedKey],
  inputBytesMax: 1_024,
  run(input) {
    const text = Buffer.from(input).toString('latin1');
    if (!isCheap(text)) return 'too dear to try';
    try {
      const key = decodeKey(Buffer.from(input), 'fuzz', text.includes('argon2id') ? PASSPHRASE : undefined);
      holds(!text.includes('argon2id') || Buffer.compare(input, sealedKey) === 0, 'only what was sealed is opened');
      if (!text.includes('argon2id')) sameBytes(encodeKey(key), input, 'an open key has one encoding');
      return 'key';
    } catch (error) {
      return refused(error);
    }
  },
};

export const FILE_TARGETS: readonly Target[] = [config, leapSeconds, keyFile];
