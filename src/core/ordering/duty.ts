/**
 * Duty rotation: which validators propose and aggregate in a period. A pure function that anyone recomputes, for an engine that
 * has proposers; `all-lanes` has none and draws nobody.
 *
 * Candidates and credit are frozen in a decided cut; the seed hashes a *later* decided cut, so nobody knew it when the
 * candidates were fixed. Drawn without replacement, weighted by credit with a floor and a ceiling: credit earns duty, but
 * farming it cannot buy the committee. Duty gives work, never weight: certificates count over the whole set (a committee of
 * 11 would fail with probability 0.16 per draw when a fifth of the candidates lie). docs/spec/ordering.md, "Duty".
 */

import { assert } from '../assert.ts';
import { compareBytes } from '../codec/cbor.ts';
import { sha256Of, type Digest } from '../codec/sha256.ts';
import { LIMITS } from '../limits.ts';

export type DutyCandidate = {
  readonly kid: Uint8Array;
  /** 0..1000, see credit.ts. */
  readonly credit: number;
};

/** How many are on duty. */
export const DUTY_SIZE = 11;

/** Below this a validator is not drawn: it was hardly there. */
export const DUTY_CREDIT_MIN = 100;
/** Above this, more credit gives no better chance: at most five times the least. */
export const DUTY_CREDIT_CAP = 500;

const DOMAIN = new TextEncoder().encode('momentd duty v1');

/** SHA-256("momentd duty v1" || network || frozen cut's lanes digest || later cut's lanes digest). */
export function dutySeed(needs: {
  readonly network: Digest;
  /** Lanes digest of the cut in which candidates and credit were frozen. */
  readonly frozen: Digest;
  /** Lanes digest of a cut decided after that one. */
  readonly later: Digest;
}): Digest {
  assert(compareBytes(needs.frozen, needs.later) !== 0, 'the seed comes from a cut after the freeze');
  return sha256Of(DOMAIN, needs.network, needs.frozen, needs.later);
}

/**
 * The candidates on duty, in the order drawn: at most `size`, fewer when fewer are eligible. Candidates may come in any
 * order; draw i takes SHA-256(seed || i as 4 bytes big-endian) modulo the weight that is left.
 */
export function drawDuty(candidates: readonly DutyCandidate[], seed: Digest, size = DUTY_SIZE): DutyCandidate[] {
  assert(candidates.length <= LIMITS.dutyCandidatesMax, 'candidates are the validators of one genesis record');
  const left = candidates.filter(({ credit }) => credit >= DUTY_CREDIT_MIN);
  left.sort((a, b) => compareBytes(a.kid, b.kid));
  const drawn: DutyCandidate[] = [];
  while (drawn.length < size && left.length > 0) {
    const total = left.reduce((sum, candidate) => sum + weightOf(candidate), 0);
    let ticket = ticketOf(seed, drawn.length, total);
    const at = left.findIndex((candidate) => (ticket -= weightOf(candidate)) < 0);
    drawn.push(...left.splice(at, 1));
  }
  return drawn;
}

const weightOf = ({ credit }: DutyCandidate): number => Math.min(credit, DUTY_CREDIT_CAP);

/** Uniform in 0..total-1; uneven by less than 2^-100, since 16 bytes are taken modulo at most 512,000. */
function ticketOf(seed: Digest, draw: number, total: number): number {
  const index = new Uint8Array(4);
  new DataView(index.buffer).setUint32(0, draw);
  const hash = sha256Of(seed, index);
  const view = new DataView(hash.buffer, hash.byteOffset, 16);
  return Number(((view.getBigUint64(0) << 64n) | view.getBigUint64(8)) % BigInt(total));
}
