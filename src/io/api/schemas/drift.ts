/** Schemas of what was measured over time. */

import { BUDGET_TERMS } from '../../../core/clock/budget.ts';
import { CLOCK_STATES } from '../../../core/clock/state.ts';
import { countText, exactly, nanosecondsText, orNull, query } from './common.ts';

export const summarySchema = exactly({
  least: nanosecondsText,
  greatest: nanosecondsText,
  mean: nanosecondsText,
  count: { type: 'integer' },
});

const deviation = orNull({ type: 'number' });

export const driftSchema = exactly(
  {
    bucket_ns: countText,
    truncated: { type: 'boolean', description: 'older buckets of the span were left out' },
    points: {
      type: 'array',
      items: exactly({
        from_tai_ns: nanosecondsText,
        samples: { type: 'integer' },
        refused: { type: 'integer', description: 'samples without an interval' },
        worst_state: { type: 'string' },
        offset_ns: orNull({
          ...summarySchema,
          description: 'measured phase of the clock against its reference; null while it coasts',
        }),
        frequency_ppt: orNull({ ...summarySchema, description: 'of the host’s raw clock against TAI' }),
        guarantee_ns: orNull(summarySchema),
      }),
    },
    stability: {
      type: 'array',
      description: 'of the measured phase in the newest gapless run (NIST SP 1065)',
      items: exactly({
        tau_s: { type: 'number' },
        adev_ppb: deviation,
        oadev_ppb: deviation,
        mdev_ppb: deviation,
        hdev_ppb: deviation,
        tdev_ns: deviation,
        mtie_ns: deviation,
      }),
    },
  },
  'Drift for auditors: what was measured, never what an interval was computed from.',
);

const sampleCount = { type: 'integer', minimum: 0 };

export const historySchema = exactly(
  {
    bucket_ns: countText,
    truncated: { type: 'boolean', description: 'older buckets of the span were left out' },
    terms: {
      type: 'array',
      description: 'the budget’s terms, in the order of `budget_ns`',
      items: { type: 'string', enum: [...BUDGET_TERMS] },
    },
    points: {
      type: 'array',
      items: exactly({
        from_tai_ns: nanosecondsText,
        samples: sampleCount,
        refused: { ...sampleCount, description: 'samples without an interval' },
        guarantee_ns: orNull(summarySchema),
        budget_ns: orNull({
          type: 'array',
          description:
            'mean of each term, rounded up; they add up to the mean guarantee, a nanosecond a term at most above it',
          items: countText,
        }),
        states: exactly(Object.fromEntries(CLOCK_STATES.map((state) => [state, sampleCount])), 'samples in each state'),
      }),
    },
  },
  'The guarantee over time: how wide, made of what, in which states. A bucket without samples is left out.',
);

export const spanQuery = query({
  span_s: { type: 'integer', minimum: 1, maximum: 315_360_000, default: 3_600, description: 'how far back from now' },
  points: { type: 'integer', minimum: 1, maximum: 1_000, default: 200 },
});
