/**
 * `momentd verify`: judges files offline, against a genesis record or a key, and says what was checked and what was not.
 */

import { statSync } from 'node:fs';
import type { Command } from 'commander';
import { decodeCoseSign1 } from '../core/attestation/cose-sign1.ts';
import { IDENTITY_PROFILE } from '../core/attestation/identity.ts';
import { decodeCbor, isMap } from '../core/codec/cbor.ts';
import { isFault } from '../core/verdict.ts';
import { AgentError } from '../ports/agent-error.ts';
import { readFile } from './lane-reader.ts';
import type { Beside, Judgement } from './judgement.ts';
import { EXIT, guarded, say, sayJson } from './outcome.ts';
import { trustOf, type Trust, type TrustOptions } from './trust.ts';
import { isCertificate, isReceipt, judgeCertificate, judgeReceipt } from './verify-certificate.ts';
import {
  judgeCheckpoint,
  judgeEvidence,
  judgeFault,
  judgeGenesis,
  judgeLane,
  judgeLaneProof,
  judgeStatement,
} from './verify-kinds.ts';
import { judgeIdentity } from './verify-identity.ts';
import { isReport, judgeReport } from './verify-report.ts';

type VerifyOptions = TrustOptions & {
  readonly evidence?: string;
  readonly identity?: string;
  readonly body?: string;
  readonly entry?: string;
  readonly signature?: string;
  readonly json?: true;
};

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description(
      'verify statements, lanes, checkpoints, proofs, certificates, receipts, evidence, identities, genesis records, fault proofs and compliance reports',
    )
    .argument('<file...>', 'what to verify; the kind is recognised. A directory is a lane')
    .option('--genesis <file>', 'genesis record of the network (CBOR or JSON): gives its id and the keys')
    .option('--key <hex or file>', 'public key of the validator, when there is no genesis record')
    .option('--network <hex>', 'network id, when there is no genesis record')
    .option('--evidence <file>', "the statement's evidence record: recompute the interval from it")
    .option('--identity <file>', 'the host identity record that the evidence names')
    .option('--body <file>', "the statement's reports body")
    .option('--entry <file>', 'the entry that a lane proof does not carry, or an older proof that carries it')
    .option('--signature <file>', "a compliance report's signature; default: the file's name and .sig")
    .option('--json', 'answer in JSON')
    .addHelpText(
      'after',
      '\nExit codes: 0 everything is valid, 1 something is not, 2 something could not be read or recognised.',
    )
    .action(guarded(verify));
}

function verify(paths: readonly string[], options: VerifyOptions): void {
  const trust = trustOf(options);
  const beside: Beside = {
    ...(options.evidence !== undefined && { evidence: readFile(options.evidence) }),
    ...(options.identity !== undefined && { identity: readFile(options.identity) }),
    ...(options.body !== undefined && { body: readFile(options.body) }),
    ...(options.entry !== undefined && { entry: readFile(options.entry) }),
  };
  const judgements = paths.map((path) => ({ file: path, ...judge(path, trust, beside, options.signature) }));
  if (judgements.some(({ isValid }) => !isValid)) process.exitCode = EXIT.no;
  if (options.json === true) return sayJson(judgements.map(forPrograms));
  for (const [i, judgement] of judgements.entries()) {
    if (i > 0) say('');
    sayJudgement(judgement);
  }
}

type Judged = Judgement & { readonly file: string };

const forPrograms = ({ file, kind, isValid, code, detail, says, checked, unchecked }: Judged): object => ({
  file,
  kind,
  verdict: isValid ? 'valid' : 'invalid',
  ...(code !== undefined && { code, detail }),
  ...(isValid && { says, checked, unchecked }),
});

function sayJudgement({ file, kind, isValid, code, detail, lines, checked, unchecked }: Judged): void {
  say(isValid ? `${file}: VALID ${kind}` : `${file}: NOT A VALID ${kind}: ${detail ?? ''} [${code ?? ''}]`);
  for (const line of lines) say(line === '' ? '' : `  ${line}`);
  for (const line of checked) say(`  checked    ${line}`);
  for (const line of unchecked) say(`  not checked: ${line}`);
}

/** What a file is, by how it begins, and its judgement. */
function judge(path: string, trust: Trust, beside: Beside, signature?: string): Judgement {
  if (isDirectory(path)) return trusting(path, trust, () => judgeLane(path, trust));
  const bytes = readFile(path);
  const text = Buffer.from(bytes.subarray(0, 4_096)).toString('latin1');
  if (text.startsWith('momentd/')) return trusting(path, trust, () => judgeCheckpoint(bytes, trust));
  if (text.startsWith('c2sp.org/tlog-proof@')) return trusting(path, trust, () => judgeLaneProof(bytes, trust, beside));
  if (isReport(text)) return trusting(path, trust, () => judgeReport(bytes, trust, signature ?? `${path}.sig`));
  if (text.includes('"momentd_genesis"')) return judgeGenesis(bytes);
  if (text.startsWith('{')) return trusting(path, trust, () => judgeFault(bytes, trust));
  if (isCertificate(bytes)) return trusting(path, trust, () => judgeCertificate(bytes, trust, path));
  if (isReceipt(bytes)) return trusting(path, trust, () => judgeReceipt(bytes, trust));
  if (bytes[0] === 0xd2)
    return trusting(path, trust, () =>
      isIdentity(bytes) ? judgeIdentity(bytes, trust) : judgeStatement(bytes, trust, beside),
    );
  const decoded = decodeCbor(bytes);
  if (!('fault' in decoded) && isMap(decoded.value)) {
    // Both records begin with a version under key 0; a genesis record has its name under key 1 and five keys.
    return decoded.value.size === 5 ? judgeGenesis(bytes) : judgeEvidence(bytes, trust, beside);
  }
  throw new AgentError('verify-unrecognised', `recognise ${path}: none of the kinds begins like this`);
}

/** Signed things need somebody to trust. */
function trusting(path: string, trust: Trust, judgeIt: () => Judgement): Judgement {
  if (trust.hasNoKey) throw new AgentError('verify-nothing-to-trust', `verify ${path}: give --genesis, or --key`);
  return judgeIt();
}

function isIdentity(bytes: Uint8Array): boolean {
  const envelope = decodeCoseSign1(bytes);
  if (isFault(envelope)) return false;
  const claims = decodeCbor(envelope.payload);
  return !('fault' in claims) && isMap(claims.value) && claims.value.get(265n) === IDENTITY_PROFILE;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
