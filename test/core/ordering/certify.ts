/** Certificates from hand-written lanes: the parts, so that a test can break one of them. */

import type { Certificate } from '../../../src/core/ordering/certificate.ts';
import { compareBytes } from '../../../src/core/codec/cbor.ts';
import { sha256, type Digest } from '../../../src/core/codec/sha256.ts';
import { leafHash, rootOf } from '../../../src/core/log/merkle.ts';
import { encodeCutVote, voteFor, type Cut } from '../../../src/core/ordering/cut.ts';
import { encodeOrderEntry, type OrderEntry } from '../../../src/core/ordering/order-entry.ts';
import { proofFromLeaves } from '../../../src/core/ordering/receipt.ts';
import { subjectsOf, FourLanes, subject, type WrittenEntry } from './four-lanes.ts';

export type Certified = { readonly world: FourLanes; readonly order: readonly OrderEntry[]; readonly cut: Cut };

/** Everyone sees a, b and c one after another in the first slot, passes it, and votes. */
export function certifiedWorld(): Certified {
  const world = new FourLanes();
  for (let lane = 0; lane < 4; lane++) {
    world.beat(lane, 1);
    world.report(lane, 30 + lane, [
      ['a', 20 + lane, 21 + lane],
      ['b', 22, 25 + lane],
    ]);
    world.report(lane, 70 + lane, [['c', 60 + lane, 61 + lane]]);
    world.beat(lane, 260 + lane);
  }
  const orderings = [0, 1, 2, 3].map((lane) => world.ordering(lane));
  world.voteAll(orderings, 270);
  const order: OrderEntry[] = [];
  const reader = world.ordering();
  for (const effect of world.feed(reader)) if (effect.kind === 'final') order.push(...effect.entries);
  return { world, order, cut: reader.cutAt(reader.decidedSlot!) };
}

/** The whole certificate of a subject: every vote for the cut, every lane's first report. */
export function partsOf({ world, order, cut }: Certified, label: string): Certificate {
  const entry = order.find((candidate) => compareBytes(candidate.subject, subject(label)) === 0)!;
  const leaves = order.map((candidate) => leafHash(encodeOrderEntry(candidate)));
  const voteSubject = sha256(encodeCutVote(voteFor(cut)));
  return {
    network: world.network,
    subject: subject(label),
    orderEntry: encodeOrderEntry(entry),
    orderProof: proofFromLeaves(leaves, entry.index, cut.order.size),
    cut,
    votes: world.lanes.flatMap((entries, voter) =>
      entries
        .filter(({ signed }) => compareBytes(signed.statement.subject, voteSubject) === 0)
        .map(({ signed }) => ({ voter, statement: signed.bytes })),
    ),
    reports: world.lanes.map((_, lane) => reportOf(world, cut, lane, subject(label))),
  };
}

export function reportOf(world: FourLanes, cut: Cut, lane: number, id: Digest): Certificate['reports'][number] {
  const entries = world.lanes[lane]!;
  const seq = entries.findIndex((entry) => subjectsOf(entry).some((reported) => compareBytes(reported, id) === 0));
  return provenEntry(entries, cut, lane, seq);
}

export function provenEntry(
  entries: readonly WrittenEntry[],
  cut: Cut,
  lane: number,
  seq: number,
): Certificate['reports'][number] {
  const leaves = entries.map(({ leaf }) => leaf);
  return { lane, entry: entries[seq]!.bytes, proof: proofFromLeaves(leaves, seq, cut.lanes[lane]!.size) };
}

/**
 * The certificate with another order entry, in an order log of its own that a whole quorum signed for: what a dishonest
 * quorum could make, and a reader still refuses where it contradicts the reports.
 */
export function withFalseEntry(certified: Certified, change: Partial<OrderEntry>): Certificate {
  const world = new FourLanes();
  const parts = partsOf(certified, 'a');
  const entry = { ...certified.order[0]!, subject: parts.subject, index: 0, ...change };
  const bytes = encodeOrderEntry({
    ...certified.order.find((e) => compareBytes(e.subject, parts.subject) === 0)!,
    ...entry,
  });
  const cut = { ...certified.cut, order: { size: 1, root: rootOf([leafHash(bytes)]) } };
  return { ...parts, orderEntry: bytes, orderProof: [], cut, votes: votesOf(world, cut) };
}

/** Votes of all four for a cut, in lanes of their own. */
export function votesOf(world: FourLanes, cut: Cut, ms = 270): Certificate['votes'] {
  const body = encodeCutVote(voteFor(cut));
  return world.lanes.map((_, voter) => ({
    voter,
    statement: world.write(voter, ms, 'cut-vote', sha256(body), body).signed.bytes,
  }));
}
