/** Statements, what stands beside them, and the records that name a network, a host or a peer. */

import { decodeFaultProof, encodeFaultProof, verifyFaultProof } from '../../src/core/attestation/fault-proof.ts';
import { genesisFromJson, genesisToJson, parseGenesis } from '../../src/core/attestation/genesis-json.ts';
import { decodeGenesis, encodeGenesis, genesisKeyFault, quorumOf } from '../../src/core/attestation/genesis.ts';
import { decodeIdentity, encodeIdentity } from '../../src/core/attestation/identity.ts';
import { decodeCoseSign1, encodeCoseSign1, kidOf } from '../../src/core/attestation/cose-sign1.ts';
import { decodeReports, encodeReports, reportsOf, reportLeaves } from '../../src/core/attestation/reports.ts';
import { decodeByLayout, decodeByRules, encodeStatement, intervalOf } from '../../src/core/attestation/statement.ts';
import { decodeSignedStatement, verifyStatement } from '../../src/core/attestation/verify-statement.ts';
import { computeEstimate } from '../../src/core/clock/estimate.ts';
import { decodeEvidence, encodeEvidence, recompute } from '../../src/core/clock/evidence.ts';
import { decodeCbor, encodeCbor } from '../../src/core/codec/cbor.ts';
import { sha256 } from '../../src/core/codec/sha256.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { rootOf } from '../../src/core/log/merkle.ts';
import { judgeHello, sealHello, type Hello } from '../../src/core/peers/hello.ts';
import { interval } from '../../src/core/time/interval.ts';
import { nanos, taiInstant } from '../../src/core/time/nanos.ts';
import { isFault } from '../../src/core/verdict.ts';
import { ALICE, digestOf, NETWORK, signPayload } from '../../test/core/attestation/actors.ts';
import { hex, holds, sameBytes, type Target } from '../target.ts';
import { isDeepStrictEqual } from 'node:util';
import { courtOf, hexSeeds, judged, read, refusal, textSeeds, plainInputs } from './laws.ts';

const cbor: Target = {
  name: 'cbor',
  about: 'core/codec/cbor: what is accepted is what would be written',
  forms: ['bytes', 'cbor'],
  seeds: [
    ...hexSeeds('statement.json', 'statement').slice(0, 4),
    encodeCbor([0n, -1n, 1n << 63n, -(1n << 63n), 'text \u00e9\u{1f552}', new Uint8Array(30), null, true, false, []]),
    encodeCbor(
      new Map([
        [1n, { tag: 18n, value: 'x' }],
        [-70_001n, [[[[1n]]]]],
      ]),
    ),
  ],
  inputBytesMax: 1_024,
  run(input) {
    const decoded = decodeCbor(input);
    if ('fault' in decoded) {
      holds(decoded.offset >= 0 && decoded.offset <= input.length, 'the offset of a fault lies in the input');
      return decoded.fault;
    }
    sameBytes(encodeCbor(decoded.value), input, 'decoding and encoding is the identity');
    return 'accept';
  },
};

const ownStatements = new Set(
  ['statement.json', 'statement-step.json', 'statement-reports.json']
    .flatMap((file) => ['statement', 'previous', 'next'].flatMap((field) => hexSeeds(file, field)))
    .map((bytes) => Buffer.from(bytes).toString('hex')),
);

const statement: Target = {
  name: 'statement',
  about: 'core/attestation: envelope, both readers of the payload, verdict',
  forms: ['bytes', 'cbor'],
  seeds: hexSeeds('statement.json', 'statement'),
  inputBytesMax: 512,
  run(input) {
    const envelope = decodeCoseSign1(input);
    if (!isFault(envelope)) {
      sameBytes(encodeCoseSign1(envelope), input, 'an envelope has one encoding');
      const byRules = decodeByRules(envelope.payload);
      const byLayout = decodeByLayout(envelope.payload);
      holds(byLayout === undefined || isDeepStrictEqual(byLayout, byRules), 'both readers of a payload agree');
    }
    return judged(
      (check) => verifyStatement(courtOf(check), input),
      ({ statement: said }, isGenuine) => {
        const { earliest, latest } = intervalOf(said);
        holds(earliest <= latest, 'an interval does not end before it begins');
        sameBytes(encodeStatement(said), (envelope as { payload: Uint8Array }).payload, 'a statement has one encoding');
        holds(!isGenuine || ownStatements.has(Buffer.from(input).toString('hex')), 'nobody else can sign');
      },
    );
  },
};

const reporting = hexSeeds('statement-reports.json', 'statement')
  .map(decodeSignedStatement)
  .flatMap((signed) => (isFault(signed) ? [] : [signed.statement]))[0]!;

const reports: Target = {
  name: 'reports',
  about: 'core/attestation/reports: the body beside a statement, by both its readers',
  forms: ['bytes', 'cbor'],
  seeds: hexSeeds('statement-reports.json', 'body'),
  inputBytesMax: 4_096,
  run: (input) =>
    read(
      () => decodeReports(reporting.time, input),
      (list) => {
        const again = encodeReports(reporting.time, list);
        sameBytes(again.bytes, input, 'a set of reports has one encoding');
        const leaves = reportLeaves(input);
        holds(leaves?.length === list.length, 'every report has a leaf');
        sameBytes(rootOf(leaves), again.root, 'the root of the leaves is that of the reports');
        holds(
          !isFault(reportsOf({ ...reporting, subject: again.root }, input)),
          'a statement over the root commits to the body',
        );
      },
    ),
};

/** The digest stands last. */
function mendedEvidence(input: Uint8Array): Uint8Array {
  if (input.length < 64) return input;
  const mended = input.slice();
  mended.set(sha256(mended.subarray(0, -35)), mended.length - 32);
  return mended;
}

const evidence: Target = {
  name: 'evidence',
  about: 'core/clock/evidence: any inputs that are read give an estimate, and its record is recomputed to the byte',
  forms: ['cbor', 'cbor', 'bytes'],
  seeds: plainInputs('evidence.json').map(hex),
  inputBytesMax: 8_192,
  mend: mendedEvidence,
  run(input) {
    const decoded = decodeEvidence(input);
    if ('fault' in decoded) {
      holds(decoded.at.length <= 512, 'a place in a record is short');
      return decoded.fault;
    }
    const { estimate } = computeEstimate(decoded.inputs);
    holds(
      estimate.interval === undefined || estimate.interval.earliest <= estimate.interval.latest,
      'an interval is one',
    );
    const record = encodeEvidence(decoded.inputs, estimate);
    const again = recompute(record);
    if ('fault' in again) throw new Error(`what we recompute is not what we wrote: ${again.fault} at ${again.at}`);
    holds(isDeepStrictEqual(again.estimate.interval, estimate.interval), 'recomputing gives the same interval');
    const word = recompute(input);
    return `${estimate.state} ${'fault' in word ? word.fault : estimate.code}`;
  },
};

const OPEN = { checkSignature: () => true, isPrimeOrder: () => true };

const genesis: Target = {
  name: 'genesis',
  about: 'core/attestation/genesis: CBOR and JSON, each into the other',
  forms: ['cbor', 'json', 'bytes', 'text'],
  seeds: [...hexSeeds('genesis.json', 'cbor'), ...textSeeds('genesis.json', 'json')],
  inputBytesMax: 8_192,
  run: (input) =>
    read(
      () => parseGenesis(input),
      ({ bytes, genesis: record }) => {
        sameBytes(encodeGenesis(record), bytes, 'a genesis record has one encoding');
        const again = genesisFromJson(genesisToJson(record));
        if (isFault(again)) throw new Error(`the JSON we write is not read: ${again.detail}`);
        sameBytes(again.bytes, bytes, 'a record is the same by way of its JSON');
        holds(isDeepStrictEqual(decodeGenesis(bytes), record), 'both readings agree');
        const { n, f, q } = quorumOf(record);
        holds(n >= 1 && 3 * f < n && q > 2 * f, 'a quorum has a majority of honest members');
        const wrong = genesisKeyFault(OPEN, record);
        return wrong === undefined ? 'accept' : `accept, ${refusal(wrong)}`;
      },
    ),
};

const HOST = {
  network: NETWORK,
  bootSeed: new Uint8Array(16).fill(7),
  bootCount: 4n,
  uptimeSeconds: 86_400n,
  kernel: '6.12.9',
  softwareVersion: '0.1.0',
  softwareDigest: digestOf('software'),
  cards: new Map([['card0', { model: 'time card', serial: 'TC-1', firmware: '1.0', driver: 'ptp_ocp' }]]),
};

const identity: Target = {
  name: 'identity',
  about: 'core/attestation/identity: the claims of a host',
  forms: ['cbor', 'bytes'],
  seeds: [
    encodeIdentity(HOST),
    encodeIdentity({ ...HOST, bootCount: undefined, cards: new Map() }),
    encodeIdentity({
      ...HOST,
      cards: new Map([['clock-1', { model: undefined, serial: undefined, firmware: undefined, driver: undefined }]]),
    }),
  ],
  inputBytesMax: 8_192,
  run: (input) =>
    read(
      () => decodeIdentity(input),
      (host) => sameBytes(encodeIdentity(host), input, 'an identity has one encoding'),
    ),
};

const faultNetwork = Buffer.from('f174981484ea15c99acce48ec509323d94864e3fb959fdaa2a88f350b1a3f174', 'hex');

const faultProof: Target = {
  name: 'fault-proof',
  about: 'core/attestation/fault-proof: files that convict a validator',
  forms: ['json', 'text', 'bytes'],
  seeds: textSeeds('fault-proof.json', 'proof'),
  inputBytesMax: 16_384,
  run: (input) =>
    read(
      () => decodeFaultProof(input),
      (proof) => {
        const again = decodeFaultProof(new TextEncoder().encode(encodeFaultProof(proof)));
        holds(isDeepStrictEqual(again, proof), 'a proof is the same when it was written');
        return judged(
          (check) => verifyFaultProof(courtOf(check, new Uint8Array(faultNetwork)), proof),
          ({ kid }) => {
            holds(kid.length === 8, 'somebody is convicted');
          },
        );
      },
    ),
};

const PEER_IDENTITY = Uint8Array.from({ length: 38 }, (_, i) => i + 1);
const HELLO: Hello = {
  network: NETWORK,
  protocol: { min: 1, max: 1 },
  role: 'validator',
  region: 'EU',
  capabilities: ['gnss', 'time-card'],
  features: ['order:2'],
  publicKey: ALICE.publicKey,
  identity: PEER_IDENTITY,
  time: interval(taiInstant(1_790_000_000_000_000_000n), taiInstant(1_790_000_000_000_000_900n)),
};
const sealed = (change: Partial<Hello>): Uint8Array => sealHello((bytes) => ALICE.sign(bytes), { ...HELLO, ...change });
const helloSeeds = [
  sealed({}),
  sealed({ role: 'observer', region: undefined, time: undefined, capabilities: [], features: [] }),
  sealed({ network: digestOf('another') }),
  sealed({ protocol: { min: 2, max: 65_535 } }),
  signPayload(encodeCbor(['momentd hello v1', new Map()])),
];
const ownHellos = new Set(helloSeeds.map((bytes) => Buffer.from(bytes).toString('hex')));

const hello: Target = {
  name: 'hello',
  about: 'core/peers/hello: what a stranger says of himself',
  forms: ['cbor', 'bytes'],
  seeds: helloSeeds,
  inputBytesMax: 4_096,
  run: (input) =>
    judged(
      (checkSignature) =>
        judgeHello(
          {
            network: NETWORK,
            keyOf: courtOf(checkSignature).keyOf,
            checkSignature,
            identity: PEER_IDENTITY,
            now: HELLO.time,
            timeApartMax: nanos(BigInt(LIMITS.requestWaitMsMax) * 1_000_000n),
          },
          input,
        ),
      (said, isGenuine) => {
        const { signature, kid } = decodeCoseSign1(input) as { signature: Uint8Array; kid: Uint8Array };
        sameBytes(kidOf(said.publicKey), kid, 'the kid is that of the key');
        sameBytes(
          sealHello(() => signature, said),
          input,
          'a hello has one encoding',
        );
        holds(!isGenuine || ownHellos.has(Buffer.from(input).toString('hex')), 'nobody else can say it');
      },
    ),
};

export const ATTESTATION_TARGETS: readonly Target[] = [
  cbor,
  statement,
  reports,
  evidence,
  genesis,
  identity,
  faultProof,
  hello,
];
