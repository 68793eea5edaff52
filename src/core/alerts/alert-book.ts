/**
 * The alerts of one agent: which condition holds since when, which alert fires, which is over.
 *
 * Each pair of rule and subject goes its way: quiet → pending (the condition holds) → firing (it has held for `pendingFor`)
 * → quiet again (it has been over, by `clear`, for `keepFor`). So one alert cannot fire, end and fire again in less than
 * `pendingFor + keepFor`. All of it is counted on the monotonic clock that is handed in; a look at an earlier instant than
 * the last is our bug.
 *
 * What is not known is not bad: a pending condition is dropped, a firing one ends after `keepFor` and says that it ended
 * because nothing is known any more, not because it got better.
 */

import { assert } from '../assert.ts';
import { LIMITS } from '../limits.ts';
import { isBefore, since, type MonoInstant } from '../time/nanos.ts';
import type { AlertFacts } from './facts.ts';
import { Recent } from './recent.ts';
import { isBad, isStillBad, type AlertRule, type Judgement } from './rule.ts';

export type ActiveAlert = {
  readonly rule: AlertRule;
  readonly subject: string | undefined;
  readonly state: 'pending' | 'firing';
  /** Since when the condition holds. */
  readonly since: MonoInstant;
  /** When it began to fire; undefined while pending. */
  readonly firingSince: MonoInstant | undefined;
  /** The newest number known; `worst` is the furthest on the bad side since the condition holds. */
  readonly value: number;
  readonly worst: number;
};

export type PastAlert = {
  readonly rule: AlertRule;
  readonly subject: string | undefined;
  readonly since: MonoInstant;
  readonly firingSince: MonoInstant;
  readonly resolvedAt: MonoInstant;
  readonly worst: number;
  /** `over`: the number came back. `unknown`: nothing is known any more. */
  readonly because: 'over' | 'unknown';
};

export type AlertChange =
  { readonly kind: 'fired'; readonly alert: ActiveAlert } | { readonly kind: 'resolved'; readonly alert: PastAlert };

/** A rule, and why it cannot judge now (undefined when it can). */
export type RuleStanding = { readonly rule: AlertRule; readonly unknown: string | undefined };

type Track = {
  readonly rule: AlertRule;
  readonly subject: string | undefined;
  readonly since: MonoInstant;
  firingSince: MonoInstant | undefined;
  /** Since when the condition has been over while firing. */
  overSince: MonoInstant | undefined;
  value: number;
  worst: number;
};

export class AlertBook {
  readonly #rules: readonly AlertRule[];
  readonly #recent = new Recent();
  readonly #tracks = new Map<string, Track>();
  readonly #unknown = new Map<AlertRule, string>();
  #past: PastAlert[] = [];
  #lastLook: MonoInstant | undefined;

  constructor(rules: readonly AlertRule[]) {
    for (const rule of rules) {
      assert(rule.pendingFor >= 0n && rule.keepFor >= 0n, `${rule.code} waits forwards`);
      assert(!isBad(rule, rule.clear), `${rule.code} ends where it does not begin`);
    }
    assert(new Set(rules.map(({ code }) => code)).size === rules.length, 'a code has one rule');
    this.#rules = rules;
  }

  /** Looks at one instant of the agent; says what began to fire and what is over. */
  look(at: MonoInstant, facts: AlertFacts): readonly AlertChange[] {
    assert(this.#lastLook === undefined || !isBefore(at, this.#lastLook), 'looks come in order');
    this.#lastLook = at;
    this.#recent.observe(at, facts);
    return this.#rules.flatMap((rule) => this.#apply(at, rule, rule.judge(facts, this.#recent)));
  }

  /** What holds now, in the order of the rules. */
  active(): readonly ActiveAlert[] {
    return this.#rules.flatMap((rule) =>
      [...this.#tracks.values()].filter((track) => track.rule === rule).map(activeOf),
    );
  }

  /** What is over, newest first. */
  history(): readonly PastAlert[] {
    return this.#past.toReversed();
  }

  standings(): readonly RuleStanding[] {
    return this.#rules.map((rule) => ({
      rule,
      unknown: this.#lastLook === undefined ? 'the agent has only just started' : this.#unknown.get(rule),
    }));
  }

  #apply(at: MonoInstant, rule: AlertRule, judgement: Judgement): readonly AlertChange[] {
    const readings = 'unknown' in judgement ? [] : judgement;
    if ('unknown' in judgement) this.#unknown.set(rule, judgement.unknown);
    else this.#unknown.delete(rule);
    const changes: AlertChange[] = [];
    const seen = new Set<string>();
    for (const { subject, value } of readings) {
      const key = keyOf(rule, subject);
      seen.add(key);
      changes.push(...this.#follow(at, { key, rule, subject, value }));
    }
    for (const [key, track] of this.#tracks)
      if (track.rule === rule && !seen.has(key)) changes.push(...this.#ease(at, key, 'unknown'));
    return changes;
  }

  #follow(at: MonoInstant, look: Look): readonly AlertChange[] {
    const { key, rule, subject, value } = look;
    let track = this.#tracks.get(key);
    if (track === undefined) {
      if (!isBad(rule, value)) return [];
      track = { rule, subject, since: at, firingSince: undefined, overSince: undefined, value, worst: value };
      this.#tracks.set(key, track);
    }
    track.value = value;
    const holds = track.firingSince === undefined ? isBad(rule, value) : isStillBad(rule, value);
    if (!holds) return this.#ease(at, key, 'over');
    track.overSince = undefined;
    track.worst = rule.fires === 'above' ? Math.max(track.worst, value) : Math.min(track.worst, value);
    if (track.firingSince !== undefined || since(at, track.since) < rule.pendingFor) return [];
    track.firingSince = at;
    return [{ kind: 'fired', alert: activeOf(track) }];
  }

  /** The condition is not there at this look. */
  #ease(at: MonoInstant, key: string, because: PastAlert['because']): readonly AlertChange[] {
    const track = this.#tracks.get(key)!;
    const { rule, subject, since: began, firingSince, worst } = track;
    if (firingSince === undefined) {
      this.#tracks.delete(key);
      return [];
    }
    track.overSince ??= at;
    if (since(at, track.overSince) < rule.keepFor) return [];
    this.#tracks.delete(key);
    const alert: PastAlert = { rule, subject, since: began, firingSince, resolvedAt: at, worst, because };
    this.#past = [...this.#past, alert].slice(-LIMITS.alertHistoryMax);
    return [{ kind: 'resolved', alert }];
  }
}

type Look = {
  readonly key: string;
  readonly rule: AlertRule;
  readonly subject: string | undefined;
  readonly value: number;
};

const keyOf = ({ code }: AlertRule, subject: string | undefined): string =>
  subject === undefined ? code : `${code} ${subject}`;

const activeOf = ({ rule, subject, since: began, firingSince, value, worst }: Track): ActiveAlert => ({
  rule,
  subject,
  state: firingSince === undefined ? 'pending' : 'firing',
  since: began,
  firingSince,
  value,
  worst,
});
