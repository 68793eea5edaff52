/**
 * A simulated network that lives for hours: the same validators, an hour at a time, with faults in every hour.
 *
 * A validator keeps its lanes for ever, on disk. Here they are in memory, so at the end of each hour what the hour brought is
 * checked and then forgotten, as if it had gone to disk: what is left is what a validator carries along, and that must
 * not grow. Nobody crashes in it, because what a restart would read is gone; run.ts does that.
 */

import { sha256Of } from '../../core/codec/sha256.ts';
import { toHex } from '../../core/codec/hex.ts';
import { DEFAULT_PARAMETERS } from '../../core/attestation/genesis.ts';
import { encodeSubject, subjectIdOf } from '../../core/ordering/subject.ts';
import { ORDERING_RULES } from '../../core/ordering/rules.ts';
import { nanos, shift, taiInstant } from '../../core/time/nanos.ts';
import { streamOf, type Random } from '../random.ts';
import { disagreements, reversals } from './checkers.ts';
import { planOf, quietPlan, type Plan, type Span } from './plan.ts';
import type { OffsetNs } from './schedule.ts';
import { standInScheme, type SignatureScheme } from './signatures.ts';
import { World, type Violation } from './world.ts';

export type LongLife = {
  readonly seed: number;
  readonly validators: number;
  readonly hours: number;
  readonly subjectsAnHour: number;
  /** How long an hour is, seconds; tests have no time for real ones. */
  readonly hourSeconds?: number;
  readonly scheme?: SignatureScheme;
};

export type Hour = {
  readonly hour: number;
  readonly subjects: number;
  /** Of them, final with every validator when the hour was over. */
  readonly final: number;
  readonly finalityMs: { readonly median: number; readonly p99: number };
  /** What one validator's lane grew by. */
  readonly entries: number;
  readonly bytes: number;
  readonly verifications: number;
  readonly events: number;
  readonly violations: readonly Violation[];
};

const MS = 1_000_000;
const SECOND_NS = 1_000 * MS;
const HOUR_SECONDS = 3_600;
/** Nothing is submitted and nobody is cut off in the end of an hour, so that all of it must be final then. */
const QUIET_NS = 20 * SECOND_NS;
/** How often it is looked who has become final; finality is told no finer. */
const LOOK_NS = 20 * MS;
/** Entries of each lane that stay: what a peer may still ask for. */
const ENTRIES_KEPT = 1_024;

/** Hour by hour; what is told of one is checked. */
export function* longLife(life: LongLife): Generator<Hour> {
  const { seed, validators, hours, subjectsAnHour } = life;
  const hourNs = (life.hourSeconds ?? HOUR_SECONDS) * SECOND_NS;
  const world = new World({
    plan: planOfHours(life, hourNs),
    labels: Array.from({ length: validators }, (_, i) => `v${i}`),
    parameters: DEFAULT_PARAMETERS,
    rules: ORDERING_RULES,
    scheme: life.scheme ?? standInScheme(),
    start: taiInstant(1_800_000_000_000_000_000n),
    network: sha256Of(Buffer.from(`a long life ${seed}`)),
  });
  world.begin();
  const clients = streamOf(seed, 'clients');
  for (let hour = 1; hour <= hours; hour++) {
    const before = countsOf(world);
    const finality = submitForAnHour(world, clients, { hour, hourNs, subjectsAnHour });
    world.schedule.run(hour * hourNs);
    const after = countsOf(world);
    const violations = checkHour(world);
    world.forget(ENTRIES_KEPT);
    const waits = finality.waits.sort((a, b) => a - b);
    const at = (share: number): number => (waits[Math.floor(share * waits.length)] ?? NaN) / MS;
    yield {
      hour,
      subjects: subjectsAnHour,
      final: waits.length,
      finalityMs: { median: at(0.5), p99: at(0.99) },
      entries: (after.entries - before.entries) / validators,
      bytes: (after.bytes - before.bytes) / validators,
      verifications: (after.verifications - before.verifications) / validators,
      events: after.events - before.events,
      violations,
    };
  }
}

/** Every hour a partition, a clock that refuses and one that is wide, and everywhere some loss and some duplicates. */
function planOfHours({ seed, validators, hours }: LongLife, hourNs: OffsetNs): Plan {
  const draw = streamOf(seed, 'hours');
  const quiet = quietPlan(planOf(seed, 'calm', validators), validators);
  /** In the first, second or third quarter of every hour, for a few seconds. */
  const spansIn = (quarter: number): Span[] =>
    Array.from({ length: hours }, (_, hour) => {
      const fromNs = Math.floor((hour + quarter / 4 + draw.between(0, 1 / 6)) * hourNs);
      return { fromNs, toNs: fromNs + Math.floor(Math.min(draw.between(1, 20) * SECOND_NS, hourNs / 12)) };
    });
  const anyone = (): number => Math.floor(draw.unit() * validators);
  return {
    ...quiet,
    quietAtNs: hours * hourNs,
    loss: 0.01,
    duplication: 0.01,
    partitions: spansIn(0).map((span) => ({
      ...span,
      sides: Array.from({ length: validators }, () => (draw.chance(0.5) ? 1 : 0)),
    })),
    clockFaults: [
      ...spansIn(1).map((span) => ({ ...span, validator: anyone(), kind: 'refuses' as const })),
      ...spansIn(2).map((span) => ({ ...span, validator: anyone(), kind: 'wide' as const })),
    ],
  };
}

/** Spreads an hour's subjects over it; `waits` fills as they become final with everyone. */
function submitForAnHour(
  world: World,
  clients: Random,
  {
    hour,
    hourNs,
    subjectsAnHour,
  }: { readonly hour: number; readonly hourNs: OffsetNs; readonly subjectsAnHour: number },
): { readonly waits: OffsetNs[] } {
  const waiting = new Map<string, OffsetNs>();
  const waits: OffsetNs[] = [];
  const beganAt = world.schedule.now;
  for (let i = 0; i < subjectsAnHour; i++) {
    const inNs = Math.floor(clients.unit() * (hourNs - QUIET_NS));
    const to = Math.floor(clients.unit() * world.validators.length);
    world.schedule.after(inNs, () => {
      const record = encodeSubject({
        network: world.setting.network,
        claimed: shift(world.truthAt(world.schedule.now), nanos(-MS)),
        priority: i % 3,
        sender: Uint8Array.of(i % 5),
        digest: sha256Of(Buffer.from(`${hour}/${i}`)),
      });
      waiting.set(toHex(subjectIdOf(record)), world.schedule.now);
      submitUntilFinal(world, record, to, waiting);
    });
  }
  const seenBy = new Map<string, number>();
  const counts = world.validators.map(() => 0);
  const look = (): void => {
    for (const [i, { final }] of world.validators.entries()) {
      for (let n = counts[i]!; n < final.length; n++) {
        const id = toHex(final[n]!.subject);
        const by = (seenBy.get(id) ?? 0) + 1;
        seenBy.set(id, by);
        if (by < world.validators.length) continue;
        seenBy.delete(id);
        waits.push(world.schedule.now - waiting.get(id)!);
        waiting.delete(id);
      }
      counts[i] = final.length;
    }
    if (world.schedule.now + LOOK_NS < beganAt + hourNs) world.schedule.after(LOOK_NS, look);
  };
  world.schedule.after(LOOK_NS, look);
  return { waits };
}

/** A client whose validator has no time now goes to the next one. */
function submitUntilFinal(world: World, record: Uint8Array, to: number, waiting: ReadonlyMap<string, OffsetNs>): void {
  const id = toHex(subjectIdOf(record));
  if (!waiting.has(id)) return;
  world.validators[to]!.see(record, `client of ${id}`);
  const next = (to + 1) % world.validators.length;
  world.schedule.after(SECOND_NS, () => submitUntilFinal(world, record, next, waiting));
}

function checkHour(world: World): Violation[] {
  const orders = world.validators.map(({ final }) => final);
  return [
    ...world.violations.splice(0),
    ...disagreements(orders),
    ...reversals(orders[0]!, world.sightings, orders.length).slice(0, 3),
    ...(new Set(orders.map(({ length }) => length)).size > 1
      ? [{ what: 'someone has less of the order after a quiet while', detail: orders.map((o) => o.length).join(' ') }]
      : []),
  ];
}

function countsOf(world: World) {
  const entries = world.validators.map(({ index, lanes }) => lanes.sizes()[index]!);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  return {
    entries: sum(entries),
    bytes: world.validators.reduce((total, { index, lanes }) => total + lanes.bytesOf(index), 0),
    verifications: sum(world.verifications),
    events: world.schedule.done,
  };
}
