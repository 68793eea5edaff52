/**
 * Proofs that a validator contradicted itself: found here or heard of, kept, and told to everyone once.
 *
 * A proof convicts whoever signed it, whoever brought it; nothing is taken back and nothing else follows from it here.
 */

import type { LaneFault } from '../../core/attestation/fault.ts';
import { decodeFaultProof, encodeFaultProof, verifyFaultProof } from '../../core/attestation/fault-proof.ts';
import type { StatementJudge } from '../../core/attestation/verify-statement.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import { toHex } from '../../core/codec/hex.ts';
import { sha256, type Digest } from '../../core/codec/sha256.ts';
import { LIMITS } from '../../core/limits.ts';
import { isFault } from '../../core/verdict.ts';
import type { FaultShelf } from '../../ports/kept-log.ts';
import type { Log } from '../../ports/log.ts';
import type { FaultView } from '../../ports/network-view.ts';
import type { ReceivedFault } from '../inbound/judge-fault.ts';

export type FaultKeepingNeeds = {
  readonly network: Digest;
  readonly judge: StatementJudge;
  readonly shelf: FaultShelf;
  readonly indexOf: (kid: Uint8Array) => number | undefined;
  readonly told: (fault: FaultView) => void;
  readonly publish: (proof: Uint8Array) => void;
  readonly log: Log;
};

export class FaultKeeping {
  readonly #needs: FaultKeepingNeeds;
  /** Newest first. */
  #kept: { readonly view: FaultView; readonly proof: Uint8Array }[] = [];

  constructor(needs: FaultKeepingNeeds) {
    this.#needs = needs;
  }

  /** Reads what is kept; a file that convicts nobody of this network is left where it is. */
  async start(): Promise<void> {
    for (const proof of await this.#needs.shelf.all()) {
      const decoded = decodeFaultProof(proof);
      const verdict = isFault(decoded) ? undefined : verifyFaultProof(this.#needs.judge, decoded);
      if (verdict?.kind === 'accept') this.#add(proof, verdict.value.proof.shown.code, verdict.value.kid);
    }
  }

  all(): readonly FaultView[] {
    return this.#kept.map(({ view }) => view);
  }

  proof(digest: Uint8Array): Uint8Array | undefined {
    return this.#kept.find(({ view }) => compareBytes(view.digest, digest) === 0)?.proof;
  }

  /** A contradiction that was found here: proven, kept, and told to everyone. Never rejects. */
  async found(shown: LaneFault): Promise<void> {
    const { network, judge, publish, log } = this.#needs;
    const proof = new TextEncoder().encode(encodeFaultProof({ network, shown }));
    const decoded = decodeFaultProof(proof);
    const verdict = isFault(decoded) ? undefined : verifyFaultProof(judge, decoded);
    if (verdict?.kind !== 'accept') {
      log.write('error', 'a contradiction that was found could not be proven', { code: shown.code });
      return;
    }
    if (await this.#keep(proof, shown.code, verdict.value.kid)) publish(proof);
  }

  /** Proofs that hold, from peers. */
  take(received: readonly ReceivedFault[]): void {
    for (const { bytes, proof, kid } of received) void this.#keep(bytes, proof.shown.code, kid);
  }

  async #keep(proof: Uint8Array, code: LaneFault['code'], kid: Uint8Array): Promise<boolean> {
    const { shelf, log, told } = this.#needs;
    if (this.#kept.length >= LIMITS.faultsKeptMax || this.proof(sha256(proof)) !== undefined) return false;
    const view = this.#add(proof, code, kid);
    log.write('error', 'a validator contradicted itself', { code, validator: view.validator, kid: toHex(kid) });
    told(view);
    try {
      await shelf.keep(proof);
    } catch (error) {
      log.write('error', 'a fault proof could not be stored', { code, error: String(error) });
    }
    return true;
  }

  #add(proof: Uint8Array, code: LaneFault['code'], kid: Uint8Array): FaultView {
    const view: FaultView = { code, validator: this.#needs.indexOf(kid), kid, digest: sha256(proof) };
    this.#kept = [{ view, proof }, ...this.#kept];
    return view;
  }
}
