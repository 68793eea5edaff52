/** Metrics of the network and the order: absent where the agent runs without a network. */

import { floatSeconds } from '../../core/time/float-seconds.ts';
import type { Nanos } from '../../core/time/nanos.ts';
import type { NetworkCounters } from '../../ports/network.ts';
import { counter, flag, gauge, labelled, type MetricRow, type Snapshot } from './row.ts';

const seconds = (duration: Nanos | undefined): number | undefined =>
  duration === undefined ? undefined : floatSeconds(duration);

const claim = (holds: boolean | undefined): number | undefined => (holds === undefined ? undefined : flag(holds));

/** What the alert watch made of the network at its last look. */
const judged = ({ alerts }: Snapshot) => alerts.network;

const ofCounters =
  <T>(of: (counters: NetworkCounters) => T) =>
  ({ network }: Snapshot): T | undefined =>
    network?.counters === undefined ? undefined : of(network.counters);

const byKind = (
  of: (counters: NetworkCounters) => Readonly<Record<string, number>>,
): Pick<MetricRow, 'labels' | 'read'> => ({
  labels: ['kind'],
  read: (snapshot) =>
    Object.entries(ofCounters(of)(snapshot) ?? {}).map(([kind, value]) => ({ labels: { kind }, value })),
});

export const NETWORK_ROWS: readonly MetricRow[] = [
  gauge('momentd_peers', 'Connected peers.', ({ network }) => network?.peers),
  gauge('momentd_peers_wanted', 'Connected peers below which an alert fires.', ({ network, alerts }) =>
    network === undefined ? undefined : alerts.peersMin,
  ),
  gauge('momentd_peer_round_trip_median_seconds', 'Median round trip to connected peers.', ({ network }) =>
    seconds(network?.roundTripMedian),
  ),
  gauge(
    'momentd_participation_ratio',
    'Share of the validators heard within the last minute.',
    (snapshot) => judged(snapshot)?.participation,
  ),
  labelled(
    'counter',
    'momentd_network_items_sent_total',
    'Items sent, by kind.',
    byKind(({ sentItems }) => sentItems),
  ),
  labelled(
    'counter',
    'momentd_network_items_dropped_total',
    'Items that did not fit the queue of a peer, by kind.',
    byKind(({ droppedItems }) => droppedItems),
  ),
  counter(
    'momentd_network_frames_received_total',
    'Frames received.',
    ofCounters(({ receivedFrames }) => receivedFrames),
  ),
  labelled('counter', 'momentd_network_bytes_total', 'Bytes sent to peers and received from them.', {
    labels: ['direction'],
    read: ({ network }) =>
      network?.counters === undefined
        ? []
        : [
            { labels: { direction: 'sent' }, value: network.counters.sentBytes },
            { labels: { direction: 'received' }, value: network.counters.receivedBytes },
          ],
  }),
  gauge('momentd_fault_proofs', 'Proofs kept that a validator contradicted itself.', ({ network }) => network?.faults),
  gauge('momentd_own_time_apart', 'Whether our interval lies outside what enough validators agree on.', (snapshot) =>
    claim(judged(snapshot)?.isOwnTimeApart),
  ),
  gauge('momentd_order_contradicted', 'Whether a decided cut was not ours.', (snapshot) =>
    claim(judged(snapshot)?.isOrderContradicted),
  ),
  gauge('momentd_cosignature_age_seconds', 'Since our newest checkpoint lacks another’s cosignature.', (snapshot) =>
    seconds(judged(snapshot)?.cosignatureAge),
  ),
  gauge('momentd_finality_wait_seconds', 'How far the newest final slot lies back while subjects wait.', (snapshot) =>
    seconds(judged(snapshot)?.finalityWait),
  ),
  gauge(
    'momentd_network_health_score',
    'Health of the network around us, 0 to 100.',
    ({ network }) => network?.health.score,
  ),
  labelled('gauge', 'momentd_network_health_deduction', 'Points taken from the health score, by cause.', {
    labels: ['cause'],
    read: ({ network }) =>
      (network?.health.deductions ?? []).map(({ cause, points }) => ({ labels: { cause }, value: points })),
  }),
];
