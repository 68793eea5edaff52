/** Schema of the health at a glance. */

import { SEVERITIES } from '../../../core/alerts/rule.ts';
import { HEALTH_CAUSES } from '../../../core/peers/network-health.ts';
import { exactly, listOf, nanosecondsText, orNull, reasonSchema } from './common.ts';

const CAUSES = Object.keys(HEALTH_CAUSES);
const integer = { type: 'integer' };

export const healthSchema = exactly(
  {
    signing: { type: 'boolean' },
    reason: orNull({ ...reasonSchema, description: 'why nothing is signed; null while it is' }),
    firing: exactly(Object.fromEntries(SEVERITIES.map((severity) => [severity, integer])), 'alerts that fire'),
    network: orNull(
      exactly(
        {
          score: { type: 'number', minimum: 0, maximum: 100, description: '100 less the deductions, never below 0' },
          deductions: listOf(
            exactly({
              cause: { type: 'string', enum: CAUSES },
              points: { type: 'number' },
              points_max: { type: 'number', description: 'the most this cause can take' },
              rule: { type: 'string', description: 'for what it is taken' },
            }),
            CAUSES.length,
          ),
          peers: integer,
          round_trip_median_ns: orNull(nanosecondsText),
          validators: integer,
          validators_heard: { ...integer, description: 'within the last minute, ourselves included' },
        },
        'Null where the agent runs without a network.',
      ),
    ),
  },
  'A summary for people and load balancers: nothing is decided by it.',
);
