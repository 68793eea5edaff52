/** Rounds of time exchange on virtual clocks: honest peers agree, liars and our own wrong clock are named with evidence. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeRounds } from '../../src/agent/network/time-rounds.ts';
import { OWN_VOICE, PeerTimes } from '../../src/agent/peer-time.ts';
import { keyOfGenesis } from '../../src/core/attestation/genesis.ts';
import { intervalOf, type Statement } from '../../src/core/attestation/statement.ts';
import { verifyStatement } from '../../src/core/attestation/verify-statement.ts';
import { fromHex, toHex } from '../../src/core/codec/hex.ts';
import { decodeEntry } from '../../src/core/log/entry.ts';
import { nextNonce, subjectOfNonce } from '../../src/core/peers/time-exchange.ts';
import { intervalAround, type Interval } from '../../src/core/time/interval.ts';
import { monoInstant, nanos, seconds, taiInstant } from '../../src/core/time/nanos.ts';
import { ppm } from '../../src/core/time/rate.ts';
import { isFault } from '../../src/core/verdict.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { AgentError } from '../../src/ports/agent-error.ts';
import type { Network } from '../../src/ports/network.ts';
import { LaneWriter, rigGenesis } from '../io/gossip/network-rig.ts';

const rig = rigGenesis(4);
const T0 = 1_800_000_000_000_000_000n;
const GUARANTEE = 500n;

type World = {
  readonly times: PeerTimes;
  pass: (ns: bigint) => void;
  /** From now on each way takes so long. */
  travel: (ns: bigint) => void;
  change: Partial<Statement>;
};

/** Four validators; `errors` are the clocks' errors in ns, ours first. Each way takes 1 ms. */
function world(errors: readonly [bigint, bigint, bigint, bigint], signs = (i: number) => i): World {
  let elapsed = 0n;
  let way = 1_000_000n;
  const at = (error: bigint): Interval => intervalAround(taiInstant(T0 + elapsed + error), nanos(GUARANTEE));
  const self: World = {
    change: {},
    pass: (ns) => {
      elapsed += ns;
    },
    travel: (ns) => {
      way = ns;
    },
    times: new PeerTimes(
      {
        network: {
          askTime: (peer, nonce) => {
            const i = Number(peer);
            if (i > 3) return Promise.reject(new AgentError('peer-unknown', 'toy'));
            elapsed += way;
            const time = { tai: taiInstant(T0 + elapsed + errors[i]!), guarantee: nanos(GUARANTEE) };
            elapsed += way;
            const lane = new LaneWriter(rig, rig.signers[signs(i)]!);
            const entry = decodeEntry(
              lane.next({ kind: 'challenge-answer', time, subject: subjectOfNonce(nonce), ...self.change }),
            );
            assert.ok(!isFault(entry));
            return Promise.resolve(entry.statement);
          },
        },
        judge: { network: rig.network, keyOf: keyOfGenesis(rig.genesis), checkSignature },
        interval: () => at(errors[0]),
        now: () => monoInstant(1_000n + elapsed),
        blind: () => new Uint8Array(32).fill(Number(elapsed % 251n)),
      },
      { rateMax: ppm(100), opinionAgeMax: seconds(60), answerWaitMs: 1_000 },
    ),
  };
  return self;
}

async function round({ times }: World): Promise<void> {
  for (const i of [1, 2, 3]) assert.ok(!isFault(await times.ask(`${i}`, rig.signers[i]!.kid)));
}

test('honest clocks agree; offsets and delays are bounded around the truth', async () => {
  const w = world([100n, -200n, 300n, 0n]);
  await round(w);
  assert.deepEqual(w.times.alarms(), []);
  assert.equal(w.times.agreement()!.inside.length, 4);
  for (const { finding } of w.times.latest().values()) {
    assert.ok(finding.isConsistent);
    assert.ok(finding.forward.least <= 1_000_000n && finding.forward.most >= 1_000_000n);
    assert.ok(finding.forward.most <= 2_000_000n + 200n, 'no longer than the round trip');
  }
});

test('a peer that is far off is named, with the exchange that shows it', async () => {
  const w = world([0n, 0n, 50_000_000n, 0n]);
  await round(w);
  const [alarm, ...others] = w.times.alarms();
  assert.deepEqual(others, []);
  assert.equal(alarm!.code, 'peer-time-apart');
  assert.equal(alarm!.who, '2');
  assert.equal(alarm!.voices.length, 4);
  assert.equal(w.times.latest().get('2')!.finding.isConsistent, false);
});

test('when it is our clock that is off, it is ours that is named', async () => {
  const w = world([-50_000_000n, 0n, 0n, 0n]);
  await round(w);
  assert.deepEqual(
    w.times.alarms().map(({ code, who }) => [code, who]),
    [['own-time-apart', OWN_VOICE]],
  );
});

test('nonces form a chain that the evidence opens', async () => {
  const w = world([0n, 0n, 0n, 0n]);
  await round(w);
  const all = [...w.times.latest().values()].map(({ evidence }) => evidence);
  for (const { nonce, previousAnswer, blind } of all) assert.deepEqual(nextNonce(previousAnswer, blind), nonce);
  assert.notDeepEqual(all[0]!.previousAnswer, all[1]!.previousAnswer);
});

test('a quick exchange names what a slow one hides, for as long as nothing later contradicts it', async () => {
  const w = world([0n, 0n, 5_000_000n, 0n]);
  w.travel(100_000_000n);
  await round(w);
  assert.deepEqual(w.times.alarms(), [], '5 ms are within what 200 ms on the way leave open');
  w.travel(100_000n);
  await round(w);
  w.travel(100_000_000n);
  await round(w);
  const [alarm, ...others] = w.times.alarms();
  assert.deepEqual(others, []);
  assert.deepEqual([alarm?.code, alarm?.who], ['peer-time-apart', '2']);
  for (let i = 0; i < 7; i++) await round(w);
  assert.deepEqual(w.times.alarms(), [], 'the quick one is no longer among the latest eight');
});

test('old opinions are not counted, and too few tell nothing', async () => {
  const w = world([0n, 0n, 50_000_000n, 0n]);
  await round(w);
  w.pass(61_000_000_000n);
  assert.equal(w.times.agreement(), undefined);
  assert.deepEqual(w.times.alarms(), []);
});

test('an answer by another key, over another nonce, of another kind, or none at all teaches nothing', async () => {
  const zero = new Uint8Array(32);
  const cases: readonly [string, World, string][] = [
    ['another key', world([0n, 0n, 0n, 0n], () => 2), 'peer-no-answer'],
    [
      'another nonce',
      Object.assign(world([0n, 0n, 0n, 0n]), { change: { subject: zero.slice().fill(1) } }),
      'peer-no-answer',
    ],
    [
      'a heartbeat',
      Object.assign(world([0n, 0n, 0n, 0n]), { change: { kind: 'heartbeat', subject: zero } as const }),
      'peer-no-answer',
    ],
    ['another network', Object.assign(world([0n, 0n, 0n, 0n]), { change: { network: zero } }), 'statement-network'],
  ];
  for (const [why, w, code] of cases) {
    const found = await w.times.ask('1', rig.signers[1]!.kid);
    assert.ok(isFault(found), why);
    assert.equal(found.fault, code, why);
    assert.equal(w.times.latest().size, 0, why);
  }
  const nobody = await world([0n, 0n, 0n, 0n]).times.ask('9', rig.signers[1]!.kid);
  assert.ok(isFault(nobody) && nobody.fault === 'peer-unknown');
});

test('what an alarm rests on is kept once, and a stranger can check it from the file', async () => {
  const w = world([0n, 0n, 50_000_000n, 0n]);
  const kept: Uint8Array[] = [];
  const logged: string[] = [];
  let isFull = false;
  const peers = [1, 2, 3].map(
    (i) => ({ name: `${i}`, kid: rig.signers[i]!.kid }) as ReturnType<Network['peers']>[number],
  );
  const rounds = new TimeRounds({
    network: { peers: () => peers },
    times: w.times,
    interval: () => OWN,
    shelf: {
      keep: (evidence) =>
        isFull ? Promise.reject(new AgentError('disk-full', 'toy')) : Promise.resolve(void kept.push(evidence)),
    },
    now: () => monoInstant(1n),
    log: { write: (_level, message) => logged.push(message) },
    changed: () => undefined,
  });
  for (let i = 0; i < 6; i++) await rounds.round();
  assert.equal(kept.length, 1, 'once for one alarm, however long it stands');
  const file = JSON.parse(new TextDecoder().decode(kept[0])) as AlarmFile;
  assert.deepEqual([file.momentd_time_alarm, file.code, file.who], [1, 'peer-time-apart', '2']);
  assert.deepEqual(file.own, { earliest_ns: `${OWN.earliest}`, latest_ns: `${OWN.latest}` });
  const judge = { network: rig.network, keyOf: keyOfGenesis(rig.genesis), checkSignature };
  const heard = file.voices.filter(({ exchange }) => exchange !== null);
  assert.ok(heard.some(({ who }) => who === '2'));
  for (const { who, exchange } of heard) {
    const { previous_answer: before, blind, nonce, answer, signed } = exchange!;
    assert.equal(toHex(nextNonce(fromHex(before)!, fromHex(blind)!)), nonce);
    const verdict = verifyStatement(judge, fromHex(answer)!);
    assert.ok(verdict.kind === 'accept');
    assert.equal(toHex(verdict.value.kid), toHex(rig.signers[Number(who)]!.kid));
    assert.equal(toHex(verdict.value.statement.subject), toHex(subjectOfNonce(fromHex(nonce)!)));
    const { earliest, latest } = intervalOf(verdict.value.statement);
    assert.deepEqual(signed, { earliest_ns: `${earliest}`, latest_ns: `${latest}` });
  }
  rounds.forget('2');
  isFull = true;
  for (let i = 0; i < 3; i++) await rounds.round();
  assert.ok(logged.includes('the evidence of a time alarm could not be stored'));
  assert.equal(rounds.apart.length, 1, 'the alarm stands all the same');
});

const OWN = intervalAround(taiInstant(T0), nanos(GUARANTEE));

type AlarmFile = {
  readonly momentd_time_alarm: number;
  readonly code: string;
  readonly who: string;
  readonly own: object;
  readonly voices: readonly {
    readonly who: string;
    readonly exchange:
      (Readonly<Record<'previous_answer' | 'blind' | 'nonce' | 'answer', string>> & { signed: object }) | null;
  }[];
};
