/** The order out of stored lanes: live and after a restart the same log, a lane that is missing waited for, a foreign log refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderKeeper } from '../../../src/agent/order/order-keeper.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { leafHash, rootOf } from '../../../src/core/log/merkle.ts';
import { kidOf } from '../../../src/core/attestation/cose-sign1.ts';
import { encodeCutVote, voteFor, type CutVote } from '../../../src/core/ordering/cut.ts';
import { encodeOrderEntry, type OrderEntry } from '../../../src/core/ordering/order-entry.ts';
import type { AppendLog, KeptLanes, KeptLog } from '../../../src/ports/kept-log.ts';
import type { LogFields } from '../../../src/ports/log.ts';
import { FourLanes, START_SLOT } from '../../core/ordering/four-lanes.ts';

/** A log in memory, of which only reading and appending are asked here. */
class MemoryLog implements AppendLog {
  readonly entries: Uint8Array[];
  isFull = false;

  constructor(entries: Uint8Array[] = []) {
    this.entries = entries;
  }

  get size(): number {
    return this.entries.length;
  }

  read(from: number, to: number): Promise<Uint8Array[]> {
    return Promise.resolve(this.entries.slice(from, to));
  }

  append(entries: readonly Uint8Array[]): Promise<void> {
    if (this.isFull) return Promise.reject(new Error('the disk is full'));
    this.entries.push(...entries);
    return Promise.resolve();
  }

  hashes = (): never => assert.fail('no proofs are made here');
  rootAt = (): never => assert.fail('no roots are asked for here');
}

function lanesOf(world: FourLanes): KeptLanes & { readonly kids: readonly Uint8Array[] } {
  const kids = world.genesis.validators.map(({ publicKey }) => kidOf(publicKey));
  const indexOf = (kid: Uint8Array): number => kids.findIndex((other) => toHex(other) === toHex(kid));
  const lane = (kid: Uint8Array): KeptLog => {
    const entries = (): Uint8Array[] => world.lanes[indexOf(kid)]!.map(({ bytes }) => bytes);
    return {
      // As the port has it: the log grows under whoever holds it.
      get size() {
        return entries().length;
      },
      read: (from, to) => Promise.resolve(entries().slice(from, to)),
      hashes: () => assert.fail('no proofs are made here'),
      rootAt: () => assert.fail('no roots are asked for here'),
    };
  };
  return {
    kids,
    lane,
    sizes: () => kids.map((kid) => ({ kid, size: lane(kid).size })),
    read: ({ kid, from, to }) => lane(kid).read(from, to),
    append: () => assert.fail('nothing is appended to a lane here'),
    tile: () => Promise.resolve(undefined),
  };
}

function keeperOf(world: FourLanes, orderLog = new MemoryLog()) {
  const lanes = lanesOf(world);
  const grew: OrderEntry[] = [];
  const final: OrderEntry[] = [];
  const contradicted: number[] = [];
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const keeper = new OrderKeeper({
    ordering: world.ordering(0),
    lanes,
    kids: lanes.kids,
    orderLog,
    log: { write: (_level, message, fields) => logged.push({ message, fields }) },
    grew: (_slot, entries) => grew.push(...entries),
    final: (entries) => final.push(...entries),
    contradicted: (slot) => contradicted.push(slot),
  });
  return { keeper, orderLog, grew, final, contradicted, logged };
}

/** Two subjects that everyone saw and three voted on. */
function decidedWorld(): FourLanes {
  const world = new FourLanes();
  for (let lane = 0; lane < 4; lane++) {
    world.beat(lane, 1);
    world.report(lane, 30 + lane, [['a', 20 + lane, 21 + lane]]);
    world.report(lane, 70 + lane, [['b', 60 + lane, 61 + lane]]);
    world.beat(lane, 260 + lane);
  }
  const orderings = [0, 1, 2].map((lane) => world.ordering(lane));
  world.voteAll(orderings, 270);
  return world;
}

test('what is stored at start becomes the order log, and a second start finds it whole', async () => {
  const world = decidedWorld();
  const first = keeperOf(world);
  await first.keeper.start();
  assert.equal(first.orderLog.size, 2);
  assert.equal(first.grew.length, 2);
  assert.deepEqual(
    first.orderLog.entries.map(toHex),
    first.final.map((entry) => toHex(encodeOrderEntry(entry))),
  );
  const again = keeperOf(world, new MemoryLog([...first.orderLog.entries]));
  await again.keeper.start();
  assert.equal(again.orderLog.size, 2);
  assert.equal(again.final.length, 2, 'the pool learns again what is final');
  assert.equal(again.grew.length, 0, 'nobody is told twice');
});

test('a log that was cut short is made whole from the lanes', async () => {
  const world = decidedWorld();
  const whole = keeperOf(world);
  await whole.keeper.start();
  const short = keeperOf(world, new MemoryLog(whole.orderLog.entries.slice(0, 1)));
  await short.keeper.start();
  assert.deepEqual(short.orderLog.entries.map(toHex), whole.orderLog.entries.map(toHex));
  assert.equal(short.grew.length, 1);
});

test('a log that is another order’s is refused, not overwritten', async () => {
  const foreign = new MemoryLog([new Uint8Array(80), new Uint8Array(80)]);
  const { keeper } = keeperOf(decidedWorld(), foreign);
  await assert.rejects(keeper.start(), { code: 'order-log-differs' });
  assert.deepEqual(foreign.entries, [new Uint8Array(80), new Uint8Array(80)]);
});

test('entries handed over live and entries read from disk give one order', async () => {
  const world = decidedWorld();
  const stored = world.lanes.map((lane) => [...lane]);
  for (const lane of world.lanes) lane.length = 0;
  const live = keeperOf(world);
  await live.keeper.start();
  for (const [lane, entries] of stored.entries()) {
    world.lanes[lane]!.push(...entries);
    // The first half comes by the direct way; the rest is found on disk.
    const half = entries.slice(0, 2).map(({ signed, body, bytes }) => ({ signed, body, entry: bytes }));
    live.keeper.took(lane, 0, half);
  }
  await live.keeper.settled();
  const fromDisk = keeperOf(world);
  await fromDisk.keeper.start();
  assert.deepEqual(live.orderLog.entries.map(toHex), fromDisk.orderLog.entries.map(toHex));
});

test('what could not be written is written first when the disk takes it again: the log never has a hole', async () => {
  const world = decidedWorld();
  const whole = keeperOf(world);
  await whole.keeper.start();
  const full = new MemoryLog();
  full.isFull = true;
  const { keeper, orderLog, grew } = keeperOf(world, full);
  await assert.rejects(keeper.start(), /full/);
  assert.equal(orderLog.size, 0);
  assert.equal(grew.length, 0);
  full.isFull = false;
  // One more subject, of a later slot, makes the keeper write again.
  for (let lane = 0; lane < 4; lane++) {
    world.report(lane, 300 + lane, [['c', 290 + lane, 291 + lane]]);
    world.beat(lane, 510 + lane);
  }
  const orderings = [0, 1, 2].map((lane) => world.ordering(lane));
  for (const ordering of orderings) world.feed(ordering);
  for (const [lane, ordering] of orderings.entries()) {
    world.feed(ordering);
    const due = ordering.voteDue(world.lanes[lane]!.length)!;
    world.write(lane, 520 + lane, 'cut-vote', due.subject, due.body);
  }
  for (const lane of world.lanes.keys()) keeper.took(lane, 0, []);
  await keeper.settled();
  assert.equal(orderLog.size, 3);
  assert.deepEqual(orderLog.entries.slice(0, 2).map(toHex), whole.orderLog.entries.map(toHex));
});

test('a quorum for another cut than ours is told, and nothing becomes final', async () => {
  const world = new FourLanes();
  for (let lane = 0; lane < 4; lane++) {
    world.beat(lane, 1);
    world.report(lane, 30 + lane, [['a', 20 + lane, 21 + lane]]);
    world.beat(lane, 260 + lane);
  }
  const ordering = world.ordering(0);
  world.feed(ordering);
  const ours = voteFor(ordering.cutAt(START_SLOT));
  const theirs: CutVote = { ...ours, lanesDigest: sha256(ours.lanesDigest) };
  const body = encodeCutVote(theirs);
  for (const lane of [1, 2, 3]) world.write(lane, 270, 'cut-vote', sha256(body), body);
  const { keeper, orderLog, contradicted } = keeperOf(world);
  await keeper.start();
  assert.deepEqual(contradicted, [START_SLOT]);
  assert.equal(orderLog.size, 0);
});

test('an order that goes on from a state that is not of these lanes, or of a longer log, does not start', async () => {
  const world = decidedWorld();
  const ordering = world.ordering(0);
  world.feed(ordering);
  const given = (lanes: KeptLanes & { readonly kids: readonly Uint8Array[] }, orderLog: MemoryLog): OrderKeeper =>
    new OrderKeeper({
      ordering,
      lanes,
      kids: lanes.kids,
      orderLog,
      log: { write: () => undefined },
      grew: () => undefined,
      final: () => undefined,
      contradicted: () => undefined,
    });
  const whole = keeperOf(world);
  await whole.keeper.start();
  const lanes = lanesOf(world);
  const bytesOf = (kid: Uint8Array): Uint8Array[] =>
    world.lanes[lanes.kids.findIndex((other) => toHex(other) === toHex(kid))]!.map(({ bytes }) => bytes);
  // Roots as the lanes have them, from their entries.
  const rooted = (alter: (entries: readonly Uint8Array[]) => readonly Uint8Array[]) => ({
    ...lanes,
    lane: (kid: Uint8Array): KeptLog => {
      const entries = alter(bytesOf(kid));
      const hashes: KeptLog['hashes'] = (subtrees) =>
        Promise.resolve(
          subtrees.map(({ level, index }) =>
            rootOf(entries.slice(index * 2 ** level, (index + 1) * 2 ** level).map(leafHash)),
          ),
        );
      const rootAt = (size: number) => Promise.resolve(rootOf(entries.slice(0, size).map(leafHash)));
      return {
        size: entries.length,
        read: (from, to) => Promise.resolve(bytesOf(kid).slice(from, to)),
        hashes,
        rootAt,
      };
    },
  });
  await given(
    rooted((entries) => entries),
    new MemoryLog(whole.orderLog.entries),
  ).start();
  const shorter = rooted((entries) => entries.slice(1));
  await assert.rejects(given(shorter, new MemoryLog(whole.orderLog.entries)).start(), { code: 'order-state-wrong' });
  const altered = rooted(([first, ...rest]) => [first!.slice(1), ...rest]);
  await assert.rejects(given(altered, new MemoryLog(whole.orderLog.entries)).start(), { code: 'order-state-wrong' });
  await assert.rejects(
    given(
      rooted((entries) => entries),
      new MemoryLog([]),
    ).start(),
    { code: 'order-state-wrong' },
  );
});
