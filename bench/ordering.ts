/**
 * Subjects ordered per second by the pure pipeline (entries in, decided order out), against two baselines in the same run:
 * a plain sort of the same subjects by the same keys, and the hashing alone that any Merkle log of them needs.
 *
 *     node bench/ordering.ts [subjects per second of virtual time] [seconds of it] [validators] [--json]
 */

import { encodeReports } from '../src/core/attestation/reports.ts';
import { DEFAULT_PARAMETERS } from '../src/core/attestation/genesis.ts';
import { encodeStatement, zeroDigest } from '../src/core/attestation/statement.ts';
import { kidOf, sealPayload } from '../src/core/attestation/cose-sign1.ts';
import { keyringOf } from '../src/core/attestation/keyring.ts';
import { compareBytes } from '../src/core/codec/cbor.ts';
import { sha256, type Digest } from '../src/core/codec/sha256.ts';
import { encodeEntry } from '../src/core/log/entry.ts';
import { leafHash } from '../src/core/log/merkle.ts';
import { judgeEntry } from '../src/core/ordering/lane-item.ts';
import type { LaneItem } from '../src/core/ordering/order-builder.ts';
import { encodeOrderEntry, type OrderEntry } from '../src/core/ordering/order-entry.ts';
import { Ordering } from '../src/core/ordering/ordering.ts';
import { ORDERING_RULES } from '../src/core/ordering/rules.ts';
import { interval } from '../src/core/time/interval.ts';
import { compareInstants, nanos, taiInstant } from '../src/core/time/nanos.ts';
import { standInScheme } from '../src/sim/network/signatures.ts';
import { figure, say, tellFigures } from './figures.ts';

const numbers = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const [rate = 5_000, seconds = 4, validators = 4] = numbers.map(Number);
const START = 1_800_000_000_000_000_000n;
const MS = 1_000_000n;
const TICK_MS = 10;
const scheme = standInScheme();
const keys = Array.from({ length: validators }, (_, i) => scheme.keyOf(`v${i}`));
const network = sha256(Uint8Array.of(1));
const judge = { network, keyOf: keyringOf(keys.map((key) => key.publicKey))!, checkSignature: scheme.checkSignature };

type Kind = 'heartbeat' | 'reports' | 'cut-vote';
const lanes: LaneItem[][] = keys.map(() => []);
const entryBytes: Uint8Array[] = [];

function write(lane: number, tai: bigint, kind: Kind, subject: Digest, body: Uint8Array | null): void {
  const last = lanes[lane]!.at(-1);
  const payload = encodeStatement({
    network,
    epoch: 0n,
    seq: BigInt(lanes[lane]!.length),
    previous: last?.signed.id ?? zeroDigest(),
    kind,
    time: { tai: taiInstant(tai), guarantee: nanos(500n) },
    subject,
    taiUtcSeconds: 37,
    evidence: network,
  });
  const { publicKey, sign } = keys[lane]!;
  const bytes = encodeEntry({ statement: sealPayload({ kid: kidOf(publicKey), sign }, payload).bytes, body });
  entryBytes.push(bytes);
  const verdict = judgeEntry(judge, bytes);
  if (verdict.kind !== 'accept') throw new Error(verdict.detail);
  lanes[lane]!.push(verdict.value);
}

/** Every validator sees every subject within 2 ms, reports per tick, votes per slot (as a full member would). */
function writeLanes(): void {
  const setting = { network, parameters: DEFAULT_PARAMETERS, validators, rules: ORDERING_RULES };
  const voters = keys.map((_, self) => new Ordering({ ...setting, self }));
  const perTick = Math.max(1, Math.round((rate * TICK_MS) / 1_000));
  let made = 0;
  for (let ms = TICK_MS; ms <= seconds * 1_000 + 600; ms += TICK_MS) {
    const subjects = Array.from({ length: ms <= seconds * 1_000 ? perTick : 0 }, () =>
      sha256(Buffer.from(`s${made++}`)),
    );
    for (const lane of keys.keys()) {
      const tai = START + BigInt(ms) * MS + BigInt(lane) * 1_000n;
      const reports = subjects.map((subject, i) => {
        const at = tai - 8n * MS + BigInt((i * 7_919 + lane * 104_729) % 2_000_000);
        return { subject, seen: interval(taiInstant(at - 400n), taiInstant(at + 400n)) };
      });
      if (reports.length === 0) write(lane, tai, 'heartbeat', zeroDigest(), null);
      else {
        const { bytes, root } = encodeReports({ tai: taiInstant(tai), guarantee: nanos(500n) }, reports);
        write(lane, tai, 'reports', root, bytes);
      }
    }
    for (const [lane, voter] of voters.entries()) {
      for (const from of keys.keys())
        for (const item of lanes[from]!.slice(voter.sizeOf(from))) voter.append(from, item);
      const due = voter.voteDue(lanes[lane]!.length);
      if (due !== undefined)
        write(lane, START + BigInt(ms) * MS + 500_000n + BigInt(lane), 'cut-vote', due.subject, due.body);
    }
  }
}

function order(): { entries: OrderEntry[]; ms: number } {
  const ordering = new Ordering({
    network,
    parameters: DEFAULT_PARAMETERS,
    validators,
    rules: ORDERING_RULES,
    self: undefined,
  });
  const entries: OrderEntry[] = [];
  const began = performance.now();
  // Round robin, as lanes arrive.
  for (let i = 0; i < Math.max(...lanes.map((lane) => lane.length)); i++)
    for (const [lane, items] of lanes.entries())
      if (items[i] !== undefined)
        for (const effect of ordering.append(lane, items[i]!))
          if (effect.kind === 'final') entries.push(...effect.entries);
  return { entries, ms: performance.now() - began };
}

function best<T extends { ms: number }>(run: () => T): T {
  return Array.from({ length: 5 }, run).reduce((a, b) => (b.ms < a.ms ? b : a));
}

function timed(run: () => unknown): { ms: number } {
  const began = performance.now();
  run();
  return { ms: performance.now() - began };
}

writeLanes();
const { entries, ms } = best(order);
const sorted = best(() =>
  timed(() =>
    entries
      .map((entry, i) => ({ entry, draw: (i * 7_919) % entries.length }))
      .sort((a, b) => a.draw - b.draw)
      .sort(
        (a, b) => compareInstants(a.entry.moment, b.entry.moment) || compareBytes(a.entry.subject, b.entry.subject),
      ),
  ),
);
const hashed = best(() => timed(() => entries.map((entry) => leafHash(encodeOrderEntry(entry)))));
const judged = best(() => timed(() => entryBytes.map((bytes) => judgeEntry(judge, bytes))));
const perSecond = (took: number): string => Math.round(entries.length / (took / 1_000)).toLocaleString('en');
const cost = (took: number): string => `${((took * 1_000) / entries.length).toFixed(2)} us`;

say(`${validators} validators, ${entries.length} subjects ordered, ${rate}/s of virtual time, best of 5`);
say(`order pipeline          ${perSecond(ms).padStart(10)} subjects/s   ${cost(ms)} each`);
say(`sort by the same keys   ${perSecond(sorted.ms).padStart(10)} subjects/s   ${cost(sorted.ms)} each`);
say(`encode and hash leaves  ${perSecond(hashed.ms).padStart(10)} subjects/s   ${cost(hashed.ms)} each`);
say(
  `judge the entries       ${perSecond(judged.ms).padStart(10)} subjects/s   ${cost(judged.ms)} each (stand-in signatures)`,
);
say(`pipeline / plain sort   ${(ms / sorted.ms).toFixed(1)} x the time`);
say(`pipeline / leaf hashing ${(ms / hashed.ms).toFixed(1)} x the time`);
say(`pipeline share of one core at ${rate}/s: ${((rate * ms * 100) / (entries.length * 1_000)).toFixed(1)} %`);
const each = (took: number): number => (took * 1_000) / entries.length;
figure({
  what: 'order pipeline, per subject',
  value: each(ms),
  unit: 'us',
  baseline: 'plain sort',
  ratio: ms / sorted.ms,
});
figure({
  what: 'leaf hashing, per subject',
  value: each(hashed.ms),
  unit: 'us',
  baseline: 'order pipeline',
  ratio: hashed.ms / ms,
});
figure({ what: 'judging entries, per subject', value: each(judged.ms), unit: 'us' });
tellFigures('ordering');
