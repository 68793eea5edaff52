import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LatencyGraph } from '../../../src/core/peers/latency-graph.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { nanos } from '../../../src/core/time/nanos.ts';

test('a way round is taken when it is quicker', () => {
  const graph = new LatencyGraph();
  graph.measure({ from: 'a', to: 'c', delay: nanos(100n) });
  assert.deepEqual(graph.route('a', 'c'), { hops: ['c'], delay: 100n });
  graph.measure({ from: 'a', to: 'b', delay: nanos(10n) });
  graph.measure({ from: 'b', to: 'c', delay: nanos(20n) });
  assert.deepEqual(graph.route('a', 'c'), { hops: ['b', 'c'], delay: 30n });
  graph.forget('b');
  assert.deepEqual(graph.route('a', 'c'), { hops: ['c'], delay: 100n });
  assert.equal(graph.route('c', 'a'), undefined);
  assert.deepEqual(graph.nearest('a'), [{ peer: 'c', delay: 100n }]);
});

test('its routes are the shortest, by trying all', () => {
  const edge = fc.record({ from: fc.nat(5), to: fc.nat(5), delay: fc.bigInt(0n, 100n) });
  fc.assert(
    fc.property(fc.array(edge, { maxLength: 20 }), (edges) => {
      const graph = new LatencyGraph();
      const delays = new Map<string, bigint>();
      for (const { from, to, delay } of edges) {
        graph.measure({ from: `${from}`, to: `${to}`, delay: nanos(delay) });
        delays.set(`${from} ${to}`, delay);
      }
      // Bellman-Ford: relax every edge as often as there are peers.
      const best = new Map<string, bigint>([['0', 0n]]);
      for (let round = 0; round < 6; round++)
        for (const [key, delay] of delays) {
          const [from, to] = key.split(' ') as [string, string];
          const reached = best.get(from);
          if (reached === undefined) continue;
          const known = best.get(to);
          if (known === undefined || reached + delay < known) best.set(to, reached + delay);
        }
      best.delete('0');
      assert.deepEqual(new Map(graph.nearest('0').map(({ peer, delay }) => [peer, delay])), best);
    }),
  );
});

test('it is bounded, and nothing takes less than no time', () => {
  const graph = new LatencyGraph();
  for (let i = 0; i < LIMITS.graphPeersMax; i++) assert.ok(graph.measure({ from: `p${i}`, to: 'x', delay: nanos(1n) }));
  assert.equal(graph.measure({ from: 'one too many', to: 'x', delay: nanos(1n) }), false);
  assert.equal(graph.measure({ from: 'p0', to: 'x', delay: nanos(2n) }), true);
  assert.throws(() => graph.measure({ from: 'p0', to: 'x', delay: nanos(-1n) }), /arrives/);
});
