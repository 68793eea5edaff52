/**
 * Reading a JSON value strictly: objects with exactly the listed keys, numbers of time and stake as decimal strings.
 *
 * A reader returns `undefined` where the value has another shape. The caller, who knows what it was reading, says so.
 */

export type JsonObject = Readonly<Record<string, unknown>>;

/** The parsed text, or undefined when it is not JSON. */
export function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** An object whose keys are exactly `keys`, in any order. */
export function exactObject(value: unknown, keys: readonly string[]): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const present = Object.keys(value);
  return present.length === keys.length && keys.every((key) => Object.hasOwn(value, key))
    ? (value as JsonObject)
    : undefined;
}

const DECIMAL = /^(?:0|[1-9]\d{0,18})$/;

/** A non-negative integer of at most 19 digits, written as a decimal string. */
export function decimalString(value: unknown): bigint | undefined {
  return typeof value === 'string' && DECIMAL.test(value) ? BigInt(value) : undefined;
}
