/**
 * Which addresses probably belong to one hand: the /16 of an IPv4 address, the /32 of an IPv6 address (requirement B6).
 *
 * An attacker can have many addresses, rarely in many prefixes. Names, and addresses we cannot read, are one group each.
 * Loopback and private addresses are not grouped: there, an operator has put several validators on purpose.
 */

export type AddressGroup = { readonly kind: 'local' } | { readonly kind: 'prefix'; readonly prefix: string };

const LOCAL: AddressGroup = { kind: 'local' };

/** `address` is an IP address or a host name as text. */
export function addressGroupOf(address: string): AddressGroup {
  const v4 = parseIpv4(address);
  if (v4 !== undefined) return groupOfIpv4(v4);
  const v6 = parseIpv6(address);
  if (v6 === undefined) return { kind: 'prefix', prefix: address.toLowerCase() };
  const mapped = mappedIpv4(v6);
  if (mapped !== undefined) return groupOfIpv4(mapped);
  const [first, second] = v6 as [number, number];
  const isLoopback = v6.slice(0, 7).every((part) => part === 0) && v6[7] === 1;
  // fe80::/10 link-local, fc00::/7 unique local.
  if (isLoopback || (first & 0xffc0) === 0xfe80 || (first & 0xfe00) === 0xfc00) return LOCAL;
  return { kind: 'prefix', prefix: `${first.toString(16)}:${second.toString(16)}::/32` };
}

export const isSameGroup = (a: AddressGroup, b: AddressGroup): boolean =>
  a.kind === 'prefix' && b.kind === 'prefix' && a.prefix === b.prefix;

function groupOfIpv4(parts: readonly number[]): AddressGroup {
  const [a, b] = parts as [number, number];
  const isPrivate = a === 127 || a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168);
  if (isPrivate || (a === 169 && b === 254)) return LOCAL;
  return { kind: 'prefix', prefix: `${a}.${b}.0.0/16` };
}

function parseIpv4(text: string): number[] | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.every((part) => part <= 255) ? parts : undefined;
}

/** Eight 16-bit groups (RFC 4291 section 2.2, without a zone). */
function parseIpv6(text: string): number[] | undefined {
  if (!text.includes(':') || text.length > 45) return undefined;
  const tail = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text);
  const v4 = tail === null ? undefined : parseIpv4(tail[2]!);
  if (tail !== null && v4 === undefined) return undefined;
  const plain =
    v4 === undefined
      ? text
      : `${tail![1]!}${((v4[0]! << 8) | v4[1]!).toString(16)}:${((v4[2]! << 8) | v4[3]!).toString(16)}`;
  const halves = plain.split('::');
  if (halves.length > 2) return undefined;
  const [head, rest] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head!.length - (rest?.length ?? 0);
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head!, ...Array.from({ length: rest === undefined ? 0 : missing }, () => '0'), ...(rest ?? [])];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

/** ::ffff:a.b.c.d is the IPv4 address it carries. */
function mappedIpv4(v6: readonly number[]): number[] | undefined {
  if (!v6.slice(0, 5).every((part) => part === 0) || v6[5] !== 0xffff) return undefined;
  return [v6[6]! >> 8, v6[6]! & 0xff, v6[7]! >> 8, v6[7]! & 0xff];
}
