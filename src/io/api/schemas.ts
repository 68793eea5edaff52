/**
 * The JSON schemas of the API. They validate requests, shape answers and make the OpenAPI document: one source for all.
 */

import { CODES } from '../../core/codes.ts';

const nanosecondsText = { type: 'string', pattern: '^-?[0-9]{1,20}$', description: 'nanoseconds as a decimal string' };
const countText = { type: 'string', pattern: '^[0-9]{1,20}$' };
const digestText = { type: 'string', pattern: '^[0-9a-f]{64}$', description: '32 bytes, hexadecimal' };
const orNull = <T extends object>(schema: T) => ({ ...schema, nullable: true });

/** An object with exactly these properties, all present. */
function exactly(properties: Readonly<Record<string, object>>, description?: string) {
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
  };
}

const reason = exactly({
  code: { type: 'string', enum: Object.keys(CODES) },
  sentence: { type: 'string', description: 'what holds' },
  remedy: { type: 'string', description: 'what would clear it' },
});

export const timeSchema = exactly(
  {
    state: { type: 'string', enum: ['acquiring', 'locked', 'holdover', 'unsynchronized', 'faulted'] },
    reason,
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

const sourceSchema = exactly({
  name: { type: 'string' },
  kind: { type: 'string' },
  cause: { type: 'string' },
  verdict: { type: 'string', enum: ['truechimer', 'falseticker', 'shares-cause', 'unusable'] },
  reason: orNull(reason),
  earliest_ns: orNull(nanosecondsText),
  latest_ns: orNull(nanosecondsText),
});

export const statusSchema = exactly({
  version: { type: 'string' },
  simulated: { type: 'boolean', description: 'true when any source is simulated: the time is not real' },
  network: exactly({ name: { type: 'string' }, id: digestText }),
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
  attesting: exactly({ signing: { type: 'boolean' }, since_mono_ns: countText, reason: orNull(reason) }),
  lane: exactly({ size: countText, last_tai_ns: orNull(nanosecondsText), last_id: orNull(digestText) }),
  inbox: exactly({
    waiting: { type: 'integer' },
    waiting_max: { type: 'integer' },
    dropped: { type: 'integer' },
  }),
});

const summary = exactly({
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
        offset_ns: orNull({ ...summary, description: 'measured phase of the clock against its reference' }),
        frequency_ppt: orNull({ ...summary, description: 'of the host’s raw clock against TAI' }),
        guarantee_ns: orNull(summary),
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

export const driftQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    span_s: { type: 'integer', minimum: 1, maximum: 315_360_000, default: 3_600, description: 'how far back from now' },
    points: { type: 'integer', minimum: 1, maximum: 1_000, default: 200 },
  },
};

export const statementSchema = exactly({
  seq: countText,
  id: digestText,
  kind: { type: 'string' },
  earliest_ns: nanosecondsText,
  latest_ns: nanosecondsText,
  tai_utc_s: { type: 'integer' },
  evidence: digestText,
  cose_sign1: { type: 'string', pattern: '^[0-9a-f]+$', description: 'the signed bytes, hexadecimal' },
});

export const statementsSchema = exactly({
  statements: { type: 'array', items: statementSchema },
  next: orNull({ ...countText, description: '`from` of the next page; null at the end of the lane' }),
});

/** RFC 9457, with our stable code. */
export const problemSchema = exactly({
  type: { type: 'string' },
  title: { type: 'string' },
  status: { type: 'integer' },
  detail: { type: 'string' },
  code: { type: 'string', enum: Object.keys(CODES) },
});

/** 18 digits: below 2^63, so BigInt takes it without loss and nothing longer is ever parsed. */
const seqText = { type: 'string', pattern: '^[0-9]{1,18}$' };

export const pageQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    from: { ...seqText, default: '0', description: 'first sequence number' },
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
  },
};

/** Longer than any tile's path. */
export const lanePathParams = exactly({ '*': { type: 'string', maxLength: 100 } });

export const seqParams = exactly({ seq: seqText });
export const digestParams = exactly({ digest: digestText });
