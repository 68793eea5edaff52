/** Writes test/vectors/prune-record.json. Run it with node when the format changes on purpose. */

import type { Statement } from '../../../src/core/attestation/statement.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { checkpointKey } from '../../../src/core/log/checkpoint.ts';
import { originOf } from '../../../src/core/log/origin.ts';
import { signPruneRecord, type PruneRecord } from '../../../src/core/log/prune-record.ts';
import { encodeNote, keyIdOf, textBytes, type NoteKey } from '../../../src/core/log/signed-note.ts';
import { ALICE, BOB, digestOf, heartbeat, NETWORK, sign as signStatement } from '../attestation/actors.ts';
import { writeVectors, type Vector } from '../attestation/vector-file.ts';

type Input = { readonly origin: string; readonly network: string; readonly publicKey: string; readonly note: string };
type Expect = { readonly index: number; readonly from: number; readonly size: number; readonly root: string };

const origin = originOf({ network: NETWORK, kid: ALICE.kid });
const key = checkpointKey(origin, ALICE.publicKey);
const sign = (bytes: Uint8Array): Uint8Array => ALICE.sign(bytes);
function statementAt(seq: number, by = ALICE, changes: Partial<Statement> = {}): Uint8Array {
  return signStatement(heartbeat({ seq: BigInt(seq), previous: digestOf('before'), ...changes }), by).bytes;
}
const RECORD: PruneRecord = {
  origin,
  index: 512,
  from: 256,
  size: 1_850,
  root: digestOf('root'),
  last: statementAt(511),
};

const noteText = (note: Uint8Array): string => new TextDecoder().decode(note);
const right = noteText(signPruneRecord(RECORD, key, sign));
const RIGHT_TEXT = right.slice(0, right.indexOf('\n\n') + 1);

/** Signed as it stands, whatever it says. */
function signed(text: string, by: NoteKey = key, signer = ALICE): string {
  const line = { name: by.name, keyId: keyIdOf(by), blob: signer.sign(textBytes(text)) };
  return noteText(encodeNote({ text, signatures: [line] }));
}
const lines = RIGHT_TEXT.slice(0, -1).split('\n');
const withLine = (at: number, value: string): string => `${lines.with(at, value).join('\n')}\n`;
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const vectors: Vector<Input, Expect | { readonly fault: string }>[] = [];
const expectOf = ({ index, from, size, root }: PruneRecord): Expect => ({ index, from, size, root: toHex(root) });
const input = (note: string): Input => ({
  origin,
  network: toHex(NETWORK),
  publicKey: toHex(ALICE.publicKey),
  note,
});
const accept = (name: string, why: string, record: PruneRecord): unknown =>
  vectors.push({ name, input: input(noteText(signPruneRecord(record, key, sign))), expect: expectOf(record), why });
const refuse = (name: string, fault: string, why: string, note: string): unknown =>
  vectors.push({ name, input: input(note), expect: { fault }, why });

accept('the second record of a lane', 'the example of lane.md', RECORD);
accept('the first record of a lane', 'nothing went before', { ...RECORD, index: 256, from: 0, last: statementAt(255) });
accept('as much as may go', 'the last 1,024 entries stay', { ...RECORD, size: 1_536 });

const FORMAT = 'prune-record-format';
refuse('one entry more than may go', FORMAT, 'starting reads the end of a lane', signed(withLine(4, '1535')));
refuse('an index within a tile', FORMAT, 'whole tiles go', signed(withLine(2, '511')));
refuse('a record before that is within a tile', FORMAT, 'whole tiles went', signed(withLine(3, '255')));
refuse('nothing went', FORMAT, 'the record before was at the same index', signed(withLine(3, '512')));
refuse('it goes back', FORMAT, 'the record before was further', signed(withLine(3, '768')));
refuse('a number with a zero before it', FORMAT, 'one text per number', signed(withLine(2, '0512')));
refuse('a number with a sign', FORMAT, 'one text per number', signed(withLine(4, '+1850')));
refuse('an index of 0', FORMAT, 'nothing goes before entry 0', signed(withLine(2, '0')));
refuse('a size beyond any lane', FORMAT, '2^48 entries are the most', signed(withLine(4, `${2 ** 48 + 1}`)));
refuse('another first line', FORMAT, 'it names the format', signed(withLine(0, 'momentd-pruned/v2')));
refuse('a short root', FORMAT, 'a root is 32 bytes', signed(withLine(5, base64(digestOf('root').slice(1)))));
refuse(
  'a root with a stray bit',
  FORMAT,
  'one text per byte string',
  signed(withLine(5, lines[5]!.replace(/.=$/, 'p='))),
);
refuse('a statement that is no base64', FORMAT, 'one text per byte string', signed(withLine(6, '*')));
refuse('a line more', FORMAT, 'seven lines', signed(`${RIGHT_TEXT}more\n`));
refuse('a line less', FORMAT, 'seven lines', signed(`${lines.slice(0, 6).join('\n')}\n`));
refuse('no signature', 'note-format', 'a note has one at least', `${RIGHT_TEXT}\n`);
refuse(
  'another statement than the last that went',
  FORMAT,
  'the first kept entry is judged against it',
  signed(withLine(6, base64(statementAt(510)))),
);

const UNSIGNED = 'prune-record-unsigned';
const other = originOf({ network: NETWORK, kid: BOB.kid });
const otherKey = checkpointKey(other, BOB.publicKey);
refuse(
  'the record of another lane',
  UNSIGNED,
  'it excuses nothing in this one',
  signed(withLine(1, other), otherKey, BOB),
);
refuse('this lane’s record by another key', UNSIGNED, 'the lane’s own key alone', signed(RIGHT_TEXT, otherKey, BOB));
refuse('a signature of another text', UNSIGNED, 'the signature covers the text', right.replace('\n1850\n', '\n1851\n'));
refuse(
  'signed twice',
  UNSIGNED,
  'a line nobody can check could hold anything',
  right + right.slice(right.indexOf('\n\n') + 2),
);
refuse(
  'a second signature by another key',
  UNSIGNED,
  'as above',
  right + signed(RIGHT_TEXT, otherKey, BOB).slice(RIGHT_TEXT.length + 1),
);

refuse(
  'a statement by another validator',
  'key-unknown',
  'its own lane’s key signed it',
  signed(withLine(6, base64(statementAt(511, BOB)))),
);
refuse(
  'a statement of another network',
  'statement-network',
  'as in any lane',
  signed(withLine(6, base64(statementAt(511, ALICE, { network: digestOf('elsewhere') })))),
);
const broken = statementAt(511);
refuse(
  'a statement whose signature does not hold',
  'signature-invalid',
  'as in any lane',
  signed(withLine(6, base64(broken.with(-1, broken.at(-1)! ^ 1)))),
);
refuse('a statement cut short', 'cose-envelope', 'as in any lane', signed(withLine(6, base64(broken.slice(0, -1)))));

writeVectors('prune-record.json', {
  about:
    'Pruning records of a lane: what the record says when form, signature and its statement are right for origin, network and publicKey, else the code. docs/spec/lane.md, rule 14.',
  vectors,
});
