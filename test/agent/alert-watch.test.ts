/** The watch over a whole agent on virtual time: what goes wrong is noticed, logged, told, and over when it is over. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { AlertWatch } from '../../src/agent/alert-watch.ts';
import type { AlertCode } from '../../src/core/alerts/rule.ts';
import { millis, nanos, plus, seconds, taiInstant, type Nanos } from '../../src/core/time/nanos.ts';
import type { AgentEvent } from '../../src/ports/event-log.ts';
import type { NetworkStatusView, NetworkView, OrderStatusView, LaneStatusView } from '../../src/ports/network-view.ts';
import { SimDisk } from '../../src/sim/disk.ts';
import type { AlertThresholds } from '../../src/core/alerts/thresholds.ts';
import { THRESHOLDS } from '../core/alerts/made-up-facts.ts';
import { World } from './harness.ts';

const SECONDS_OF_START = 20;

/** A network of four as faces see it, of which only what the watch reads is there. */
class MadeUpNetwork {
  status: Pick<NetworkStatusView, 'isNetworked' | 'peers' | 'roundTripMedian' | 'heard' | 'timeAlarms' | 'self'> & {
    readonly validators: readonly unknown[];
  } = {
    isNetworked: true,
    peers: 3,
    roundTripMedian: millis(40),
    validators: [0, 1, 2, 3],
    heard: [0, 1, 2, 3],
    self: 0,
    timeAlarms: [],
  };
  order: Pick<OrderStatusView, 'decidedSlot' | 'decidedTai' | 'contradictedSlot'> & { pool: { subjects: number } } = {
    decidedSlot: 1,
    decidedTai: undefined,
    contradictedSlot: undefined,
    pool: { subjects: 0 },
  };
  cosigners: readonly number[] = [1];

  get view(): NetworkView {
    const unread = (): never => assert.fail('the watch reads snapshots only');
    return {
      network: () => this.status,
      orderStatus: () => this.order,
      lanes: () =>
        [{ validator: 0, checkpoint: { size: 1, cosigners: this.cosigners } }] as unknown as LaneStatusView[],
      submit: unread,
    } as unknown as NetworkView;
  }
}

type Watched = {
  readonly world: World;
  readonly watch: AlertWatch;
  readonly told: AgentEvent[];
  free: number | undefined;
  /** Codes that fire now, in the order they are shown. */
  readonly firing: () => AlertCode[];
};

type Options = {
  readonly network?: MadeUpNetwork;
  readonly disk?: SimDisk;
  readonly thresholds?: AlertThresholds;
};

async function watched(t: TestContext, { network, disk, thresholds = THRESHOLDS }: Options = {}): Promise<Watched> {
  const world = await World.begin(t, disk);
  const told: AgentEvent[] = [];
  const { host, timers, agent } = world;
  const watch = new AlertWatch(
    {
      view: agent,
      network: network?.view,
      host,
      timers,
      log: { write: (level, message, fields = {}) => world.lines.push({ level, message, fields }) },
      coarseNow: () => world.truthNow(),
      freeBytes: () => Promise.resolve(it.free),
      events: { tell: (event) => told.push(event) },
    },
    thresholds,
  );
  watch.start();
  t.after(() => watch.stop());
  const it: Watched = {
    world,
    watch,
    told,
    free: 5_000_000_000,
    firing: () => watch.alerts().active.flatMap(({ state, rule }) => (state === 'firing' ? [rule.code] : [])),
  };
  return it;
}

const logged = (world: World, message: string): Record<string, unknown>[] =>
  world.lines.filter((line) => line.message === message).map(({ fields }) => fields);

test('a full disk fires at once and not signing after a minute; both are over two minutes after there is space', async (t) => {
  const disk = new SimDisk({ capacityBytes: 64 * 1_048_576 });
  const { world, watch, told, firing } = await watched(t, { disk });
  await world.run(SECONDS_OF_START);
  assert.deepEqual(firing(), []);
  const ballast = await disk.open('/var/ballast', { create: true });
  await ballast.writeAt(0, new Uint8Array(await disk.freeBytes()));
  await world.run(30);
  assert.deepEqual(firing(), ['alert-disk-full']);
  await world.run(60);
  assert.deepEqual(firing(), ['alert-not-attesting', 'alert-disk-full']);
  await ballast.truncate(0);
  await world.run(60);
  assert.deepEqual(firing(), ['alert-not-attesting', 'alert-disk-full']);
  await world.run(90);
  assert.deepEqual(firing(), []);

  assert.deepEqual(
    told.map((event) => event.kind === 'alert-changed' && `${event.code} ${event.isRaised ? 'fired' : 'over'}`),
    ['alert-disk-full fired', 'alert-not-attesting fired', 'alert-not-attesting over', 'alert-disk-full over'],
  );
  // Every five seconds it is tried again; that is no news.
  assert.deepEqual(
    logged(world, 'not signing').flatMap(({ code }) => (code === 'disk-full' ? [code] : [])),
    ['disk-full'],
  );
  const [fired] = logged(world, 'an alert fires');
  assert.equal(fired!['code'], 'alert-disk-full');
  assert.match(String(fired!['remedy']), /make space/);
  assert.deepEqual(
    logged(world, 'an alert is over').map(({ code, because }) => [code, because]),
    [
      ['alert-not-attesting', 'over'],
      ['alert-disk-full', 'over'],
    ],
  );
  assert.ok(world.lines.some(({ level, message }) => level === 'error' && message === 'an alert fires'));
  assert.equal(watch.alerts().past.length, 2);
});

test('simulated time is a warning, logged as one', async (t) => {
  const { world, firing } = await watched(t);
  await world.run(330);
  assert.deepEqual(firing(), ['alert-simulated-time']);
  assert.deepEqual(
    world.lines.filter(({ message }) => message === 'an alert fires').map(({ level }) => level),
    ['warn'],
  );
});

test('slow commits and a small disk are seen from what the watch is told', async (t) => {
  const it = await watched(t);
  const { world, watch } = it;
  it.free = 1_000;
  const commits = (took: Nanos): void => watch.committed(took);
  for (let i = 0; i < 60; i++) {
    commits(plus(THRESHOLDS.commitMax, nanos(i % 20 === 0 ? 1n : 0n)));
    await world.run(1);
  }
  const slow = watch.alerts().active.find(({ rule }) => rule.code === 'alert-commit-slow')!;
  assert.equal(slow.state, 'pending');
  assert.ok(slow.value > 0.03 && slow.value < 0.06, String(slow.value));
  assert.ok(watch.alerts().active.some(({ rule, value }) => rule.code === 'alert-disk-filling' && value === 1_000));
});

test('a loop that makes no beats is noticed, because the watch has a timer of its own', async (t) => {
  const { world, firing, watch } = await watched(t);
  await world.run(SECONDS_OF_START);
  await world.agent.stop();
  await world.run(200);
  assert.ok(firing().includes('alert-stalled'), firing().join());
  watch.stop();
  watch.stop();
});

test('what the network tells reaches its rules', async (t) => {
  const network = new MadeUpNetwork();
  const { world, watch } = await watched(t, {
    network,
    thresholds: { ...THRESHOLDS, cosignatureAgeMax: seconds(20) },
  });
  await world.run(SECONDS_OF_START);
  const value = (code: AlertCode) => watch.alerts().active.find(({ rule }) => rule.code === code)?.value;
  assert.ok(
    watch.alerts().standings.every(({ unknown }) => unknown === undefined || /two minutes|no commit/.test(unknown)),
  );

  network.status = {
    ...network.status,
    peers: 1,
    roundTripMedian: millis(700),
    heard: [0],
    timeAlarms: [{ code: 'own-time-apart', who: undefined, since: world.host.now() }],
  };
  network.order = { ...network.order, contradictedSlot: 7, pool: { subjects: 5 } };
  network.cosigners = [0];
  await world.run(1);
  assert.equal(value('alert-peers-low'), 1);
  assert.equal(value('alert-latency-high'), 0.7);
  assert.equal(value('alert-participation-low'), 0.25);
  assert.equal(value('alert-containment-failed'), 1);
  assert.equal(value('alert-order-contradicted'), 1);
  await world.run(30);
  assert.equal(value('alert-lane-not-cosigned'), 30, 'our own name on it is not another’s');
  assert.equal(value('alert-finality-waiting'), 31, 'counted from the last look at which nothing waited');

  network.status = { ...network.status, timeAlarms: [{ code: 'peer-time-apart', who: 2, since: world.host.now() }] };
  network.order = { ...network.order, contradictedSlot: undefined, decidedSlot: 2 };
  network.cosigners = [0, 3];
  await world.run(1);
  assert.equal(value('alert-containment-failed'), 0, 'another’s fault is not ours');
  assert.equal(value('alert-lane-not-cosigned'), undefined);
  assert.equal(value('alert-finality-waiting'), undefined, 'a slot was decided before it fired');
  // Decided slots that come, but lie ever further back.
  network.order = { ...network.order, decidedSlot: 3, decidedTai: taiInstant(world.truthNow() - seconds(40)) };
  await world.run(1);
  assert.ok(value('alert-finality-waiting')! > 40);
  network.order = { ...network.order, pool: { subjects: 0 } };
  await world.run(1);
  assert.equal(value('alert-finality-waiting'), undefined, 'nothing waits');
});

test('an agent without a network says of each rule of the network that it cannot be judged', async (t) => {
  const network = new MadeUpNetwork();
  network.status = { ...network.status, isNetworked: false, peers: 0 };
  const { world, watch } = await watched(t, { network });
  await world.run(SECONDS_OF_START);
  const without = watch.alerts().standings.filter(({ unknown }) => unknown === 'the agent runs without a network');
  assert.equal(without.length, 7);
});
