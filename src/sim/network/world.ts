/**
 * One simulated network: validators, the links between them, and the records the checkers look at afterwards.
 *
 * Judging an entry is a pure function of its bytes, so one judgement serves every validator of the process; how often each
 * would have verified is counted. What honest validators sign and see is written down here as it happens, by code that the
 * protocol does not use.
 */

import type { GenesisParameters } from '../../core/attestation/genesis.ts';
import { KID_SIZE_BYTES, kidOf } from '../../core/attestation/cose-sign1.ts';
import { keyringOf } from '../../core/attestation/keyring.ts';
import { decodeReports } from '../../core/attestation/reports.ts';
import { decodeSignedStatement, type StatementJudge } from '../../core/attestation/verify-statement.ts';
import { assert } from '../../core/assert.ts';
import { toHex } from '../../core/codec/hex.ts';
import { sha256, type Digest } from '../../core/codec/sha256.ts';
import { decodeEntry } from '../../core/log/entry.ts';
import { encodeCutVote, type CutVote } from '../../core/ordering/cut.ts';
import { judgeEntry } from '../../core/ordering/lane-item.ts';
import type { OrderingRules } from '../../core/ordering/rules.ts';
import type { Interval } from '../../core/time/interval.ts';
import type { TaiInstant } from '../../core/time/nanos.ts';
import { isFault } from '../../core/verdict.ts';
import { streamOf } from '../random.ts';
import { bendClock, conductOf } from './conduct.ts';
import type { StoredEntry } from './lane-store.ts';
import { Links, type Message } from './links.ts';
import type { Plan } from './plan.ts';
import { Schedule, type OffsetNs } from './schedule.ts';
import type { SignatureScheme, SimKey } from './signatures.ts';
import { Validator } from './validator.ts';
import { ValidatorClock } from './validator-clock.ts';

export type NetworkSetting = {
  readonly network: Digest;
  readonly parameters: GenesisParameters;
  readonly validators: number;
  readonly rules: OrderingRules;
  /** What stands for the evidence digest in every statement: the clock core is not in this simulation. */
  readonly evidence: Digest;
};

/** What an honest validator reported of a subject, and when it truly saw it. */
export type Sighting = { readonly validator: number; readonly trueNs: OffsetNs; readonly seen: Interval };

/** Something that no honest validator may ever do. */
export type Violation = { readonly what: string; readonly detail: string };

export type WorldNeeds = {
  readonly plan: Plan;
  /** What each validator is called: its key and its clock follow from it. */
  readonly labels: readonly string[];
  readonly parameters: GenesisParameters;
  readonly rules: OrderingRules;
  readonly scheme: SignatureScheme;
  readonly start: TaiInstant;
  readonly network: Digest;
};

export class World {
  readonly schedule = new Schedule();
  readonly setting: NetworkSetting;
  readonly plan: Plan;
  readonly links: Links;
  readonly validators: readonly Validator[];
  readonly verifications: number[];
  /** First durable report of each honest validator, by subject. */
  readonly sightings = new Map<string, Sighting[]>();
  readonly violations: Violation[] = [];
  readonly #start: TaiInstant;
  readonly #judge: StatementJudge;
  readonly #laneOfKid = new Map<string, number>();
  readonly #judged = new WeakMap<Uint8Array, StoredEntry | 'refused'>();
  readonly #places = new WeakMap<Uint8Array, { lane: number; seq: number } | 'none'>();
  /** True instant of a sight that is not reported yet, by validator and subject. */
  readonly #seenAt = new Map<string, OffsetNs>();
  /** Identity of every statement an honest validator signed, by validator and seq; of votes, by validator and slot. */
  readonly #signed = new Map<string, string>();
  #published = sha256(new Uint8Array());

  constructor({ plan, labels, parameters, rules, scheme, start, network }: WorldNeeds) {
    this.plan = plan;
    this.#start = start;
    const keys = labels.map((label) => scheme.keyOf(label));
    this.setting = { network, parameters, validators: labels.length, rules, evidence: sha256(network) };
    const keyOf = keyringOf(keys.map((key) => key.publicKey));
    assert(keyOf !== undefined, 'simulated keys have distinct key ids');
    this.#judge = { network, keyOf, checkSignature: scheme.checkSignature };
    for (const [index, key] of keys.entries()) this.#laneOfKid.set(toHex(kidOf(key.publicKey)), index);
    this.links = new Links({ schedule: this.schedule, plan }, (from, to, message) =>
      this.validators[to]!.receive(from, message),
    );
    this.verifications = labels.map(() => 0);
    this.validators = labels.map((label, index) => this.#validator(index, label, keys[index]!));
  }

  /** Who never departs from the protocol. */
  honest(): Validator[] {
    return this.validators.filter(({ index }) => !this.plan.byzantine.has(index));
  }

  isHonest(index: number): boolean {
    return !this.plan.byzantine.has(index);
  }

  /** Brings everyone up and lets the plan's crashes and floods happen. */
  begin(): void {
    for (const validator of this.validators) validator.start();
    for (const { validator, fromNs, toNs } of this.plan.crashes) {
      this.schedule.after(fromNs, () => this.validators[validator]!.crash());
      this.schedule.after(toNs, () => this.validators[validator]!.start());
    }
    for (const [index, { vices, span }] of this.plan.byzantine)
      if (vices.includes('flood')) this.#flood(index, span.fromNs, span.toNs);
  }

  /** Hash chain over everything honest validators committed, in order: two runs are the same exactly when this is. */
  get published(): Digest {
    return this.#published;
  }

  /** Lets go of what the past needs no more: all entries but the newest `keep` of each lane, and what was noted to check it. */
  forget(keep: number): void {
    for (const validator of this.validators) validator.forget(keep);
    this.sightings.clear();
    this.#seenAt.clear();
    this.#signed.clear();
  }

  // ---- what validators use

  send(from: number, to: number, message: Message): void {
    this.links.send(from, to, message);
  }

  broadcast(from: number, message: Message): void {
    this.links.broadcast(from, message);
  }

  /** Lane and seq an entry claims, before anything is verified. */
  placeOf(bytes: Uint8Array): { lane: number; seq: number } | undefined {
    let place = this.#places.get(bytes);
    if (place === undefined) {
      place = this.#readPlace(bytes) ?? 'none';
      this.#places.set(bytes, place);
    }
    return place === 'none' ? undefined : place;
  }

  /** The judged entry, or undefined when it is refused. */
  judge(by: number, bytes: Uint8Array): StoredEntry | undefined {
    this.verifications[by]! += 1;
    let judged = this.#judged.get(bytes);
    if (judged === undefined) {
      const verdict = judgeEntry(this.#judge, bytes);
      judged = verdict.kind === 'accept' ? { ...verdict.value, bytes } : 'refused';
      this.#judged.set(bytes, judged);
    }
    return judged === 'refused' ? undefined : judged;
  }

  /** An entry its own validator has just signed. */
  signed(by: number, bytes: Uint8Array): StoredEntry {
    const verdict = judgeEntry(this.#judge, bytes);
    assert(
      verdict.kind === 'accept',
      `an entry we sign is accepted: ${verdict.kind === 'accept' ? '' : verdict.detail}`,
    );
    const entry = { ...verdict.value, bytes };
    this.#judged.set(bytes, entry);
    if (this.isHonest(by)) this.#noteSigned(by, entry);
    return entry;
  }

  /** An honest validator saw a subject, truly at this instant. A sight lost in a crash is replaced by the next one. */
  noteSeen(by: number, id: Digest, trueNs: OffsetNs): void {
    if (this.isHonest(by)) this.#seenAt.set(`${by}/${toHex(id)}`, trueNs);
  }

  noteCommitted(by: number, entry: StoredEntry, now: OffsetNs): void {
    if (!this.isHonest(by)) return;
    this.#published = sha256(Buffer.concat([this.#published, entry.bytes]));
    const { statement } = entry.signed;
    if (statement.kind !== 'reports') return;
    const reports = decodeReports(statement.time, entry.body!);
    assert(!isFault(reports), 'honest reports decode');
    for (const { subject, seen } of reports) {
      const id = toHex(subject);
      const trueNs = this.#seenAt.get(`${by}/${id}`);
      const known = this.sightings.get(id) ?? [];
      if (trueNs === undefined || known.some(({ validator }) => validator === by)) {
        this.#violate('reported without a sight, or twice', `validator ${by}, subject ${id}, at ${now} ns`);
        continue;
      }
      known.push({ validator: by, trueNs, seen });
      this.sightings.set(id, known);
      const truth = this.truthAt(trueNs);
      if (truth < seen.earliest || truth > seen.latest)
        this.#violate('an honest report does not hold true time', `validator ${by}, subject ${id}`);
    }
  }

  truthAt(offset: OffsetNs): TaiInstant {
    return (this.#start + BigInt(offset)) as TaiInstant;
  }

  /** What an entry reports; nothing for other kinds. */
  subjectsIn(entry: StoredEntry): Digest[] {
    if (entry.signed.statement.kind !== 'reports') return [];
    const reports = decodeReports(entry.signed.statement.time, entry.body!);
    return isFault(reports) ? [] : reports.map(({ subject }) => subject);
  }

  voteOf(vote: CutVote): { vote: CutVote; body: Uint8Array; subject: Digest } {
    const body = encodeCutVote(vote);
    return { vote, body, subject: sha256(body) };
  }

  // ---- inside

  #validator(index: number, label: string, key: SimKey): Validator {
    const { plan, schedule } = this;
    const troubles = plan.clockFaults.filter((fault) => fault.validator === index && !plan.byzantine.has(index));
    const clock = new ValidatorClock({
      seed: plan.seed,
      label,
      start: this.#start,
      trouble: (now) => troubles.find(({ fromNs, toNs }) => fromNs <= now && now < toNs)?.kind,
    });
    bendClock({ plan, schedule, index }, clock);
    return new Validator({
      index,
      world: this,
      clock,
      key,
      kid: kidOf(key.publicKey).slice(0, KID_SIZE_BYTES),
      draw: streamOf(plan.seed, `validator ${label}`),
      conduct: conductOf({ plan, schedule, index }),
    });
  }

  #noteSigned(by: number, entry: StoredEntry): void {
    const { statement, id } = entry.signed;
    this.#once(`${by}/seq ${statement.seq}`, toHex(id), 'signed two statements for one seq');
    if (statement.kind === 'cut-vote')
      this.#once(`${by}/vote ${toHex(entry.body!.subarray(1, 10))}`, toHex(statement.subject), 'voted twice on a slot');
  }

  #once(place: string, what: string, violation: string): void {
    const before = this.#signed.get(place);
    if (before !== undefined && before !== what) this.#violate(violation, place);
    this.#signed.set(place, what);
  }

  #violate(what: string, detail: string): void {
    this.violations.push({ what, detail });
  }

  #readPlace(bytes: Uint8Array): { lane: number; seq: number } | undefined {
    const entry = decodeEntry(bytes);
    const signed = isFault(entry) ? entry : decodeSignedStatement(entry.statement);
    if (isFault(signed)) return undefined;
    const lane = this.#laneOfKid.get(toHex(signed.kid));
    return lane === undefined ? undefined : { lane, seq: Number(signed.statement.seq) };
  }

  /** Rubbish to everyone: no entry, an entry with a broken signature, one that is too long. */
  #flood(index: number, fromNs: OffsetNs, toNs: OffsetNs): void {
    const again = (): void => {
      const last = this.validators[index]!.lanes.entries(index).at(-1)?.bytes;
      for (let to = 0; to < this.setting.validators; to++) {
        if (to === index) continue;
        this.send(index, to, { kind: 'garbage', bytes: Uint8Array.of(1, 2, 3) });
        this.send(index, to, { kind: 'garbage', bytes: new Uint8Array(70_000) });
        if (last !== undefined) this.send(index, to, { kind: 'garbage', bytes: last.with(-1, last.at(-1)! ^ 1) });
      }
      if (this.schedule.now < toNs) this.schedule.after(20_000_000, again);
    };
    this.schedule.after(fromNs, again);
  }
}
