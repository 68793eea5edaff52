/**
 * Keeps a signed host identity record in force: one at the start, another every hour, another soon after a fact changed.
 *
 * A record is durable before it is announced, so evidence never names one that could be lost. When the facts cannot be
 * gathered or the record cannot be stored none is in force: evidence then says so, and attesting goes on. docs/spec/identity.md.
 */

import { encodeIdentity, type HostIdentity } from '../core/attestation/identity.ts';
import { sealPayload } from '../core/attestation/cose-sign1.ts';
import { compareBytes } from '../core/codec/cbor.ts';
import { toHex } from '../core/codec/hex.ts';
import type { Digest } from '../core/codec/sha256.ts';
import { CODES } from '../core/codes.ts';
import { isBefore, seconds, shift, type MonoInstant } from '../core/time/nanos.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { IdentityItem, IdentityStore } from '../ports/identity-store.ts';
import type { Log } from '../ports/log.ts';
import type { Signer } from '../ports/signer.ts';

export type IdentityKeeperNeeds = {
  /** What the host is now; rejects with AgentError when that cannot be told. */
  readonly gather: () => Promise<HostIdentity>;
  readonly store: IdentityStore;
  readonly signer: Signer;
  readonly log: Log;
};

/** How often the facts are looked at: some files of sysfs. */
const LOOK_EVERY = seconds(60);
const RENEW_AFTER = seconds(3_600);

type InForce = IdentityItem & { readonly facts: Uint8Array; readonly since: MonoInstant };

export class IdentityKeeper {
  readonly #needs: IdentityKeeperNeeds;
  #announce: ((digest: Digest | undefined) => void) | undefined;
  #inForce: InForce | undefined;
  #lookDue: MonoInstant | undefined;
  #looking: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(needs: IdentityKeeperNeeds) {
    this.#needs = needs;
  }

  /** The first look. From here to `stop`, `announce` is told each time another record, or none, is in force. */
  async start(at: MonoInstant, announce: (digest: Digest | undefined) => void): Promise<void> {
    this.#announce = announce;
    this.#begin(at);
    await this.#looking;
  }

  /** Looks again when that is due; a look still under way is not overtaken. */
  beat(at: MonoInstant): void {
    if (this.#lookDue === undefined || isBefore(at, this.#lookDue)) return;
    this.#begin(at);
  }

  /** Waits for the look under way and announces nothing more. May be called twice. */
  async stop(): Promise<void> {
    this.#announce = undefined;
    this.#lookDue = undefined;
    await this.#looking;
  }

  /** The record in force, signed. */
  get current(): IdentityItem | undefined {
    return this.#inForce;
  }

  async get(digest: Digest): Promise<Uint8Array | undefined> {
    const current = this.#inForce;
    if (current !== undefined && compareBytes(current.digest, digest) === 0) return current.bytes;
    return this.#needs.store.get(digest);
  }

  #begin(at: MonoInstant): void {
    if (this.#looking !== undefined) return;
    this.#lookDue = shift(at, LOOK_EVERY);
    this.#looking = this.#look(at).finally(() => {
      this.#looking = undefined;
    });
  }

  async #look(at: MonoInstant): Promise<void> {
    const { gather, store, signer, log } = this.#needs;
    try {
      const identity = await gather();
      const facts = encodeIdentity({ ...identity, uptimeSeconds: 0n });
      if (!this.#isDue(facts, at)) return;
      const { bytes, id: digest } = sealPayload(
        { kid: signer.kid, sign: (message) => signer.sign(message) },
        encodeIdentity(identity),
      );
      await store.put({ digest, bytes });
      const isFirst = this.#inForce === undefined;
      const isChange = !isFirst && compareBytes(facts, this.#inForce!.facts) !== 0;
      this.#failure = undefined;
      this.#putInForce({ digest, bytes, facts, since: at });
      log.write(isChange ? 'warn' : 'info', 'a host identity is in force', {
        digest: toHex(digest),
        cause: isFirst ? 'first' : isChange ? 'change' : 'hour',
      });
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      this.#putInForce(undefined);
      // Told when it begins and when it becomes another failure, not every minute.
      if (this.#failure === error.code) return;
      this.#failure = error.code;
      const { remedy } = CODES[error.code];
      log.write('warn', 'no host identity is in force', { code: error.code, error: error.message, remedy });
    }
  }

  #isDue(facts: Uint8Array, at: MonoInstant): boolean {
    const current = this.#inForce;
    if (current === undefined || !isBefore(at, shift(current.since, RENEW_AFTER))) return true;
    return compareBytes(facts, current.facts) !== 0;
  }

  #putInForce(next: InForce | undefined): void {
    const isOther = next !== undefined || this.#inForce !== undefined;
    this.#inForce = next;
    if (isOther) this.#announce?.(next?.digest);
  }
}
