/** The agent on virtual time: it attests, refuses with a reason, holds over, survives a full disk, a suspend and a restart. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODES } from '../../src/core/codes.ts';
import { recomputeEvidence } from './recompute.ts';
import { keyringOf } from '../../src/core/attestation/keyring.ts';
import { verifyStatement } from '../../src/core/attestation/verify-statement.ts';
import { toHex } from '../../src/core/codec/hex.ts';
import { contains } from '../../src/core/time/interval.ts';
import { millis, seconds, since } from '../../src/core/time/nanos.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { SimDisk } from '../../src/sim/disk.ts';
import { NETWORK, World } from './harness.ts';

test('it refuses with a reason until it is locked, then signs a chain that a stranger verifies', async (t) => {
  const world = await World.begin(t);
  assert.equal(world.agent.status().attesting.reason?.code, 'clock-starting');
  await world.run(5);
  assert.equal(world.agent.status().lane.size, 0n);
  assert.ok(world.agent.status().attesting.reason!.code in CODES);
  await world.run(40);
  const status = world.agent.status();
  assert.equal(status.time.state, 'locked');
  assert.equal(status.attesting.reason, undefined);
  assert.ok(world.published.length > 15, `${world.published.length} statements`);
  assert.equal(status.lane.size, BigInt(world.published.length));

  const judge = { network: NETWORK, keyOf: keyringOf([world.signer.publicKey])!, checkSignature };
  for (const [i, { bytes, statement, id }] of world.published.entries()) {
    const verdict = verifyStatement(judge, bytes);
    assert.equal(verdict.kind, 'accept');
    assert.equal(statement.seq, BigInt(i));
    if (i > 0) {
      assert.equal(toHex(statement.previous), toHex(world.published[i - 1]!.id));
      assert.ok(statement.time.tai > world.published[i - 1]!.statement.time.tai, 'time strictly increases');
    }
    assert.equal(id.length, 32);
  }
});

test('its sources earn their trust while the rest still starts; nothing is estimated or signed before', async (t) => {
  const untilSigning = async (world: World): Promise<number> => {
    for (let second = 1; second <= 60; second++) {
      await world.run(1);
      if (world.agent.status().attesting.reason === undefined) return second;
    }
    throw new Error('it did not sign within a minute');
  };
  const cold = await untilSigning(await World.begin(t));
  const world = await World.begin(t, new SimDisk(), { onlyAcquires: true });
  await world.run(20);
  assert.equal(world.agent.status().estimate, undefined);
  assert.equal(world.published.length, 0);
  await world.agent.start();
  const warm = await untilSigning(world);
  // What is left is the steady tracking that every way to locked takes.
  assert.ok(warm <= cold - 10, `${warm} s after 20 s of acquiring, ${cold} s without`);
  assert.notEqual(world.agent.status().identity, undefined);
});

test('the interval now holds the truth, and its parts add up', async (t) => {
  const world = await World.begin(t);
  await world.run(30);
  for (let i = 0; i < 20; i++) {
    await world.run(1);
    const { earliest, latest, guarantee } = world.agent.now();
    assert.ok(contains({ earliest: earliest!, latest: latest! }, world.truthNow()));
    assert.ok(guarantee! < 1_000n, `${guarantee} ns`);
  }
  const { budget } = world.agent.status();
  assert.equal(budget.length, 10);
  assert.ok(budget.every(({ nanos }) => nanos >= 0n));
});

test('the estimate in the status lies at the instant of the sources it is compared with, whatever passed since', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  world.host.pass(millis(900));
  const { estimate, sources, time } = world.agent.status();
  // One source: what was agreed is what it said. The time of the request has moved on by the whole pause.
  assert.deepEqual([estimate?.earliest, estimate?.latest], [sources[0]!.earliest, sources[0]!.latest]);
  assert.equal(since(time.asOf, estimate!.asOf), millis(900));
});

test('every statement has evidence that gives its interval again', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  assert.ok(world.published.length > 10);
  for (const { statement } of world.published) {
    const record = await world.agent.evidence(statement.evidence);
    assert.ok(record !== undefined);
    assert.deepEqual(recomputeEvidence(record), { tai: statement.time.tai, guarantee: statement.time.guarantee });
  }
  assert.equal(await world.agent.evidence(new Uint8Array(32)), undefined);
});

test('a cut antenna leads to holdover, a wider bound and a log line; it still signs, and the truth is still inside', async (t) => {
  const world = await World.begin(t);
  await world.run(120);
  const before = world.agent.status();
  world.card.setFault('antenna-cut', true);
  await world.run(60);
  const held = world.agent.status();
  assert.equal(held.time.state, 'holdover');
  assert.equal(held.attesting.reason, undefined);
  assert.ok(held.time.guarantee! > before.time.guarantee!);
  assert.ok(contains({ earliest: held.time.earliest!, latest: held.time.latest! }, world.truthNow()));
  assert.ok(held.lane.size > before.lane.size);
  assert.ok(
    world.lines.some(({ message, fields }) => message === 'clock state changed' && fields['to'] === 'holdover'),
  );
  world.card.setFault('antenna-cut', false);
  await world.run(60);
  assert.equal(world.agent.status().time.state, 'locked');
});

test('a card that vanishes stops signing with a reason, and its return starts it again', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  world.card.setFault('unplugged', true);
  await world.run(60);
  const gone = world.agent.status();
  assert.equal(gone.time.earliest, undefined);
  assert.ok(gone.attesting.reason !== undefined);
  assert.ok(world.messages('warn').includes('not signing'));
  const size = gone.lane.size;
  world.card.setFault('unplugged', false);
  await world.run(60);
  assert.equal(world.agent.status().attesting.reason, undefined);
  assert.ok(world.agent.status().lane.size > size);
});

test('a suspend is noticed, and no interval from before it is extrapolated across it', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  world.host.sleep(seconds(3_600));
  world.timers.beat();
  const { time, attesting } = world.agent.status();
  assert.equal(time.earliest, undefined);
  assert.ok(attesting.reason !== undefined);
  assert.ok(
    world.lines.some(({ message, fields }) => message === 'clock state changed' && fields['to'] === 'acquiring'),
  );
});

test('a full disk stops signing with a code, and space starts it again without a gap', async (t) => {
  const disk = new SimDisk({ capacityBytes: 64 * 1_048_576 });
  const world = await World.begin(t, disk);
  await world.run(30);
  const before = world.published.length;
  assert.ok(before > 0);
  const ballast = await disk.open('/var/ballast', { create: true });
  await ballast.writeAt(0, new Uint8Array(await disk.freeBytes()));
  await world.run(20);
  const stopped = world.agent.status();
  assert.equal(stopped.attesting.reason?.code, 'disk-full');
  assert.ok(world.published.length <= before + 1);
  await ballast.truncate(0);
  await world.run(20);
  assert.equal(world.agent.status().attesting.reason, undefined);
  assert.ok(world.published.length > before + 5, `${before} then ${world.published.length}`);
  assert.deepEqual(
    world.published.map(({ statement }) => statement.seq),
    world.published.map((_, i) => BigInt(i)),
  );
});

test('a restart goes on with the next sequence number and a later time', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  const before = world.published.length;
  await world.stop();
  await world.start();
  await world.run(40);
  const fresh = world.published.filter(({ statement }) => statement.seq >= BigInt(before));
  assert.ok(fresh.length > 5);
  assert.equal(fresh[0]!.statement.seq, BigInt(before));
  assert.ok(fresh[0]!.statement.time.tai > world.published[before - 1]!.statement.time.tai);
});

test('the lane is served by its standard paths, and nothing else of the disk is', async (t) => {
  const world = await World.begin(t);
  await world.run(60);
  const note = await world.agent.laneFile('checkpoint');
  assert.match(new TextDecoder().decode(note), /^momentd\//);
  assert.ok(
    (await world.agent.laneFile(`tile/0/000.p/${/\n(\d+)\n/.exec(new TextDecoder().decode(note))![1]}`)) !== undefined,
  );
  for (const path of ['../../guard', 'journal/000000000000000', 'tile/0/../../../guard', '', 'tile/0/0'])
    assert.equal(await world.agent.laneFile(path), undefined, path);
});

test('drift is recorded beat by beat, and its stability is computed', async (t) => {
  const world = await World.begin(t);
  assert.deepEqual(world.agent.drift(seconds(60), 100).points, []);
  await world.run(90);
  const { points, stability, length } = world.agent.drift(seconds(30), 100);
  assert.equal(length, 1_000_000_000n);
  assert.ok(points.length >= 29 && points.length <= 31, `${points.length} points`);
  assert.ok(points.every(({ worst, guarantee }) => worst === 'locked' && guarantee !== undefined));
  assert.ok(points.every(({ offset }) => offset !== undefined && offset.greatest < 100n && offset.least > -100n));
  assert.ok(stability.length >= 4 && stability[0]!.adev! > 0);
  await world.run(10);
  assert.equal(world.agent.drift(seconds(3_600), 5).points.length, 2, 'minutes, where seconds would be too many');
});

test('stopping twice and starting twice do no harm', async (t) => {
  const world = await World.begin(t);
  await world.agent.start();
  await world.run(3);
  await world.agent.stop();
  await world.agent.stop();
});

test('what happens is told as events: states, verdicts, statements and refusals, each once', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  const of = (kind: string) => world.told.filter((event) => event.kind === kind);
  assert.deepEqual(
    of('source-judged').map((event) => (event.kind === 'source-judged' ? [event.from, event.to] : [])),
    [
      [undefined, 'unusable'],
      ['unusable', 'truechimer'],
    ],
  );
  assert.deepEqual(
    of('clock-changed').map((event) => (event.kind === 'clock-changed' ? event.to : '')),
    ['locked'],
  );
  assert.equal(of('attesting-changed').at(-1)!.kind, 'attesting-changed');
  const statements = of('statement-committed').map((event) => (event.kind === 'statement-committed' ? event.seq : -1n));
  assert.deepEqual(
    statements,
    world.published.map(({ statement }) => statement.seq),
  );
  world.card.setFault('unplugged', true);
  await world.run(60);
  assert.ok(of('presence-changed').some((event) => event.kind === 'presence-changed' && !event.present));
  assert.deepEqual(of('source-judged').length, 3, 'unusable again');
});
