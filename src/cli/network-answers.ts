/**
 * What the agent's API says of the network and the order, as commands read it, and the words they have in common. The types
 * are those of the rendering itself, so that a command cannot read what the agent does not write.
 */

import type {
  renderCapabilitySearch,
  renderComparison,
  renderFault,
  renderLane,
  renderNetwork,
  renderOrderEntry,
  renderOrderStatus,
  renderPeer,
  renderSubject,
} from '../io/api/render-network.ts';
import { divideDown, divideUp, nanos, times } from '../core/time/nanos.ts';
import { formatNanos } from '../core/time/text.ts';
import { getJson, type ApiAddress } from './api-client.ts';

export type NetworkAnswer = ReturnType<typeof renderNetwork>;
export type PeerAnswer = ReturnType<typeof renderPeer>;
export type CapabilityAnswer = ReturnType<typeof renderCapabilitySearch>;
export type LaneAnswer = ReturnType<typeof renderLane>;
export type FaultAnswer = ReturnType<typeof renderFault>;
export type OrderEntryAnswer = ReturnType<typeof renderOrderEntry>;
export type OrderStatusAnswer = ReturnType<typeof renderOrderStatus>;
export type SubjectAnswer = ReturnType<typeof renderSubject>;
export type ComparisonAnswer = ReturnType<typeof renderComparison>;
export type OrderPage = { readonly entries: readonly OrderEntryAnswer[]; readonly next: string | null };

export const askNetwork = (api: ApiAddress): Promise<NetworkAnswer> => getJson(api, '/v1/network');
export const askOrderStatus = (api: ApiAddress): Promise<OrderStatusAnswer> => getJson(api, '/v1/order/status');

export const isSubjectId = (text: string): boolean => /^[0-9a-f]{64}$/i.test(text);

/** Validators by name, in the order given; `nobody` for none. */
export function namesOf({ validators }: Pick<NetworkAnswer, 'validators'>, indexes: readonly number[]): string {
  return indexes.length === 0 ? 'nobody' : indexes.map((index) => nameAt({ validators }, index)).join(', ');
}

export const nameAt = ({ validators }: Pick<NetworkAnswer, 'validators'>, index: number | null): string =>
  index === null ? 'not a validator' : (validators[index]?.name ?? `validator ${index}`);

const MICRO = 1_000n;

/** An interval of durations for people: whole microseconds, rounded outward. */
export function boundsText({ least_ns, most_ns }: { readonly least_ns: string; readonly most_ns: string }): string {
  const least = times(divideDown(nanos(BigInt(least_ns)), MICRO), MICRO);
  const most = times(divideUp(nanos(BigInt(most_ns)), MICRO), MICRO);
  return `${formatNanos(least)} .. ${formatNanos(most)}`;
}

/** Columns as wide as their widest cell, two spaces between them. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
}
