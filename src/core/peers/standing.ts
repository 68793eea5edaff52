/**
 * What a peer's conduct has made of it: trust between 0 and 1, lowered by offences, raised slowly by good service.
 *
 * Requirement C4: penalties 0.1, 0.15, 0.2 and 0.3, a ban below 0.3, rewards, an allow-list. The penalties are data below.
 * Two rules are ours. Offences of one sort count at most once a second, so that trust measures for how long a peer
 * misbehaves and not how fast: a burst of one bad frame is one offence, a flood of ten seconds is ten. Rewards come at
 * most once in ten seconds and never lift a ban, so that valid traffic cannot pay for invalid traffic. An allow-listed
 * peer is never banned; its trust is kept and shown all the same.
 */

import { LIMITS } from '../limits.ts';
import { isBefore, seconds, shift, since, type MonoInstant, type Nanos } from '../time/nanos.ts';
import { BoundedMap } from './bounded-map.ts';

/** What a peer can do wrong, and what it costs. */
export const PENALTIES = {
  /** Sent more than its quota. */
  'over-quota': 0.1,
  /** Sent what nobody asked for, or an answer to another question. */
  unsolicited: 0.15,
  /** Sent what breaks a rule, though well-formed and signed: stale, out of order, another network. */
  'rule-broken': 0.15,
  /** Sent bytes that are not what they claim to be, or more of them than allowed. */
  malformed: 0.2,
  /** Sent a signature that does not hold: nobody honest passes those on. */
  'bad-signature': 0.3,
} as const;

export type Offence = keyof typeof PENALTIES;

const TRUST_START = 1;
const REWARD = 0.01;
const BAN_BELOW = 0.3;
const OFFENCE_SPACING = seconds(1);
const REWARD_SPACING = seconds(10);

export type StandingOptions = {
  /** Peers that are never banned. */
  readonly allowed: ReadonlySet<string>;
  readonly banLasts: Nanos;
};

export const DEFAULT_STANDING: StandingOptions = { allowed: new Set(), banLasts: seconds(3_600) };

type PeerRecord = {
  trust: number;
  bannedUntil: MonoInstant | undefined;
  rewardedAt: MonoInstant | undefined;
  readonly offendedAt: Map<Offence, MonoInstant>;
};

export class Standing {
  readonly #options: StandingOptions;
  readonly #records = new BoundedMap<string, PeerRecord>({ sizeMax: LIMITS.standingPeersMax });

  constructor(options: StandingOptions = DEFAULT_STANDING) {
    this.#options = options;
  }

  /** 0..1; a stranger begins with full trust, because it can come back as a stranger whenever it likes. */
  trustOf(peer: string): number {
    return this.#records.peek(peer)?.trust ?? TRUST_START;
  }

  isBanned(peer: string, now: MonoInstant): boolean {
    const until = this.#records.peek(peer)?.bannedUntil;
    return until !== undefined && isBefore(now, until);
  }

  /** Returns true when this offence brings the ban: the caller then ends the connection. */
  offend(peer: string, offence: Offence, now: MonoInstant): boolean {
    const record = this.#recordOf(peer, now);
    const last = record.offendedAt.get(offence);
    if (last !== undefined && since(now, last) < OFFENCE_SPACING) return false;
    record.offendedAt.set(offence, now);
    record.trust = Math.max(0, record.trust - PENALTIES[offence]);
    if (record.trust >= BAN_BELOW || this.#options.allowed.has(peer) || record.bannedUntil !== undefined) return false;
    record.bannedUntil = shift(now, this.#options.banLasts);
    return true;
  }

  reward(peer: string, now: MonoInstant): void {
    const record = this.#recordOf(peer, now);
    if (record.bannedUntil !== undefined) return;
    if (record.rewardedAt !== undefined && since(now, record.rewardedAt) < REWARD_SPACING) return;
    record.rewardedAt = now;
    record.trust = Math.min(1, record.trust + REWARD);
  }

  /** Peers that are banned at `now`. */
  banned(now: MonoInstant): string[] {
    return [...this.#records.entries()].filter(([peer]) => this.isBanned(peer, now)).map(([peer]) => peer);
  }

  #recordOf(peer: string, now: MonoInstant): PeerRecord {
    const known = this.#records.get(peer);
    // A ban that has run out leaves nothing behind: the peer begins again.
    if (known !== undefined && (known.bannedUntil === undefined || isBefore(now, known.bannedUntil))) return known;
    const fresh: PeerRecord = {
      trust: TRUST_START,
      bannedUntil: undefined,
      rewardedAt: undefined,
      offendedAt: new Map(),
    };
    this.#records.set(peer, fresh);
    return fresh;
  }
}
