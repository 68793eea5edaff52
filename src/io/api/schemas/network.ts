/** Schemas of the network, the lanes that are kept, the order and its subjects. */

import { LIMITS } from '../../../core/limits.ts';
import { ROLES, WORD_PATTERN } from '../../../core/peers/hello.ts';
import { REGIONS } from '../../../core/attestation/genesis.ts';
import { codeText, countText, digestText, exactly, listOf, nanosecondsText, orNull, query, seqText } from './common.ts';

const text = { type: 'string' };
const number = { type: 'number' };
const truth = { type: 'boolean' };
const kidText = { type: 'string', pattern: '^[0-9a-f]{16}$', description: '8 bytes, hexadecimal' };
const indexNumber = { type: 'integer', minimum: 0, description: 'index of a validator in the genesis record' };
const indexes = listOf(indexNumber, LIMITS.validatorsMax);
const bounds = exactly({ least_ns: nanosecondsText, most_ns: nanosecondsText });
const seen = exactly({ earliest_ns: nanosecondsText, latest_ns: nanosecondsText });

const validatorSchema = exactly({
  index: indexNumber,
  name: text,
  kid: kidText,
  region: { type: 'string', enum: [...REGIONS] },
  self: truth,
});

export const networkSchema = exactly({
  networked: { type: 'boolean', description: 'false: no [network] section, nobody else will ever be heard' },
  identity: orNull(text),
  addresses: listOf(text, LIMITS.apiPeersMax),
  validators: listOf(validatorSchema, LIMITS.validatorsMax),
  self: orNull(indexNumber),
  heard: indexes,
  peers: { type: 'integer' },
  round_trip_median_ns: orNull(nanosecondsText),
  traffic: orNull(
    exactly({
      sent_bytes: { type: 'integer' },
      received_bytes: { type: 'integer' },
      received_frames: { type: 'integer' },
      sent_items: { type: 'object', additionalProperties: { type: 'integer' } },
      dropped_items: { type: 'object', additionalProperties: { type: 'integer' } },
    }),
  ),
  inbound: exactly({
    accepted: { type: 'integer' },
    refused: { type: 'object', additionalProperties: { type: 'integer' }, description: 'by kind and code' },
  }),
  banned: listOf(text, LIMITS.standingPeersMax),
  faults: { type: 'integer' },
  time_alarms: listOf(
    exactly({ code: codeText, validator: orNull(indexNumber), since_mono_ns: nanosecondsText }),
    LIMITS.apiPeersMax,
  ),
  features: listOf(
    exactly({
      feature: text,
      ready: { type: 'integer', description: 'validators that say in their hello that they are ready for it' },
      quorum: { type: 'boolean', description: 'so many are ready that the change may take hold' },
    }),
    LIMITS.featuresMax * LIMITS.validatorsMax,
  ),
  health: exactly({
    score: { type: 'number', minimum: 0, maximum: 100 },
    deductions: listOf(exactly({ cause: text, points: number }), 8),
  }),
});

export const peersSchema = exactly({
  peers: listOf(
    exactly({
      name: text,
      address: text,
      direction: { type: 'string', enum: ['inbound', 'outbound'] },
      role: { type: 'string', enum: [...ROLES] },
      validator: orNull(indexNumber),
      kid: orNull(kidText),
      trust: { type: 'number', minimum: 0, maximum: 1 },
      round_trip_ns: orNull(nanosecondsText),
      waiting_items: { type: 'integer' },
      waiting_bytes: { type: 'integer' },
      time: orNull(
        exactly({
          at_mono_ns: nanosecondsText,
          offset: bounds,
          forward: bounds,
          back: bounds,
          guarantee_ns: nanosecondsText,
          consistent: truth,
        }),
      ),
    }),
    LIMITS.apiPeersMax,
  ),
});

export const capabilityParams = exactly({ capability: { type: 'string', pattern: WORD_PATTERN } });

export const capabilitySearchSchema = exactly({
  capability: text,
  complete: { ...truth, description: 'false: the search was cut short, there may be more' },
  offers: listOf(
    exactly({
      name: text,
      addresses: listOf(text, LIMITS.addressesPerPeerMax),
      check: {
        type: 'string',
        enum: ['confirmed', 'denied', 'unverified'],
        description: 'what its own signed hello says; unverified: no hello was had, and the record is anyone’s word',
      },
      role: orNull({ type: 'string', enum: [...ROLES] }),
      validator: orNull(indexNumber),
      kid: orNull(kidText),
    }),
    LIMITS.capabilityOffersMax,
  ),
});

export const lanesSchema = exactly({
  lanes: listOf(
    exactly({
      validator: indexNumber,
      name: text,
      kid: kidText,
      size: countText,
      last_tai_ns: orNull(nanosecondsText),
      frozen: truth,
      catching_up: truth,
      checkpoint: orNull(exactly({ size: countText, root: digestText, cosigners: indexes })),
    }),
    LIMITS.validatorsMax,
  ),
});

export const faultsSchema = exactly({
  faults: listOf(
    exactly({
      code: { type: 'string', enum: ['E1', 'E2', 'E3', 'E4'] },
      validator: orNull(indexNumber),
      kid: kidText,
      digest: digestText,
    }),
    LIMITS.faultsKeptMax,
  ),
});

export const orderEntrySchema = exactly({
  index: countText,
  subject: digestText,
  moment_tai_ns: nanosecondsText,
  seen,
  slot: countText,
  late: truth,
});

export const orderSchema = exactly({
  entries: listOf(orderEntrySchema, LIMITS.apiOrderPageMax),
  next: orNull(seqText),
});

export const orderStatusSchema = exactly({
  size: countText,
  decided_slot: orNull(countText),
  decided_tai_ns: orNull(nanosecondsText),
  watermark_tai_ns: orNull({ ...nanosecondsText, description: 'what becomes final later has a later instant' }),
  waiting: exactly({ lanes: indexes, voters: indexes }),
  contradicted_slot: orNull(countText),
  pool: exactly({ subjects: { type: 'integer' }, bytes: { type: 'integer' }, evicted: { type: 'integer' } }),
  tick: exactly({ length_ns: nanosecondsText, waiting: { type: 'integer' }, dropped: { type: 'integer' } }),
});

const report = exactly({ validator: indexNumber, seq: countText, seen });

export const subjectSchema = exactly({
  id: digestText,
  position: { type: 'string', enum: ['unknown', 'reported', 'provisional', 'final'] },
  seen: orNull(seen),
  reports: listOf(report, LIMITS.validatorsMax),
  entry: orNull(orderEntrySchema),
  record: orNull({ type: 'string', pattern: '^([0-9a-f]{2})+$', description: 'the record while it waits' }),
  pooled: truth,
});

export const submissionSchema = {
  type: 'object',
  additionalProperties: false,
  oneOf: [{ required: ['digest'] }, { required: ['record'] }],
  properties: {
    digest: digestText,
    record: {
      type: 'string',
      pattern: '^([0-9a-f]{2})+$',
      maxLength: LIMITS.subjectBytesMax * 2,
      description: 'a whole subject record (docs/spec/ordering.md); alone',
    },
    sender: { type: 'string', pattern: '^([0-9a-f]{2}){0,32}$', description: 'up to 32 bytes, hexadecimal' },
    priority: { type: 'integer', minimum: 0, maximum: 255, default: 0 },
    // Below 2^63, which is 9.22e18.
    claimed_tai_ns: { type: 'string', pattern: '^(?:[0-9]{1,18}|[1-8][0-9]{18})$', description: 'absent: now' },
  },
};

export const submittedSchema = exactly({ id: digestText, record: text });

export const submissionsSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['digests'],
  properties: {
    digests: { type: 'array', minItems: 1, maxItems: LIMITS.submissionsPerRequestMax, items: digestText },
    sender: submissionSchema.properties.sender,
    priority: submissionSchema.properties.priority,
  },
};

/** One shape for both answers: to choose between shapes the serializer would validate every item of a batch. */
export const submittedAllSchema = exactly({
  results: {
    type: 'array',
    description: 'one for each digest, in the order given: taken (`id`, `record`) or `refused`',
    items: exactly({
      id: orNull(digestText),
      record: orNull(text),
      refused: orNull(
        exactly({
          code: text,
          detail: text,
          is_final: { type: 'boolean', description: 'it will never be taken; otherwise it may be, later or elsewhere' },
        }),
      ),
    }),
  },
});

const comparable = exactly({ subject: digestText, position: text, seen: orNull(seen), index: orNull(countText) });

export const comparisonSchema = exactly({
  kind: { type: 'string', enum: ['final', 'provisional', 'undecided'] },
  relation: orNull({ type: 'string', enum: ['before', 'after', 'concurrent'] }),
  first: orNull({
    type: 'string',
    enum: ['a', 'b', 'same'],
    description: 'where concurrent this was drawn, not measured',
  }),
  assumption: orNull(text),
  a: comparable,
  b: comparable,
});

export const compareQuery = { ...query({ a: digestText, b: digestText }), required: ['a', 'b'] };
export const idParams = exactly({ id: digestText });
export const laneFileParams = exactly({
  validator: { type: 'integer', minimum: 0, maximum: LIMITS.validatorsMax - 1 },
  '*': { type: 'string', maxLength: 128 },
});
export const orderQuery = query({
  from: { ...seqText, default: '0' },
  limit: { type: 'integer', minimum: 1, maximum: LIMITS.apiOrderPageMax, default: 50 },
});
