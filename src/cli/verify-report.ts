/** `momentd verify` on a compliance report: the file's bytes against the signature beside it. */

import { openSeal } from '../core/report/seal.ts';
import type { Report } from '../core/report/report.ts';
import { isFault } from '../core/verdict.ts';
import { BELIEVED, invalid, TWICE, type Judgement } from './judgement.ts';
import { readFile } from './lane-reader.ts';
import { checkSignatureTwice, nameOf, type Trust } from './trust.ts';

/** Whether a file that begins like this is a report, as JSON or as a page. */
export const isReport = (text: string): boolean =>
  text.startsWith('{\n  "momentd_report"') ||
  (text.startsWith('<!doctype html>') && text.includes('content="momentd report"'));

export function judgeReport(bytes: Uint8Array, trust: Trust, signaturePath: string): Judgement {
  const seal = readFile(signaturePath);
  const { network, keyOf } = trust;
  const opened = openSeal({ network, keyOf, checkSignature: checkSignatureTwice }, seal, bytes);
  if (isFault(opened)) return invalid('report', opened);
  const report = reportIn(bytes);
  return {
    kind: 'report',
    isValid: true,
    says: { key_id: opened.kid, network: opened.network, digest: opened.digest, verdict: report?.verdict ?? null },
    lines: [
      `signer     ${nameOf(trust, opened.kid)}`,
      ...(report === undefined
        ? []
        : [
            `about      ${report.validator.name ?? report.validator.kid}, ${report.period.from.utc ?? report.period.from.tai_ns} to ${report.period.to.utc ?? report.period.to.tai_ns}`,
            `verdict    ${report.verdict}`,
          ]),
    ],
    checked: ['every byte of the file against the digest that was signed', TWICE],
    unchecked: [
      'whether lane and evidence show what it says: make the report again from them with momentd report, and compare',
      ...(network === undefined ? [BELIEVED] : []),
    ],
  };
}

/** What it says of itself, for display: vouched for by the signature, taken from nowhere else. */
function reportIn(bytes: Uint8Array): Report | undefined {
  const text = new TextDecoder().decode(bytes);
  const json = text.startsWith('{')
    ? text
    : /<script type="application\/json" id="report">(.*)<\/script>/.exec(text)?.[1];
  try {
    return json === undefined ? undefined : (JSON.parse(json) as Report);
  } catch {
    return undefined;
  }
}
