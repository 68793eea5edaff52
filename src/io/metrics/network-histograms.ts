/** How long things took in the network: told as they happen, because a scrape would miss most of them. */

import { Histogram, type Registry } from 'prom-client';
import { floatSeconds } from '../../core/time/float-seconds.ts';
import { since, type MonoInstant } from '../../core/time/nanos.ts';
import type { NetworkEvent } from '../../ports/network-view.ts';

/** From the same rack (100 µs) over another continent (150 ms) to something that is broken. */
const DELAY_BUCKETS = [1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.15, 0.2, 0.5, 1, 2, 5, 10];
/** From one slot on a local network to ten times what is wanted. */
const FINALITY_BUCKETS = [0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 1, 1.5, 2, 3, 5, 10, 20, 30];
/** From half a tick over the longest one to a disk that has stalled. */
const REPORT_BUCKETS = [5e-3, 1e-2, 1.5e-2, 2e-2, 3e-2, 5e-2, 7.5e-2, 0.1, 0.15, 0.2, 0.5, 1, 2, 5, 10];

export class NetworkHistograms {
  readonly #delays: Histogram;
  readonly #reports: Histogram;
  readonly #subjects: Histogram;
  readonly #slots: Histogram;
  readonly #growth: Histogram;
  #grewAt: MonoInstant | undefined;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#delays = new Histogram({
      name: 'momentd_statement_delay_seconds',
      help: 'One-way delay of a statement of another validator, as an upper bound.',
      buckets: DELAY_BUCKETS,
      registers,
    });
    this.#reports = new Histogram({
      name: 'momentd_subject_report_seconds',
      help: 'From our first sight of a subject until our signed report of it was durable.',
      buckets: REPORT_BUCKETS,
      registers,
    });
    this.#subjects = new Histogram({
      name: 'momentd_subject_finality_seconds',
      help: 'From our first sight of a subject until its place in the order was final.',
      buckets: FINALITY_BUCKETS,
      registers,
    });
    this.#slots = new Histogram({
      name: 'momentd_slot_decision_seconds',
      help: 'From the end of a slot until its cut was decided.',
      buckets: FINALITY_BUCKETS,
      registers,
    });
    this.#growth = new Histogram({
      name: 'momentd_order_growth_interval_seconds',
      help: 'Between two times that the final order grew.',
      buckets: FINALITY_BUCKETS,
      registers,
    });
  }

  happened(event: NetworkEvent, at: MonoInstant): void {
    if (event.kind === 'statement-heard') {
      if (event.delay !== undefined) this.#delays.observe(floatSeconds(event.delay));
      return;
    }
    if (event.kind === 'subject-reported') {
      this.#reports.observe(floatSeconds(event.took));
      return;
    }
    if (event.kind !== 'order-grew') return;
    for (const took of event.took) if (took !== undefined) this.#subjects.observe(floatSeconds(took));
    if (event.finality !== undefined) this.#slots.observe(floatSeconds(event.finality));
    if (this.#grewAt !== undefined) this.#growth.observe(floatSeconds(since(at, this.#grewAt)));
    this.#grewAt = at;
  }
}
