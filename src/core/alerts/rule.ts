/**
 * One alert rule: what it looks at, where it begins and ends, and how long it waits before it speaks and before it is quiet.
 *
 * Every rule compares numbers in base units, so that the same rule can stand in Prometheus' language beside it
 * (deploy/prometheus; test/deploy holds the two together). A claim that is true or false is 1 or 0 and fires above 0.
 */

import type { Code } from '../codes.ts';
import type { Nanos } from '../time/nanos.ts';
import type { AlertFacts } from './facts.ts';
import type { Recent } from './recent.ts';

export type AlertCode = Extract<Code, `alert-${string}`>;

/** critical: get up. high: act today, before it gets worse. warning: act when you are at it. */
export const SEVERITIES = ['critical', 'high', 'warning'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const ALERT_UNITS = ['seconds', 'bytes', 'ratio', 'count', 'flag'] as const;
export type AlertUnit = (typeof ALERT_UNITS)[number];

/** One number the rule looked at; `subject` is the source it belongs to, where there are several. */
export type Reading = { readonly subject: string | undefined; readonly value: number };

/** What the rule sees, or why it cannot judge. */
export type Judgement = readonly Reading[] | { readonly unknown: string };

export type AlertRule = {
  readonly code: AlertCode;
  readonly severity: Severity;
  readonly unit: AlertUnit;
  readonly fires: 'above' | 'below';
  readonly threshold: number;
  /** Once it fires, it is over only at this number or beyond: `threshold` itself, or on the good side of it. */
  readonly clear: number;
  /** How long the condition must hold before it fires. */
  readonly pendingFor: Nanos;
  /** How long it must be over before it is resolved. */
  readonly keepFor: Nanos;
  readonly judge: (facts: AlertFacts, recent: Recent) => Judgement;
};

/** Whether a number makes the rule's condition hold. */
export function isBad({ fires, threshold }: AlertRule, value: number): boolean {
  return fires === 'above' ? value > threshold : value < threshold;
}

/** Whether a number still counts as bad once the alert fires. */
export function isStillBad({ fires, clear }: AlertRule, value: number): boolean {
  return fires === 'above' ? value > clear : value < clear;
}
