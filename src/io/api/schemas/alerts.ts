/** Schemas of the alerts and of the health of the network. */

import { ALERT_CODES } from '../../../core/codes/alerts.ts';
import { ALERT_UNITS, SEVERITIES } from '../../../core/alerts/rule.ts';
import { LIMITS } from '../../../core/limits.ts';
import { countText, exactly, listOf, orNull, query } from './common.ts';

const RULES = Object.keys(ALERT_CODES).length;
const ACTIVE_MAX = RULES * LIMITS.clockSourcesMax;

const text = { type: 'string' };
const number = { type: 'number' };
export const alertCodeText = { type: 'string', enum: Object.keys(ALERT_CODES) };
export const severityText = { type: 'string', enum: [...SEVERITIES] };
export const alertUnitText = {
  type: 'string',
  enum: [...ALERT_UNITS],
  description: 'of every number of this alert; a flag is 1 or 0',
};

const named = {
  code: alertCodeText,
  severity: severityText,
  source: orNull({ ...text, description: 'the source it is about, where it is about one' }),
  sentence: text,
  remedy: text,
  unit: alertUnitText,
};

const alertSchema = exactly({
  ...named,
  state: {
    type: 'string',
    enum: ['pending', 'firing'],
    description: 'pending: the condition has not held long enough, and `sentence` does not hold yet',
  },
  since_mono_ns: { ...countText, description: 'since when the condition holds' },
  firing_since_mono_ns: orNull(countText),
  value: number,
  worst: { ...number, description: 'furthest on the bad side since the condition holds' },
  threshold: number,
});

const pastAlertSchema = exactly({
  ...named,
  since_mono_ns: countText,
  firing_since_mono_ns: countText,
  resolved_mono_ns: countText,
  worst: number,
  because: {
    type: 'string',
    enum: ['over', 'unknown'],
    description: 'over: the number came back; unknown: nothing is known of it any more',
  },
});

export const alertsSchema = exactly(
  {
    as_of_mono_ns: countText,
    active: listOf(alertSchema, ACTIVE_MAX),
    past: listOf(pastAlertSchema, LIMITS.alertHistoryMax),
    past_total: { type: 'integer', description: 'how many are remembered; restarts forget them, the log does not' },
  },
  'Alerts: pending and firing with the gravest first, then those that are over, newest first.',
);

export const alertsQuery = query({
  limit: { type: 'integer', minimum: 1, maximum: LIMITS.alertHistoryMax, default: 50, description: 'of what is over' },
  offset: {
    type: 'integer',
    minimum: 0,
    maximum: LIMITS.alertHistoryMax,
    default: 0,
    description: 'newer ones left out',
  },
});

export const alertRulesSchema = exactly(
  {
    rules: listOf(
      exactly({
        code: alertCodeText,
        severity: severityText,
        sentence: text,
        remedy: text,
        unit: alertUnitText,
        fires: { type: 'string', enum: ['above', 'below'] },
        threshold: number,
        clear: { ...number, description: 'once it fires, it is over only at this number or beyond' },
        pending_s: { ...number, description: 'how long the condition must hold before it fires' },
        keep_s: { ...number, description: 'how long it must be over before the alert is resolved' },
        cannot_judge: orNull({ ...text, description: 'why it cannot be judged now; null when it can' }),
      }),
      RULES,
    ),
  },
  'Every rule with its numbers, and whether it can be judged now.',
);
