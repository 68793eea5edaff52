/**
 * Who is how far from whom, and by which hops something arrives first: Dijkstra over measured one-way delays, with a
 * bounded cache of routes (requirement A16).
 *
 * An edge is the least time a message needed, as an upper bound in nanoseconds. It is used to choose the order in which
 * peers are served and through whom an overlay of many validators relays; it proves nothing and orders nothing.
 */

import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import { plus, ZERO, type Nanos } from '../time/nanos.ts';
import { BoundedMap } from './bounded-map.ts';

export type Route = { readonly hops: readonly string[]; readonly delay: Nanos };

export class LatencyGraph {
  readonly #edges = new Map<string, Map<string, Nanos>>();
  readonly #routes = new BoundedMap<string, Map<string, Route>>({ sizeMax: LIMITS.routeCacheMax });

  /** Sets what the way from one to the other takes. Refused (false) when the graph is full of others. */
  measure({ from, to, delay }: { readonly from: string; readonly to: string; readonly delay: Nanos }): boolean {
    assert(delay >= 0n, 'nothing arrives before it leaves');
    let edges = this.#edges.get(from);
    if (edges === undefined) {
      if (this.#edges.size >= LIMITS.graphPeersMax) return false;
      edges = new Map();
      this.#edges.set(from, edges);
    }
    if (!edges.has(to) && edges.size >= LIMITS.graphPeersMax) return false;
    if (edges.get(to) !== delay) this.#routes.clear();
    edges.set(to, delay);
    return true;
  }

  forget(peer: string): void {
    this.#edges.delete(peer);
    for (const edges of this.#edges.values()) edges.delete(peer);
    this.#routes.clear();
  }

  /** The quickest way, or undefined when none is known. `hops` ends with `to` and leaves out `from`. */
  route(from: string, to: string): Route | undefined {
    return this.#routesFrom(from).get(to);
  }

  /** Everyone reachable from `from`, nearest first; equal delays in the order of names, so that it is repeatable. */
  nearest(from: string): { readonly peer: string; readonly delay: Nanos }[] {
    return [...this.#routesFrom(from)]
      .map(([peer, { delay }]) => ({ peer, delay }))
      .sort((a, b) => (a.delay === b.delay ? (a.peer < b.peer ? -1 : 1) : a.delay < b.delay ? -1 : 1));
  }

  #routesFrom(from: string): Map<string, Route> {
    const cached = this.#routes.get(from);
    if (cached !== undefined) return cached;
    const routes = shortestPaths(this.#edges, from);
    this.#routes.set(from, routes);
    return routes;
  }
}

/** Dijkstra with a linear scan for the nearest open peer: n is a few dozen, a heap would not pay. */
function shortestPaths(edges: ReadonlyMap<string, ReadonlyMap<string, Nanos>>, from: string): Map<string, Route> {
  const done = new Map<string, Route>();
  const open = new Map<string, Route>([[from, { hops: [], delay: ZERO }]]);
  for (;;) {
    let nearest: string | undefined;
    for (const [peer, { delay }] of open) if (nearest === undefined || delay < open.get(nearest)!.delay) nearest = peer;
    if (nearest === undefined) break;
    const route = open.get(nearest)!;
    open.delete(nearest);
    done.set(nearest, route);
    for (const [next, delay] of edges.get(nearest) ?? []) {
      if (done.has(next)) continue;
      const longer = { hops: [...route.hops, next], delay: plus(route.delay, delay) };
      const known = open.get(next);
      if (known === undefined || longer.delay < known.delay) open.set(next, longer);
    }
  }
  done.delete(from);
  return done;
}
