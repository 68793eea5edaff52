/**
 * The metrics of one agent in Prometheus' text format: a registry of its own (nothing global), filled from one snapshot per
 * scrape, and histograms that are told of every beat, every commit and what happens in the network, because a scrape would miss most
 * of them.
 *
 * The agent does not know of metrics; this reads what the agent shows (style: metrics are not woven through logic).
 */

import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { floatSeconds } from '../../core/time/float-seconds.ts';
import type { MonoInstant, Nanos } from '../../core/time/nanos.ts';
import type { ApiUse } from '../../ports/api-use.ts';
import type { AlertsView } from '../../ports/alerts-view.ts';
import type { NetworkEvent, NetworkStatusView } from '../../ports/network-view.ts';
import type { MeteredView } from '../../ports/view.ts';
import { CATALOGUE } from './catalogue.ts';
import { NetworkHistograms } from './network-histograms.ts';
import type { ProcessReading } from './process-reading.ts';
import type { MetricRow, Snapshot } from './row.ts';

export type MetricsNeeds = {
  readonly view: MeteredView;
  readonly alerts: AlertsView;
  /** Undefined, or of no network, where the agent runs without one. */
  readonly network: { network(): NetworkStatusView } | undefined;
  readonly api: ApiUse;
  readonly process: () => Promise<ProcessReading>;
  /** Free bytes where the state is kept; undefined when the file system does not say. */
  readonly freeBytes: () => Promise<number | undefined>;
};

/** From a good card (50 ns) over the default limit (10 µs) to the widest limit that can be configured (10 s). */
const GUARANTEE_BUCKETS = [5e-8, 1e-7, 2e-7, 5e-7, 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

/** From a disk with a write cache (1 ms) to one that has stalled. */
const COMMIT_BUCKETS = [1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2, 5, 10];

export class Metrics {
  readonly #needs: MetricsNeeds;
  readonly #registry = new Registry();
  readonly #rows: readonly { readonly row: MetricRow; readonly metric: Gauge | Counter }[];
  readonly #guarantees: Histogram;
  readonly #commits: Histogram;
  readonly #network: NetworkHistograms;

  constructor(needs: MetricsNeeds) {
    this.#needs = needs;
    const registers = [this.#registry];
    this.#rows = CATALOGUE.map((row) => ({ row, metric: metricOf(row, registers) }));
    this.#guarantees = new Histogram({
      name: 'momentd_beat_guarantee_seconds',
      help: 'Guarantee of the estimate of each beat that issued an interval.',
      buckets: GUARANTEE_BUCKETS,
      registers,
    });
    this.#commits = new Histogram({
      name: 'momentd_commit_duration_seconds',
      help: 'From the draft of a statement until it was durable in the lane.',
      buckets: COMMIT_BUCKETS,
      registers,
    });
    this.#network = new NetworkHistograms(this.#registry);
  }

  /** Something happened in the network at `at`. */
  happened(event: NetworkEvent, at: MonoInstant): void {
    this.#network.happened(event, at);
  }

  /** A beat has ended: its guarantee, if it issued an interval, counts in the histogram. */
  beat(): void {
    const { guarantee } = this.#needs.view.meters();
    if (guarantee !== undefined) this.#guarantees.observe(floatSeconds(guarantee));
  }

  /** A statement became durable `took` after it was drafted. */
  committed(took: Nanos): void {
    this.#commits.observe(floatSeconds(took));
  }

  /** Names of every metric there is. */
  get names(): readonly string[] {
    return this.#registry.getMetricsAsArray().map(({ name }) => name);
  }

  /** One scrape. Everything in it that is not a histogram is of one snapshot. */
  async text(): Promise<string> {
    const { view, alerts, network, api, process, freeBytes } = this.#needs;
    const [reading, free] = await Promise.all([process(), freeBytes()]);
    const status = network?.network();
    const snapshot: Snapshot = {
      status: view.status(),
      meters: view.meters(),
      alerts: alerts.alerts(),
      network: status?.isNetworked === true ? status : undefined,
      api,
      process: reading,
      freeBytes: free,
    };
    // From here to the text nothing else may run between, or two scrapes at once would mix.
    for (const { row, metric } of this.#rows) fill(metric, row, snapshot);
    return this.#registry.metrics();
  }
}

function metricOf({ name, kind, help, labels }: MetricRow, registers: Registry[]): Gauge | Counter {
  const options = { name, help, labelNames: [...labels], registers };
  return kind === 'gauge' ? new Gauge(options) : new Counter(options);
}

function fill(metric: Gauge | Counter, { labels, read }: MetricRow, snapshot: Snapshot): void {
  metric.reset();
  // The library starts a metric without labels at 0; ours has no series until it has a number.
  if (labels.length === 0) metric.remove();
  for (const { labels: its = {}, value } of read(snapshot)) {
    if (metric instanceof Gauge) metric.set(its, value);
    else metric.inc(its, value);
  }
}
