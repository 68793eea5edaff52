/** The order out of stored lanes: live and after a restart the same log, a lane that is missing waited for, a foreign log refused. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderKeeper } from '../../../src/agent/order/order-keeper.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { kidOf } from '../../../src/core/attestation/cose-sign1.ts';
import { encodeCutVote, voteFor, type CutVote } from '../../../src/core/ordering/cut.ts';
import { leafHash, rootOf } from '../../../src/core/log/merkle.ts';
import { openSnapshot, sealingSnapshot, sealSnapshot } from '../../../src/core/ordering/order-snapshot.ts';
import { encodeOrderEntry, type OrderEntry } from '../../../src/core/ordering/order-entry.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { ORDERING_RULES } from '../../../src/core/ordering/rules.ts';
import { OrderSnapshots, type SnapshotShelf } from '../../../src/io/storage/order-snapshots.ts';
import type { AppendLog, KeptLanes, KeptLog } from '../../../src/ports/kept-log.ts';
import type { LogFields } from '../../../src/ports/log.ts';
import { FourLanes, START_SLOT } from '../../core/ordering/four-lanes.ts';

/** A log in memory, of which no proof is asked here. */
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
  rootAt = (size: number) => Promise.resolve(rootOf(this.entries.slice(0, size).map(leafHash)));
}

class MemoryShelf implements SnapshotShelf {
  bytes: Uint8Array | undefined;

  get = (): Promise<Uint8Array | undefined> => Promise.resolve(this.bytes);
  put = (bytes: Uint8Array): Promise<void> => Promise.resolve(void (this.bytes = bytes));
  remove = (): Promise<void> => Promise.resolve(void (this.bytes = undefined));
}

/** The lanes of the world; those of `firstKept` lack their beginning. */
function lanesOf(
  world: FourLanes,
  firstKept: Readonly<Record<number, number>> = {},
): KeptLanes & { readonly kids: readonly Uint8Array[] } {
  const kids = world.genesis.validators.map(({ publicKey }) => kidOf(publicKey));
  const indexOf = (kid: Uint8Array): number => kids.findIndex((other) => toHex(other) === toHex(kid));
  const lane = (kid: Uint8Array): KeptLog => {
    const entries = (): Uint8Array[] => world.lanes[indexOf(kid)]!.map(({ bytes }) => bytes);
    const first = firstKept[indexOf(kid)] ?? 0;
    return {
      firstKept: first,
      // As the port has it: the log grows under whoever holds it.
      get size() {
        return entries().length;
      },
      read: (from, to) =>
        from < first
          ? Promise.reject(new Error(`entry ${from} is pruned`))
          : Promise.resolve(entries().slice(from, to)),
      hashes: () => assert.fail('no proofs are made here'),
      rootAt: (size) => Promise.resolve(rootOf(entries().slice(0, size).map(leafHash))),
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

function keeperOf(
  world: FourLanes,
  orderLog = new MemoryLog(),
  shelf?: MemoryShelf,
  firstKept?: Readonly<Record<number, number>>,
) {
  const lanes = lanesOf(world, firstKept);
  const ordering = world.ordering(0);
  const { network } = world;
  const [signer] = world.signers;
  const snapshots =
    shelf &&
    new OrderSnapshots({
      ordering,
      lanes,
      kids: lanes.kids,
      orderLog,
      shelf,
      seal: (state) => sealingSnapshot((bytes) => signer!.sign(bytes), network, state),
      unseal: (bytes) => openSnapshot({ network, publicKey: signer!.publicKey, checkSignature }, bytes),
    });
  const grew: OrderEntry[] = [];
  const final: OrderEntry[] = [];
  const contradicted: number[] = [];
  const logged: { message: string; fields: LogFields | undefined }[] = [];
  const keeper = new OrderKeeper({
    ordering,
    lanes,
    kids: lanes.kids,
    orderLog,
    snapshots,
    log: { write: (_level, message, fields) => logged.push({ message, fields }) },
    grew: (_slot, entries) => grew.push(...entries),
    final: (entries) => final.push(...entries),
    contradicted: (slot) => contradicted.push(slot),
  });
  return { keeper, orderLog, grew, final, contradicted, logged, snapshots, ordering };
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

/** Another subject that becomes final. */
function growBySubject(world: FourLanes): void {
  for (let lane = 0; lane < 4; lane++) {
    world.report(lane, 300 + lane, [['c', 290 + lane, 291 + lane]]);
    world.beat(lane, 510 + lane);
  }
  world.voteAll(
    [0, 1, 2].map((lane) => world.ordering(lane)),
    520,
  );
}

/** A world that was started, kept in a snapshot, and went on a little; what a start from it must come to. */
async function keptWorld() {
  const world = decidedWorld();
  const shelf = new MemoryShelf();
  const first = keeperOf(world, new MemoryLog(), shelf);
  await first.keeper.start();
  await first.snapshots!.keep();
  growBySubject(world);
  const whole = keeperOf(world);
  await whole.keeper.start();
  return { world, shelf, orderLog: first.orderLog, whole };
}

const codesIn = ({ logged }: ReturnType<typeof keeperOf>): unknown[] =>
  logged.flatMap(({ fields }) => (fields?.['code'] === undefined ? [] : [fields['code']]));

test('a start from a snapshot reads what follows it, and comes to the bytes of one from the beginning', async () => {
  const { world, shelf, orderLog, whole } = await keptWorld();
  const entries = world.lanes.reduce((sum, lane) => sum + lane.length, 0);
  assert.equal(whole.keeper.entriesRead, entries);
  const again = keeperOf(world, orderLog, shelf);
  await again.keeper.start();
  assert.equal(again.keeper.entriesRead, 4 * 2 + 3, 'a report, a heartbeat and three votes');
  assert.equal(again.orderLog.size, 3);
  assert.deepEqual(orderLog.entries.map(toHex), whole.orderLog.entries.map(toHex));
  assert.deepEqual(again.final, whole.final, 'the pool learns of all that is final');
  assert.equal(toHex(again.ordering.save()), toHex(whole.ordering.save()));
  assert.deepEqual(codesIn(again), []);
});

test('a snapshot that is altered, cut short, or of another log or lane is refused by code, and the lanes are read', async () => {
  type Kept = Awaited<ReturnType<typeof keptWorld>>;
  const cases: readonly (readonly [string, (kept: Kept) => void])[] = [
    ['order-snapshot-signature', ({ shelf }) => (shelf.bytes![200]! ^= 1)],
    ['order-snapshot-signature', ({ shelf }) => (shelf.bytes = shelf.bytes!.slice(0, -1))],
    ['order-snapshot-format', ({ shelf }) => (shelf.bytes = new Uint8Array(10))],
    ['order-snapshot-format', ({ shelf }) => (shelf.bytes![0]! ^= 1)],
    // The order log was moved away, or a copy of a lane is another.
    ['order-snapshot-stale', ({ orderLog }) => (orderLog.entries.length = 0)],
    ['order-snapshot-stale', ({ world }) => world.lanes[3]!.splice(2)],
  ];
  for (const [code, damage] of cases) {
    const kept = await keptWorld();
    damage(kept);
    const again = keeperOf(kept.world, kept.orderLog, kept.shelf);
    await again.keeper.start();
    assert.deepEqual(codesIn(again), [code]);
    const afresh = keeperOf(kept.world);
    await afresh.keeper.start();
    assert.deepEqual(kept.orderLog.entries.map(toHex), whole(afresh, kept.orderLog));
  }
  function whole(afresh: ReturnType<typeof keeperOf>, orderLog: MemoryLog): string[] {
    // A log that was longer than what the lanes give now keeps what it has.
    return [...afresh.orderLog.entries, ...orderLog.entries.slice(afresh.orderLog.size)].map(toHex);
  }
});

test('what another key or another network kept is not taken over', async () => {
  const { world, shelf } = await keptWorld();
  const [signer] = world.signers;
  const ours = { network: world.network, publicKey: signer!.publicKey, checkSignature };
  assert.ok(!('fault' in openSnapshot(ours, shelf.bytes!)));
  const faultOf = (needs: Parameters<typeof openSnapshot>[0]): unknown => {
    const opened = openSnapshot(needs, shelf.bytes!);
    return 'fault' in opened ? opened.fault : undefined;
  };
  assert.equal(faultOf({ ...ours, network: sha256(world.network) }), 'order-snapshot-signature');
  assert.equal(faultOf({ ...ours, publicKey: world.signers[1]!.publicKey }), 'order-snapshot-signature');
});

test('a signed snapshot that leads elsewhere, as a bug would leave it, is dropped, and the lanes are read', async () => {
  const { world, whole } = await keptWorld();
  // Worked out by other rules before anyone had voted, so that lanes and log do not show it.
  const wrong = world.ordering(0, { ...ORDERING_RULES, sortKey: (_seed, _subject, seen) => seen.latest });
  for (const lane of world.lanes.keys()) for (const entry of world.lanes[lane]!.slice(0, 4)) wrong.append(lane, entry);
  const shelf = new MemoryShelf();
  const [signer] = world.signers;
  shelf.bytes = sealSnapshot((bytes) => signer!.sign(bytes), world.network, wrong.save());
  for (const stored of [[], whole.orderLog.entries]) {
    const again = keeperOf(world, new MemoryLog([...stored]), shelf);
    await again.keeper.start();
    assert.deepEqual(codesIn(again), ['order-snapshot-stale']);
    assert.deepEqual(again.contradicted, []);
    assert.equal(shelf.bytes, undefined);
    assert.deepEqual(again.orderLog.entries.map(toHex), whole.orderLog.entries.map(toHex));
    shelf.bytes = sealSnapshot((bytes) => signer!.sign(bytes), world.network, wrong.save());
  }
});

test('an entry below the snapshot that was altered is found beside the start, and the next start refuses the log', async () => {
  const { world, shelf, orderLog } = await keptWorld();
  // What a disk does: the entry is another, the hashes are as they were.
  const { rootAt } = new MemoryLog([...orderLog.entries]);
  orderLog.rootAt = rootAt;
  orderLog.entries[0] = orderLog.entries[0]!.map((byte) => byte ^ 1);
  const read = orderLog.read.bind(orderLog);
  const whole = await keptWorld();
  // The newest entries are read at the start; this one is as if it were older than those.
  let reads = 0;
  orderLog.read = (from, to) => (reads++ === 0 ? whole.orderLog.read(from, to) : read(from, to));
  const again = keeperOf(world, orderLog, shelf);
  await again.keeper.start();
  await again.keeper.settled();
  assert.deepEqual(codesIn(again), ['order-log-differs']);
  assert.equal(shelf.bytes, undefined);
  await assert.rejects(keeperOf(world, orderLog, shelf).keeper.start(), { code: 'order-log-differs' });
});

test('a snapshot is written when enough was read since the last, never while something final is unwritten', async () => {
  const world = decidedWorld();
  const shelf = new MemoryShelf();
  const { keeper, snapshots } = keeperOf(world, new MemoryLog(), shelf);
  await keeper.start();
  await keeper.keepSnapshot();
  assert.equal(shelf.bytes, undefined, 'a few entries are read sooner than a snapshot');
  assert.equal(snapshots!.isDue, false);
  const full = new MemoryLog();
  full.isFull = true;
  const stuck = keeperOf(world, full, shelf);
  await assert.rejects(stuck.keeper.start(), /full/);
  Object.defineProperty(stuck.snapshots, 'isDue', { value: true });
  await stuck.keeper.keepSnapshot();
  assert.equal(shelf.bytes, undefined);
});

/** A keeper that was started and has a snapshot due, and whose saving lets `meanwhile` come between two pieces. */
async function savingKeeper(meanwhile: (world: FourLanes, keeper: OrderKeeper) => void) {
  const world = decidedWorld();
  const shelf = new MemoryShelf();
  const saver = keeperOf(world, new MemoryLog(), shelf);
  await saver.keeper.start();
  Object.defineProperty(saver.snapshots, 'isDue', { value: true });
  const { ordering } = saver;
  const before = ordering.save();
  const saving = ordering.saving.bind(ordering);
  ordering.saving = function* (to) {
    yield;
    meanwhile(world, saver.keeper);
    yield;
    yield* saving(to);
  };
  return { ...saver, world, shelf, before };
}

/** Hands over what the lanes have, as it comes when it was just stored. */
function tookAll(world: FourLanes, keeper: OrderKeeper): void {
  for (const [lane, entries] of world.lanes.entries())
    keeper.took(
      lane,
      0,
      entries.map(({ signed, body, bytes }) => ({ signed, body, entry: bytes })),
    );
}

test('what comes while the order is saved waits on disk: the snapshot is of where it stood, and nothing is lost', async () => {
  const { keeper, before, orderLog, shelf, world } = await savingKeeper((growing, fed) => {
    growBySubject(growing);
    tookAll(growing, fed);
  });
  await keeper.keepSnapshot();
  const { network } = world;
  const state = openSnapshot({ network, publicKey: world.signers[0]!.publicKey, checkSignature }, shelf.bytes!);
  assert.ok(state instanceof Uint8Array);
  assert.equal(toHex(state), toHex(before));
  await keeper.settled();
  assert.equal(orderLog.size, 3);
  const whole = keeperOf(world);
  await whole.keeper.start();
  assert.deepEqual(orderLog.entries.map(toHex), whole.orderLog.entries.map(toHex));
});

test('a snapshot that cannot be written leaves the older one, and the order goes on', async () => {
  const { keeper, orderLog, shelf } = await savingKeeper(growBySubject);
  const older = Uint8Array.of(1, 2, 3);
  shelf.bytes = older;
  shelf.put = () => Promise.reject(new Error('the disk is full'));
  await assert.rejects(keeper.keepSnapshot(), /full/);
  assert.equal(shelf.bytes, older);
  await keeper.settled();
  assert.equal(orderLog.size, 3);
  await keeper.stop();
});

test('an order log of which a recalled entry does not read costs the snapshot, not the start of the agent', async () => {
  const { world, shelf, orderLog } = await keptWorld();
  const { rootAt } = new MemoryLog([...orderLog.entries]);
  orderLog.rootAt = rootAt;
  orderLog.entries[1] = new Uint8Array(3);
  const again = keeperOf(world, orderLog, shelf);
  // It is the lanes that convict the log.
  await assert.rejects(again.keeper.start(), { code: 'order-log-differs' });
  assert.ok(codesIn(again).includes('order-snapshot-stale'));
});

test('what comes while the start reads is read from disk in its turn, and not fed beside it', async () => {
  const { world, shelf, orderLog, whole } = await keptWorld();
  const again = keeperOf(world, orderLog, shelf);
  const started = again.keeper.start();
  for (const [lane, entries] of world.lanes.entries()) {
    const last = entries.length - 1;
    const { signed, body, bytes } = entries[last]!;
    again.keeper.took(lane, last, [{ signed, body, entry: bytes }]);
  }
  await started;
  await again.keeper.settled();
  assert.equal(toHex(again.ordering.save()), toHex(whole.ordering.save()));
});

test('a pruned lane starts from the snapshot and comes to the same bytes', async () => {
  const { world, shelf, orderLog, whole } = await keptWorld();
  const again = keeperOf(world, orderLog, shelf, { 0: 3 });
  await again.keeper.start();
  assert.deepEqual(orderLog.entries.map(toHex), whole.orderLog.entries.map(toHex));
  assert.equal(toHex(again.ordering.save()), toHex(whole.ordering.save()));
  assert.deepEqual(codesIn(again), []);
});

test('a pruned lane needs the snapshot: none, one that is not ours or not of these lanes and this log, ends the start', async () => {
  type Kept = Awaited<ReturnType<typeof keptWorld>>;
  const cases: readonly (readonly [string, (kept: Kept) => void, number?])[] = [
    ['order-state-missing', ({ shelf }) => (shelf.bytes = undefined)],
    ['order-state-missing', ({ shelf }) => (shelf.bytes![200]! ^= 1)],
    ['order-state-missing', ({ shelf }) => (shelf.bytes = shelf.bytes!.slice(0, 100))],
    // It stands before the first entry that is kept.
    ['order-state-missing', () => undefined, 6],
    ['order-state-wrong', ({ orderLog }) => (orderLog.entries.length = 1)],
    ['order-state-wrong', ({ orderLog }) => (orderLog.entries[0] = orderLog.entries[1]!)],
    ['order-state-wrong', ({ world }) => world.lanes[3]!.splice(2)],
    ['order-state-wrong', ({ world }) => world.lanes[3]!.splice(0, 1)],
  ];
  for (const [i, [code, damage, firstKept]] of cases.entries()) {
    const kept = await keptWorld();
    damage(kept);
    const bytes = kept.shelf.bytes?.slice();
    const again = keeperOf(kept.world, kept.orderLog, kept.shelf, { 0: firstKept ?? 3 });
    await assert.rejects(again.keeper.start(), { code }, `case ${i}`);
    assert.deepEqual(kept.shelf.bytes, bytes, 'it is left for whoever looks into it');
  }
});

test('a snapshot that leads elsewhere ends the start of a pruned lane, and stays', async () => {
  const { world, whole } = await keptWorld();
  const wrong = world.ordering(0, { ...ORDERING_RULES, sortKey: (_seed, _subject, seen) => seen.latest });
  for (const lane of world.lanes.keys()) for (const entry of world.lanes[lane]!.slice(0, 4)) wrong.append(lane, entry);
  const shelf = new MemoryShelf();
  shelf.bytes = sealSnapshot((bytes) => world.signers[0]!.sign(bytes), world.network, wrong.save());
  const again = keeperOf(world, new MemoryLog([...whole.orderLog.entries]), shelf, { 0: 3 });
  await assert.rejects(again.keeper.start(), { code: 'order-state-wrong' });
  assert.notEqual(shelf.bytes, undefined);
  assert.deepEqual(again.contradicted, []);
});
