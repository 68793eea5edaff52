/**
 * Certificates and receipts as `momentd verify` judges them and `momentd compare` reads them: offline, in words.
 */

import { kidOf } from '../core/attestation/cose-sign1.ts';
import { decodeSignedStatement } from '../core/attestation/verify-statement.ts';
import { decodeCbor } from '../core/codec/cbor.ts';
import { toHex } from '../core/codec/hex.ts';
import { CERTIFICATE_KIND } from '../core/ordering/certificate.ts';
import { RECEIPT_KIND, verifyReceipt } from '../core/ordering/receipt.ts';
import { countsOf } from '../core/ordering/seen-interval.ts';
import { verifyCertificate, type CertifiedSubject } from '../core/ordering/verify-certificate.ts';
import { widthOf } from '../core/time/interval.ts';
import { formatNanos, formatTai } from '../core/time/text.ts';
import { isFault, type Verdict } from '../core/verdict.ts';
import { AgentError } from '../ports/agent-error.ts';
import { checkSignatureTwice, judgeFor, nameOf, type Trust } from './trust.ts';
import type { Judgement } from './judgement.ts';

const KIND_BYTES = new TextEncoder();

/** By how the file begins: a map of nine with the kind at key 0, an array of six with the kind first. */
export const isCertificate = (bytes: Uint8Array): boolean => beginsWith(bytes, [0xa9, 0x00], CERTIFICATE_KIND);
export const isReceipt = (bytes: Uint8Array): boolean => beginsWith(bytes, [0x86], RECEIPT_KIND);

/** The verdict on a certificate; a certificate cannot be judged by one key alone. */
export function certifiedBy(trust: Trust, bytes: Uint8Array, path: string): Verdict<CertifiedSubject> {
  if (trust.genesis === undefined)
    throw new AgentError(
      'verify-nothing-to-trust',
      `judge ${path}: a quorum is counted over a genesis record; give --genesis`,
    );
  return verifyCertificate(bytes, trust.genesis, checkSignatureTwice);
}

export function judgeCertificate(bytes: Uint8Array, trust: Trust, path: string): Judgement {
  const verdict = certifiedBy(trust, bytes, path);
  if (verdict.kind !== 'accept') return invalid('certificate', verdict);
  const { entry, reports, voters, cutSlot, epoch } = verdict.value;
  const { n, f, q } = countsOf(trust.genesis!.validators.length);
  const name = (index: number): string => nameOf(trust, kidOf(trust.genesis!.validators[index]!.publicKey));
  return {
    kind: 'certificate',
    isValid: true,
    says: { ...certificateSays(verdict.value), epoch, cut_slot: cutSlot, voters },
    lines: [
      `subject    ${toHex(entry.subject)}`,
      `order      entry ${entry.index}, moment ${entry.moment} ns TAI (${formatTai(entry.moment)})${entry.isLate ? ', late' : ''}`,
      `seen       [${entry.seen.earliest}, ${entry.seen.latest}] ns TAI, ${formatNanos(widthOf(entry.seen))} wide`,
      ...reports.map(({ lane, seen }) => `report     ${name(lane)}: [${seen.earliest}, ${seen.latest}]`),
      ...voters.map((voter) => `vote       ${name(voter)}`),
    ],
    checked: [
      `${reports.length} lanes of ${n} report it (${q} needed), each entry in its lane under the cut`,
      `${voters.length} validators of ${n} vote for the cut and for the order (${q} needed)`,
      'that the interval follows from the reports, and that the entry stands in that order',
      'every signature, by libsodium and again by @noble/curves',
    ],
    unchecked: [
      `the clocks of the validators: at most ${f} of ${n} may lie (verify their evidence records)`,
      'when the content was made, and who made it',
    ],
  };
}

export function judgeReceipt(bytes: Uint8Array, trust: Trust): Judgement {
  const network = claimedNetwork(bytes);
  const verdict = verifyReceipt(judgeFor(trust, network), bytes);
  if (verdict.kind !== 'accept') return invalid('receipt', verdict);
  const { signed, report } = verdict.value;
  const { subject, seen } = report;
  return {
    kind: 'receipt',
    isValid: true,
    says: {
      subject,
      earliest_ns: seen.earliest,
      latest_ns: seen.latest,
      key_id: signed.kid,
      seq: signed.statement.seq,
    },
    lines: [
      `signer     ${nameOf(trust, signed.kid)}`,
      `report     ${toHex(subject)} first seen in [${seen.earliest}, ${seen.latest}] ns TAI`,
    ],
    checked: [
      'the signed statement, by libsodium and again by @noble/curves',
      'the Merkle proof from the report to it',
    ],
    unchecked: ["any other validator's word, and the subject's place in the order (that takes a certificate)"],
  };
}

/** What a certified subject is, for programs. */
export const certificateSays = ({ entry, reports }: CertifiedSubject): Record<string, unknown> => ({
  subject: entry.subject,
  index: entry.index,
  moment_ns: entry.moment,
  earliest_ns: entry.seen.earliest,
  latest_ns: entry.seen.latest,
  slot: entry.slot,
  late: entry.isLate,
  reports: reports.map(({ lane, seen }) => ({ lane, earliest_ns: seen.earliest, latest_ns: seen.latest })),
});

const invalid = (kind: string, { code, detail }: Exclude<Verdict<never>, { kind: 'accept' }>): Judgement => ({
  kind,
  isValid: false,
  code,
  detail,
  says: {},
  lines: [],
  checked: [],
  unchecked: [],
});

/** The network a receipt's statement names, or zeros where it has none: its judgement says what is wrong. */
function claimedNetwork(bytes: Uint8Array): Uint8Array {
  const decoded = decodeCbor(bytes);
  const statement = !('fault' in decoded) && Array.isArray(decoded.value) ? (decoded.value as unknown[])[1] : undefined;
  const signed = statement instanceof Uint8Array ? decodeSignedStatement(statement) : undefined;
  return signed === undefined || isFault(signed) ? new Uint8Array(32) : signed.statement.network;
}

function beginsWith(bytes: Uint8Array, head: readonly number[], text: string): boolean {
  const expected = [...head, 0x60 | text.length, ...KIND_BYTES.encode(text)];
  return expected.every((byte, i) => bytes[i] === byte);
}
