/**
 * What `momentd verify` can judge, one function per kind of file: bytes and trust in, a judgement out.
 *
 * A judgement says what was checked and what was not, in words: a verifier that lets people believe more than it did is
 * worse than none.
 */

import { evidenceAgainst, recomputedOf } from '../core/attestation/evidence-of-statement.ts';
import { FAULT_SENTENCES } from '../core/attestation/fault.ts';
import { decodeFaultProof, openOwnCheckpoint, verifyFaultProof } from '../core/attestation/fault-proof.ts';
import { genesisKeyFault, networkIdOf, quorumOf } from '../core/attestation/genesis.ts';
import { parseGenesis } from '../core/attestation/genesis-json.ts';
import { reportsOf } from '../core/attestation/reports.ts';
import { intervalOf } from '../core/attestation/statement.ts';
import { decodeSignedStatement, verifyStatement, type SignedStatement } from '../core/attestation/verify-statement.ts';
import { explain } from '../core/clock/explain.ts';
import { toHex } from '../core/codec/hex.ts';
import { sha256 } from '../core/codec/sha256.ts';
import { checkpointKey } from '../core/log/checkpoint.ts';
import { decodeEntry } from '../core/log/entry.ts';
import { decodeLaneProof, verifyLaneProof } from '../core/log/lane-proof.ts';
import { parseOrigin } from '../core/log/origin.ts';
import { verifyLane } from '../core/log/verify-lane.ts';
import { BUILT_IN_LEAP_TABLE } from '../core/time/leap-seconds.ts';
import { nanoMomentOf } from '../core/time/nano-moment.ts';
import { formatNanos, formatTai, formatUtc } from '../core/time/text.ts';
import { fault, isFault } from '../core/verdict.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { isPrimeOrder } from '../io/keys/second-opinion.ts';
import { BELIEVED, invalid, TWICE, type Beside, type Judgement } from './judgement.ts';
import { laneFiles } from './lane-reader.ts';
import { checkSignatureTwice, judgeFor, nameOf, type Trust } from './trust.ts';
import { judgeNamedIdentity } from './verify-identity.ts';

export function judgeStatement(bytes: Uint8Array, trust: Trust, beside: Beside): Judgement {
  const shape = decodeSignedStatement(bytes);
  if (isFault(shape)) return invalid('statement', shape);
  const verdict = verifyStatement(judgeFor(trust, shape.statement.network), bytes);
  if (verdict.kind !== 'accept') return invalid('statement', fault(verdict.code, verdict.detail));
  const checked = ['shape and every rule of a statement', TWICE];
  const unchecked = trust.network === undefined ? [BELIEVED] : [];
  if (trust.network !== undefined) checked.push('the network id');
  const lines = statementLines(shape, trust);
  const { statement } = shape;
  if (beside.evidence !== undefined) {
    const found = evidenceAgainst(shape.statement, beside.evidence);
    if (isFault(found)) return { ...invalid('statement', found), lines };
    lines.push('', ...explain(found.estimate, found.inputs.config));
    checked.push('the evidence: its digest, and the interval recomputed from it to the nanosecond');
    const identity = judgeNamedIdentity(found.inputs, { file: beside.identity, trust, signer: shape.kid });
    if (isFault(identity)) return { ...invalid('statement', identity), lines };
    lines.push(...identity.lines);
    checked.push(...identity.checked);
    unchecked.push(...identity.unchecked);
  } else unchecked.push(`the evidence ${toHex(statement.evidence)} (give --evidence)`);
  if (beside.body !== undefined) {
    const reports = reportsOf(statement, beside.body);
    if (isFault(reports)) return { ...invalid('statement', reports), lines };
    for (const { subject, seen } of reports)
      lines.push(`report     ${toHex(subject)} seen in [${seen.earliest}, ${seen.latest}] ns TAI`);
    checked.push(`the ${reports.length} reports against the subject`);
  } else if (statement.kind === 'reports') unchecked.push('the reports it stands for (give --body)');
  unchecked.push('its place in the lane (verify the lane, or a proof made by momentd prove)');
  return { kind: 'statement', isValid: true, says: statementSays(shape), lines, checked, unchecked };
}

function statementSays({ id, kid, statement }: SignedStatement): Record<string, unknown> {
  const { earliest, latest } = intervalOf(statement);
  const { tai, guarantee } = statement.time;
  return {
    id,
    key_id: kid,
    network: statement.network,
    statement_kind: statement.kind,
    epoch: statement.epoch,
    seq: statement.seq,
    earliest_ns: earliest,
    latest_ns: latest,
    tai_ns: tai,
    guarantee_ns: guarantee,
    tai_utc_seconds: statement.taiUtcSeconds,
    nano_moment: nanoMomentOf(tai, statement.taiUtcSeconds),
    previous: statement.previous,
    subject: statement.subject,
    evidence: statement.evidence,
  };
}

function statementLines({ id, kid, statement }: SignedStatement, trust: Trust): string[] {
  const { tai, guarantee, clockClass } = statement.time;
  const { earliest, latest } = intervalOf(statement);
  return [
    `signer     ${nameOf(trust, kid)} of network ${toHex(statement.network).slice(0, 16)}`,
    `says       ${statement.kind}, epoch ${statement.epoch}, seq ${statement.seq}`,
    `promises   true time was in [${earliest}, ${latest}] ns TAI when it signed`,
    `time       ${formatTai(tai)} +- ${formatNanos(guarantee)}`,
    `           ${formatUtc(tai, BUILT_IN_LEAP_TABLE) ?? 'UTC not known'} (TAI-UTC ${statement.taiUtcSeconds} s)`,
    ...(clockClass === undefined ? [] : [`clock      PTP class ${clockClass}`]),
    `identity   ${toHex(id)}`,
  ];
}

export function judgeCheckpoint(bytes: Uint8Array, trust: Trust): Judgement {
  const claimed = parseOrigin(new TextDecoder().decode(bytes).split('\n', 1)[0]!)?.network;
  if (claimed === undefined) return invalid('checkpoint', fault('checkpoint-origin', 'not the origin of a lane'));
  const opened = openOwnCheckpoint(judgeFor(trust, claimed), bytes);
  if (isFault(opened)) return invalid('checkpoint', opened);
  const { checkpoint, kid } = opened;
  return {
    kind: 'checkpoint',
    isValid: true,
    says: { ...checkpoint, key_id: kid },
    lines: [
      `signer     ${nameOf(trust, kid)}`,
      `lane       ${checkpoint.size} entries, root ${toHex(checkpoint.root)}`,
    ],
    checked: ['the note and its origin', TWICE],
    unchecked: ['the entries (verify the lane directory)', "other validators' cosignatures"],
  };
}

export function judgeLaneProof(bytes: Uint8Array, trust: Trust, beside: Beside): Judgement {
  const proof = decodeLaneProof(bytes);
  if (isFault(proof)) return invalid('lane proof', proof);
  const checkpoint = judgeCheckpoint(proof.note, trust);
  if (!checkpoint.isValid) return { ...checkpoint, kind: 'lane proof' };
  const origin = checkpoint.says['origin'] as string;
  const publicKey = trust.keyOf(parseOrigin(origin)!.kid)!;
  const bytesOfEntry = beside.entry === undefined ? proof.entry : entryIn(beside.entry);
  if (bytesOfEntry === undefined)
    return invalid('lane proof', fault('lane-pruned', 'the proof does not carry its entry (give --entry)'));
  const needs = { key: checkpointKey(origin, publicKey), check: checkSignature, entry: bytesOfEntry };
  const found = verifyLaneProof(proof, needs);
  if (isFault(found)) return invalid('lane proof', found);
  const entry = decodeEntry(bytesOfEntry);
  if (isFault(entry)) return invalid('lane proof', entry);
  const statement = judgeStatement(entry.statement, trust, {
    ...beside,
    ...(entry.body !== null && { body: entry.body }),
  });
  if (!statement.isValid) return { ...statement, kind: 'lane proof' };
  return {
    ...statement,
    kind: 'lane proof',
    says: { ...statement.says, index: proof.index, checkpoint: checkpoint.says },
    lines: [
      ...statement.lines,
      `in lane    entry ${proof.index} of ${found.size}, under the signed root ${toHex(found.root)}`,
    ],
    checked: [...statement.checked, 'the Merkle proof from the entry to the signed checkpoint'],
    unchecked: [
      ...statement.unchecked.filter((line) => !line.startsWith('its place')),
      'the other entries of the lane',
    ],
  };
}

/** An entry as somebody kept it: itself, or in an older proof that carries it. */
function entryIn(file: Uint8Array): Uint8Array {
  const proof = decodeLaneProof(file);
  return isFault(proof) || proof.entry === undefined ? file : proof.entry;
}

export function judgeLane(directory: string, trust: Trust): Judgement {
  const files = laneFiles(directory);
  const note = files.read('checkpoint');
  if (note === undefined) return invalid('lane', fault('lane-damaged', 'it has no checkpoint'));
  const checkpoint = judgeCheckpoint(note, trust);
  if (!checkpoint.isValid) return { ...checkpoint, kind: 'lane' };
  const { network, kid } = parseOrigin(checkpoint.says['origin'] as string)!;
  const publicKey = trust.keyOf(kid)!;
  const report = verifyLane({ files, owner: { network, publicKey }, judge: judgeFor(trust, network, checkSignature) });
  const [finding] = report.findings;
  return {
    kind: 'lane',
    isValid: report.isWhole,
    ...(finding !== undefined && {
      code: finding.code,
      detail: `${finding.path ?? `entry ${finding.index ?? 0}`}: ${finding.detail}`,
    }),
    says: {
      ...checkpoint.says,
      entries: report.figures.entries,
      first_kept: report.firstKept,
      findings: report.findings,
    },
    lines: [
      ...checkpoint.lines,
      ...(report.firstKept > 0 ? [`pruned     entries before ${report.firstKept}, as the validator recorded`] : []),
      ...(report.entriesAfterCheckpoint > 0
        ? [`journal    ${report.entriesAfterCheckpoint} entries after the checkpoint`]
        : []),
    ],
    checked: [
      `every entry from ${report.firstKept === 0 ? 'the first' : `entry ${report.firstKept}`}: ${report.figures.entries - report.firstKept} statements, their signatures (libsodium), their chain, their times, their reports`,
      `every tile and the checkpoint against a tree built from the entries${report.firstKept === 0 ? '' : ', and from the leaf hashes of those that were pruned'}`,
    ],
    unchecked: [
      ...(report.firstKept > 0 ? [`${report.firstKept} statements that were pruned: only their hashes are here`] : []),
      'evidence records (verify them with their statements)',
      'gaps, widths and drift (momentd audit)',
    ],
  };
}

export function judgeFault(bytes: Uint8Array, trust: Trust): Judgement {
  const proof = decodeFaultProof(bytes);
  if (isFault(proof)) return invalid('fault proof', proof);
  const verdict = verifyFaultProof(judgeFor(trust, proof.network), proof);
  if (verdict.kind !== 'accept') return invalid('fault proof', fault(verdict.code, verdict.detail));
  const { code } = proof.shown;
  const { kid } = verdict.value;
  return {
    kind: 'fault proof',
    isValid: true,
    says: { fault: code, key_id: kid, network: proof.network },
    lines: [`proven     ${code}: ${nameOf(trust, kid)} ${FAULT_SENTENCES[code]}`],
    checked: [
      'both exhibits: shape, rules, signatures by libsodium and again by @noble/curves',
      'that they contradict each other as claimed',
    ],
    unchecked: ['why it happened', ...(trust.network === undefined ? [BELIEVED] : [])],
  };
}

export function judgeEvidence(bytes: Uint8Array, trust: Trust, beside: Beside): Judgement {
  const recomputed = recomputedOf(bytes);
  if (isFault(recomputed)) return invalid('evidence', recomputed);
  const { estimate, inputs } = recomputed;
  const identity = judgeNamedIdentity(inputs, { file: beside.identity, trust, signer: undefined });
  if (isFault(identity)) return invalid('evidence', identity);
  return {
    kind: 'evidence',
    isValid: true,
    says: {
      digest: sha256(bytes),
      state: estimate.state,
      interval: estimate.interval,
      tai_utc_seconds: estimate.taiUtcSeconds,
      host_identity: estimate.identity ?? null,
    },
    lines: [...explain(estimate, inputs.config), ...identity.lines],
    checked: ['that the record is canonical, and that recomputing it gives what it says', ...identity.checked],
    unchecked: ['who vouches for it (verify the statement that names it with --evidence)', ...identity.unchecked],
  };
}

export function judgeGenesis(bytes: Uint8Array): Judgement {
  const parsed = parseGenesis(bytes);
  if (isFault(parsed)) return invalid('genesis', parsed);
  const wrong = genesisKeyFault({ checkSignature: checkSignatureTwice, isPrimeOrder }, parsed.genesis);
  if (wrong !== undefined) return invalid('genesis', wrong);
  const { n, f, q } = quorumOf(parsed.genesis);
  const network = networkIdOf(parsed.genesis);
  return {
    kind: 'genesis',
    isValid: true,
    says: { network, name: parsed.genesis.name, n, f, q },
    lines: [`network    ${parsed.genesis.name}, id ${toHex(network)}, quorum ${q} of ${n}`],
    checked: ['shape, parameters, stakes', 'every key: canonical, of prime order, proven possessed'],
    unchecked: ['whether this is the network you mean: compare its id with what its members say'],
  };
}
