/** What the schemas of every group of routes are made of. */

import { CODES } from '../../../core/codes.ts';

export const nanosecondsText = {
  type: 'string',
  pattern: '^-?[0-9]{1,20}$',
  description: 'nanoseconds as a decimal string',
};
export const countText = { type: 'string', pattern: '^[0-9]{1,20}$' };
export const digestText = { type: 'string', pattern: '^[0-9a-f]{64}$', description: '32 bytes, hexadecimal' };
export const codeText = { type: 'string', enum: Object.keys(CODES) };
/** An enumeration has to list null beside `nullable` (OpenAPI 3.0.3, proposal 2019-10-31). */
export const orNull = (schema: object): object =>
  'enum' in schema
    ? { ...schema, enum: [...(schema.enum as unknown[]), null], nullable: true }
    : { ...schema, nullable: true };
export const listOf = (items: object, itemsMax: number) => ({ type: 'array', maxItems: itemsMax, items });

/** An object with exactly these properties, all present. */
export function exactly(properties: Readonly<Record<string, object>>, description?: string) {
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    additionalProperties: false,
    required: Object.keys(properties),
    properties,
  };
}

/** The query of a request: what is not named is refused. */
export function query(properties: Readonly<Record<string, object>>) {
  return { type: 'object', additionalProperties: false, properties };
}

export const reasonSchema = exactly({
  code: codeText,
  sentence: { type: 'string', description: 'what holds' },
  remedy: { type: 'string', description: 'what would clear it' },
});

/** 18 digits: below 2^63, so BigInt takes it without loss and nothing longer is ever parsed. */
export const seqText = { type: 'string', pattern: '^[0-9]{1,18}$' };

/** RFC 9457, with our stable code. */
export const problemSchema = exactly({
  type: { type: 'string' },
  title: { type: 'string' },
  status: { type: 'integer' },
  detail: { type: 'string' },
  code: codeText,
});

/** What any path may answer beside its own. */
export const PROBLEMS = { '4xx': problemSchema, '5xx': problemSchema };
