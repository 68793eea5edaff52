/**
 * One run of a simulated network: clients submit, faults come and end, everything must become final; then the checkers.
 *
 * Validators that forked their lanes stop an all-lanes network for good. As operators would, the run then closes it: the
 * honest agree which cut was the last, a new genesis record goes on without the forkers, and what was not final is
 * reported there afresh. The final order of a run is the one before followed by the one after.
 */

import { encodeCbor } from '../../core/codec/cbor.ts';
import { toHex } from '../../core/codec/hex.ts';
import { sha256, sha256Of, type Digest } from '../../core/codec/sha256.ts';
import { DEFAULT_PARAMETERS, type GenesisParameters } from '../../core/attestation/genesis.ts';
import { encodeOrderEntry, type OrderEntry } from '../../core/ordering/order-entry.ts';
import { ORDERING_RULES, type OrderingRules } from '../../core/ordering/rules.ts';
import { encodeSubject, subjectIdOf } from '../../core/ordering/subject.ts';
import { nanos, shift, taiInstant } from '../../core/time/nanos.ts';
import { streamOf } from '../random.ts';
import { disagreements, momentsOutOfOrder, restartDiffers, reversals } from './checkers.ts';
import { planOf, quietPlan, type Mix, type Plan } from './plan.ts';
import type { OffsetNs } from './schedule.ts';
import { standInScheme, type SignatureScheme } from './signatures.ts';
import { World, type Violation } from './world.ts';

export type RunOptions = {
  readonly seed: number;
  readonly mix: Mix;
  readonly validators: number;
  readonly subjects?: number;
  readonly parameters?: GenesisParameters;
  /** Rules other than the network's, to see the checkers catch them. */
  readonly rules?: OrderingRules;
  readonly scheme?: SignatureScheme;
};

export type RunResult = {
  readonly seed: number;
  readonly mix: Mix;
  readonly byzantine: readonly string[];
  readonly submitted: number;
  /** Honest subjects that are final with every honest validator. */
  readonly final: number;
  readonly stuck: number;
  readonly late: number;
  /** Of all pairs of final subjects, those whose intervals overlap: undecidable, so drawn. */
  readonly concurrentPairs: number;
  readonly decidablePairs: number;
  readonly networksUsed: number;
  readonly violations: readonly Violation[];
  /** SHA-256 over the final order and everything honest validators published. */
  readonly digest: string;
  readonly events: number;
  readonly virtualNs: OffsetNs;
  readonly perNode: { readonly messages: number; readonly bytes: number; readonly verifications: number };
  /** First sight by a validator to finality at all honest ones, virtual milliseconds. */
  readonly finalityMs: { readonly median: number; readonly worst: number };
};

const MS = 1_000_000;
/** How long after the faults everything must be final: a few slots, a few sync rounds, and delays of a bad network. */
const PATIENCE_NS = 8_000 * MS;
const SETTLE_NS = 1_000 * MS;

type Submission = { readonly id: string; readonly record: Uint8Array; readonly atNs: OffsetNs; readonly to: number };

export function runNetwork(options: RunOptions): RunResult {
  const scheme = options.scheme ?? standInScheme();
  const plan = planOf(options.seed, options.mix, options.validators);
  const parameters = options.parameters ?? DEFAULT_PARAMETERS;
  const labels = Array.from({ length: options.validators }, (_, i) => `v${i}`);
  const needs = { parameters, rules: options.rules ?? ORDERING_RULES, scheme };
  const start = taiInstant(1_800_000_000_000_000_000n);
  const first = new World({ ...needs, plan, labels, start, network: networkOf(options.seed, 0) });
  const submissions = submissionsOf(first, plan, options.subjects ?? 24);
  first.begin();
  const worlds = [first];
  const waiting = new Set(submissions.map(({ id }) => id));
  for (const submission of submissions) first.schedule.after(submission.atNs, () => submit(first, submission, waiting));
  const finalAt = new Map<string, OffsetNs>();
  watch(first, waiting, finalAt, 0);
  first.schedule.run(plan.quietAtNs + SETTLE_NS);
  first.schedule.run(plan.quietAtNs + PATIENCE_NS, () => waiting.size === 0 || isForked(first));
  const violations: Violation[] = [];
  let order = longestOrder(first);
  if (waiting.size > 0 && isForked(first)) {
    // What was shown to be final with one honest validator is final: the operators take the longest order.
    first.schedule.run(first.schedule.now + SETTLE_NS);
    order = longestOrder(first);
    const done = new Set(order.map((entry) => toHex(entry.subject)));
    for (const id of done) waiting.delete(id);
    if (waiting.size > 0) {
      const second = succeed(first, needs, labels, submissions, waiting, finalAt);
      worlds.push(second);
      order = [...order, ...longestOrder(second)];
    }
  }
  for (const world of worlds) violations.push(...check(world));
  return resultOf({ options, plan, worlds, order, waiting, finalAt, submissions, violations });
}

/** The network id a seed's n-th network has. */
const networkOf = (seed: number, generation: number): Digest =>
  sha256(encodeCbor(['simulated network', BigInt(seed), BigInt(generation)]));

function submissionsOf(world: World, plan: Plan, count: number): Submission[] {
  const draw = streamOf(plan.seed, 'clients');
  const honest = world.honest().map(({ index }) => index);
  const submissions: Submission[] = [];
  let atNs = 50 * MS;
  for (let i = 0; i < count; i++) {
    // Bursts of near-simultaneous subjects among well separated ones, across all of the faults' time.
    const isBurst = draw.chance(0.4);
    atNs += isBurst ? draw.between(0, 2) * MS : (draw.exponential() * plan.quietAtNs) / count;
    const at = Math.floor(atNs);
    const record = encodeSubject({
      network: world.setting.network,
      claimed: shift(world.truthAt(at), nanos(-Math.floor(draw.between(0, 100) * MS))),
      priority: i % 3,
      sender: Uint8Array.of(i % 5),
      digest: sha256Of(Uint8Array.of(i & 0xff, i >> 8), world.setting.network),
    });
    submissions.push({
      id: toHex(subjectIdOf(record)),
      record,
      atNs: at,
      to: honest[Math.floor(draw.unit() * honest.length)]!,
    });
  }
  return submissions;
}

/**
 * A client hands its subject to an honest validator that is up, and again to the next one until it is final: what a
 * validator had in memory is gone when it dies.
 */
function submit(world: World, { to, record, id }: Submission, waiting: ReadonlySet<string>): void {
  if (!waiting.has(id)) return;
  const honest = world.honest();
  const inTurn = [world.validators[to]!, ...honest.slice(to % honest.length), ...honest];
  const target = inTurn.find(
    (validator) => validator.isUp && validator.clock.interval(world.schedule.now) !== undefined,
  );
  target?.see(record, `client of ${id}`);
  const next = { to: honest[(to + 1) % honest.length]!.index, record, id };
  world.schedule.after((target === undefined ? 50 : 700) * MS, () => submit(world, { ...next, atNs: 0 }, waiting));
}

/** Notes when each subject has become final with every honest validator. */
function watch(world: World, waiting: Set<string>, finalAt: Map<string, OffsetNs>, sinceNs: OffsetNs): void {
  const counts = world.honest().map(() => 0);
  const agreed = new Map<string, number>();
  const look = (): void => {
    for (const [i, validator] of world.honest().entries()) {
      if (validator.final.length < counts[i]!) continue;
      for (const entry of validator.final.slice(counts[i])) {
        const id = toHex(entry.subject);
        agreed.set(id, (agreed.get(id) ?? 0) + 1);
        if (agreed.get(id) !== counts.length) continue;
        waiting.delete(id);
        finalAt.set(id, sinceNs + world.schedule.now);
      }
      counts[i] = validator.final.length;
    }
    world.schedule.after(5 * MS, look);
  };
  world.schedule.after(5 * MS, look);
}

const isForked = (world: World): boolean =>
  world.honest().some((validator) => validator.lanes.frozenLanes().length > 0 && validator.isUp);

function longestOrder(world: World): readonly OrderEntry[] {
  return world
    .honest()
    .map((validator) => validator.final)
    .reduce((a, b) => (b.length > a.length ? b : a), []);
}

/** The network that follows when forkers were found: without them, without faults, with what was not final. */
function succeed(
  before: World,
  needs: Pick<ConstructorParameters<typeof World>[0], 'parameters' | 'rules' | 'scheme'>,
  labels: readonly string[],
  submissions: readonly Submission[],
  waiting: Set<string>,
  finalAt: Map<string, OffsetNs>,
): World {
  const forkers = new Set(before.honest().flatMap((validator) => validator.lanes.frozenLanes()));
  const staying = labels.filter((_, index) => !forkers.has(index));
  const plan = { ...quietPlan(before.plan, staying.length), quietAtNs: 0 };
  const sinceNs = before.schedule.now;
  const world = new World({
    ...needs,
    plan,
    labels: staying,
    start: before.truthAt(sinceNs),
    network: networkOf(before.plan.seed, 1),
  });
  world.begin();
  for (const [i, { record, id }] of submissions.filter((submission) => waiting.has(submission.id)).entries()) {
    // The record names its network, so its client makes it anew.
    const atNs = 300 * MS + i * MS;
    const again = encodeSubject({
      network: world.setting.network,
      claimed: world.truthAt(atNs),
      priority: 0,
      sender: Uint8Array.of(i & 0xff),
      digest: sha256(record),
    });
    const carried = { id: toHex(subjectIdOf(again)), record: again, to: i % staying.length, atNs };
    waiting.delete(id);
    waiting.add(carried.id);
    world.schedule.after(atNs, () => submit(world, carried, waiting));
  }
  watch(world, waiting, finalAt, sinceNs);
  world.schedule.run(PATIENCE_NS, () => waiting.size === 0);
  return world;
}

function check(world: World): Violation[] {
  const honest = world.honest();
  const orders = honest.map((validator) => validator.final);
  return [
    ...world.violations,
    ...disagreements(orders),
    ...orders.flatMap((order) => reversals(order, world.sightings, honest.length)).slice(0, 3),
    ...orders.flatMap(momentsOutOfOrder).slice(0, 3),
    ...restartDiffers(world, honest[0]!),
  ];
}

function resultOf(run: {
  options: RunOptions;
  plan: Plan;
  worlds: readonly World[];
  order: readonly OrderEntry[];
  waiting: ReadonlySet<string>;
  finalAt: ReadonlyMap<string, OffsetNs>;
  submissions: readonly Submission[];
  violations: readonly Violation[];
}): RunResult {
  const { options, plan, worlds, order, waiting, submissions } = run;
  const pairs = pairsOf(order);
  const waits = submissions
    .flatMap(({ id, atNs }) => (run.finalAt.has(id) ? [run.finalAt.get(id)! - atNs] : []))
    .sort((a, b) => a - b);
  const count = (values: (world: World) => readonly number[]): number =>
    Math.round(worlds.reduce((sum, world) => sum + values(world).reduce((a, b) => a + b, 0), 0) / options.validators);
  return {
    seed: options.seed,
    mix: options.mix,
    byzantine: [...plan.byzantine].map(([index, { vices }]) => `${index}: ${vices.join(' + ')}`),
    submitted: submissions.length,
    final: submissions.length - waiting.size,
    stuck: waiting.size,
    late: order.filter((entry) => entry.isLate).length,
    ...pairs,
    networksUsed: worlds.length,
    violations: run.violations,
    digest: toHex(sha256Of(...worlds.map((world) => world.published), ...order.map(encodeOrderEntry))),
    events: worlds.reduce((sum, world) => sum + world.schedule.done, 0),
    virtualNs: worlds.reduce((sum, world) => sum + world.schedule.now, 0),
    perNode: {
      messages: count((world) => world.links.messagesSent),
      bytes: count((world) => world.links.bytesSent),
      verifications: count((world) => world.verifications),
    },
    finalityMs: { median: (waits[waits.length >> 1] ?? 0) / MS, worst: (waits.at(-1) ?? 0) / MS },
  };
}

function pairsOf(order: readonly OrderEntry[]): { concurrentPairs: number; decidablePairs: number } {
  let concurrentPairs = 0;
  let decidablePairs = 0;
  for (const [i, a] of order.entries()) {
    for (const b of order.slice(i + 1)) {
      if (a.seen.latest < b.seen.earliest || b.seen.latest < a.seen.earliest) decidablePairs += 1;
      else concurrentPairs += 1;
    }
  }
  return { concurrentPairs, decidablePairs };
}
