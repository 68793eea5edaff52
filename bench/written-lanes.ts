/** Lanes as so many validators would write them who see every subject within 2 ms: what the benchmarks of the order read. */

import { encodeReports } from '../src/core/attestation/reports.ts';
import { DEFAULT_PARAMETERS } from '../src/core/attestation/genesis.ts';
import { encodeStatement, zeroDigest } from '../src/core/attestation/statement.ts';
import { kidOf, sealPayload } from '../src/core/attestation/cose-sign1.ts';
import { keyringOf } from '../src/core/attestation/keyring.ts';
import type { StatementJudge } from '../src/core/attestation/verify-statement.ts';
import { sha256, type Digest } from '../src/core/codec/sha256.ts';
import { encodeEntry } from '../src/core/log/entry.ts';
import { judgeEntry } from '../src/core/ordering/lane-item.ts';
import type { LaneItem } from '../src/core/ordering/order-builder.ts';
import { Ordering } from '../src/core/ordering/ordering.ts';
import { ORDERING_RULES } from '../src/core/ordering/rules.ts';
import { interval } from '../src/core/time/interval.ts';
import { nanos, taiInstant } from '../src/core/time/nanos.ts';
import { standInScheme, type SimKey } from '../src/sim/network/signatures.ts';

const START = 1_800_000_000_000_000_000n;
const MS = 1_000_000n;
const TICK_MS = 10;

export type WrittenItem = LaneItem & { readonly bytes: Uint8Array };

export type WrittenLanes = {
  readonly network: Digest;
  readonly keys: readonly SimKey[];
  readonly judge: StatementJudge;
  readonly lanes: readonly (readonly WrittenItem[])[];
};

type Kind = 'heartbeat' | 'reports' | 'cut-vote';

/** Reports per tick, votes per slot, as full members have them; stand-in signatures. */
export function writeLanes({
  rate,
  seconds,
  validators,
}: {
  readonly rate: number;
  readonly seconds: number;
  readonly validators: number;
}): WrittenLanes {
  const scheme = standInScheme();
  const keys = Array.from({ length: validators }, (_, i) => scheme.keyOf(`v${i}`));
  const network = sha256(Uint8Array.of(1));
  const judge = { network, keyOf: keyringOf(keys.map((key) => key.publicKey))!, checkSignature: scheme.checkSignature };
  const lanes: WrittenItem[][] = keys.map(() => []);
  const write = (lane: number, tai: bigint, kind: Kind, subject: Digest, body: Uint8Array | null): void => {
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
    const verdict = judgeEntry(judge, bytes);
    if (verdict.kind !== 'accept') throw new Error(verdict.detail);
    lanes[lane]!.push({ ...verdict.value, bytes });
  };
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
  return { network, keys, judge, lanes };
}
