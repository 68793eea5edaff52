/**
 * A network of four (or more) real keys for these tests: lanes written by hand, statement by statement, at chosen times.
 *
 * Times are offsets in milliseconds from the start of a slot, so that a test reads like a timeline.
 */

import assert from 'node:assert/strict';
import { sealPayload } from '../../../src/core/attestation/cose-sign1.ts';
import { decodeReports, encodeReports } from '../../../src/core/attestation/reports.ts';
import { encodeStatement, zeroDigest, type Statement } from '../../../src/core/attestation/statement.ts';
import type { StatementJudge } from '../../../src/core/attestation/verify-statement.ts';
import { keyOfGenesis, networkIdOf, type Genesis } from '../../../src/core/attestation/genesis.ts';
import { compareBytes } from '../../../src/core/codec/cbor.ts';
import type { Digest } from '../../../src/core/codec/sha256.ts';
import { encodeEntry } from '../../../src/core/log/entry.ts';
import { judgeEntry } from '../../../src/core/ordering/lane-item.ts';
import type { LaneItem } from '../../../src/core/ordering/order-builder.ts';
import { Ordering, type OrderingEffect } from '../../../src/core/ordering/ordering.ts';
import { ORDERING_RULES, type OrderingRules } from '../../../src/core/ordering/rules.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { nanos, shift, taiInstant, type TaiInstant } from '../../../src/core/time/nanos.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { isFault } from '../../../src/core/verdict.ts';
import type { Signer } from '../../../src/ports/signer.ts';
import { digestOf, signerOf } from '../attestation/actors.ts';
import { genesis, validator } from '../attestation/networks.ts';

/** The start of a slot of 250 ms: 7,200,000,000 slots after the epoch of TAI. */
export const START: TaiInstant = taiInstant(1_800_000_000_000_000_000n);
export const START_SLOT = 7_200_000_000;

export const at = (ms: number): TaiInstant => shift(START, nanos(BigInt(Math.round(ms * 1e6))));
export const subject = (label: string): Digest => digestOf(`subject ${label}`);

export type WrittenEntry = LaneItem & { readonly bytes: Uint8Array };

/** Seen between `from` and `to` milliseconds. */
export type Sight = readonly [label: string, from: number, to: number];

export class FourLanes {
  readonly genesis: Genesis;
  readonly signers: readonly Signer[];
  readonly judge: StatementJudge;
  readonly lanes: WrittenEntry[][];

  constructor(count = 4) {
    const signers = Array.from({ length: count }, (_, i) => signerOf(`validator ${i}`));
    this.genesis = genesis(signers.map((signer, i) => validator(`v${i}`, signer)));
    // In the order of the record, which is that of the keys.
    this.signers = this.genesis.validators.map(({ publicKey }) =>
      signers.find((signer) => compareBytes(signer.publicKey, publicKey) === 0)!,
    );
    this.judge = { network: networkIdOf(this.genesis), keyOf: keyOfGenesis(this.genesis), checkSignature };
    this.lanes = Array.from({ length: count }, () => []);
  }

  get network(): Digest {
    return this.judge.network;
  }

  ordering(self?: number, rules: OrderingRules = ORDERING_RULES): Ordering {
    const { network, genesis } = this;
    return new Ordering({
      network,
      parameters: genesis.parameters,
      validators: genesis.validators.length,
      rules,
      self,
    });
  }

  beat(lane: number, ms: number): WrittenEntry {
    return this.write(lane, ms, 'heartbeat', zeroDigest(), null);
  }

  beatAll(ms: number): void {
    for (const lane of this.lanes.keys()) this.beat(lane, ms);
  }

  report(lane: number, ms: number, sights: readonly Sight[], guaranteeNs = 1_000n): WrittenEntry {
    const time = { tai: at(ms), guarantee: nanos(guaranteeNs) };
    const reports = sights.map(([label, from, to]) => ({ subject: subject(label), seen: interval(at(from), at(to)) }));
    const { bytes, root } = encodeReports(time, reports);
    return this.write(lane, ms, 'reports', root, bytes, guaranteeNs);
  }

  write(
    lane: number,
    ms: number,
    kind: Statement['kind'],
    about: Digest,
    body: Uint8Array | null,
    guaranteeNs = 1_000n,
    overrides: Partial<Statement> = {},
  ): WrittenEntry {
    const last = this.lanes[lane]!.at(-1);
    const signer = this.signers[lane]!;
    const payload = encodeStatement({
      network: this.network,
      epoch: 0n,
      seq: BigInt(this.lanes[lane]!.length),
      previous: last?.signed.id ?? zeroDigest(),
      kind,
      time: { tai: at(ms), guarantee: nanos(guaranteeNs) },
      subject: about,
      taiUtcSeconds: 37,
      evidence: digestOf('evidence'),
      ...overrides,
    });
    const sealed = sealPayload({ kid: signer.kid, sign: (bytes) => signer.sign(bytes) }, payload);
    const bytes = encodeEntry({ statement: sealed.bytes, body });
    const verdict = judgeEntry(this.judge, bytes);
    assert.equal(verdict.kind, 'accept');
    const entry = { ...(verdict as { value: LaneItem }).value, bytes };
    this.lanes[lane]!.push(entry);
    return entry;
  }

  /** Hands an ordering what it has not seen yet, lane by lane. */
  feed(ordering: Ordering, order: readonly number[] = [...this.lanes.keys()]): OrderingEffect[] {
    return order.flatMap((lane) =>
      this.lanes[lane]!.slice(ordering.sizeOf(lane)).flatMap((entry) => ordering.append(lane, entry)),
    );
  }

  /** Every validator votes on all that is due to it, once, at `ms` and a little later each. */
  voteAll(orderings: readonly Ordering[], ms: number): void {
    for (const [lane, ordering] of orderings.entries()) {
      this.feed(ordering);
      const due = ordering.voteDue(this.lanes[lane]!.length);
      assert.ok(due !== undefined, `validator ${lane} has a vote to cast`);
      this.write(lane, ms + lane / 10, 'cut-vote', due.subject, due.body);
    }
  }
}

/** The subjects an entry reports; none for other kinds. */
export function subjectsOf({ signed, body }: WrittenEntry): Digest[] {
  if (signed.statement.kind !== 'reports') return [];
  const reports = decodeReports(signed.statement.time, body!);
  return isFault(reports) ? [] : reports.map((report) => report.subject);
}
