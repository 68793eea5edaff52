/**
 * Strict, two-way descriptions of CBOR values: what a record may hold and how it becomes our types.
 *
 * A schema writes a value and reads it back, or says where it is not what the record may hold. Bytes of strangers come
 * through here, so every number has a range, every text and array a bound, and nothing throws.
 */

import { isMap, type CborKey, type CborValue } from '../codec/cbor.ts';

/** Where a value is not what it should be: a path such as `sources.0.readings.3`. */
export type SchemaFault = { readonly fault: string };
export type Read<T> = { readonly value: T } | SchemaFault;

export type Schema<T> = {
  readonly write: (value: T) => CborValue;
  readonly read: (value: CborValue, path: string) => Read<T>;
};

/** Any schema, where only its shape matters. */
type AnySchema = {
  readonly write: (value: never) => CborValue;
  readonly read: (value: CborValue, path: string) => Read<unknown>;
};

export type Described<S extends AnySchema> = S extends { read: (value: CborValue, path: string) => Read<infer T> }
  ? T
  : never;

const fault = (path: string): SchemaFault => ({ fault: path });

/** A bigint in `min..max`. */
export function integer<T extends bigint>(min: bigint, max: bigint): Schema<T> {
  return {
    write: (value) => value,
    read: (value, path) =>
      typeof value === 'bigint' && value >= min && value <= max ? { value: value as T } : fault(path),
  };
}

/** A whole number in `min..max`, small enough for a double. */
export function count(min: number, max: number): Schema<number> {
  return {
    write: (value) => BigInt(value),
    read: (value, path) =>
      typeof value === 'bigint' && value >= BigInt(min) && value <= BigInt(max)
        ? { value: Number(value) }
        : fault(path),
  };
}

/** Exactly `size` bytes. */
export function bytesOf(size: number): Schema<Uint8Array> {
  return {
    write: (value) => value,
    read: (value, path) => (value instanceof Uint8Array && value.length === size ? { value } : fault(path)),
  };
}

export function text(lengthMax: number): Schema<string> {
  return {
    write: (value) => value,
    read: (value, path) => (typeof value === 'string' && value.length <= lengthMax ? { value } : fault(path)),
  };
}

export const truth: Schema<boolean> = {
  write: (value) => value,
  read: (value, path) => (typeof value === 'boolean' ? { value } : fault(path)),
};

/** One of the given texts. */
export function oneOf<const T extends string>(choices: readonly T[]): Schema<T> {
  return {
    write: (value) => value,
    read: (value, path) => {
      const choice = choices.find((c) => c === value);
      return choice === undefined ? fault(path) : { value: choice };
    },
  };
}

/** `null` for undefined. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined> {
  return {
    write: (value) => (value === undefined ? null : schema.write(value)),
    read: (value, path) => (value === null ? { value: undefined } : schema.read(value, path)),
  };
}

export function listOf<T>(schema: Schema<T>, lengthMax: number): Schema<readonly T[]> {
  return {
    write: (values) => values.map((v) => schema.write(v)),
    read: (value, path) => {
      if (!isList(value) || value.length > lengthMax) return fault(path);
      const values: T[] = [];
      for (const [i, item] of value.entries()) {
        const read = schema.read(item, `${path}.${i}`);
        if ('fault' in read) return read;
        values.push(read.value);
      }
      return { value: values };
    },
  };
}

type Fields = Readonly<Record<string, AnySchema>>;
type FieldsOf<F extends Fields> = { readonly [K in keyof F]: Described<F[K]> };

/** An object with exactly these fields, written as an array in the order given. */
export function row<const F extends Fields>(fields: F): Schema<FieldsOf<F>> {
  const names = Object.keys(fields);
  return {
    write: (value) => names.map((name) => fields[name]!.write(value[name] as never)),
    read: (value, path) => {
      if (!isList(value) || value.length !== names.length) return fault(path);
      const object: Record<string, unknown> = {};
      for (const [i, name] of names.entries()) {
        const read = fields[name]!.read(value[i]!, `${path}.${name}`);
        if ('fault' in read) return read;
        object[name] = read.value;
      }
      return { value: object as FieldsOf<F> };
    },
  };
}

/** An object with exactly these fields, written as a map with their names as keys. */
export function named<const F extends Fields>(fields: F): Schema<FieldsOf<F>> {
  const names = Object.keys(fields);
  return {
    write: (value) => new Map<CborKey, CborValue>(names.map((n) => [n, fields[n]!.write(value[n] as never)])),
    read: (value, path) => {
      if (!isMap(value) || value.size !== names.length) return fault(path);
      const object: Record<string, unknown> = {};
      for (const name of names) {
        const item = value.get(name);
        if (item === undefined) return fault(`${path}.${name}`);
        const read = fields[name]!.read(item, `${path}.${name}`);
        if ('fault' in read) return read;
        object[name] = read.value;
      }
      return { value: object as FieldsOf<F> };
    },
  };
}

/** A map that may lack any of `keys` and holds no other. */
export function some<const K extends string, T>(
  keys: readonly K[],
  schema: Schema<T>,
): Schema<Readonly<Partial<Record<K, T>>>> {
  return {
    write: (value) => {
      const map = new Map<CborKey, CborValue>();
      for (const key of keys) if (value[key] !== undefined) map.set(key, schema.write(value[key]));
      return map;
    },
    read: (value, path) => {
      if (!isMap(value)) return fault(path);
      const object: Partial<Record<K, T>> = {};
      for (const [key, item] of value) {
        const known = keys.find((k) => k === key);
        if (known === undefined) return fault(path);
        const read = schema.read(item, `${path}.${known}`);
        if ('fault' in read) return read;
        object[known] = read.value;
      }
      return { value: object };
    },
  };
}

/** A schema of one type seen as another; `to` says undefined for what cannot be. */
export function mapped<A, B>(schema: Schema<A>, from: (value: B) => A, to: (value: A) => B | undefined): Schema<B> {
  return {
    write: (value) => schema.write(from(value)),
    read: (value, path) => {
      const read = schema.read(value, path);
      if ('fault' in read) return read;
      const turned = to(read.value);
      return turned === undefined ? fault(path) : { value: turned };
    },
  };
}

const isList = (value: CborValue): value is readonly CborValue[] => Array.isArray(value);
