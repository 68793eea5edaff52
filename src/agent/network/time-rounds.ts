/**
 * Rounds of time exchange: one validator after another is asked, and who stands apart is told once.
 *
 * It measures, warns, and steers nothing (agent/peer-time.ts). The rounds slow down as the network grows, so that answering
 * all of them never costs a lane more than a statement every few seconds.
 */

import type { Code } from '../../core/codes.ts';
import { CODES } from '../../core/codes.ts';
import { isFault } from '../../core/verdict.ts';
import type { Interval } from '../../core/time/interval.ts';
import type { Log } from '../../ports/log.ts';
import type { AlarmShelf } from '../../ports/kept-log.ts';
import type { MonoInstant } from '../../core/time/nanos.ts';
import type { Network, PeerName } from '../../ports/network.ts';
import { OWN_VOICE, type PeerTimes, type TimeAlarm } from '../peer-time.ts';
import { encodeTimeAlarm } from './alarm-evidence.ts';

export type Apart = {
  readonly code: Extract<Code, 'peer-time-apart' | 'own-time-apart'>;
  /** The peer; undefined when it is us. */
  readonly who: PeerName | undefined;
  readonly since: MonoInstant;
};

export type TimeRoundsNeeds = {
  readonly network: Pick<Network, 'peers'>;
  readonly times: PeerTimes;
  readonly interval: () => Interval | undefined;
  readonly shelf: AlarmShelf;
  readonly now: () => MonoInstant;
  readonly log: Log;
  readonly changed: (apart: Apart, isRaised: boolean) => void;
};

export class TimeRounds {
  readonly #needs: TimeRoundsNeeds;
  readonly #apart = new Map<string, Apart>();
  #isAsking = false;
  #turn = 0;

  constructor(needs: TimeRoundsNeeds) {
    this.#needs = needs;
  }

  /** Who stands apart now. */
  get apart(): readonly Apart[] {
    return [...this.#apart.values()];
  }

  /** Asks the next validator, unless one is being asked. Never rejects. */
  async round(): Promise<void> {
    if (this.#isAsking) return;
    const validators = this.#needs.network.peers().filter(({ kid }) => kid !== undefined);
    const peer = validators[this.#turn++ % Math.max(1, validators.length)];
    if (peer?.kid === undefined) return this.#compare();
    this.#isAsking = true;
    try {
      const answer = await this.#needs.times.ask(peer.name, peer.kid);
      if (isFault(answer))
        this.#needs.log.write('debug', 'a time exchange taught nothing', { peer: peer.name, code: answer.fault });
    } finally {
      this.#isAsking = false;
    }
    this.#compare();
  }

  forget(peer: PeerName): void {
    this.#needs.times.forget(peer);
    this.#compare();
  }

  /** What was heard is replaced by the next round; what an alarm rests on is not. Never rejects. */
  async #keep(alarm: TimeAlarm): Promise<void> {
    const { shelf, interval, log } = this.#needs;
    try {
      await shelf.keep(encodeTimeAlarm(alarm, interval()));
    } catch (error) {
      log.write('error', 'the evidence of a time alarm could not be stored', {
        code: alarm.code,
        error: String(error),
      });
    }
  }

  #compare(): void {
    const { log, changed, now } = this.#needs;
    const alarms = new Map(this.#needs.times.alarms().map((alarm) => [alarm.who, alarm]));
    for (const [who, alarm] of alarms) {
      if (this.#apart.has(who)) continue;
      const { code } = alarm;
      const apart: Apart = { code, who: who === OWN_VOICE ? undefined : who, since: now() };
      this.#apart.set(who, apart);
      log.write('error', 'a clock stands apart from what enough validators agree on', {
        code,
        who: apart.who ?? 'this validator',
        remedy: CODES[code].remedy,
      });
      changed(apart, true);
      void this.#keep(alarm);
    }
    for (const [who, apart] of this.#apart) {
      if (alarms.has(who)) continue;
      this.#apart.delete(who);
      log.write('info', 'a clock stands apart no more', { code: apart.code, who: apart.who ?? 'this validator' });
      changed(apart, false);
    }
  }
}
