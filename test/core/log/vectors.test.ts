/** The shared vectors of trees, tiles, notes, checkpoints and the witness call. Wrong inputs outnumber right ones. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { keyringOf } from '../../../src/core/attestation/keyring.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { checkpointKey, openCheckpoint } from '../../../src/core/log/checkpoint.ts';
import { cosignedAt, cosignerKey } from '../../../src/core/log/cosignature.ts';
import { leafHash, rootOf } from '../../../src/core/log/merkle.ts';
import { judgePruneRecord } from '../../../src/core/log/prune-record.ts';
import { verifyConsistency, verifyInclusion } from '../../../src/core/log/proofs.ts';
import {
  decodeNote,
  decodeVerifierKey,
  encodeNote,
  encodeVerifierKey,
  signaturesBy,
  textBytes,
} from '../../../src/core/log/signed-note.ts';
import { decodeEntries, encodeEntries, parseTilePath, tilePath } from '../../../src/core/log/tiles.ts';
import { judgeAddCheckpoint, type WitnessAnswer } from '../../../src/core/log/witness.ts';
import { isFault } from '../../../src/core/verdict.ts';

type Vector<I, E> = { readonly name: string; readonly input: I; readonly expect: E; readonly why: string };

function vectorsOf<I, E>(name: string): Vector<I, E>[] {
  const url = new URL(`../../vectors/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { vectors: Vector<I, E>[] }).vectors;
}

const hex = (text: string): Uint8Array => Buffer.from(text, 'hex');
const utf8 = (text: string): Uint8Array => Buffer.from(text);

type MerkleInput =
  | { kind: 'root'; entries: string[] }
  | { kind: 'inclusion'; entry: string; index: number; size: number; root: string; proof: string[] }
  | { kind: 'consistency'; oldSize: number; oldRoot: string; newSize: number; newRoot: string; proof: string[] };

for (const { name, input, expect } of vectorsOf<MerkleInput, { root?: string; valid?: boolean }>('merkle'))
  test(`merkle: ${name}`, () => {
    if (input.kind === 'root') assert.equal(toHex(rootOf(input.entries.map((e) => leafHash(hex(e))))), expect.root);
    else if (input.kind === 'inclusion') {
      const { entry, index, size, root } = input;
      const claim = { leaf: leafHash(hex(entry)), index, size, root: hex(root), proof: input.proof.map(hex) };
      assert.equal(verifyInclusion(claim), expect.valid);
    } else {
      const { oldSize, oldRoot, newSize, newRoot, proof } = input;
      const claim = { oldSize, oldRoot: hex(oldRoot), newSize, newRoot: hex(newRoot), proof: proof.map(hex) };
      assert.equal(verifyConsistency(claim), expect.valid);
    }
  });

type TileInput = { kind: 'path'; path: string } | { kind: 'entries'; width: number; bytes: string };
type TileExpect = {
  level?: number | 'entries';
  index?: number;
  width?: number;
  entries?: string[];
  fault?: true | string;
};

for (const { name, input, expect } of vectorsOf<TileInput, TileExpect>('tile'))
  test(`tile: ${name}`, () => {
    if (input.kind === 'path') {
      const tile = parseTilePath(input.path);
      if (expect.fault === true) return assert.equal(tile, undefined);
      assert.deepEqual({ ...tile }, expect);
      assert.equal(tilePath(parseTilePath(input.path)!), input.path);
      return;
    }
    const entries = decodeEntries(hex(input.bytes), input.width);
    if (isFault(entries)) return assert.equal(entries.fault, expect.fault);
    assert.deepEqual(entries.map(toHex), expect.entries);
    assert.equal(toHex(encodeEntries(entries)), input.bytes);
  });

for (const { name, input, expect } of vectorsOf<{ note: string; vkey: string }, { valid: boolean }>('note'))
  test(`note: ${name}`, () => {
    const key = decodeVerifierKey(input.vkey);
    assert.ok(!isFault(key));
    assert.equal(encodeVerifierKey(key), input.vkey);
    const note = decodeNote(utf8(input.note));
    const signatures = isFault(note) ? [] : signaturesBy(note, key);
    const holds = signatures.map(({ blob }) =>
      checkSignature({
        publicKey: key.publicKey,
        message: textBytes((note as { text: string }).text),
        signature: blob,
      }),
    );
    assert.equal(holds.length > 0 && holds.every(Boolean), expect.valid);
    if (!isFault(note)) assert.equal(Buffer.from(encodeNote(note)).toString(), input.note);
  });

type CheckpointInput = {
  origin: string;
  publicKey: string;
  note: string;
  cosigner?: { origin: string; publicKey: string };
};
type CheckpointExpect = { size?: number; root?: string; fault?: string; cosignedAtPosixSeconds?: number };

for (const { name, input, expect } of vectorsOf<CheckpointInput, CheckpointExpect>('checkpoint'))
  test(`checkpoint: ${name}`, () => {
    const opened = openCheckpoint(utf8(input.note), checkpointKey(input.origin, hex(input.publicKey)), checkSignature);
    if (isFault(opened)) return assert.equal(opened.fault, expect.fault);
    assert.equal(opened.checkpoint.size, expect.size);
    assert.equal(toHex(opened.checkpoint.root), expect.root);
    if (input.cosigner === undefined) return;
    const cosigner = cosignerKey(input.cosigner.origin, hex(input.cosigner.publicKey));
    assert.equal(cosignedAt(opened.note, cosigner, checkSignature), BigInt(expect.cosignedAtPosixSeconds!));
    const unasked = cosignerKey(input.origin, hex(input.publicKey));
    assert.ok(isFault(cosignedAt(opened.note, unasked, checkSignature)));
  });

type WitnessInput = {
  origin: string;
  publicKey: string;
  witnessed: { size: number; root: string } | null;
  body: string;
};
type WitnessExpect = { status: number; body?: string; code?: string; remembers?: number };

for (const { name, input, expect } of vectorsOf<WitnessInput, WitnessExpect>('witness'))
  test(`witness: ${name}`, () => {
    const { origin, publicKey, witnessed } = input;
    let signed = 0;
    const answer: WitnessAnswer = judgeAddCheckpoint(utf8(input.body), {
      logKeyOf: (name_) => (name_ === origin ? checkpointKey(origin, hex(publicKey)) : undefined),
      witnessed: () =>
        witnessed === null ? undefined : { size: witnessed.size, root: hex(witnessed.root), note: utf8('before') },
      check: checkSignature,
      cosigner: cosignerKey('momentd/witness', hex(publicKey)),
      sign: () => (signed++, new Uint8Array(64)),
      posixSeconds: 1_790_000_000n,
    });
    assert.equal(answer.status, expect.status);
    assert.equal(signed, expect.status === 200 ? 1 : 0, 'a cosignature is made only with the answer 200');
    if (answer.status === 200) return assert.equal(answer.remember.size, expect.remembers);
    if (expect.body !== undefined) {
      assert.equal(answer.body, expect.body);
      assert.equal(answer.contentType, 'text/x.tlog.size');
    }
    if (expect.code !== undefined) assert.equal(answer.code, expect.code);
    assert.equal(answer.fork !== undefined, expect.code === 'witness-fork');
  });

test('wrong vectors outnumber right ones', () => {
  for (const name of ['tile', 'note', 'checkpoint', 'witness']) {
    const all = vectorsOf<unknown, { fault?: string | true; valid?: boolean; status?: number }>(name);
    const wrong = all.filter(
      ({ expect: e }) => e.fault !== undefined || e.valid === false || (e.status ?? 200) !== 200,
    );
    assert.ok(wrong.length > all.length - wrong.length, `${name}: ${wrong.length} of ${all.length}`);
  }
});

type PruneInput = { origin: string; network: string; publicKey: string; note: string };
type PruneExpect = { index: number; from: number; size: number; root: string } | { fault: string };

for (const { name, input, expect } of vectorsOf<PruneInput, PruneExpect>('prune-record'))
  test(`prune-record: ${name}`, () => {
    const publicKey = hex(input.publicKey);
    const judge = { network: hex(input.network), keyOf: keyringOf([publicKey])!, checkSignature };
    const opened = judgePruneRecord(utf8(input.note), checkpointKey(input.origin, publicKey), judge);
    if (isFault(opened)) return assert.deepEqual({ fault: opened.fault }, expect, opened.detail);
    const { index, from, size, root } = opened.record;
    assert.deepEqual({ index, from, size, root: toHex(root) }, expect);
  });
