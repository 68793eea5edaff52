/**
 * Statements verified, against raw signature verification of the same bytes by libsodium and by node:crypto.
 *
 *   node bench/verify.ts [ROUNDS] [--json]
 *
 * One core, in processor time: decode, every rule, identity, signature, against the bare calls; rounds alternate so that all meet the same
 * machine, and the median of each round's ratio counts. All cores, in processor time of all threads: signed bytes enter on the main thread, verdicts come
 * out of it in order, signatures are checked on threads, against threads that do nothing but call the library.
 * Targets (design): at least 0.9 of libsodium and 1.5 of node:crypto.
 */

import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { argv, cpuUsage, threadCpuUsage } from 'node:process';
import { Worker } from 'node:worker_threads';
import sodium from 'sodium-native';
import { encodeStatement, type Statement } from '../src/core/attestation/statement.ts';
import { sealPayload } from '../src/core/attestation/cose-sign1.ts';
import { keyringOf } from '../src/core/attestation/keyring.ts';
import {
  decodeSignedStatement,
  prepareStatement,
  settleStatement,
  verifyStatement,
  type SignedStatement,
} from '../src/core/attestation/verify-statement.ts';
import { sha256 } from '../src/core/codec/sha256.ts';
import { nanos, taiInstant } from '../src/core/time/nanos.ts';
import { isFault } from '../src/core/verdict.ts';
import { checkSignature } from '../src/io/keys/check-signature.ts';
import { packClaims } from '../src/io/keys/claim-batch.ts';
import { generateKey } from '../src/io/keys/key-format.ts';
import { sodiumSigner } from '../src/io/keys/sodium-signer.ts';
import { threadedVerifier } from '../src/io/keys/threaded-verifier.ts';
import type { SignatureClaim } from '../src/ports/signature-check.ts';
import { figure, say, tellFigures } from './figures.ts';

const ROUNDS = Number(argv.slice(2).find((word) => !word.startsWith('--')) ?? 9);
const STATEMENTS = 2_000;
const BATCH = 128;
const cores = availableParallelism();

const signers = Array.from({ length: 4 }, () => sodiumSigner(generateKey()));
const keyOf = keyringOf(signers.map(({ publicKey }) => publicKey))!;
const network = sha256(Uint8Array.of(1));
const statements = Array.from({ length: STATEMENTS }, (_, i) => {
  const signer = signers[i % signers.length]!;
  const unsigned: Statement = {
    network,
    epoch: 0n,
    seq: BigInt(i + 1),
    previous: sha256(Uint8Array.of(2)),
    kind: 'reports',
    time: { tai: taiInstant(1_790_000_000_000_000_000n + BigInt(i) * 10_000_000n), guarantee: nanos(850n) },
    subject: sha256(Uint8Array.of(3)),
    taiUtcSeconds: 37,
    evidence: sha256(Uint8Array.of(4)),
  };
  return sealPayload({ kid: signer.kid, sign: (bytes) => signer.sign(bytes) }, encodeStatement(unsigned)).bytes;
});
const judge = { network, keyOf, checkSignature };
const claims = statements.map((bytes): SignatureClaim => {
  const verdict = verifyStatement(judge, bytes);
  if (verdict.kind !== 'accept') throw new Error(verdict.code);
  const { kid, toBeSigned, signature } = verdict.value;
  return { publicKey: keyOf(kid)!, message: toBeSigned, signature };
});

const keyObjects = new Map<Uint8Array, KeyObject>(
  signers.map(({ publicKey }) => {
    const x = Buffer.from(publicKey).toString('base64url');
    return [publicKey, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })];
  }),
);

/** Nanoseconds of this thread's processor time per item: what other processes do meanwhile does not count. */
function timed<T>(items: readonly T[], holds: (item: T) => boolean): number {
  const start = threadCpuUsage();
  for (const item of items) if (!holds(item)) throw new Error('a valid signature was refused');
  const { user, system } = threadCpuUsage(start);
  return ((user + system) * 1_000) / items.length;
}

const viaSodium = ({ signature, message, publicKey }: SignatureClaim): boolean =>
  sodium.crypto_sign_verify_detached(signature as Buffer, message as Buffer, publicKey as Buffer);
const viaNode = ({ signature, message, publicKey }: SignatureClaim): boolean =>
  verify(null, message, keyObjects.get(publicKey)!, signature);
const ours = (bytes: Uint8Array): boolean => verifyStatement(judge, bytes).kind === 'accept';
const decodeOnly = (bytes: Uint8Array): boolean => !isFault(decodeSignedStatement(bytes));

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const perSecond = (ns: number): string =>
  Math.round(1e9 / ns)
    .toLocaleString('en')
    .padStart(8);

const single = { sodium: [] as number[], node: [] as number[], ours: [] as number[], decode: [] as number[] };
for (let round = 0; round <= ROUNDS; round++) {
  const now = {
    // Ours stands between the baselines, so that a drift of the machine favours nobody.
    sodium: timed(claims, viaSodium),
    ours: timed(statements, ours),
    node: timed(claims, viaNode),
    decode: timed(statements, decodeOnly),
  };
  if (round === 0) continue; // warms the code
  for (const name of ['sodium', 'ours', 'node', 'decode'] as const) single[name].push(now[name]);
}
const ratioTo = (name: 'sodium' | 'node'): string =>
  median(single.ours.map((ns, i) => single[name][i]! / ns)).toFixed(3);
say(`one core, ${STATEMENTS} statements of ${statements[0]!.length} bytes, ${ROUNDS} rounds, medians`);
say(`  raw libsodium      ${perSecond(median(single.sodium))}/s`);
say(`  raw node:crypto    ${perSecond(median(single.node))}/s`);
say(`  statements         ${perSecond(median(single.ours))}/s`);
say(`  decoding alone     ${(median(single.decode) / 1e3).toFixed(2).padStart(8)} us each`);
say(`  ratio to libsodium   ${ratioTo('sodium')} (target 0.9)`);
say(`  ratio to node:crypto ${ratioTo('node')} (target 1.5)`);

/** Processor nanoseconds per claim, of threads that do nothing but call one library. */
async function bareThreads(library: 'sodium' | 'node', repeats: number): Promise<number> {
  const file = new URL('./verify-thread.ts', import.meta.url);
  const block = packClaims(claims);
  const workers = Array.from({ length: cores }, () => new Worker(file, { workerData: { library, block } }));
  const answers = (): Promise<unknown> =>
    Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('message', resolve))));
  await answers(); // ready
  const warm = answers();
  for (const worker of workers) worker.postMessage(1);
  await warm;
  const start = cpuUsage();
  const done = answers();
  for (const worker of workers) worker.postMessage(repeats);
  await done;
  const spent = nanosSince(start);
  await Promise.all(workers.map((worker) => worker.terminate()));
  return spent / (cores * repeats * claims.length);
}

const nanosSince = (start: NodeJS.CpuUsage): number => {
  const { user, system } = cpuUsage(start);
  return (user + system) * 1_000;
};

/** Processor nanoseconds per statement of all threads together, bytes to verdict, through the threaded verifier. */
async function oursThreaded(repeats: number): Promise<number> {
  let accepted = 0;
  const judgeBatch = async (batch: readonly Uint8Array[]): Promise<void> => {
    const prepared: SignedStatement[] = [];
    const toCheck: SignatureClaim[] = [];
    for (const bytes of batch) {
      const signed = decodeSignedStatement(bytes);
      if (isFault(signed)) throw new Error(signed.detail);
      const claim = prepareStatement(judge, signed);
      if (claim.kind !== 'accept') throw new Error(claim.code);
      prepared.push(signed);
      toCheck.push(claim.value);
    }
    const holds = await verifier.check(toCheck);
    for (const [i, signed] of prepared.entries()) if (settleStatement(signed, holds[i]!).kind === 'accept') accepted++;
  };
  const start = cpuUsage();
  const waiting = new Set<Promise<void>>();
  for (let repeat = 0; repeat < repeats; repeat++)
    for (let at = 0; at < statements.length; at += BATCH) {
      const batch = judgeBatch(statements.slice(at, at + BATCH)).finally(() => waiting.delete(batch));
      waiting.add(batch);
      if (waiting.size >= 8) await Promise.race(waiting);
    }
  await Promise.all(waiting);
  const spent = nanosSince(start);
  if (accepted !== repeats * statements.length) throw new Error(`${accepted} accepted`);
  return spent / accepted;
}

const verifier = threadedVerifier();
await oursThreaded(5); // starts the threads and warms the code
const all = { sodium: [] as number[], node: [] as number[], ours: [] as number[] };
for (let round = 0; round < Math.min(ROUNDS, 5); round++) {
  all.sodium.push(await bareThreads('sodium', 10));
  all.ours.push(await oursThreaded(10));
  all.node.push(await bareThreads('node', 5));
}
await verifier.stop();
const allRatio = (name: 'sodium' | 'node'): string => median(all.ours.map((ns, i) => all[name][i]! / ns)).toFixed(3);
const rate = (ns: readonly number[]): string => perSecond(median(ns) / cores);
say(`${cores} cores`);
say(`  raw libsodium      ${rate(all.sodium)}/s`);
say(`  raw node:crypto    ${rate(all.node)}/s`);
say(`  statements         ${rate(all.ours)}/s`);
say(`  ratio to libsodium   ${allRatio('sodium')} (target 0.9)`);
say(`  ratio to node:crypto ${allRatio('node')} (target 1.5)`);
const told = [
  ['one core', 'libsodium', 1e9 / median(single.ours), ratioTo('sodium'), '>= 0.9'],
  ['one core', 'node:crypto', 1e9 / median(single.ours), ratioTo('node'), '>= 1.5'],
  [`${cores} cores`, 'libsodium', (1e9 * cores) / median(all.ours), allRatio('sodium'), '>= 0.9'],
  [`${cores} cores`, 'node:crypto', (1e9 * cores) / median(all.ours), allRatio('node'), '>= 1.5'],
] as const;
for (const [where, baseline, value, ratio, target] of told)
  figure({
    what: `statements verified, ${where}`,
    value,
    unit: 'statements/s',
    baseline: `raw ${baseline}`,
    ratio: Number(ratio),
    target,
  });
tellFigures('verify');
