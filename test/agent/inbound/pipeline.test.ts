/** The pipeline without a network: the order of its checks, its bounds, its verdicts, and what it does with our own bugs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { KindJudge } from '../../../src/agent/inbound/kind-judge.ts';
import { InboundPipeline } from '../../../src/agent/inbound/pipeline.ts';
import { offenceOf } from '../../../src/agent/inbound/offences.ts';
import type { Code } from '../../../src/core/codes.ts';
import type { SignatureClaim } from '../../../src/core/attestation/verify-statement.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import type { Hello } from '../../../src/core/peers/hello.ts';
import { Quotas } from '../../../src/core/peers/quotas.ts';
import { Standing } from '../../../src/core/peers/standing.ts';
import { encodeFrame } from '../../../src/core/propagation/frame.ts';
import type { MessageKind } from '../../../src/core/propagation/kinds.ts';
import { quotaTable, type QuotaKey } from '../../../src/core/propagation/quota-table.ts';
import { millis, monoInstant, shift, type MonoInstant } from '../../../src/core/time/nanos.ts';
import { accept, ignore, reject } from '../../../src/core/verdict.ts';
import { AgentError } from '../../../src/ports/agent-error.ts';
import type { Arrival, ArrivalOutcome, Peer } from '../../../src/ports/network.ts';
import type { BatchVerifier } from '../../../src/ports/signature-check.ts';

const PEER: Peer = { name: 'peer', address: '1.2.3.4', hello: {} as Hello, kid: undefined };

/** First byte of an item: what the toy judge says of it. Good and bad ones have a signature to check. */
const GOOD = 1;
const BAD_SIGNATURE = 2;
const MALFORMED = 3;
const UNKNOWN = 4;
const BUG = 5;

/** Of accepted numbers: nobody waits for these and above. */
const PATIENT_FROM = 1_000;

type Rig = {
  readonly pipeline: InboundPipeline;
  readonly standing: Standing;
  readonly taken: number[];
  readonly checked: () => number;
  readonly logged: string[];
  at: MonoInstant;
  turn: () => void;
};

function rigOf(batch?: BatchVerifier, kept: Uint8Array[] = []): Rig {
  const taken: number[] = [];
  const logged: string[] = [];
  const wakes: (() => void)[] = [];
  let checked = 0;
  const toy: KindJudge<number> = {
    prepare: (item) => {
      kept.push(item);
      const number = (item[1]! << 8) | item[2]!;
      if (item[0] === MALFORMED) return reject('statement-type', 'toy');
      if (item[0] === UNKNOWN) return ignore('key-unknown', 'toy');
      if (item[0] === BUG) throw new Error('toy bug');
      const claim: SignatureClaim = { publicKey: item.subarray(0, 1), message: item, signature: item };
      const settle = (holds: boolean) => (holds ? accept(number) : reject('signature-invalid', 'toy'));
      return { kind: 'claim', claim, settle };
    },
    mayWait: (number) => number >= PATIENT_FROM,
    take: (values) => taken.push(...values),
  };
  const standing = new Standing();
  const rig: Rig = {
    standing,
    taken,
    logged,
    checked: () => checked,
    at: monoInstant(1n),
    turn: () => wakes.splice(0).forEach((wake) => wake()),
    pipeline: new InboundPipeline({
      judges: { faults: toy, statements: toy, subjects: toy, checkpoints: toy },
      quotas: new Quotas<QuotaKey>({ perPeer: quotaTable(4), peersPerAddress: 3 }),
      standing,
      checkSignature: ({ publicKey }) => {
        checked += 1;
        return publicKey[0] === GOOD;
      },
      batch,
      now: () => rig.at,
      timers: { soon: (wake) => wakes.push(wake) },
      log: { write: (_level, message) => logged.push(message) },
    }),
  };
  return rig;
}

const item = (verdict: number, number: number): Uint8Array => Uint8Array.of(verdict, number >> 8, number & 0xff);
const arrival = (
  items: readonly Uint8Array[],
  kind: MessageKind = 'statements',
  change: Partial<Arrival> = {},
): Arrival => ({
  from: PEER,
  way: 'direct',
  topicKind: undefined,
  bytes: encodeFrame({ kind, items }),
  ...change,
});
const goods = (from: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => item(GOOD, from + i));

function now(outcome: ArrivalOutcome | Promise<ArrivalOutcome>): ArrivalOutcome {
  assert.ok(!(outcome instanceof Promise), 'judged at once');
  return outcome;
}

test('good items are taken in order and may be passed on', () => {
  const rig = rigOf();
  const items = goods(0, 5);
  const outcome = now(rig.pipeline.judge(arrival(items)));
  assert.equal(outcome.kind, 'accept');
  assert.equal(outcome.fresh.length, 5);
  assert.deepEqual(rig.taken, [0, 1, 2, 3, 4]);
  assert.equal(rig.pipeline.counts.acceptedOf('statements'), 5);
});

test('a duplicate costs no signature check, in a later frame or in the same', () => {
  const rig = rigOf();
  const one = item(GOOD, 7);
  now(rig.pipeline.judge(arrival([one, one])));
  assert.equal(now(rig.pipeline.judge(arrival([one]))).kind, 'ignore');
  assert.equal(rig.checked(), 1);
  assert.deepEqual(rig.taken, [7]);
  assert.equal(rig.pipeline.counts.refusedOf('statements', 'message-duplicate'), 2);
});

test('what is judged, kept or passed on does not hold on to the buffer it came in', () => {
  const kept: Uint8Array[] = [];
  const rig = rigOf(undefined, kept);
  const { bytes, ...rest } = arrival(goods(0, 3));
  const pool = Buffer.alloc(65_536);
  pool.set(bytes);
  const { fresh } = now(rig.pipeline.judge({ ...rest, bytes: pool.subarray(0, bytes.length) }));
  assert.equal(fresh.length, 3);
  for (const item of [...kept, ...fresh]) assert.ok(item.buffer.byteLength < 64, `${item.buffer.byteLength} bytes`);
  pool.fill(0);
  assert.deepEqual(fresh, goods(0, 3));
});

test('a frame may wait to be passed on only when nobody waits for anything in it', () => {
  const rig = rigOf();
  const isPatient = (items: readonly Uint8Array[]): boolean | undefined =>
    now(rig.pipeline.judge(arrival(items))).isPatient;
  assert.equal(isPatient(goods(PATIENT_FROM, 3)), true);
  assert.equal(isPatient([...goods(PATIENT_FROM + 3, 3), item(GOOD, 1)]), false);
  assert.equal(isPatient(goods(2, 2)), false);
});

test('our own words are duplicates when they come back', () => {
  const rig = rigOf();
  rig.pipeline.rememberOwn([item(GOOD, 7)]);
  assert.equal(now(rig.pipeline.judge(arrival([item(GOOD, 7)]))).kind, 'ignore');
  assert.equal(rig.checked(), 0);
});

test('what is refused for its shape costs no signature check', () => {
  const rig = rigOf();
  assert.equal(now(rig.pipeline.judge(arrival([item(MALFORMED, 1)]))).kind, 'reject');
  assert.equal(now(rig.pipeline.judge(arrival([item(UNKNOWN, 1)]))).kind, 'ignore');
  assert.equal(rig.checked(), 0);
});

test('what could not be judged may be judged again, what broke a rule is not', () => {
  const rig = rigOf();
  for (let i = 0; i < 3; i++) now(rig.pipeline.judge(arrival([item(UNKNOWN, 1)])));
  assert.equal(rig.pipeline.counts.refusedOf('statements', 'key-unknown'), 3);
  for (let i = 0; i < 3; i++) now(rig.pipeline.judge(arrival([item(BAD_SIGNATURE, 1)])));
  assert.equal(rig.checked(), 1);
});

test('one bad item in a frame is held against its sender and does not spoil the good ones', () => {
  const rig = rigOf();
  const outcome = now(rig.pipeline.judge(arrival([item(GOOD, 1), item(BAD_SIGNATURE, 2), item(GOOD, 3)])));
  assert.equal(outcome.kind, 'reject');
  assert.deepEqual(rig.taken, [1, 3]);
  assert.ok(rig.standing.trustOf('peer') < 0.8);
});

test('frames that are none, or of another kind than their topic, are the sender’s fault', () => {
  const rig = rigOf();
  const broken = now(rig.pipeline.judge(arrival([item(GOOD, 1)], 'statements', { bytes: Uint8Array.of(9) })));
  assert.equal(broken.kind, 'reject');
  const misplaced = arrival([item(GOOD, 1)], 'statements', { way: 'gossip', topicKind: 'faults' });
  assert.equal(now(rig.pipeline.judge(misplaced)).kind, 'reject');
  assert.equal(rig.pipeline.counts.refusedOf('frame', 'frame-format'), 1);
  assert.equal(rig.pipeline.counts.refusedOf('frame', 'frame-kind'), 1);
  assert.deepEqual(rig.taken, []);
});

test('above the quota nothing is read, and a peer that goes on is banned and told so', () => {
  const rig = rigOf();
  let banned = false;
  for (let second = 0; second < 10 && !banned; second++) {
    for (let frame = 0; frame < 4 && !banned; frame++) {
      const from = (second * 4 + frame) * 1_000;
      banned = now(rig.pipeline.judge(arrival(goods(from, 1_000), 'statements'))).banned;
    }
    rig.at = shift(rig.at, millis(1_000));
    rig.turn();
  }
  assert.ok(banned);
  assert.ok(rig.taken.length <= 1_000 + 250 * 10, `${rig.taken.length} taken`);
  assert.ok(rig.logged.includes('peer banned'));
  const before = rig.checked();
  assert.deepEqual(now(rig.pipeline.judge(arrival([item(GOOD, 60_000)]))), { kind: 'ignore', banned: true, fresh: [] });
  assert.equal(rig.checked(), before);
  assert.equal(rig.pipeline.counts.refusedOf('frame', 'peer-banned'), 1);
});

test('a frame cut by the quota is not passed on as if it were whole', () => {
  const rig = rigOf();
  now(rig.pipeline.judge(arrival(goods(0, 900))));
  const outcome = now(rig.pipeline.judge(arrival(goods(2_000, 200))));
  assert.equal(outcome.kind, 'ignore');
  assert.equal(rig.pipeline.counts.refusedOf('statements', 'peer-over-quota'), 1_100 - rig.taken.length);
  assert.equal(outcome.fresh.length, 100);
});

test('a throw while judging is our bug: counted, logged, nobody is blamed', () => {
  const rig = rigOf();
  assert.deepEqual(now(rig.pipeline.judge(arrival([item(BUG, 1)]))), { kind: 'ignore', banned: false, fresh: [] });
  assert.equal(rig.pipeline.counts.bugs, 1);
  assert.equal(rig.standing.trustOf('peer'), 1);
  assert.deepEqual(rig.logged, ['judging a message failed, which is a bug of ours']);
});

// ---- off the loop

/** Answers when it is told to. */
function slowVerifier(): BatchVerifier & { readonly finish: () => void; full: boolean; readonly batches: number[] } {
  const waiting: { claims: readonly SignatureClaim[]; resolve: (holds: boolean[]) => void }[] = [];
  const verifier = {
    full: false,
    batches: [] as number[],
    get waitingClaims() {
      return waiting.reduce((sum, { claims }) => sum + claims.length, 0);
    },
    check: (claims: readonly SignatureClaim[]) => {
      if (verifier.full) return Promise.reject(new AgentError('verification-queue-full', 'toy'));
      verifier.batches.push(claims.length);
      return new Promise<boolean[]>((resolve) => waiting.push({ claims, resolve }));
    },
    finish: () =>
      waiting.splice(0).forEach(({ claims, resolve }) => resolve(claims.map((c) => c.publicKey[0] === GOOD))),
    stop: () => Promise.resolve(),
  };
  return verifier;
}

test('more than a tick of signatures goes off the loop, and what follows waits its turn behind it', async () => {
  const batch = slowVerifier();
  const rig = rigOf(batch);
  now(rig.pipeline.judge(arrival(goods(0, LIMITS.inlineClaimsMax))));
  const second = rig.pipeline.judge(arrival(goods(200, 1)));
  assert.ok(second instanceof Promise);
  rig.turn();
  // A new turn has room on the loop again, but the order of one peer's words must hold.
  const third = rig.pipeline.judge(arrival(goods(300, 1)));
  assert.ok(third instanceof Promise);
  assert.equal(rig.pipeline.waitingItems, 2);
  batch.finish();
  await Promise.all([second, third]);
  assert.deepEqual(rig.taken.slice(-2), [200, 300]);
  assert.equal(rig.pipeline.waitingItems, 0);
  assert.equal(now(rig.pipeline.judge(arrival(goods(400, 1)))).kind, 'accept');
});

test('an item that is being checked is checked once, from however many sides it comes, and taken once', async () => {
  const batch = slowVerifier();
  const rig = rigOf(batch);
  const many = goods(0, LIMITS.inlineClaimsMax + 1);
  const first = rig.pipeline.judge(arrival(many));
  const from = { ...PEER, name: 'another' };
  assert.equal(now(rig.pipeline.judge(arrival(many, 'statements', { from }))).kind, 'ignore');
  assert.equal(rig.pipeline.waitingItems, many.length);
  const next = rig.pipeline.judge(arrival([...many.slice(-1), ...goods(1_000, 1)], 'statements', { from }));
  batch.finish();
  assert.equal((await first).kind, 'accept');
  assert.deepEqual((await next).fresh, goods(1_000, 1));
  assert.deepEqual(batch.batches, [many.length, 1]);
  assert.deepEqual(rig.taken, [...many.keys(), 1_000]);
  assert.equal(rig.pipeline.counts.refusedOf('statements', 'message-duplicate'), many.length + 1);
});

test('what was being checked and was lost with its thread may come again', async () => {
  const batch = slowVerifier();
  const rig = rigOf({ ...batch, check: () => Promise.reject(new AgentError('verification-worker-lost', 'toy')) });
  const many = goods(0, LIMITS.inlineClaimsMax + 1);
  for (let i = 0; i < 2; i++) assert.equal((await rig.pipeline.judge(arrival(many))).kind, 'ignore');
  assert.equal(rig.pipeline.counts.refusedOf('statements', 'message-duplicate'), 0);
  assert.equal(rig.pipeline.waitingItems, 0);
});

test('a full queue of the workers drops what came, remembers nothing, blames nobody', async () => {
  const batch = slowVerifier();
  const rig = rigOf(batch);
  batch.full = true;
  const many = goods(0, LIMITS.inlineClaimsMax + 1);
  assert.deepEqual(await rig.pipeline.judge(arrival(many)), { kind: 'ignore', banned: false, fresh: [] });
  assert.equal(rig.pipeline.counts.refusedOf('statements', 'inbound-full'), many.length);
  batch.full = false;
  const again = rig.pipeline.judge(arrival(many));
  batch.finish();
  assert.equal((await again).kind, 'accept');
});

test('no more waits than the bound allows, from all peers together', () => {
  const batch = slowVerifier();
  const rig = rigOf(batch);
  for (let peer = 0; peer < 40; peer++) {
    const from = { ...PEER, name: `p${peer}`, address: `a${peer}` };
    void rig.pipeline.judge(arrival(goods(peer * 1_000, 1_000), 'statements', { from }));
    assert.ok(rig.pipeline.waitingItems <= LIMITS.inboundItemsMax);
  }
  assert.ok(rig.pipeline.counts.refusedOf('statements', 'inbound-full') > 0);
});

test('whatever bytes come, there is a verdict and never a throw', () => {
  const rig = rigOf();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const from = { ...PEER, name: bytes.join() };
      const outcome = now(rig.pipeline.judge(arrival([item(GOOD, 1)], 'statements', { bytes, from })));
      assert.match(outcome.kind, /accept|ignore|reject/);
    }),
  );
});

test('each sort of code is its sort of offence', () => {
  const cases: readonly [Code, string][] = [
    ['signature-invalid', 'bad-signature'],
    ['fault-exhibit', 'bad-signature'],
    ['statement-network', 'rule-broken'],
    ['message-unsolicited', 'unsolicited'],
    ['statement-not-canonical', 'malformed'],
  ];
  for (const [code, offence] of cases) assert.equal(offenceOf(code), offence);
});
