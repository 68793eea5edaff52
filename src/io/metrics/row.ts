/** What a row of the catalogue is made of, and the snapshot it reads. */

import type { ApiUse } from '../../ports/api-use.ts';
import type { AlertsState } from '../../ports/alerts-view.ts';
import type { NetworkStatusView } from '../../ports/network-view.ts';
import type { MetersView, StatusView } from '../../ports/view.ts';
import type { ProcessReading } from './process-reading.ts';

/** One instant of the agent, from which a whole scrape is told. */
export type Snapshot = {
  readonly status: StatusView;
  readonly meters: MetersView;
  readonly alerts: AlertsState;
  /** Undefined where the agent runs without a network. */
  readonly network: NetworkStatusView | undefined;
  readonly api: ApiUse;
  readonly process: ProcessReading;
  /** Free bytes where the state is kept; undefined when the file system does not say. */
  readonly freeBytes: number | undefined;
};

export type Sample = { readonly labels?: Readonly<Record<string, string>>; readonly value: number };

export type MetricRow = {
  readonly name: string;
  readonly kind: 'gauge' | 'counter';
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: (snapshot: Snapshot) => readonly Sample[];
};

type Read<T> = (snapshot: Snapshot) => T;

export const flag = (claim: boolean): number => (claim ? 1 : 0);

/** A number without labels. */
function plain(kind: MetricRow['kind'], name: string, help: string, of: Read<number | undefined>): MetricRow {
  const read = (snapshot: Snapshot): readonly Sample[] => {
    const value = of(snapshot);
    return value === undefined ? [] : [{ value }];
  };
  return { name, kind, help, labels: [], read };
}

export const gauge = plain.bind(undefined, 'gauge');
export const counter = plain.bind(undefined, 'counter');

/** One series for each label set. */
export function labelled(
  kind: MetricRow['kind'],
  name: string,
  help: string,
  { labels, read }: Pick<MetricRow, 'labels' | 'read'>,
): MetricRow {
  return { name, kind, help, labels, read };
}
