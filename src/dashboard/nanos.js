/**
 * Instants and durations as people read them. An instant comes as a decimal string and stays a BigInt: a double steps by 256 ns
 * today. Only a difference of two instants becomes a number, and only to be drawn.
 */

const MINUS = '−';

/**
 * @param {string | null | undefined} text
 * @returns {bigint | undefined}
 */
export const parse = (text) => (text === null || text === undefined ? undefined : BigInt(text));

/**
 * The middle of an interval, rounded down.
 * @param {bigint} earliest
 * @param {bigint} latest
 */
export const middle = (earliest, latest) => earliest + (latest - earliest) / 2n;

/**
 * A duration in the unit that keeps it short, to four digits: `85 ns`, `1.25 µs`, `3.2 s`. What is shown is rounded away from
 * zero, so that no guarantee looks narrower than it is; the exact number stands beside it in the element's `value`.
 * @param {bigint} ns
 */
export const duration = (ns) => shown(ns, true);

/**
 * With its sign, whatever it is.
 * @param {bigint} ns
 */
export const signed = (ns) => (ns > 0n ? `+${duration(ns)}` : duration(ns));

/**
 * The two ends of what a value can be, each rounded outward.
 * @param {bigint} least
 * @param {bigint} most
 */
export const ends = (least, most) => ({
  least: `${least > 0n ? '+' : ''}${shown(least, least < 0n)}`,
  most: `${most > 0n ? '+' : ''}${shown(most, most > 0n)}`,
});

/** From the unit of a nanosecond upwards. */
const UNITS = [
  { unit: 'ns', size: 1n },
  { unit: 'µs', size: 1_000n },
  { unit: 'ms', size: 1_000_000n },
  { unit: 's', size: 1_000_000_000n },
];

/**
 * @param {bigint} ns
 * @param {boolean} isRoundedUp in size, whatever the sign
 */
function shown(ns, isRoundedUp) {
  const size = ns < 0n ? -ns : ns;
  const at = UNITS.findLastIndex((one) => size >= one.size);
  const { unit, size: one } = UNITS[Math.max(0, at)] ?? { unit: 'ns', size: 1n };
  const value = scaled(size, one, isRoundedUp);
  const next = UNITS[at + 1];
  // 999.96 µs, rounded up, is 1 ms.
  const words = value === '1000' && next !== undefined ? `1 ${next.unit}` : `${value} ${unit}`;
  return `${ns < 0n ? MINUS : ''}${words}`;
}

/**
 * A span of seconds as people plan with it: `48 s`, `12 min 5 s`, `4 h 12 min`, `3 d 4 h`.
 * @param {number} seconds
 */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3_600) return pair(Math.floor(s / 60), 'min', s % 60, 's');
  if (s < 86_400) return pair(Math.floor(s / 3_600), 'h', Math.floor((s % 3_600) / 60), 'min');
  if (s < 400 * 86_400) return pair(Math.floor(s / 86_400), 'd', Math.floor((s % 86_400) / 3_600), 'h');
  return 'more than a year';
}

/**
 * A calendar reading of nanoseconds since 1970 on a scale without leap seconds (TAI, or Unix time for UTC).
 * @param {bigint} ns
 * @returns {{ date: string, time: string, fraction: string }} the fraction has nine digits
 */
export function calendar(ns) {
  const days = floorDivide(ns, 86_400_000_000_000n);
  const inDay = ns - days * 86_400_000_000_000n;
  const second = inDay / 1_000_000_000n;
  // A day number is a small integer and 864e5 times it far below 2^53, so nothing is lost in a Date here.
  const date = new Date(Number(days) * 86_400_000).toISOString().slice(0, 10);
  const time = [second / 3_600n, (second / 60n) % 60n, second % 60n].map((n) => `${n}`.padStart(2, '0')).join(':');
  return { date, time, fraction: `${inDay % 1_000_000_000n}`.padStart(9, '0') };
}

/**
 * How far `at` lies after `origin`, for a drawing.
 * @param {bigint} at
 * @param {bigint} origin
 */
export const offset = (at, origin) => Number(at - origin);

/**
 * An axis step of 1, 2 or 5 times a power of ten that gives at most `count` steps over `width`.
 * @param {number} width
 * @param {number} count
 */
export function niceStep(width, count) {
  const raw = width / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const lead = raw / power;
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

/**
 * @param {bigint} size
 * @param {bigint} unit
 * @param {boolean} isRoundedUp
 */
function scaled(size, unit, isRoundedUp) {
  const whole = size / unit;
  const digits = whole >= 100n ? 1 : whole >= 10n ? 2 : 3;
  const power = 10n ** BigInt(digits);
  const rounded = (size * power + (isRoundedUp ? unit - 1n : 0n)) / unit;
  const fraction = `${rounded % power}`.padStart(digits, '0').replace(/0+$/, '');
  return fraction === '' ? `${rounded / power}` : `${rounded / power}.${fraction}`;
}

/** @type {(a: bigint, b: bigint) => bigint} */
const floorDivide = (a, b) => (a < 0n && a % b !== 0n ? a / b - 1n : a / b);

/** @type {(big: number, bigUnit: string, small: number, smallUnit: string) => string} */
const pair = (big, bigUnit, small, smallUnit) =>
  small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
