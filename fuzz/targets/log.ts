/** Lanes: entries, tiles and their paths, checkpoints, cosignatures, proofs, the witness call, the guard, the journal. */

import { sealPayload } from '../../src/core/attestation/cose-sign1.ts';
import { decodeStatement, encodeStatement } from '../../src/core/attestation/statement.ts';
import {
  checkpointKey,
  checkpointText,
  openCheckpoint,
  parseCheckpointText,
  signCheckpoint,
} from '../../src/core/log/checkpoint.ts';
import { cosign, cosignedAt, cosignerKey } from '../../src/core/log/cosignature.ts';
import { decodeEntry, encodeEntry } from '../../src/core/log/entry.ts';
import { decodeGuardRecord, encodeGuardRecord } from '../../src/core/log/guard-record.ts';
import { decodeLaneProof, encodeLaneProof, verifyLaneProof } from '../../src/core/log/lane-proof.ts';
import { LaneWalk } from '../../src/core/log/lane-walk.ts';
import { leafHash, rootOf } from '../../src/core/log/merkle.ts';
import { originOf, parseOrigin } from '../../src/core/log/origin.ts';
import {
  judgePruneRecord,
  openPruneRecord,
  readPruneRecord,
  signPruneRecord,
} from '../../src/core/log/prune-record.ts';
import { decodeNote, decodeVerifierKey, encodeNote, encodeVerifierKey } from '../../src/core/log/signed-note.ts';
import { decodeEntries, encodeEntries, parseTilePath, tilePath } from '../../src/core/log/tiles.ts';
import { encodeAddCheckpoint, judgeAddCheckpoint, parseAddCheckpoint } from '../../src/core/log/witness.ts';
import { judgeEntry } from '../../src/core/ordering/lane-item.ts';
import { proofFromLeaves } from '../../src/core/ordering/receipt.ts';
import { taiInstant } from '../../src/core/time/nanos.ts';
import { isFault } from '../../src/core/verdict.ts';
import { decodeFrames, encodeFrames } from '../../src/io/storage/journal.ts';
import { ALICE, BOB, digestOf, NETWORK } from '../../test/core/attestation/actors.ts';
import { FourLanes } from '../../test/core/ordering/four-lanes.ts';
import { holds, sameBytes, utf8, type Target } from '../target.ts';
import { courtOf, hexSeeds, read, refusal, textSeeds, vectorInputs } from './laws.ts';

/** A lane of beats, reports and a vote, as a validator writes it. */
const world = new FourLanes();
world.beat(0, 1);
world.report(0, 30, [
  ['a', 20, 21],
  ['b', 22, 25],
]);
world.beat(0, 60);
world.report(0, 70, [['c', 60, 61]]);
world.beat(0, 260);
const lane = world.lanes[0]!;
const laneEntries = lane.map(({ bytes }) => bytes);
const laneKid = lane[0]!.signed.kid;
const laneCourt = (checkSignature: () => boolean) => ({
  network: world.network,
  keyOf: () => ALICE.publicKey,
  checkSignature,
});

const sign = (bytes: Uint8Array): Uint8Array => ALICE.sign(bytes);
const ORIGIN = originOf({ network: NETWORK, kid: ALICE.kid });
const LOG_KEY = checkpointKey(ORIGIN, ALICE.publicKey);
const WITNESS_KEY = cosignerKey(originOf({ network: NETWORK, kid: BOB.kid }), BOB.publicKey);
const leaves = laneEntries.map(leafHash);
const CHECKPOINT = { origin: ORIGIN, size: leaves.length, root: rootOf(leaves) };
const signedNote = signCheckpoint(CHECKPOINT, { sign, publicKey: ALICE.publicKey });
const cosignedNote = ((): Uint8Array => {
  const note = decodeNote(signedNote);
  if (isFault(note)) throw new Error(note.detail);
  const cosignature = cosign(note.text, 1_790_000_000n, { key: WITNESS_KEY, sign: (bytes) => BOB.sign(bytes) });
  return encodeNote({ text: note.text, signatures: [...note.signatures, cosignature] });
})();

const entry: Target = {
  name: 'lane-entry',
  about: 'core/log/entry, core/ordering/lane-item: one entry with its statement and body',
  forms: ['cbor', 'bytes'],
  seeds: [...laneEntries, encodeEntry({ statement: lane[0]!.signed.bytes, body: new Uint8Array(3) })],
  inputBytesMax: 2_048,
  run: (input) =>
    read(
      () => decodeEntry(input),
      (decoded) => {
        sameBytes(encodeEntry(decoded), input, 'an entry has one encoding');
        const verdict = judgeEntry(
          laneCourt(() => true),
          input,
        );
        if (verdict.kind !== 'accept') return refusal({ fault: verdict.code, detail: verdict.detail });
        sameBytes(verdict.value.leaf, leafHash(input), 'the leaf is that of the entry');
        return verdict.value.signed.statement.kind;
      },
    ),
};

const entryTile: Target = {
  name: 'entry-tile',
  about: 'core/log/tiles, core/log/lane-walk: a tile of entries, walked as an auditor does',
  forms: ['bytes', 'bytes', 'text'],
  seeds: [
    encodeEntries(laneEntries),
    encodeEntries(laneEntries.slice(0, 1)),
    encodeEntries([new Uint8Array(), Uint8Array.of(0xf6)]),
    ...hexSeeds('tile.json', 'bytes'),
  ],
  inputBytesMax: 4_096,
  run(input) {
    // How many there are is told by the file's name: the first byte stands for it.
    const width = 1 + ((input[0] ?? 0) % 8);
    for (const count of [width, laneEntries.length]) {
      const entries = decodeEntries(input, count);
      if (isFault(entries)) continue;
      sameBytes(encodeEntries(entries), input, 'a tile has one encoding');
      const walk = new LaneWalk(
        laneCourt(() => true),
        laneKid,
      );
      const words = entries
        .map((bytes) => walk.take(bytes))
        .map((found) => (found === undefined ? 'ok' : refusal(found)));
      holds(walk.figures().entries === entries.length, 'every entry is counted');
      const saved = walk.save();
      const resumed = LaneWalk.resume(
        laneCourt(() => true),
        laneKid,
        saved,
      );
      holds(!isFault(resumed), 'a walk that was saved goes on');
      return [...new Set(words)].join(' ');
    }
    return 'lane-tile-format';
  },
};

const tilePathTarget: Target = {
  name: 'tile-path',
  about: 'core/log/tiles, core/log/origin: names of files and of lanes',
  forms: ['text', 'bytes'],
  seeds: [
    ...textSeeds('tile.json', 'path'),
    utf8(tilePath({ level: 5, index: 281_474_976_710_655, width: 255 })),
    utf8(ORIGIN),
  ],
  inputBytesMax: 512,
  run(input) {
    const text = Buffer.from(input).toString('utf8');
    const origin = parseOrigin(text);
    if (origin !== undefined) holds(originOf(origin) === text, 'an origin has one spelling');
    const tile = parseTilePath(text);
    if (tile === undefined) return origin === undefined ? 'none' : 'origin';
    holds(tilePath(tile) === text, 'a tile has one path');
    holds(Number.isSafeInteger(tile.index) && tile.width >= 1 && tile.width <= 256, 'a tile is in range');
    return `level ${tile.level}`;
  },
};

const note: Target = {
  name: 'note',
  about: 'core/log/signed-note, checkpoint, cosignature: a checkpoint as it is published',
  forms: ['text', 'bytes'],
  seeds: [
    signedNote,
    cosignedNote,
    ...textSeeds('note.json', 'note'),
    ...textSeeds('checkpoint.json', 'note').slice(0, 12),
    utf8(encodeVerifierKey(LOG_KEY)),
    utf8(encodeVerifierKey(WITNESS_KEY)),
  ],
  inputBytesMax: 4_096,
  run(input) {
    const key = decodeVerifierKey(Buffer.from(input).toString('utf8'));
    if (!isFault(key)) holds(encodeVerifierKey(key) === Buffer.from(input).toString('utf8'), 'a key has one spelling');
    const outcome = read(
      () => decodeNote(input),
      (decoded) => {
        sameBytes(encodeNote(decoded), input, 'a note has one encoding');
        const checkpoint = parseCheckpointText(decoded.text);
        if (isFault(checkpoint)) return refusal(checkpoint);
        holds(checkpointText(checkpoint) === decoded.text, 'a checkpoint has one text');
        const opened = openCheckpoint(input, LOG_KEY, () => true);
        const seen = cosignedAt(decoded, WITNESS_KEY, () => true);
        const real = openCheckpoint(input, LOG_KEY, courtOf(() => false).checkSignature);
        holds(isFault(real), 'nothing is open whose signature does not hold');
        return `${isFault(opened) ? refusal(opened) : 'open'} ${isFault(seen) ? refusal(seen) : 'cosigned'}`;
      },
    );
    return isFault(key) ? outcome : 'verifier key';
  },
};

/** The record of a lane of 1,400 entries that let go of its first tile. */
const PRUNED = {
  origin: ORIGIN,
  index: 256,
  from: 0,
  size: 1_400,
  root: digestOf('root'),
  last: sealPayload(
    { kid: ALICE.kid, sign },
    encodeStatement({ ...lane[0]!.signed.statement, seq: 255n, previous: digestOf('before') }),
  ).bytes,
};
const pruneRecord: Target = {
  name: 'prune-record',
  about: 'core/log/prune-record: which entries a lane no longer keeps',
  forms: ['text', 'bytes'],
  seeds: [
    signPruneRecord(PRUNED, LOG_KEY, sign),
    signPruneRecord({ ...PRUNED, root: digestOf('other'), size: 2 ** 40 }, LOG_KEY, sign),
    ...textSeeds('prune-record.json', 'note').slice(0, 12),
  ],
  inputBytesMax: 4_096,
  run(input) {
    const court = courtOf(() => true);
    const opened = openPruneRecord(input, LOG_KEY, court.checkSignature);
    const real = openPruneRecord(input, LOG_KEY, courtOf(() => false).checkSignature);
    holds(isFault(real), 'nothing is open whose signature does not hold');
    const judged = judgePruneRecord(input, LOG_KEY, court);
    if (isFault(opened)) {
      holds(isFault(judged), 'what does not open is not judged right');
      return refusal(opened);
    }
    const { record } = opened;
    const again = readPruneRecord(signPruneRecord(record, LOG_KEY, sign));
    holds(!isFault(again), 'what was opened is written again');
    holds(record.index % 256 === 0 && record.index <= record.size - 1_024, 'whole tiles go, and the end stays');
    return isFault(judged) ? refusal(judged) : 'accept';
  },
};

const witnessSeeds = vectorInputs('witness.json').flatMap(({ body }) => (typeof body === 'string' ? [utf8(body)] : []));

const witness: Target = {
  name: 'witness',
  about: 'core/log/witness: the body of a C2SP add-checkpoint call',
  forms: ['text', 'bytes'],
  seeds: [
    ...witnessSeeds,
    encodeAddCheckpoint({ oldSize: 0, proof: [], note: signedNote }),
    encodeAddCheckpoint({ oldSize: 3, proof: leaves.slice(0, 3), note: cosignedNote }),
  ],
  inputBytesMax: 8_192,
  run(input) {
    const request = parseAddCheckpoint(input);
    if (request !== undefined) sameBytes(encodeAddCheckpoint(request), input, 'a request has one encoding');
    const answers = [true, false].map((isKnown) =>
      judgeAddCheckpoint(input, {
        logKeyOf: (origin) => ({ ...LOG_KEY, name: origin }),
        witnessed: () => (isKnown ? { size: 3, root: rootOf(leaves.slice(0, 3)), note: signedNote } : undefined),
        check: () => true,
        cosigner: WITNESS_KEY,
        sign: () => new Uint8Array(64),
        posixSeconds: 1_790_000_000n,
      }),
    );
    for (const answer of answers) {
      holds(answer.body.length <= 1_024, 'an answer is short');
      if (answer.status === 200) holds(answer.remember.size >= 0, 'what is cosigned is remembered');
      else refusal({ fault: answer.code, detail: answer.body.trimEnd() });
    }
    return answers.map(({ status }) => status).join(' ');
  },
};

const laneProof: Target = {
  name: 'lane-proof',
  about: 'core/log/lane-proof: a proof file of one entry',
  forms: ['text', 'bytes'],
  seeds: [0, 3].flatMap((index) => {
    const hashes = proofFromLeaves(leaves, index, leaves.length);
    return [laneEntries[index], undefined].map((bytes) =>
      encodeLaneProof({ entry: bytes, index, hashes, note: signedNote }),
    );
  }),
  inputBytesMax: 4_096,
  run: (input) =>
    read(
      () => decodeLaneProof(input),
      (proof) => {
        sameBytes(encodeLaneProof(proof), input, 'a proof file has one encoding');
        const found = verifyLaneProof(proof, { key: LOG_KEY, check: () => true });
        if (isFault(found)) return refusal(found);
        holds(
          proof.entry !== undefined && laneEntries.some((bytes) => Buffer.compare(bytes, proof.entry!) === 0),
          'only what is in the lane is proven',
        );
        return 'accept';
      },
    ),
};

const GUARD = {
  network: NETWORK,
  publicKey: ALICE.publicKey,
  head: {
    size: 5,
    root: digestOf('root'),
    previous: digestOf('previous'),
    time: taiInstant(1_790_000_000_000_000_000n),
    epoch: 0n,
  },
  reserved: [
    { payload: new Uint8Array(20).fill(1), body: null },
    { payload: new Uint8Array(20).fill(2), body: new Uint8Array(30).fill(3) },
  ],
};

const guard: Target = {
  name: 'guard',
  about: 'core/log/guard-record: what was reserved before it was signed',
  forms: ['cbor', 'bytes'],
  seeds: [
    encodeGuardRecord(GUARD),
    encodeGuardRecord({ ...GUARD, head: { ...GUARD.head, size: 0, time: undefined }, reserved: [] }),
  ],
  inputBytesMax: 2_048,
  run: (input) =>
    read(
      () => decodeGuardRecord(input),
      (record) => {
        sameBytes(encodeGuardRecord(record), input, 'a guard record has one encoding');
        for (const { payload } of record.reserved) decodeStatement(payload);
      },
    ),
};

/** The file begins with its magic; `encodeFrames` writes what follows. */
const MAGIC = utf8('momentdJ');
const FIRST_INDEX = 4_294_967_290;

const journal: Target = {
  name: 'journal',
  about: 'io/storage/journal: a segment as a crash may leave it',
  forms: ['bytes'],
  seeds: [
    Buffer.concat([MAGIC, encodeFrames(FIRST_INDEX, laneEntries).bytes]),
    Buffer.concat([MAGIC, encodeFrames(FIRST_INDEX, [new Uint8Array(), Uint8Array.of(1)]).bytes]),
    MAGIC,
  ].map((bytes) => new Uint8Array(bytes)),
  inputBytesMax: 4_096,
  run(input) {
    const { entries, wholeBytes } = decodeFrames(input, FIRST_INDEX);
    holds(wholeBytes <= input.length, 'no more is whole than there is');
    if (wholeBytes === 0) return 'no magic';
    sameBytes(
      encodeFrames(FIRST_INDEX, entries).bytes,
      input.subarray(MAGIC.length, wholeBytes),
      'whole frames have one encoding',
    );
    return `${entries.length} whole`;
  },
};

export const LOG_TARGETS: readonly Target[] = [
  entry,
  entryTile,
  tilePathTarget,
  note,
  pruneRecord,
  witness,
  laneProof,
  guard,
  journal,
];
