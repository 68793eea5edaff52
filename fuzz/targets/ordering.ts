/** What an order is made of and shown by: subjects, votes, order entries, certificates, receipts. */

import { isDeepStrictEqual } from 'node:util';
import { decodeCutVote, decodeLanes, encodeCutVote, encodeLanes } from '../../src/core/ordering/cut.ts';
import { decodeCertificate, encodeCertificate } from '../../src/core/ordering/certificate.ts';
import { decodeOrderEntry, encodeOrderEntry } from '../../src/core/ordering/order-entry.ts';
import { openSnapshot, sealSnapshot } from '../../src/core/ordering/order-snapshot.ts';
import type { Ordering } from '../../src/core/ordering/ordering.ts';
import { makeReceipt, verifyReceipt } from '../../src/core/ordering/receipt.ts';
import { decodeSubject, encodeSubject } from '../../src/core/ordering/subject.ts';
import { verifyCertificate } from '../../src/core/ordering/verify-certificate.ts';
import { compareBytes, decodeCbor, encodeCbor, type CborValue } from '../../src/core/codec/cbor.ts';
import { isFault } from '../../src/core/verdict.ts';
import { certifiedWorld, partsOf } from '../../test/core/ordering/certify.ts';
import { subject as subjectNamed } from '../../test/core/ordering/four-lanes.ts';
import { digestOf, NETWORK } from '../../test/core/attestation/actors.ts';
import { interval } from '../../src/core/time/interval.ts';
import { taiInstant } from '../../src/core/time/nanos.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { holds, sameBytes, type Target } from '../target.ts';
import { hexSeeds, judged, read, refusal, vectorInputs } from './laws.ts';

const recordSeeds = (kind: string): Uint8Array[] =>
  vectorInputs('ordering-records.json').flatMap((input) =>
    input['kind'] === kind ? [Uint8Array.from(Buffer.from(String(input['bytes']), 'hex'))] : [],
  );

const subject: Target = {
  name: 'subject',
  about: 'core/ordering/subject: what a client asks to have ordered',
  forms: ['cbor', 'bytes'],
  seeds: [
    ...recordSeeds('subject'),
    encodeSubject({
      network: NETWORK,
      claimed: taiInstant(1n),
      priority: 255,
      sender: new Uint8Array(32),
      digest: digestOf('x'),
    }),
  ],
  inputBytesMax: 256,
  run: (input) =>
    read(
      () => decodeSubject(input),
      (decoded) => sameBytes(encodeSubject(decoded), input, 'a subject has one encoding'),
    ),
};

const orderEntry: Target = {
  name: 'order-entry',
  about: 'core/ordering/order-entry: a leaf of the order log',
  forms: ['cbor', 'bytes'],
  seeds: recordSeeds('order-entry'),
  inputBytesMax: 256,
  run: (input) =>
    read(
      () => decodeOrderEntry(input),
      (decoded) => {
        holds(decoded.seen.earliest <= decoded.seen.latest, 'an interval is one');
        sameBytes(encodeOrderEntry(decoded), input, 'an order entry has one encoding');
      },
    ),
};

const certified = certifiedWorld();

const cutVote: Target = {
  name: 'cut-vote',
  about: 'core/ordering/cut: a vote, and the lanes it is about',
  forms: ['cbor', 'bytes'],
  seeds: [...recordSeeds('cut-vote'), encodeLanes(certified.cut.lanes), encodeLanes([])],
  inputBytesMax: 512,
  run(input) {
    const lanes = decodeLanes(input, 4);
    if (!isFault(lanes)) sameBytes(encodeLanes(lanes), input, 'lanes have one encoding');
    else refusal(lanes);
    const word = read(
      () => decodeCutVote(input),
      (vote) => sameBytes(encodeCutVote(vote), input, 'a vote has one encoding'),
    );
    return isFault(lanes) ? word : 'lanes';
  },
};

const { genesis } = certified.world;
const certificateSeeds = [
  ...['a', 'b', 'c'].map((label) => encodeCertificate(partsOf(certified, label))),
  ...hexSeeds('certificate.json', 'certificate').slice(0, 4),
];

const certificate: Target = {
  name: 'certificate',
  about: 'core/ordering/certificate, verify-certificate: the file a client keeps',
  forms: ['cbor', 'cbor', 'bytes'],
  seeds: certificateSeeds,
  inputBytesMax: 16_384,
  run: (input) =>
    read(
      () => decodeCertificate(input),
      (decoded) => {
        sameBytes(encodeCertificate(decoded), input, 'a certificate has one encoding');
        return judged(
          (check) => verifyCertificate(input, genesis, check),
          ({ entry }, isGenuine) => {
            if (!isGenuine) return;
            // Votes and reports may be left out above a quorum; what the certificate says may not change.
            const said = certified.order.find((known) => compareBytes(known.subject, entry.subject) === 0);
            holds(isDeepStrictEqual(said, entry), 'nobody else can certify');
          },
        );
      },
    ),
};

const reporting = certified.world.lanes.flatMap((entries) =>
  entries.filter(({ signed }) => signed.statement.kind === 'reports'),
);
const receiptSeeds = reporting.flatMap(({ signed, body }) =>
  ['a', 'b', 'c'].flatMap((label) => makeReceipt(signed.bytes, body!, subjectNamed(label)) ?? []),
);
/** What a receipt says: statement and report. Its index and count only lead to the root; nobody signs them. */
const saidBy = (bytes: Uint8Array): string => {
  const decoded = decodeCbor(bytes);
  const [, statement, report] = 'fault' in decoded ? [] : (decoded.value as readonly CborValue[]);
  return Buffer.from(encodeCbor([statement ?? null, report ?? null])).toString('hex');
};
const ownPromises = new Set(receiptSeeds.map(saidBy));

const receipt: Target = {
  name: 'receipt',
  about: 'core/ordering/receipt: one validator’s promise',
  forms: ['cbor', 'bytes'],
  seeds: receiptSeeds,
  inputBytesMax: 2_048,
  run: (input) =>
    judged(
      (checkSignature) => verifyReceipt({ ...certified.world.judge, checkSignature }, input),
      (_, isGenuine) => {
        holds(!isGenuine || ownPromises.has(saidBy(input)), 'nobody else can promise');
      },
    ),
};

const [snapshotSigner] = certified.world.signers;
const { network } = certified.world;
/** An order at its beginning, in its middle, and with everything final that becomes final. */
const snapshotSeeds = [0, 0.5, 1].map((share) => {
  const ordering = certified.world.ordering(0);
  for (const [lane, entries] of certified.world.lanes.entries())
    for (const item of entries.slice(0, Math.ceil(share * entries.length))) ordering.append(lane, item);
  return sealSnapshot((bytes) => snapshotSigner!.sign(bytes), network, ordering.save());
});
const ownSnapshots = new Set(snapshotSeeds.map((bytes) => Buffer.from(bytes).toString('hex')));

const orderSnapshot: Target = {
  name: 'order-snapshot',
  about: 'core/ordering/order-snapshot, core/codec/flat-bytes: how far the order had come, from our own disk',
  forms: ['bytes'],
  seeds: snapshotSeeds,
  inputBytesMax: 8_192,
  run(input) {
    const judge = { network, publicKey: snapshotSigner!.publicKey };
    const real = openSnapshot({ ...judge, checkSignature }, input);
    holds(isFault(real) || ownSnapshots.has(Buffer.from(input).toString('hex')), 'nobody else can say where we stand');
    const state = openSnapshot({ ...judge, checkSignature: () => true }, input);
    if (isFault(state)) return refusal(state);
    const ordering = certified.world.ordering(0);
    const beginning = ordering.save();
    if (!ordering.load(state)) {
      sameBytes(ordering.save(), beginning, 'what does not read leaves the order at its beginning');
      return 'order-snapshot-format';
    }
    const saved = resaved(ordering);
    const again = certified.world.ordering(0);
    holds(again.load(saved), 'what was saved reads');
    sameBytes(resaved(again), saved, 'a state has one encoding');
    return `accept ${ordering.decidedHead.size} ${ordering.decidedVote?.votes.length ?? 0}`;
  },
};

/** The state of an order that was loaded, once it has been given as many entries as it lacks. */
function resaved(ordering: Ordering): Uint8Array {
  ordering.recall(
    Array.from({ length: ordering.recentSize }, (_, index) => ({
      index,
      subject: digestOf(`recalled ${index}`),
      moment: taiInstant(1n),
      seen: interval(taiInstant(0n), taiInstant(1n)),
      slot: 0,
      isLate: false,
    })),
  );
  return ordering.save();
}

export const ORDERING_TARGETS: readonly Target[] = [subject, orderEntry, cutVote, certificate, receipt, orderSnapshot];
