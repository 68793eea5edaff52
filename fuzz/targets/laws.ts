/** What must hold of every parser's answer, and where its first inputs come from. */

import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { keyringOf } from '../../src/core/attestation/keyring.ts';
import type { CheckSignature, StatementJudge } from '../../src/core/attestation/verify-statement.ts';
import { CODES } from '../../src/core/codes.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { isFault, type Fault, type Verdict } from '../../src/core/verdict.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { ALICE, BOB, NETWORK } from '../../test/core/attestation/actors.ts';
import { holds } from '../target.ts';

/** The word of a fault: its code, which must be one of ours. */
export function refusal({ fault, detail }: Fault): string {
  holds(Object.hasOwn(CODES, fault), `${fault} is a code of the table`);
  holds(detail.length <= LIMITS.detailLengthMax, `the detail of ${fault} is short`);
  return fault;
}

/** Parses twice: the answers must be the same. `accepted` checks what was understood and may refine the word. */
export function read<T>(parse: () => T | Fault, accepted: (value: T) => string | undefined): string {
  const [first, second] = [parse(), parse()];
  holds(isDeepStrictEqual(first, second), 'reading twice gives the same');
  return isFault(first) ? refusal(first) : (accepted(first) ?? 'accept');
}

/**
 * Judges with signatures taken as good, so that what lies behind them is reached; what passes is judged again with the real
 * check. `genuine` says whether an input that passes that too is one we signed: any other is a forgery.
 */
export function judged<T>(
  judge: (check: CheckSignature) => Verdict<T>,
  accepted: (value: T, isGenuine: boolean) => string | undefined,
): string {
  const open = judge(() => true);
  holds(
    isDeepStrictEqual(
      open,
      judge(() => true),
    ),
    'judging twice gives the same',
  );
  if (open.kind !== 'accept') return refusal({ fault: open.code, detail: open.detail });
  const real = judge(checkSignature);
  return accepted(open.value, real.kind === 'accept') ?? (real.kind === 'accept' ? 'accept' : real.code);
}

/** A court of the network and keys of the test vectors. */
export const courtOf = (check: CheckSignature, network = NETWORK): StatementJudge => ({
  network,
  keyOf: keyringOf([ALICE.publicKey, BOB.publicKey])!,
  checkSignature: check,
});

type VectorInput = Readonly<Record<string, unknown>>;

/** The inputs of a vector file. */
export function vectorInputs(file: string): readonly VectorInput[] {
  const read = JSON.parse(readFileSync(new URL(`../../test/vectors/${file}`, import.meta.url), 'utf8')) as
    { readonly vectors: readonly { readonly input: VectorInput }[] } | readonly { readonly input: VectorInput }[];
  return ('vectors' in read ? read.vectors : read).map(({ input }) => input);
}

/** The inputs of a vector file in which they are plain texts. */
export const plainInputs = (file: string): readonly string[] =>
  vectorInputs(file) as readonly unknown[] as readonly string[];

/** One field of a vector file's inputs where it is hexadecimal. */
export const hexSeeds = (file: string, field: string): Uint8Array[] =>
  vectorInputs(file).flatMap(({ [field]: text }) =>
    typeof text === 'string' && /^(?:[0-9a-f]{2})*$/.test(text) ? [Uint8Array.from(Buffer.from(text, 'hex'))] : [],
  );

/** One field as text, in UTF-8. */
export const textSeeds = (file: string, field: string): Uint8Array[] =>
  vectorInputs(file).flatMap(({ [field]: text }) => (typeof text === 'string' ? [new TextEncoder().encode(text)] : []));
