/**
 * A validator at rest among many: one real `momentd run` process whose neighbours in the overlay are played by this one.
 *
 *     node bench/at-rest.ts [--validators 100] [--seconds 20] [--warm-up 10] [--cpu-prof DIR] [--json]
 *
 * Nobody submits anything: every validator says one heartbeat a second. The validators that would send to it (at distance
 * 1, 2, 4, 8 ... before it) are connected over real libp2p with their own keys, and each passes on every statement of every
 * other validator, as the overlay has it: in frames of what came within a relay's wait, and all but the first copy duplicates. Measured is what the process takes: frames,
 * duplicates, signatures, lanes kept durably, its own relaying to those that are connected. Played, not real: the others'
 * votes, checkpoints and questions. Named baseline: verification alone, what libsodium takes for the same signatures.
 *
 * For its first minute a process also compiles what it uses most, on threads of V8: with `--warm-up 60` that is not counted. The first run
 * after the sources changed strips their types in the process measured, which takes 12 MB; the second finds them compiled.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { threadCpuUsage } from 'node:process';
import { parseArgs } from 'node:util';
import { networkIdOf } from '../src/core/attestation/genesis.ts';
import { parseGenesis } from '../src/core/attestation/genesis-json.ts';
import { compareBytes } from '../src/core/codec/cbor.ts';
import { KIND_RULES } from '../src/core/propagation/kinds.ts';
import { directPositions } from '../src/core/propagation/recipients.ts';
import { intervalAround, type Interval } from '../src/core/time/interval.ts';
import { nanos, taiInstant } from '../src/core/time/nanos.ts';
import { isFault } from '../src/core/verdict.ts';
import { freePorts } from '../src/cli/free-ports.ts';
import { writeLocalNetwork } from '../src/cli/local-network.ts';
import { checkSignature } from '../src/io/keys/check-signature.ts';
import { readKeyFile } from '../src/io/keys/key-store.ts';
import { sodiumSigner } from '../src/io/keys/sodium-signer.ts';
import { LaneWriter, rigAgent, type RigGenesis } from '../test/io/gossip/network-rig.ts';
import { Member } from '../test/network/local-network.ts';
import { figure, say, tellFigures } from './figures.ts';

const { values } = parseArgs({
  options: {
    validators: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '20' },
    'warm-up': { type: 'string', default: '10' },
    'cpu-prof': { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const validators = Number(values.validators);
const RELAY_WAIT_MS = Number(KIND_RULES.statements.relayWait / 1_000_000n);

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const TICKS_PER_SECOND = 100;

/** User and system time of a process, proc_pid_stat(5). */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))![1]) / 1_024;
}

/** The network's record and everyone's key, as this process plays everyone but one. */
async function everyone(written: readonly { readonly key: string; readonly genesis: string }[]): Promise<RigGenesis> {
  const parsed = parseGenesis(await readFile(written[0]!.genesis));
  if (isFault(parsed)) throw new Error(parsed.detail);
  const { genesis } = parsed;
  const signers = await Promise.all(written.map(async ({ key }) => sodiumSigner(await readKeyFile(key))));
  const inOrder = genesis.validators.map(({ publicKey }) =>
    signers.find((signer) => compareBytes(signer.publicKey, publicKey) === 0)!,
  );
  return { genesis, network: networkIdOf(genesis), signers: inOrder };
}

/** True time as the process has it, carried on by our own clock: good to some milliseconds, which is all it is used for. */
async function truthOf(member: Member): Promise<() => bigint> {
  const { earliest_ns: earliest } = await member.json<{ earliest_ns: string }>('/v1/time');
  const ahead = BigInt(earliest) - process.hrtime.bigint();
  return () => process.hrtime.bigint() + ahead;
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'momentd-bench-'));
  const ports = await freePorts(validators);
  const written = await writeLocalNetwork({ directory, networkName: 'bench', validators, ports });
  const own = written[0]!;
  // Nobody else runs: it would dial 99 closed ports for the whole time.
  writeFileSync(own.config, readFileSync(own.config, 'utf8').replace(/^pinned = .*$/m, 'pinned = []'));
  const member = new Member(own);
  const rig = await everyone(written);
  const ownKey = sodiumSigner(await readKeyFile(own.key)).publicKey;
  const self = rig.signers.findIndex(({ publicKey }) => compareBytes(publicKey, ownKey) === 0);
  const profiles = values['cpu-prof'];
  if (profiles !== undefined) process.env['NODE_OPTIONS'] = `--cpu-prof --cpu-prof-dir=${profiles}`;
  try {
    member.start();
    await member.until<{ attesting: { reason: unknown } }>('/v1/status', ({ attesting }) => attesting.reason === null);
    const truth = await truthOf(member);
    const now = (): Interval => intervalAround(taiInstant(truth()), nanos(1_000_000n));
    const { identity } = await member.json<{ identity: string }>('/v1/network');
    const address = `/ip4/127.0.0.1/tcp/${ports[0]!}/p2p/${identity}`;
    const senders = Array.from(rig.signers.keys()).filter((at) => directPositions(at, validators).has(self));
    const neighbours = await Promise.all(
      senders.map((position) => rigAgent({ rig, position, now, options: { pinned: [address] } })),
    );
    for (const neighbour of neighbours) await neighbour.start();
    await Promise.all(neighbours.map((neighbour) => neighbour.until(() => neighbour.peers.size > 0)));
    say(`${validators} validators, ${neighbours.length} neighbours connected`);
    const lanes = rig.signers.flatMap((signer, at) => (at === self ? [] : [new LaneWriter(rig, signer)]));
    const entries: Uint8Array[] = [];
    // What each neighbour is about to pass on.
    const boxes = neighbours.map((): Uint8Array[] => []);
    const timers: (NodeJS.Timeout | undefined)[] = [];
    /** One turn of all validators, spread over a second; every neighbour passes every statement on. */
    const speak = async (seconds: number): Promise<void> => {
      const from = performance.now();
      for (let turn = 0; turn < seconds * lanes.length; turn++) {
        const due = from + (turn * 1_000) / lanes.length;
        if (due > performance.now()) await pause(due - performance.now());
        const entry = lanes[turn % lanes.length]!.next({ time: { tai: taiInstant(truth()), guarantee: nanos(500n) } });
        entries.push(entry);
        for (const [i, waiting] of boxes.entries()) {
          waiting.push(entry);
          timers[i] ??= setTimeout(() => {
            timers[i] = undefined;
            neighbours[i]!.network.publish('statements', waiting.splice(0));
          }, RELAY_WAIT_MS);
        }
      }
    };
    await speak(Number(values['warm-up']));
    const [before, began, said] = [cpuSecondsOf(member.pid), performance.now(), entries.length];
    const heapBefore = residentMb(member.pid);
    await speak(Number(values.seconds));
    const seconds = (performance.now() - began) / 1_000;
    const share = (cpuSecondsOf(member.pid) - before) / seconds;
    const resident = residentMb(member.pid);
    const kept = await member.json<{ lanes: { size: string }[] }>('/v1/lanes');
    const stored = kept.lanes.reduce((sum, { size }) => sum + Number(size), 0);
    const verifying = verificationShare(rig, (entries.length - said) / seconds);
    say(
      `heard ${((entries.length - said) / seconds).toFixed(0)} statements/s, each ${neighbours.length} times; ${stored} stored, ${entries.length} said`,
    );
    say(
      `processor ${(share * 100).toFixed(1)} % of a core (target 5); libsodium alone ${(verifying * 100).toFixed(2)} %`,
    );
    say(`resident ${heapBefore.toFixed(0)} -> ${resident.toFixed(0)} MB (target 200)`);
    const at = `a validator at rest among ${validators}`;
    figure({
      what: `${at}, processor`,
      value: share * 100,
      unit: '% of a core',
      baseline: 'libsodium verification of the same statements',
      ratio: share / verifying,
      target: '<= 5',
    });
    figure({ what: `${at}, memory resident`, value: resident, unit: 'MB', target: '<= 200' });
    for (const neighbour of neighbours) await neighbour.stop();
    // Not killed: a profile is written at a clean end, and what was compiled is kept for the next run.
    await member.stop('SIGINT');
  } finally {
    await member.stop('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  }
  tellFigures('at-rest');
}

/** Share of a core that bare verification of so many statements a second takes here. */
function verificationShare({ signers }: RigGenesis, perSecond: number): number {
  const [signer] = signers;
  const message = new Uint8Array(220);
  const claim = { publicKey: signer!.publicKey, message, signature: signer!.sign(message) };
  const COUNT = 2_000;
  const start = threadCpuUsage();
  for (let i = 0; i < COUNT; i++) if (!checkSignature(claim)) throw new Error('a valid signature was refused');
  const { user, system } = threadCpuUsage(start);
  return ((user + system) / 1e6 / COUNT) * perSecond;
}

await main();
process.exit();
