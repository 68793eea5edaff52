/**
 * Statements of other validators: a lane entry each, `[statement, body or null]`.
 *
 * Judged here is what one entry owes alone and what it owes the time of its arrival. What it owes its lane (the chain, the
 * rising time) is judged where the lane is kept; a gap is fetched by range. docs/spec/network.md section "statements".
 */

import { compareBytes } from '../../core/codec/cbor.ts';
import { sha256 } from '../../core/codec/sha256.ts';
import type { KeyOf } from '../../core/attestation/keyring.ts';
import { reportsOf, type Report } from '../../core/attestation/reports.ts';
import { intervalOf, type Statement } from '../../core/attestation/statement.ts';
import {
  decodeSignedStatement,
  prepareStatement,
  settleStatement,
  type SignedStatement,
} from '../../core/attestation/verify-statement.ts';
import { decodeEntry } from '../../core/log/entry.ts';
import type { HashRanges } from '../../core/log/hash-ranges.ts';
import { KIND_RULES } from '../../core/propagation/kinds.ts';
import { delayBounds, type Bounds } from '../../core/peers/time-exchange.ts';
import type { Interval } from '../../core/time/interval.ts';
import { isBefore, negate, seconds, shift, type Nanos } from '../../core/time/nanos.ts';
import { accept, fault, ignore, isFault, reject, rejectFault, type Fault, type Refusal } from '../../core/verdict.ts';
import type { Peer, Way } from '../../ports/network.ts';
import type { KindJudge, Prepared } from './kind-judge.ts';

/** A statement that holds on its own, with what came beside it. */
export type ReceivedStatement = {
  readonly signed: SignedStatement;
  readonly body: Uint8Array | null;
  readonly reports: readonly Report[] | undefined;
  /** The entry's bytes, as the lane keeps them. */
  readonly entry: Uint8Array;
  /** How long it was under way, by its interval and ours at its arrival; undefined while we have no interval. */
  readonly delay: Bounds | undefined;
};

export type StatementJudgeNeeds = {
  readonly network: Uint8Array;
  readonly keyOf: KeyOf;
  /** Our own validator's kid: our words come back to us over gossip and are not news. */
  readonly ownKid: Uint8Array | undefined;
  /** Our interval now; undefined while we have none. */
  readonly now: () => Interval | undefined;
  /** True when validators relay each other's statements over direct streams: above `DIRECT_MESH_MAX` of them. */
  readonly isOverlay: boolean;
  /** True while nothing waits for lanes to grow. Absent: it is never known. */
  readonly isAtRest?: () => boolean;
  /** Hashes the leaves of reports, many at a time; core's own way where there is no quicker one. */
  readonly hashRanges?: HashRanges | undefined;
  readonly take: (statements: readonly ReceivedStatement[], from: Peer) => void;
};

/** How far ahead of ours a statement's whole interval may lie before we leave it unread. */
export const AHEAD_MAX: Nanos = seconds(1);

/** What the order is made of. Whoever asked for a challenge answer has it by another way. */
const HURRIED: Readonly<Partial<Record<Statement['kind'], true>>> = { reports: true, 'cut-vote': true };

export function statementJudge(needs: StatementJudgeNeeds): KindJudge<ReceivedStatement> {
  return {
    prepare: (item, from, way) => prepareItem(needs, item, from, way),
    mayWait: ({ signed }) => HURRIED[signed.statement.kind] !== true && needs.isAtRest?.() === true,
    take: needs.take,
  };
}

function prepareItem(needs: StatementJudgeNeeds, item: Uint8Array, from: Peer, way: Way): Prepared<ReceivedStatement> {
  const entry = decodeEntry(item);
  if (isFault(entry)) return rejectFault(entry);
  const signed = decodeSignedStatement(entry.statement);
  if (isFault(signed)) return rejectFault(signed);
  // [IGNORE] What we said ourselves.
  if (needs.ownKid !== undefined && isBy(signed, needs.ownKid))
    return ignore('message-duplicate', 'a statement of our own');
  // [REJECT] A direct stream of a validator carries its own statements; those of others come by gossip or by range.
  if (way === 'direct' && !needs.isOverlay && !(from.kid !== undefined && isBy(signed, from.kid)))
    return reject('message-unsolicited', 'a statement of another validator on a direct stream');
  const prepared = prepareStatement(needs, signed);
  if (prepared.kind !== 'accept') return prepared;
  const now = needs.now();
  const outOfTime = timeRefusal(signed.statement, now);
  if (outOfTime !== undefined) return outOfTime;
  const reports = bodyOf(signed.statement, entry.body, needs.hashRanges);
  if (isFault(reports)) return rejectFault(reports);
  const delay = now === undefined ? undefined : delayBounds(intervalOf(signed.statement), now);
  const value: ReceivedStatement = { signed, body: entry.body, reports, entry: item, delay };
  return {
    kind: 'claim',
    claim: prepared.value,
    settle: (holds) => {
      const settled = settleStatement(signed, holds);
      return settled.kind === 'accept' ? accept(value) : settled;
    },
  };
}

const isBy = (signed: SignedStatement, kid: Uint8Array): boolean => compareBytes(kid, signed.kid) === 0;

function timeRefusal(statement: Statement, now: Interval | undefined): Refusal | undefined {
  if (now === undefined) return undefined;
  const said = intervalOf(statement);
  // [IGNORE] C5: what is older than the kind's age is history, and history is fetched by range.
  if (isBefore(said.latest, shift(now.earliest, negate(KIND_RULES.statements.ageMax))))
    return ignore('message-stale', 'the whole interval lies further back than the network acts on');
  // [IGNORE] A statement from the future: one of the two clocks is wrong, and it need not be the signer's.
  if (isBefore(shift(now.latest, AHEAD_MAX), said.earliest))
    return ignore('message-future', 'the whole interval lies ahead of ours by more than a second');
  return undefined;
}

/** What a statement's kind asks of its body. The reports of a reports statement; undefined for a kind without; a fault when body and statement do not fit. */
export function bodyOf(
  statement: Statement,
  body: Uint8Array | null,
  hash?: HashRanges,
): readonly Report[] | undefined | Fault {
  switch (statement.kind) {
    case 'reports':
      // [REJECT] A root without its reports cannot be acted on, and reports that do not make the root were not signed.
      return body === null
        ? fault('reports-format', 'a reports statement without its reports')
        : reportsOf(statement, body, hash);
    case 'cut-vote':
      // [REJECT] A vote is the hash of what is voted for.
      if (body === null || compareBytes(sha256(body), statement.subject) !== 0)
        return fault('statement-subject', 'the body of a cut vote is not what its subject is the hash of');
      return undefined;
    default:
      // [REJECT] Nothing rides along that the signature does not cover.
      return body === null ? undefined : fault('statement-subject', `a ${statement.kind} statement has no body`);
  }
}
