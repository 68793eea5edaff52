/**
 * A validator's storage on a simulated disk, started and stopped at will, with a record of every signature it ever made.
 *
 * The signer is a stand-in with the two properties the protocol relies on (deterministic, 64 bytes), so that thousands of
 * runs are cheap; test/crash/kill.test.ts uses the real one.
 */

import assert from 'node:assert/strict';
import { CommitProtocol, type Committed } from '../../src/agent/commit-protocol.ts';
import { kidOf, sigStructure } from '../../src/core/attestation/cose-sign1.ts';
import { decodeStatement } from '../../src/core/attestation/statement.ts';
import { decodeSignedStatement } from '../../src/core/attestation/verify-statement.ts';
import { sha256, sha256Of } from '../../src/core/codec/sha256.ts';
import { decodeEntry } from '../../src/core/log/entry.ts';
import { leafHash, rootOf } from '../../src/core/log/merkle.ts';
import { nanos, taiInstant } from '../../src/core/time/nanos.ts';
import type { Draft } from '../../src/core/validator.ts';
import { isFault } from '../../src/core/verdict.ts';
import { openStorage, type Storage } from '../../src/io/storage/open-storage.ts';
import type { SimDisk } from '../../src/sim/disk.ts';

export const NETWORK = sha256(new TextEncoder().encode('a network'));
export const PUBLIC_KEY = sha256(new TextEncoder().encode('a public key'));
export const GUARD = '/state/guard/guard';
export const LANE = '/state/lane';

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Not a signature scheme: what anyone could make. The disk and the protocol cannot tell. */
export function standInSignature(message: Uint8Array): Uint8Array {
  const out = new Uint8Array(64);
  out.set(sha256Of(PUBLIC_KEY, message), 0);
  out.set(sha256Of(message, PUBLIC_KEY), 32);
  out[31] = 1; // R canonical
  out[63] = 0; // S < L
  return out;
}

export const checkStandIn = (claim: { message: Uint8Array; signature: Uint8Array }): boolean =>
  Buffer.compare(standInSignature(claim.message), claim.signature) === 0;

/** What is remembered across crashes: every message signed, every statement acknowledged. */
export class History {
  /** Hex of Sig_structures ever signed, by seq. */
  readonly signed = new Map<bigint, Set<string>>();
  readonly acknowledged = new Map<number, string>();
  /** Set by the tests that show the checker at work; everywhere else a second signature fails at once. */
  toleratesDoubles = false;
  #now = 1_790_000_000_000_000_000n;

  draft(over: Partial<Draft> = {}): Draft {
    this.#now += 1_000n;
    const evidence = new TextEncoder().encode(`evidence of ${this.#now / 4_000n}`);
    const time = { tai: taiInstant(this.#now), guarantee: nanos(85) };
    const subject = new Uint8Array(32);
    return { epoch: 0n, kind: 'heartbeat', time, subject, taiUtcSeconds: 37, evidence, body: null, ...over };
  }

  drafts(count: number): Draft[] {
    return Array.from({ length: count }, () => this.draft());
  }

  signer() {
    const kid = kidOf(PUBLIC_KEY);
    const sign = (message: Uint8Array): Uint8Array => {
      this.#noteSigned(message);
      return standInSignature(message);
    };
    return { publicKey: PUBLIC_KEY, kid, sign, release: () => undefined };
  }

  acknowledge(committed: readonly Committed[]): void {
    for (const { index, bytes } of committed) {
      const before = this.acknowledged.get(index);
      assert.ok(before === undefined || before === toHex(bytes), `entry ${index} was acknowledged twice, differently`);
      this.acknowledged.set(index, toHex(bytes));
    }
  }

  /** Sequence numbers signed over more than one message. */
  doubles(): bigint[] {
    return [...this.signed].filter(([, messages]) => messages.size > 1).map(([seq]) => seq);
  }

  #noteSigned(message: Uint8Array): void {
    // Checkpoints are text; statements are Sig_structures.
    if (message[0] !== 0x84) return;
    const head = sigStructure({ kid: kidOf(PUBLIC_KEY), payload: new Uint8Array(200) }).length - 200;
    const payload = message.subarray(head);
    const seq = seqOf(payload);
    const messages = this.signed.get(seq) ?? new Set<string>();
    messages.add(toHex(message));
    this.signed.set(seq, messages);
    // The claim the whole protocol exists for.
    assert.ok(messages.size === 1 || this.toleratesDoubles, `seq ${seq} was signed twice, over different bytes`);
  }
}

function seqOf(payload: Uint8Array): bigint {
  const statement = decodeStatement(payload);
  assert.ok(!isFault(statement), 'what is signed is a statement');
  return statement.seq;
}

export type Running = Storage & { readonly protocol: CommitProtocol };

/** Opens storage on `disk` and starts the protocol, acknowledging what it returns as an agent that publishes would. */
export async function startOn(disk: SimDisk, history: History, createGuard: boolean): Promise<Running> {
  const storage = await openStorage(
    { disk, checkSignature: checkStandIn },
    {
      network: NETWORK,
      publicKey: PUBLIC_KEY,
      guardPath: GUARD,
      laneDirectory: LANE,
      evidence: { directory: '/state/evidence', bytesMax: 1e9, hoursMax: 1_000 },
      createGuard,
    },
  );
  const protocol = new CommitProtocol({ ...storage, signer: history.signer() }, { network: NETWORK });
  try {
    history.acknowledge(await protocol.start());
  } catch (error) {
    await storage.close();
    throw error;
  }
  return { ...storage, protocol };
}

export async function commit(running: Running, history: History, count: number): Promise<void> {
  const outcome = await running.protocol.commit(history.drafts(count));
  assert.ok(outcome.kind === 'committed', outcome.kind === 'refused' ? outcome.detail : '');
  history.acknowledge([...outcome.resumed, ...outcome.statements]);
}

/** The lane is whole: chained from the first entry, every acknowledged statement at its place, evidence kept, root right. */
export async function checkLane(running: Running, history: History): Promise<void> {
  const { lane } = running;
  const entries = await lane.read(0, lane.size);
  let previous = toHex(new Uint8Array(32));
  for (const [index, bytes] of entries.entries()) {
    const entry = decodeEntry(bytes);
    assert.ok(!isFault(entry));
    const signed = decodeSignedStatement(entry.statement);
    assert.ok(!isFault(signed));
    assert.equal(signed.statement.seq, BigInt(index));
    assert.equal(toHex(signed.statement.previous), previous);
    assert.ok(checkStandIn({ message: signed.toBeSigned, signature: signed.signature }));
    previous = toHex(signed.id);
    const acknowledged = history.acknowledged.get(index);
    if (acknowledged !== undefined)
      assert.equal(toHex(entry.statement), acknowledged, `entry ${index} was acknowledged`);
    assert.ok(await running.evidence.get(signed.statement.evidence), `the evidence of entry ${index} is kept`);
  }
  for (const index of history.acknowledged.keys())
    assert.ok(index < lane.size, `acknowledged entry ${index} is missing`);
  assert.equal(toHex(lane.root()), toHex(rootOf(entries.map(leafHash))));
}
