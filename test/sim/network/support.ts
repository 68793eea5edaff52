/** What tests of the simulated network share: real keys, and rules that are wrong on purpose. */

import { compareInstants, nanos, shift } from '../../../src/core/time/nanos.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { ORDERING_RULES, type OrderingRules } from '../../../src/core/ordering/rules.ts';
import { countsOf } from '../../../src/core/ordering/seen-interval.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import type { Mix } from '../../../src/sim/network/plan.ts';
import type { SignatureScheme } from '../../../src/sim/network/signatures.ts';
import { signerOf } from '../../core/attestation/actors.ts';

/** Ed25519 by libsodium, as an agent uses it. */
export const REAL_SIGNATURES: SignatureScheme = {
  name: 'ed25519',
  keyOf: (label) => {
    const signer = signerOf(label);
    return { publicKey: signer.publicKey, sign: (bytes) => signer.sign(bytes) };
  },
  checkSignature,
};

export type WrongRule = {
  readonly name: string;
  readonly why: string;
  /** The faults under which it shows. */
  readonly mix: Mix;
  readonly rules: OrderingRules;
};

export const WRONG_RULES: readonly WrongRule[] = [
  {
    name: 'f + 1 votes decide a cut',
    why: 'two such quorums need not share an honest voter, so a forked lane gives two cuts',
    mix: 'byzantine',
    rules: {
      ...ORDERING_RULES,
      countsOf: (n) => ({ ...countsOf(n), q: countsOf(n).f + 1 }),
    },
  },
  {
    name: 'the interval is taken over the lanes present alone',
    why: 'the last of a quorum can turn up late and find the whole interval before what is final',
    mix: 'everything',
    rules: {
      ...ORDERING_RULES,
      seenInterval: ({ f, q }, reports) => {
        if (reports.length < q) return undefined;
        const lo = reports.map(({ earliest }) => earliest).sort(compareInstants)[f]!;
        const hi = reports.map(({ latest }) => latest).sort(compareInstants)[reports.length - 1 - f]!;
        return lo <= hi ? interval(lo, hi) : interval(hi, lo);
      },
    },
  },
  {
    name: 'liars are not trimmed',
    why: 'one false report moves the interval to where no honest validator saw the subject',
    mix: 'everything',
    rules: {
      ...ORDERING_RULES,
      seenInterval: ({ q }, reports) => {
        if (reports.length < q) return undefined;
        const lo = reports.map(({ earliest }) => earliest).sort(compareInstants)[0]!;
        const hi = reports.map(({ latest }) => latest).sort(compareInstants)[reports.length - 1]!;
        return interval(lo, hi);
      },
    },
  },
  {
    name: 'subjects are sorted by their ids',
    why: 'a point outside the interval reverses what the evidence decides',
    mix: 'everything',
    rules: {
      ...ORDERING_RULES,
      sortKey: (_seed, subject, seen) => shift(seen.latest, nanos(BigInt(subject[0]!) * 1_000_000n)),
    },
  },
];
