/** The network of four in the guest: their files, clocks, receivers and processes, and subjects through their API. */

import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../src/cli/free-ports.ts';
import { writeLocalNetwork } from '../../../src/cli/local-network.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { epochsOf } from '../../../src/sim/receiver-replay.ts';
import { retimed } from '../../../src/sim/receiver-retime.ts';
import { burstOf, WELL } from '../support/made-burst.ts';
import type { Burst } from '../support/receiver-on-pty.ts';
import { firstOffset } from './rig-clock.ts';
import { Validator } from './validator.ts';

const RECORDING = new URL('../../../../shared/gnss-logs/u-blox-m8t-time.log', import.meta.url);

/** How far the fourth is off from its start, and how far later on. */
export const OFF_BY_A_LITTLE = 1_000_000n;
export const OFF_BY_MUCH = -5_000_000_000n;

export type Submitted = { readonly id: string; readonly to: string };
type Subject = { readonly position: string };
export type OrderEntry = { readonly index: string; readonly subject: string; readonly moment_tai_ns: string };

export class Four {
  readonly directory: string;
  readonly genesis: string;
  readonly truth: bigint;
  readonly all: readonly Validator[];
  readonly isRecorded = existsSync(RECORDING);
  readonly submitted: Submitted[] = [];
  readonly certificates = new Map<string, Uint8Array>();

  private constructor(directory: string, truth: bigint, all: readonly Validator[]) {
    this.directory = directory;
    this.genesis = join(directory, 'genesis.cbor');
    this.truth = truth;
    this.all = all;
  }

  static async make(): Promise<Four> {
    const directory = join(mkdtempSync(join(tmpdir(), 'momentd-four-')), 'network');
    const ports = await freePorts(4);
    const files = await writeLocalNetwork({ directory, networkName: 'rig', validators: 4, ports });
    const truth = firstOffset();
    const all = files.map((own, place) => new Validator(own, place, truth + (place === 3 ? OFF_BY_A_LITTLE : 0n)));
    const four = new Four(directory, truth, all);
    for (const [place, { clock, receiver, offset }] of all.entries()) {
      if (place === 0) clock.unload();
      clock.load(offset);
      receiver.says = place === 0 && four.isRecorded ? recorded() : burstOf(WELL);
      receiver.plugIn();
    }
    return four;
  }

  /** The ones whose clocks are right. */
  get honest(): readonly Validator[] {
    return this.all.slice(0, 3);
  }

  get wrong(): Validator {
    return this.all[3]!;
  }

  /** Hands one new subject to each of `to`. */
  async submit(to: readonly Validator[]): Promise<readonly Submitted[]> {
    const fresh: Submitted[] = [];
    for (const validator of to) {
      const label = `subject ${this.submitted.length + fresh.length} for ${validator.name}`;
      const digest = createHash('sha256').update(label).digest('hex');
      const { id } = await validator.json<{ id: string }>('/v1/subjects', { digest, priority: 1 });
      fresh.push({ id, to: validator.name });
    }
    this.submitted.push(...fresh);
    return fresh;
  }

  /** Waits until each of `at` calls all of these final, and takes their certificates while whoever made them runs. */
  async areFinal(subjects: readonly Submitted[], at: readonly Validator[]): Promise<void> {
    for (const validator of at)
      for (const { id, to } of subjects)
        await validator.answers<Subject>(
          `the subject given to ${to} is final`,
          `/v1/subjects/${id}`,
          ({ position }) => position === 'final',
        );
    for (const { id } of subjects) {
      const { status, bytes } = await at[0]!.ask(`/v1/subjects/${id}/certificate`);
      if (status === 200) this.certificates.set(id, bytes);
    }
  }

  /** The whole final order as one of them has it. */
  async orderOf(validator: Validator): Promise<readonly OrderEntry[]> {
    const entries: OrderEntry[] = [];
    for (let from: string | null = '0'; from !== null;) {
      const page: { entries: OrderEntry[]; next: string | null } = await validator.json(`/v1/order?from=${from}`);
      entries.push(...page.entries);
      from = page.next;
    }
    return entries;
  }

  async end(): Promise<void> {
    for (const { receiver } of this.all) receiver.pullOut();
    await Promise.all(this.all.map((validator) => validator.stop('SIGKILL')));
  }
}

/** The recording as if it began with the first second asked for, again and again. */
function recorded(): Burst {
  const recording = readFileSync(RECORDING);
  let first = 0n;
  let epochs: readonly Uint8Array[] = [];
  return (second) => {
    // The last one is cut off where the recording was.
    if (second - first >= BigInt(epochs.length - 1)) {
      first = second;
      epochs = epochsOf(retimed(recording, taiInstant(second * 1_000_000_000n))!);
    }
    return epochs[Number(second - first)];
  };
}
