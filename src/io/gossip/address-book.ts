/**
 * Where peers are said to be, and how they did when they were tried: what the dialer chooses from.
 *
 * Anyone may tell addresses, of anyone, and as many as they like; so what is told by strangers never takes the place of what
 * is known. The operator's peers are kept for good, validators we have met have places of their own, and of one peer's
 * addresses those that were configured or have worked stay while newer talk replaces older talk. Otherwise a flood of made-up
 * addresses would make us forget whom to dial again, which is half of an eclipse (requirement B6).
 */

import type { Multiaddr } from '@multiformats/multiaddr';
import { BoundedMap } from '../../core/peers/bounded-map.ts';
import { scoreOf } from '../../core/peers/score.ts';
import { LIMITS } from '../../core/limits.ts';
import type { MonoInstant } from '../../core/time/nanos.ts';
import { parseAddress, peerNameIn } from './addresses.ts';

/** How we know an address, the weaker first: somebody said so, a dial reached its peer, the operator wrote it. */
const GROUNDS = ['told', 'proven', 'configured'] as const;
export type Ground = (typeof GROUNDS)[number];

type Place = { readonly address: Multiaddr; ground: Ground };

export type Known = {
  /** Best known first, of equals the newest. */
  places: readonly Place[];
  failures: number;
  restsUntil: MonoInstant | undefined;
  isDialling: boolean;
  /** Dials begun, and those that led to an accepted hello. */
  dials: number;
  answers: number;
  roundTripMs: number | undefined;
};

export class AddressBook {
  readonly #self: string;
  readonly #isReserved: (peer: string) => boolean;
  readonly #configured = new Map<string, Known>();
  readonly #reserved = new BoundedMap<string, Known>({ sizeMax: LIMITS.validatorsMax });
  readonly #others = new BoundedMap<string, Known>({ sizeMax: LIMITS.addressBookMax });

  /** `self` is our own name, which is never dialled; `configured` are addresses that say whose they are. */
  constructor(self: string, configured: readonly string[], isReserved: (peer: string) => boolean) {
    this.#self = self;
    this.#isReserved = isReserved;
    for (const text of configured) {
      const [name, address] = this.#read(text);
      if (name === undefined) continue;
      if (!this.#configured.has(name)) this.#configured.set(name, nobodyYet());
      place(this.#configured.get(name)!, address, 'configured');
    }
  }

  /**
   * Remembers an address. Text that is no multiaddr is left, and so is one that does not say whose it is: that anyone may
   * answer there is for the operator to decide, not for a peer that names places to an agent which is alone.
   */
  learn(text: string, ground: Exclude<Ground, 'configured'>): void {
    const [name, address] = this.#read(text);
    if (name !== undefined) place(this.of(name), address, ground);
  }

  /** What is known of a peer, which is in the book from now on. */
  of(name: string): Known {
    const known = this.#configured.get(name) ?? this.#reserved.get(name);
    if (known !== undefined) return known;
    const other = this.#others.get(name) ?? nobodyYet();
    if (!this.#isReserved(name)) this.#others.set(name, other);
    else {
      this.#others.delete(name);
      this.#reserved.set(name, other);
    }
    return other;
  }

  /** What is known of a peer, without putting it into the book. */
  peek(name: string): Known | undefined {
    return this.#configured.get(name) ?? this.#reserved.peek(name) ?? this.#others.peek(name);
  }

  /** Without counting as a use. */
  *entries(): Generator<readonly [string, Known]> {
    yield* this.#configured;
    yield* this.#reserved.entries();
    yield* this.#others.entries();
  }

  #read(text: string): readonly [undefined] | readonly [string, Multiaddr] {
    const address = parseAddress(text);
    const name = address === undefined ? undefined : peerNameIn(address);
    return address === undefined || name === undefined || name === this.#self ? [undefined] : [name, address];
  }
}

/** Requirement C2's product of what is remembered: how often a dial led to a peer, and how far away it was. */
export const scoreOfKnown = ({ dials, answers, roundTripMs }: Known): number =>
  scoreOf({
    uptime: dials === 0 ? undefined : Math.min(1, answers / dials),
    latencyMs: roundTripMs,
    bandwidthMbps: undefined,
    isCapable: false,
    // Not a matter of score here: the policy dials no two of one address group.
    isDiverse: false,
  });

const nobodyYet = (): Known => ({
  places: [],
  failures: 0,
  restsUntil: undefined,
  isDialling: false,
  dials: 0,
  answers: 0,
  roundTripMs: undefined,
});

const weightOf = ({ ground }: Place): number => GROUNDS.indexOf(ground);

/** Puts an address among a peer's; when there are too many, what is known worst and longest leaves. */
function place(known: Known, address: Multiaddr, ground: Ground): void {
  const before = known.places.find((other) => other.address.equals(address));
  if (before !== undefined && weightOf(before) >= GROUNDS.indexOf(ground)) return;
  const rest = known.places.filter((other) => other !== before);
  // A stable sort: the new one comes before its equals.
  known.places = [{ address, ground }, ...rest]
    .sort((a, b) => weightOf(b) - weightOf(a))
    .slice(0, LIMITS.addressesPerPeerMax);
}
