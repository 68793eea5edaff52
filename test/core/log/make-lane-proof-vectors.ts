/** Writes test/vectors/lane-proof.json. Run it with node when the format changes on purpose. */

import { checkpointKey, signCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { encodeLaneProof } from '../../../src/core/log/lane-proof.ts';
import { leafHash, rootOf } from '../../../src/core/log/merkle.ts';
import { originOf } from '../../../src/core/log/origin.ts';
import { encodeVerifierKey } from '../../../src/core/log/signed-note.ts';
import { proofFromLeaves } from '../../../src/core/ordering/receipt.ts';
import { ALICE, digestOf, NETWORK } from '../attestation/actors.ts';
import { writeVectors, type Vector } from '../attestation/vector-file.ts';

const origin = originOf({ network: NETWORK, kid: ALICE.kid });
const entries = ['a', 'b', 'c', 'd', 'e'].map(digestOf);
const leaves = entries.map(leafHash);
const note = signCheckpoint(
  { origin, size: leaves.length, root: rootOf(leaves) },
  { sign: (bytes) => ALICE.sign(bytes), publicKey: ALICE.publicKey },
);
const index = 3;
const hashes = proofFromLeaves(leaves, index, leaves.length);
const text = (entry: Uint8Array | undefined): string =>
  new TextDecoder().decode(encodeLaneProof({ entry, index, hashes, note }));
const right = text(entries[index]);
const extra = right.split('\n')[1]!;

const vectors: Vector<{ proof: string }, { code: string | null }>[] = [];
const add = (name: string, code: string | null, why: string, proof: string): unknown =>
  vectors.push({ name, input: { proof }, expect: { code }, why });

add('an entry and its place', null, 'c2sp.org/tlog-proof', right);
add('without its entry', 'lane-proof-format', 'nothing vouches for an entry nobody brings', text(undefined));
add('another entry', 'lane-proof-wrong', 'the leaf hash vouches for the entry', text(entries[2]));
add('another index', 'lane-proof-wrong', 'the place is proven too', right.replace('\nindex 3\n', '\nindex 2\n'));
add(
  'an entry without padding',
  'lane-proof-format',
  'one text per byte string',
  right.replace(extra, extra.slice(0, -1)),
);
add(
  'an entry that is no base64',
  'lane-proof-format',
  'an unreadable entry is not an absent one',
  right.replace(extra, 'extra !'),
);
add(
  'two entries',
  'lane-proof-format',
  'what stands where the index belongs',
  right.replace(extra, `${extra}\n${extra}`),
);
add(
  'an index with a zero before it',
  'lane-proof-format',
  'one text per number',
  right.replace('\nindex 3\n', '\nindex 03\n'),
);
add(
  'a short hash',
  'lane-proof-format',
  'a line is 32 bytes',
  right.replace(/\n([A-Za-z0-9+/]{4})([A-Za-z0-9+/]{39}=)\n/, '\n$2\n'),
);
add('another format', 'lane-proof-format', 'the first line names it', right.replace('@v1', '@v2'));
add('no checkpoint', 'lane-proof-format', 'a proof leads to something signed', right.slice(0, right.indexOf('\n\n')));

writeVectors('lane-proof.json', {
  about:
    'C2SP tlog-proof files of one lane: the code of what is wrong when the file alone is judged, null when nothing is.',
  vkey: encodeVerifierKey(checkpointKey(origin, ALICE.publicKey)),
  vectors,
});
