/** What one statement owes alone and to the moment it comes: every rule with its code, each broken by itself. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AHEAD_MAX, statementJudge, type ReceivedStatement } from '../../../src/agent/inbound/judge-statement.ts';
import { checkpointJudge } from '../../../src/agent/inbound/judge-checkpoint.ts';
import { faultJudge } from '../../../src/agent/inbound/judge-fault.ts';
import { subjectJudge } from '../../../src/agent/inbound/judge-subject.ts';
import type { Prepared } from '../../../src/agent/inbound/kind-judge.ts';
import { keyOfGenesis } from '../../../src/core/attestation/genesis.ts';
import { encodeReports } from '../../../src/core/attestation/reports.ts';
import type { Statement } from '../../../src/core/attestation/statement.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { signCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { EMPTY_ROOT } from '../../../src/core/log/merkle.ts';
import { originOf } from '../../../src/core/log/origin.ts';
import type { Hello } from '../../../src/core/peers/hello.ts';
import { KIND_RULES } from '../../../src/core/propagation/kinds.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { nanos, negate, plus, seconds, shift, taiInstant, type TaiInstant } from '../../../src/core/time/nanos.ts';
import { accept } from '../../../src/core/verdict.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import type { Peer, Way } from '../../../src/ports/network.ts';
import { LaneWriter, RIG_NOW, rigGenesis, signerOf } from '../../io/gossip/network-rig.ts';

const rig = rigGenesis(4);
const [own, author] = [rig.signers[0]!, rig.signers[1]!];
const keyOf = keyOfGenesis(rig.genesis);
const peerOf = (kid: Uint8Array | undefined): Peer => ({ name: 'p', address: '1.2.3.4', hello: {} as Hello, kid });

const judgeWith = (change: { isOverlay?: boolean; hasTime?: boolean; isAtRest?: boolean } = {}) =>
  statementJudge({
    network: rig.network,
    keyOf,
    ownKid: own.kid,
    now: () => (change.hasTime === false ? undefined : RIG_NOW),
    isOverlay: change.isOverlay ?? false,
    ...(change.isAtRest !== undefined && { isAtRest: () => change.isAtRest! }),
    take: () => undefined,
  });

const lane = (signer = author): LaneWriter => new LaneWriter(rig, signer);
const at = (tai: TaiInstant): Partial<Statement> => ({ time: { tai, guarantee: nanos(500n) } });

function codeOf(item: Uint8Array, from = peerOf(author.kid), way: Way = 'direct', judge = judgeWith()): string {
  const prepared: Prepared<ReceivedStatement> = judge.prepare(item, from, way, sha256(item));
  if (prepared.kind === 'accept') return 'accept';
  if (prepared.kind !== 'claim') return `${prepared.kind} ${prepared.code}`;
  const settled = prepared.settle(checkSignature(prepared.claim));
  return settled.kind === 'accept' ? 'accept' : `${settled.kind} ${settled.code}`;
}

test('a statement that keeps every rule is accepted, with its delay where we have a time', () => {
  const item = lane().next();
  assert.equal(codeOf(item), 'accept');
  const prepared = judgeWith().prepare(item, peerOf(author.kid), 'direct', sha256(item));
  assert.ok(prepared.kind === 'claim');
  const settled = prepared.settle(true);
  assert.ok(settled.kind === 'accept');
  assert.deepEqual(settled.value.entry, item);
  assert.ok(settled.value.delay!.most >= settled.value.delay!.least);
  assert.equal(
    codeOf(lane().next(at(taiInstant(1_000_000n))), undefined, 'direct', judgeWith({ hasTime: false })),
    'accept',
  );
});

test('bytes that are no entry or no statement are refused by their own codes', () => {
  const good = lane().next();
  assert.equal(codeOf(Uint8Array.of(1)), 'reject lane-entry-format');
  const spoiled = good.slice();
  spoiled[spoiled.length - 20]! ^= 1;
  assert.match(codeOf(spoiled), /^reject signature-/);
  assert.equal(codeOf(lane().next({ network: new Uint8Array(32) })), 'reject statement-network');
});

test('our own words and unknown keys are nobody’s fault', () => {
  assert.equal(codeOf(lane(own).next(), peerOf(author.kid), 'gossip'), 'ignore message-duplicate');
  assert.equal(codeOf(lane(signerOf(77)).next(), peerOf(author.kid), 'gossip'), 'ignore key-unknown');
});

test('on a direct stream a validator speaks for itself, unless validators relay; on gossip anyone for anyone', () => {
  const item = lane().next();
  const other = peerOf(rig.signers[2]!.kid);
  assert.equal(codeOf(item, other), 'reject message-unsolicited');
  assert.equal(codeOf(item, peerOf(undefined)), 'reject message-unsolicited');
  assert.equal(codeOf(item, other, 'direct', judgeWith({ isOverlay: true })), 'accept');
  assert.equal(codeOf(item, peerOf(undefined), 'gossip'), 'accept');
});

test('a heartbeat may wait to be relayed while the order rests; what the order is made of never may', () => {
  const vote = Uint8Array.of(1, 2, 3);
  const heartbeat = lane().next();
  const cast = lane().next({ kind: 'cut-vote', subject: sha256(vote) }, vote);
  const mayWait = (item: Uint8Array, isAtRest?: boolean): boolean | undefined => {
    const judge = judgeWith(isAtRest === undefined ? {} : { isAtRest });
    const prepared = judge.prepare(item, peerOf(author.kid), 'direct', sha256(item));
    assert.ok(prepared.kind === 'claim');
    const settled = prepared.settle(true);
    assert.ok(settled.kind === 'accept');
    return judge.mayWait?.(settled.value);
  };
  assert.deepEqual([mayWait(heartbeat, true), mayWait(heartbeat, false), mayWait(heartbeat)], [true, false, false]);
  assert.deepEqual([mayWait(cast, true), mayWait(cast, false)], [false, false]);
});

test('what lies too far back or ahead is left, at the very edges', () => {
  const age = KIND_RULES.statements.ageMax;
  const oldest = shift(RIG_NOW.earliest, negate(plus(age, nanos(500n))));
  assert.equal(codeOf(lane().next(at(oldest))), 'accept');
  assert.equal(codeOf(lane().next(at(shift(oldest, nanos(-1n))))), 'ignore message-stale');
  const newest = shift(RIG_NOW.latest, plus(AHEAD_MAX, nanos(500n)));
  assert.equal(codeOf(lane().next(at(newest))), 'accept');
  assert.equal(codeOf(lane().next(at(shift(newest, nanos(1n))))), 'ignore message-future');
});

test('a body is what the statement commits to, and there is none where nothing is committed to', () => {
  const time = { tai: RIG_NOW.earliest, guarantee: nanos(500n) };
  const seen = interval(shift(time.tai, seconds(-1)), time.tai);
  const { bytes, root } = encodeReports(time, [{ subject: sha256(Uint8Array.of(1)), seen }]);
  const vote = Uint8Array.of(1, 2, 3);
  const cases: readonly [string, Uint8Array, string][] = [
    ['reports with their root', lane().next({ kind: 'reports', time, subject: root }, bytes), 'accept'],
    ['reports left out', lane().next({ kind: 'reports', time, subject: root }), 'reject reports-format'],
    [
      'reports of another root',
      lane().next({ kind: 'reports', time, subject: sha256(vote) }, bytes),
      'reject reports-root',
    ],
    ['no reports at all', lane().next({ kind: 'reports', time, subject: root }, vote), 'reject reports-format'],
    ['a vote with its body', lane().next({ kind: 'cut-vote', subject: sha256(vote) }, vote), 'accept'],
    ['a vote without', lane().next({ kind: 'cut-vote', subject: sha256(vote) }), 'reject statement-subject'],
    [
      'a vote for something else',
      lane().next({ kind: 'cut-vote', subject: sha256(bytes) }, vote),
      'reject statement-subject',
    ],
    ['a heartbeat with luggage', lane().next({}, vote), 'reject statement-subject'],
  ];
  for (const [why, item, expected] of cases) assert.equal(codeOf(item), expected, why);
});

// ---- the other kinds

const judge = { network: rig.network, keyOf, checkSignature };
const peer = peerOf(undefined);
const verdictOf = (prepared: Prepared<unknown>): string =>
  prepared.kind === 'accept' || prepared.kind === 'claim' ? prepared.kind : `${prepared.kind} ${prepared.code}`;

test('a checkpoint is its lane’s own, signed by its validator', () => {
  const checkpoints = checkpointJudge({ judge, take: () => undefined });
  const prepare = (note: Uint8Array): Prepared<unknown> => checkpoints.prepare(note, peer, 'gossip', sha256(note));
  const noteOf = (kid: Uint8Array, network = rig.network, signer = author): Uint8Array =>
    signCheckpoint(
      { origin: originOf({ network, kid }), size: 0, root: EMPTY_ROOT },
      { sign: (bytes) => signer.sign(bytes), publicKey: signer.publicKey },
    );
  assert.equal(verdictOf(prepare(noteOf(author.kid))), 'accept');
  assert.equal(verdictOf(prepare(noteOf(signerOf(9).kid))), 'ignore key-unknown');
  assert.equal(verdictOf(prepare(noteOf(author.kid, new Uint8Array(32)))), 'reject checkpoint-origin');
  assert.match(verdictOf(prepare(noteOf(author.kid, rig.network, own))), /^reject checkpoint-/);
  const cut = noteOf(author.kid).slice(0, -5);
  assert.match(verdictOf(prepare(cut)), /^reject /);
});

test('a fault proof that shows nothing is refused', () => {
  const faults = faultJudge({ judge, take: () => undefined });
  const prepare = (proof: Uint8Array): Prepared<unknown> => faults.prepare(proof, peer, 'direct', sha256(proof));
  for (const text of ['', '{}', '{"momentd_fault":1,"code":"E9"}'])
    assert.match(verdictOf(prepare(new TextEncoder().encode(text))), /^reject fault-/);
});

test('subjects are judged by the ordering, and taken by it', () => {
  const taken: number[] = [];
  const toy = subjectJudge({ judge: (bytes) => accept(bytes.length), take: (values) => taken.push(...values) });
  const item = new Uint8Array(3);
  assert.deepEqual(toy.prepare(item, peer, 'direct', sha256(item)), accept(3));
  toy.take([3], peer);
  assert.deepEqual(taken, [3]);
});
