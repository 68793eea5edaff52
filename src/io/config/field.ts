/**
 * One key of the configuration: how its value is read, what it is when left out, and what it means. The same tables make
 * the parser, the suggestions and docs/configuration.md, so that they cannot disagree.
 */

import type { Nanos } from '../../core/time/nanos.ts';
import { parseDuration } from '../../core/time/text.ts';
import { ppt, type Ppt } from '../../core/time/rate.ts';

export type Reading<T> = { readonly value: T } | { readonly problem: string };

export type Field<T> = {
  /** What to write, in words: `duration`, `path`, `one of a, b`. */
  readonly form: string;
  readonly read: (value: unknown) => Reading<T>;
  /** `required` when leaving it out is an error; otherwise what it is then, as it would be written. */
  readonly whenAbsent: { readonly value: T; readonly written: string } | 'required';
  readonly meaning: string;
};

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** The object a table of fields reads into. */
export type Values<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

type Kind<T> = { readonly form: string; readonly read: (value: unknown) => Reading<T> };

export const required = <T>(kind: Kind<T>, meaning: string): Field<T> => ({
  ...kind,
  whenAbsent: 'required',
  meaning,
});

/** `written` is the default as it would stand in the file; '' when absence means absence. */
export const optional = <T, D>(kind: Kind<T>, absent: D, written: string, meaning: string): Field<T | D> => ({
  ...kind,
  whenAbsent: { value: absent, written },
  meaning,
});

export const text: Kind<string> = {
  form: 'text',
  read: (value) => (typeof value === 'string' && value !== '' ? { value } : { problem: 'must be text in quotes' }),
};

export const path: Kind<string> = {
  form: 'path',
  read: (value) => (typeof value === 'string' && value !== '' ? { value } : { problem: 'must be a path in quotes' }),
};

/** A list of texts, at most `most` of them. */
export function texts(form: string, most: number): Kind<readonly string[]> {
  return {
    form: `list of ${form}`,
    read: (value) =>
      Array.isArray(value) && value.length <= most && value.every((item) => typeof item === 'string' && item !== '')
        ? { value: Object.freeze([...(value as string[])]) }
        : { problem: `must be a list of at most ${most} texts in quotes` },
  };
}

export const flag: Kind<boolean> = {
  form: 'true or false',
  read: (value) => (typeof value === 'boolean' ? { value } : { problem: 'must be true or false' }),
};

export function integer(min: number, max: number): Kind<number> {
  return {
    form: `whole number, ${min} to ${max}`,
    read: (value) =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max
        ? { value: value as number }
        : { problem: `must be a whole number from ${min} to ${max}` },
  };
}

/** A share of something: 0.66. TOML tells 1 from 1.0; here both are the number. */
export function ratio(min: number, max: number): Kind<number> {
  return {
    form: `number, ${min} to ${max}`,
    read: (value) =>
      typeof value === 'number' && value >= min && value <= max
        ? { value }
        : { problem: `must be a number from ${min} to ${max}` },
  };
}

export function oneOf<const T extends string>(...choices: readonly T[]): Kind<T> {
  return {
    form: choices.map((choice) => `"${choice}"`).join(', '),
    read: (value) => {
      const chosen = choices.find((choice) => choice === value);
      return chosen === undefined ? { problem: `must be one of ${choices.join(', ')}` } : { value: chosen };
    },
  };
}

/** `"250ms"`, `"40 ns"`, `"24h"`, within bounds. */
export function duration(min: Nanos, max: Nanos): Kind<Nanos> {
  const form = 'duration such as "250ms" (ns, us, ms, s, min, h, d)';
  return {
    form,
    read: (value) => {
      const length = typeof value === 'string' ? parseDuration(value) : undefined;
      if (length === undefined) return { problem: `must be a ${form}` };
      if (length < min || length > max) return { problem: `must be between ${min} ns and ${max} ns` };
      return { value: length };
    },
  };
}

const RATE_UNITS: Readonly<Record<string, bigint>> = { ppt: 1n, ppb: 1_000n, ppm: 1_000_000n };

/** `"15ppt"`, `"50 ppm"`: parts per 10^12, 10^9, 10^6. */
export function frequency(min: Ppt, max: Ppt): Kind<Ppt> {
  const form = 'rate such as "50ppm" (ppt, ppb, ppm)';
  return {
    form,
    read: (value) => {
      const match = typeof value === 'string' ? /^(\d{1,12})\s*([a-z]+)$/.exec(value) : null;
      const unit = match === null ? undefined : RATE_UNITS[match[2]!];
      if (match === null || unit === undefined) return { problem: `must be a ${form}` };
      const rate = ppt(BigInt(match[1]!) * unit);
      if (rate < min || rate > max) return { problem: `must be between ${min} ppt and ${max} ppt` };
      return { value: rate };
    },
  };
}
