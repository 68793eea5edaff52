/** Schemas of the time now and of the status. */

import { ROLES } from '../../../core/peers/hello.ts';
import { countText, digestText, exactly, nanosecondsText, orNull, reasonSchema } from './common.ts';

export const timeSchema = exactly(
  {
    state: { type: 'string', enum: ['acquiring', 'locked', 'holdover', 'unsynchronized', 'faulted'] },
    reason: reasonSchema,
    timescale: { type: 'string', enum: ['TAI'] },
    earliest_ns: orNull(nanosecondsText),
    latest_ns: orNull(nanosecondsText),
    earliest: orNull({ type: 'string' }),
    latest: orNull({ type: 'string' }),
    guarantee_ns: orNull(nanosecondsText),
    uncertainty_ns: orNull(nanosecondsText),
    tai_utc_s: orNull({ type: 'integer' }),
    nano_moment: orNull(countText),
    as_of_mono_ns: countText,
  },
  'An interval that contains true time as long as the declared assumptions hold, or the reason there is none.',
);

export const sourceSchema = exactly({
  name: { type: 'string' },
  kind: { type: 'string' },
  cause: { type: 'string' },
  verdict: { type: 'string', enum: ['truechimer', 'falseticker', 'shares-cause', 'unusable'] },
  reason: orNull(reasonSchema),
  earliest_ns: orNull(nanosecondsText),
  latest_ns: orNull(nanosecondsText),
});

export const statusSchema = exactly({
  version: { type: 'string' },
  simulated: { type: 'boolean', description: 'true when any source is simulated: the time is not real' },
  network: exactly({ name: { type: 'string' }, id: digestText }),
  role: { type: 'string', enum: [...ROLES], description: 'only a validator tells time and signs' },
  validator: exactly({ public_key: digestText, kid: { type: 'string', pattern: '^[0-9a-f]{16}$' } }),
  boot_id: { type: 'string' },
  started_mono_ns: countText,
  time: timeSchema,
  budget: { type: 'array', items: exactly({ term: { type: 'string' }, ns: countText }) },
  seconds_until_limit: orNull({ type: 'number' }),
  assumptions: { type: 'array', items: { type: 'string' } },
  estimate: orNull(
    exactly(
      { as_of_mono_ns: countText, earliest_ns: orNull(nanosecondsText), latest_ns: orNull(nanosecondsText) },
      'the last estimate at its own instant, which is that of the sources’ intervals too; `time` has moved on since',
    ),
  ),
  sources: { type: 'array', items: sourceSchema },
  host_identity: orNull({ ...digestText, description: 'the host identity record in force' }),
  attesting: exactly({ signing: { type: 'boolean' }, since_mono_ns: countText, reason: orNull(reasonSchema) }),
  lane: exactly({ size: countText, last_tai_ns: orNull(nanosecondsText), last_id: orNull(digestText) }),
  inbox: exactly({
    waiting: { type: 'integer' },
    waiting_max: { type: 'integer' },
    dropped: { type: 'integer' },
  }),
});
