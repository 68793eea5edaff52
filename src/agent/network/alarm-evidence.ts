/**
 * What a time alarm rests on, as a file that a stranger can check: every voice that was counted, the bytes each validator
 * signed, the parts of the nonce it signed over, and what our own clock said around the question. docs/spec/network.md
 * section "Time exchange" has the arithmetic. Nanoseconds are decimal strings, bytes are hexadecimal.
 */

import { toHex } from '../../core/codec/hex.ts';
import type { Interval } from '../../core/time/interval.ts';
import type { ExchangeEvidence, TimeAlarm } from '../peer-time.ts';

export function encodeTimeAlarm({ code, who, voices }: TimeAlarm, own: Interval | undefined): Uint8Array {
  const told = {
    momentd_time_alarm: 1,
    code,
    who,
    own: own === undefined ? null : written(own),
    voices: voices.map((voice) => ({
      who: voice.who,
      ahead_least_ns: String(voice.ahead.least),
      ahead_most_ns: String(voice.ahead.most),
      exchange: voice.evidence === undefined ? null : exchangeOf(voice.evidence),
    })),
  };
  return new TextEncoder().encode(`${JSON.stringify(told, undefined, 2)}\n`);
}

function exchangeOf({ peer, nonce, blind, previousAnswer, answer, exchange }: ExchangeEvidence): object {
  return {
    peer,
    previous_answer: toHex(previousAnswer),
    blind: toHex(blind),
    nonce: toHex(nonce),
    answer: toHex(answer),
    asked: written(exchange.asked),
    signed: written(exchange.signed),
    answered: written(exchange.answered),
    round_trip_ns: String(exchange.roundTrip),
    rate_max_ppt: String(exchange.rateMax),
  };
}

const written = ({ earliest, latest }: Interval): object => ({
  earliest_ns: String(earliest),
  latest_ns: String(latest),
});
