import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import {
  KIND_RULES,
  kindOfWire,
  MESSAGE_KINDS,
  topicOf,
  type MessageKind,
} from '../../../src/core/propagation/kinds.ts';
import { OutboundQueue } from '../../../src/core/propagation/outbound-queue.ts';
import { quotaKey, quotaTable } from '../../../src/core/propagation/quota-table.ts';
import {
  DIRECT_MESH_MAX,
  directPositions,
  directRecipients,
  mustRelay,
  type Neighbour,
} from '../../../src/core/propagation/recipients.ts';
import { digestKey, SeenDigests } from '../../../src/core/propagation/seen.ts';
import { nanos } from '../../../src/core/time/nanos.ts';

const numbered = (i: number, size = 4): Uint8Array => {
  const bytes = new Uint8Array(size);
  new DataView(bytes.buffer).setUint32(0, i);
  return bytes;
};
const numberIn = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);

test('kinds have distinct numbers and topics, and a number names its kind', () => {
  for (const kind of MESSAGE_KINDS) assert.equal(kindOfWire(KIND_RULES[kind].wire), kind);
  assert.equal(kindOfWire(0), undefined);
  assert.equal(topicOf('0123456789abcdef', 'faults'), '/momentd/01234567/faults');
});

test('faults leave before statements, statements before subjects, each kind in its order', () => {
  const queue = new OutboundQueue();
  queue.put('subjects', numbered(1));
  queue.put('statements', numbered(2));
  queue.put('statements', numbered(3));
  queue.put('faults', numbered(4));
  const order: [MessageKind, number[]][] = [];
  for (let frame = queue.takeFrame(); frame !== undefined; frame = queue.takeFrame())
    order.push([frame.kind, frame.items.map(numberIn)]);
  assert.deepEqual(order, [
    ['faults', [4]],
    ['statements', [2, 3]],
    ['subjects', [1]],
  ]);
  assert.ok(queue.isEmpty && queue.waitingBytes === 0);
});

test('a full queue drops by its kind’s rule and counts it', () => {
  const statements = new OutboundQueue();
  const { queueItemsMax } = KIND_RULES.statements;
  for (let i = 0; i < queueItemsMax + 5; i++) statements.put('statements', numbered(i));
  assert.equal(statements.droppedOf('statements'), 5);
  assert.equal(numberIn(statements.takeFrame()!.items[0]!), 5, 'the oldest went');
  const faults = new OutboundQueue();
  for (let i = 0; i < KIND_RULES.faults.queueItemsMax + 5; i++) faults.put('faults', numbered(i));
  assert.equal(faults.droppedOf('faults'), 5);
  assert.equal(numberIn(faults.takeFrame()!.items[0]!), 0, 'the newest went');
});

test('bytes over all kinds are bounded, and one kind never pushes out another', () => {
  const queue = new OutboundQueue();
  const large = new Uint8Array(60_000);
  for (let i = 0; i < 100; i++) queue.put('statements', large);
  assert.ok(queue.waitingBytes <= LIMITS.peerQueueBytesMax);
  const waiting = queue.waitingItems;
  queue.put('faults', large);
  assert.equal(queue.droppedOf('faults'), 1);
  assert.equal(queue.waitingItems, waiting);
});

test('whatever is put in, frames stay within their bounds and nothing is lost but what is counted', () => {
  const put = fc.record({
    kind: fc.constantFrom(...MESSAGE_KINDS),
    size: fc.integer({ min: 4, max: 8_000 }),
    take: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(put, { maxLength: 200 }), (steps) => {
      const queue = new OutboundQueue();
      let taken = 0;
      const take = (): boolean => {
        const frame = queue.takeFrame();
        if (frame === undefined) return false;
        const rule = KIND_RULES[frame.kind];
        assert.ok(frame.items.length <= rule.batchItemsMax);
        assert.ok(frame.items.length === 1 || frame.items.reduce((n, i) => n + i.length + 3, 3) <= rule.batchBytesMax);
        taken += frame.items.length;
        return true;
      };
      for (const [i, step] of steps.entries()) {
        queue.put(step.kind, numbered(i, step.size));
        if (step.take) take();
      }
      while (take());
      const dropped = MESSAGE_KINDS.reduce((sum, kind) => sum + queue.droppedOf(kind), 0);
      assert.equal(taken + dropped, steps.length);
    }),
  );
});

test('what was seen is known again for at least half the bound, and the bound holds', () => {
  const seen = new SeenDigests({ itemsMax: 100 });
  for (let i = 0; i < 1_000; i++) {
    const key = digestKey(sha256(numbered(i)));
    assert.equal(seen.has(key), false);
    seen.add(key);
    assert.ok(seen.size <= 100);
    for (let back = 0; back < Math.min(i, 50); back++) assert.ok(seen.has(digestKey(sha256(numbered(i - back)))));
  }
  assert.equal(seen.has(digestKey(sha256(numbered(0)))), false);
});

test('gossip and overlays carry everyone’s words, so their quota is everyone’s', () => {
  const few = quotaTable(4);
  const quota = KIND_RULES.statements.quota.items.perSecond;
  assert.equal(few[quotaKey('direct', 'statements')].items.perSecond, quota);
  assert.equal(few[quotaKey('gossip', 'statements')].items.perSecond, quota * 4);
  assert.equal(quotaTable(100)[quotaKey('direct', 'statements')].items.perSecond, quota * 100);
});

// ---- who gets it

const neighbour = (peer: string, position: number | undefined, delay?: bigint): Neighbour => ({
  peer,
  position,
  delay: delay === undefined ? undefined : nanos(delay),
});

test('statements go to validators fastest first, faults to everyone, checkpoints to nobody directly', () => {
  const all = [
    neighbour('slow', 1, 90n),
    neighbour('new', 2),
    neighbour('fast', 3, 10n),
    neighbour('archive', undefined, 1n),
  ];
  const own = { position: 0, count: 4 };
  const names = (kind: MessageKind): string[] => directRecipients(kind, all, own).map(({ peer }) => peer);
  assert.deepEqual(names('statements'), ['fast', 'slow', 'new']);
  assert.deepEqual(names('faults'), ['archive', 'fast', 'slow', 'new']);
  assert.deepEqual(names('checkpoints'), []);
});

test('who is no validator has nothing to say on direct streams but faults', () => {
  const all = [neighbour('v', 1), neighbour('archive', undefined)];
  const own = { position: undefined, count: 4 };
  assert.deepEqual(directRecipients('statements', all, own), []);
  assert.equal(directRecipients('faults', all, own).length, 2);
});

test('an overlay has bounded degree, relays, and reaches everyone in about log2 n hops', () => {
  assert.equal(directPositions(0, DIRECT_MESH_MAX).size, DIRECT_MESH_MAX - 1);
  assert.equal(mustRelay('statements', DIRECT_MESH_MAX), false);
  for (const count of [65, 100, 128, 1_000]) {
    assert.equal(mustRelay('statements', count), true);
    let reached = new Set([7]);
    let hops = 0;
    for (; reached.size < count; hops++)
      reached = new Set([...reached, ...[...reached].flatMap((at) => [...directPositions(at, count)])]);
    assert.ok(hops <= Math.ceil(Math.log2(count)), `${count}: ${hops} hops`);
    assert.ok(directPositions(3, count).size <= Math.ceil(Math.log2(count)));
  }
});

test('an overlay survives any one validator that passes nothing on', () => {
  const count = 100;
  for (let silent = 1; silent < count; silent += 7) {
    let reached = new Set([0]);
    for (let hop = 0; hop < 10; hop++)
      reached = new Set([
        ...reached,
        ...[...reached].filter((at) => at !== silent).flatMap((at) => [...directPositions(at, count)]),
      ]);
    assert.equal(reached.size, count, `without ${silent}`);
  }
});
