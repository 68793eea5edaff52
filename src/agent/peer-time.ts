/**
 * The rounds of time exchange: asks each validator in turn, keeps its latest answers, and says who stands apart.
 *
 * It measures and raises alarms with their evidence. It never steers: nothing here reaches the clock core, the estimate or
 * what is signed. docs/spec/network.md section "Time exchange"; the arithmetic is core/peers.
 */

import type { Code } from '../core/codes.ts';
import { compareBytes } from '../core/codec/cbor.ts';
import type { Digest } from '../core/codec/sha256.ts';
import { zeroDigest } from '../core/attestation/statement.ts';
import { intervalOf } from '../core/attestation/statement.ts';
import { verifyStatement, type StatementJudge } from '../core/attestation/verify-statement.ts';
import { BoundedMap } from '../core/peers/bounded-map.ts';
import { LIMITS } from '../core/limits.ts';
import {
  agreementOf,
  narrowestOpinion,
  ownOpinion,
  type Agreement,
  type Opinion,
} from '../core/peers/time-agreement.ts';
import {
  findingOf,
  nextNonce,
  subjectOfNonce,
  type Exchange,
  type ExchangeFinding,
} from '../core/peers/time-exchange.ts';
import type { Interval } from '../core/time/interval.ts';
import {
  isBefore,
  longerOf,
  negate,
  seconds,
  shift,
  since,
  times,
  type MonoInstant,
  type Nanos,
} from '../core/time/nanos.ts';
import { ppm, type Ppt } from '../core/time/rate.ts';
import { fault, isFault, type Fault } from '../core/verdict.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { Network, PeerName } from '../ports/network.ts';

/** What proves an exchange: the nonce's parts, the answer, and what our own clock said around it. */
export type ExchangeEvidence = {
  readonly peer: PeerName;
  readonly nonce: Digest;
  /** Commits to the answer before it; with `nonce` it opens the chain. */
  readonly previousAnswer: Digest;
  readonly blind: Uint8Array;
  /** The bytes of the kind-2 statement. */
  readonly answer: Uint8Array;
  readonly exchange: Exchange;
};

export type PeerTime = {
  readonly finding: ExchangeFinding;
  readonly at: MonoInstant;
  readonly evidence: ExchangeEvidence;
};

/** A voice outside what n - f agree on: a peer's, or our own. */
export type TimeAlarm = {
  readonly code: Extract<Code, 'peer-time-apart' | 'own-time-apart'>;
  readonly who: string;
  /** Everything the judgement rests on. */
  readonly voices: readonly Opinion<ExchangeEvidence | undefined>[];
};

export type PeerTimeNeeds = {
  readonly network: Pick<Network, 'askTime'>;
  readonly judge: StatementJudge;
  /** Our interval now; undefined while we have none. */
  readonly interval: () => Interval | undefined;
  readonly now: () => MonoInstant;
  /** 32 bytes of chance. */
  readonly blind: () => Uint8Array;
};

export type PeerTimeOptions = {
  /** How fast or slow the raw clock may run. */
  readonly rateMax: Ppt;
  /** A peer whose latest answer is older than this is no longer counted. */
  readonly opinionAgeMax: Nanos;
  readonly answerWaitMs: number;
};

const OPINION_AGE_MIN: Nanos = seconds(60);

/** One voice after another is asked, each in its turn: everyone is heard once in a round, and twice before an opinion is too old. */
export function peerTimeOptions(rounds: { readonly voices: number; readonly turnEvery: Nanos }): PeerTimeOptions {
  return {
    rateMax: ppm(100),
    opinionAgeMax: longerOf(OPINION_AGE_MIN, times(rounds.turnEvery, 2n * BigInt(rounds.voices))),
    answerWaitMs: LIMITS.timeAnswerWaitMsMax,
  };
}

export const OWN_VOICE = 'own';

export class PeerTimes {
  readonly #needs: PeerTimeNeeds;
  readonly #options: PeerTimeOptions;
  /** The latest exchanges with each peer, newest first. */
  readonly #recent = new BoundedMap<PeerName, readonly PeerTime[]>({ sizeMax: LIMITS.validatorsMax });
  /** One chain over all exchanges: their order is part of what can be shown. */
  #previousAnswer: Digest = zeroDigest();

  constructor(needs: PeerTimeNeeds, options: PeerTimeOptions) {
    this.#needs = needs;
    this.#options = options;
  }

  /** The latest exchange with each peer. */
  latest(): ReadonlyMap<PeerName, PeerTime> {
    return new Map([...this.#recent.entries()].map(([peer, [newest]]) => [peer, newest!]));
  }

  forget(peer: PeerName): void {
    this.#recent.delete(peer);
  }

  /** Asks one validator, whose statement key has this kid. A fault says why nothing was learned. */
  async ask(peer: PeerName, kid: Uint8Array): Promise<PeerTime | Fault> {
    const { network, interval, now } = this.#needs;
    const previousAnswer = this.#previousAnswer;
    const blind = this.#needs.blind();
    const nonce = nextNonce(previousAnswer, blind);
    const asked = interval();
    const from = now();
    if (asked === undefined) return fault('estimate-stale', 'we have no interval to compare with');
    let answer: Uint8Array;
    try {
      answer = await network.askTime(peer, nonce, AbortSignal.timeout(this.#options.answerWaitMs));
    } catch (error) {
      return fault(error instanceof AgentError ? error.code : 'peer-no-answer', String(error));
    }
    const to = now();
    const answered = interval();
    if (answered === undefined) return fault('estimate-stale', 'we have no interval to compare with');
    const signed = this.#judgeAnswer(answer, kid, nonce);
    if (isFault(signed)) return signed;
    this.#previousAnswer = signed.id;
    const roundTrip = since(to, from);
    const exchange: Exchange = { asked, signed: signed.interval, answered, roundTrip, rateMax: this.#options.rateMax };
    const finding = findingOf(exchange);
    if (finding === undefined)
      return fault('own-time-apart', 'our own intervals around the question contradict each other');
    const evidence: ExchangeEvidence = { peer, nonce, previousAnswer, blind, answer, exchange };
    const found: PeerTime = { finding, at: to, evidence };
    this.#recent.set(peer, [found, ...(this.#recent.peek(peer) ?? [])].slice(0, LIMITS.timeExchangesPerPeerMax));
    return found;
  }

  /** What the voices heard lately agree on, ours included; undefined when they are too few to tell. */
  agreement(): Agreement<ExchangeEvidence | undefined> | undefined {
    const voices = this.#voices();
    return agreementOf(voices, Math.max(0, Math.floor((voices.length - 1) / 3)));
  }

  /** Who stands apart now, each with everything the judgement rests on. */
  alarms(): readonly TimeAlarm[] {
    const voices = this.#voices();
    return (this.agreement()?.outside ?? []).map(({ who }) => ({
      code: who === OWN_VOICE ? 'own-time-apart' : 'peer-time-apart',
      who,
      voices,
    }));
  }

  #voices(): Opinion<ExchangeEvidence | undefined>[] {
    const own = this.#needs.interval();
    if (own === undefined) return [];
    const oldest = shift(this.#needs.now(), negate(this.#options.opinionAgeMax));
    const voices: Opinion<ExchangeEvidence | undefined>[] = [ownOpinion(OWN_VOICE, own, undefined)];
    for (const [peer, recent] of this.#recent.entries()) {
      // A peer that is silent has no voice, however narrow it once was.
      if (isBefore(recent[0]!.at, oldest)) continue;
      const exchanges = recent.map(({ evidence }) => ({ exchange: evidence.exchange, evidence }));
      const opinion = narrowestOpinion(peer, exchanges, own);
      if (opinion !== undefined) voices.push(opinion);
    }
    return voices;
  }

  #judgeAnswer(
    answer: Uint8Array,
    kid: Uint8Array,
    nonce: Digest,
  ): { readonly interval: Interval; readonly id: Digest } | Fault {
    const verdict = verifyStatement(this.#needs.judge, answer);
    if (verdict.kind !== 'accept') return fault(verdict.code, verdict.detail);
    const { statement, id, kid: signer } = verdict.value;
    // [REJECT] Somebody else's statement says nothing of this peer's clock.
    if (compareBytes(signer, kid) !== 0) return fault('peer-no-answer', 'the answer was signed by another validator');
    // [REJECT] Only a statement over the nonce was signed after the question was asked.
    if (statement.kind !== 'challenge-answer' || compareBytes(statement.subject, subjectOfNonce(nonce)) !== 0)
      return fault('peer-no-answer', 'the answer is not over the nonce');
    return { interval: intervalOf(statement), id };
  }
}
