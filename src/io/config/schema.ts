/**
 * Every section and key of momentd.toml: what it is called, how it is read, what it is when left out, what it means.
 * docs/configuration.md shows the same tables (a test compares them); read-table.ts reads a file against them.
 */

import { DEFAULT_THRESHOLDS as ALERT } from '../../core/alerts/thresholds.ts';
import { micros, millis, nanos, seconds } from '../../core/time/nanos.ts';
import { ppm, ppt } from '../../core/time/rate.ts';
import { duration, flag, frequency, integer, oneOf, optional, path, ratio, required, text, texts } from './field.ts';

const DAY = seconds(86_400);
const short = duration(nanos(0), seconds(10));
const span = duration(millis(1), DAY);
/** Absent: what this kind of source or receiver has by default (`src/core/clock/configuration.ts`). */
const byKind = 'by kind';

/** What an agent may be in its network; a light node (proofs only) is none of them yet. */
const role = oneOf('validator', 'observer', 'archive');

export const VALIDATOR_FIELDS = {
  role: optional(
    role,
    'validator' as const,
    '"validator"',
    'what this agent is: observer and archive follow, verify and serve, and sign nothing',
  ),
  genesis: required(path, 'the canonical genesis record of the network'),
  key: required(path, 'the signing key file (mode 0600), as `momentd keygen` makes it'),
  passphrase_file: optional(path, undefined, '', 'file whose first line is the passphrase of the key'),
  state_dir: required(path, 'where the lane and the evidence are kept'),
  guard: optional(
    path,
    undefined,
    '<state_dir>.guard',
    'the guard file; keep it out of backups of the state directory',
  ),
  heartbeat: optional(duration(millis(10), seconds(60)), seconds(1), '1s', 'how often a heartbeat is signed'),
} as const;

export const CLOCK_FIELDS = {
  limit: optional(duration(nanos(100), seconds(10)), micros(10), '10us', 'half-width above which nothing is signed'),
  faults_max: optional(
    integer(0, 10),
    undefined,
    '',
    'wrong sources tolerated; absent: less than half of those usable',
  ),
  groups_min: optional(integer(1, 20), 1, '1', 'independent causes without which nothing is signed'),
  lock_after: optional(span, seconds(5), '5s', 'steady tracking before the first lock'),
  relock_after: optional(span, seconds(10), '10s', 'steady tracking before a return to lock'),
  host_rate_max: optional(
    frequency(ppm(1), ppm(1_000)),
    ppm(100),
    '100ppm',
    'assumed largest rate error of the raw clock',
  ),
  host_wander: optional(
    frequency(ppt(1), ppm(1)),
    ppt(1_000),
    '1ppb',
    'assumed largest change of that rate, per second',
  ),
  floor: optional(short, nanos(0), '0ns', 'added to every guarantee for whatever is not modelled'),
  leap_seconds_file: optional(
    path,
    undefined,
    '',
    'a leap-seconds.list to use instead of the built-in table, read at start',
  ),
} as const;

export const API_FIELDS = {
  socket: optional(path, undefined, '<state_dir>/api.sock', 'unix socket of the local API'),
  port: optional(integer(0, 65_535), undefined, '', 'also listen on 127.0.0.1 at this port (0: any); absent: no port'),
} as const;

/** 16178 on the main network, 16179 on test networks (requirement B8). */
const addresses = texts('multiaddrs', 64);
const LISTEN = ['/ip4/0.0.0.0/tcp/16178'];

/** With a `[network]` section the agent speaks to other validators; without one it is alone. */
export const NETWORK_FIELDS = {
  listen: optional(addresses, LISTEN, `["${LISTEN[0]}"]`, 'addresses to listen on; `/ws` behind a TCP one: WebSocket'),
  announce: optional(addresses, [], '[]', 'addresses to tell others in place of those listened on'),
  pinned: optional(addresses, [], '[]', 'peers, with `/p2p/IDENTITY`, that are always kept connected'),
  bootstrap: optional(addresses, [], '[]', 'first peers to find others through; `/dnsaddr/` names included'),
  mdns: optional(flag, false, 'false', 'find peers on the local network'),
  quic: optional(flag, false, 'false', 'also offer QUIC; its package must be installed beside momentd'),
  identity: optional(
    path,
    undefined,
    '<state_dir>/identity.key',
    'libp2p identity key; made on the first start. Not the signing key',
  ),
  peers_per_address: optional(
    integer(1, 1_024),
    3,
    '3',
    'connections taken from one address; behind one NAT several share one',
  ),
  connections_per_second: optional(integer(1, 1_000), 5, '5', 'new connections taken per second from one address'),
} as const;

export const EVIDENCE_FIELDS = {
  keep: optional(duration(seconds(60), nanos(DAY * 3_650n)), nanos(DAY * 30n), '30d', 'how long evidence is kept'),
  size_max_mib: optional(integer(16, 1_048_576), 4_096, '4096', 'and how much of it, in MiB'),
} as const;

export const LOG_FIELDS = {
  level: optional(oneOf('error', 'warn', 'info', 'debug'), 'info' as const, '"info"', 'least level that is written'),
} as const;

const patience = duration(seconds(1), DAY);

export const ALERT_FIELDS = {
  keep: optional(
    duration(seconds(10), DAY),
    ALERT.keep,
    '2min',
    'how long a condition must be over before its alert is resolved',
  ),
  drift_max: optional(short, ALERT.driftMax, '1us', 'phase of a clock against its reference above which it alerts'),
  limit_share_max: optional(ratio(0.1, 1), ALERT.limitShareMax, '0.8', 'share of `limit` the guarantee may take'),
  limit_soon: optional(patience, ALERT.limitSoon, '1h', 'in holdover, time left until the limit below which it alerts'),
  verdict_changes_max: optional(
    integer(1, 60),
    ALERT.verdictChangesMax,
    '3',
    'changes in and out of agreement a source may make in 15 minutes',
  ),
  source_silence_max: optional(patience, ALERT.sourceSilenceMax, '30s', 'how long a source may give no reading'),
  leap_expiry_min: optional(
    duration(seconds(0), nanos(DAY * 365n)),
    ALERT.leapExpiryMin,
    '30d',
    'time left until the leap second table expires below which it alerts',
  ),
  free_min_mib: optional(integer(32, 1_048_576), 1_024, '1024', 'free space under the state directory, in MiB'),
  checkpoint_age_max: optional(patience, ALERT.checkpointAgeMax, '2min', 'how long entries may wait for a checkpoint'),
  commit_max: optional(
    duration(millis(1), seconds(60)),
    ALERT.commitMax,
    '500ms',
    'a commit that takes longer is slow',
  ),
  beats_skipped_max: optional(
    ratio(0, 1),
    ALERT.beatsSkippedMax,
    '0.05',
    'share of the heartbeats that may be skipped',
  ),
  peers_min: optional(
    integer(0, 1_000),
    undefined,
    'by the genesis',
    'connected peers below which it alerts; left out: what a quorum needs beside us, at most 100',
  ),
  latency_max: optional(duration(millis(1), seconds(60)), ALERT.latencyMax, '500ms', 'median round trip to peers'),
  participation_min: optional(
    ratio(0, 1),
    ALERT.participationMin,
    '0.66',
    'share of the validators that must be heard',
  ),
  cosignature_age_max: optional(patience, ALERT.cosignatureAgeMax, '10min', 'how long our lane may go uncosigned'),
  finality_wait_max: optional(
    patience,
    ALERT.finalityWaitMax,
    '10s',
    'how long subjects may wait for their final place',
  ),
} as const;

/** Keys every `[[receiver]]` has. */
export const RECEIVER_FIELDS = {
  name: required(text, 'unique name, used by sources as `reference`'),
  device: required(path, 'its serial line'),
  baud: optional(integer(1_200, 4_000_000), 115_200, '115200', 'bits per second'),
  configure: optional(flag, false, 'false', 'write settings to the receiver; without it nothing is ever sent'),
  health: optional(oneOf('required', 'none'), 'required' as const, '"required"', 'none: you vouch for it, on record'),
  health_age_max: optional(span, millis(4_500), '4500ms', 'silence after which its health counts as unknown'),
  trust_after: optional(span, seconds(10), '10s', 'good health must last this long before it is believed'),
  satellites_min: optional(integer(1, 64), 4, '4', 'satellites without which it is not believed'),
  interference_report: optional(
    oneOf('required', 'optional'),
    'optional' as const,
    '"optional"',
    'required: refuse a receiver that reports neither jamming nor spoofing',
  ),
} as const;

const COMMON_SOURCE_FIELDS = {
  name: required(text, 'unique name'),
  group: optional(text, undefined, 'its reference, or its name', 'sources of one group share a cause and count once'),
  source_accuracy: optional(short, undefined, byKind, 'raises the error of the reference against TAI'),
  path_delay: optional(short, undefined, byKind, 'raises what antenna and cable leave uncorrected'),
  floor: optional(short, undefined, byKind, 'added for this source for whatever is not modelled'),
} as const;

const oscillator = oneOf('crystal', 'tcxo', 'ocxo', 'rb', 'csac');

const DEVICE_SOURCE_FIELDS = {
  ...COMMON_SOURCE_FIELDS,
  reference: optional(text, undefined, '', 'the receiver whose pulses this clock latches'),
  oscillator: optional(oscillator, undefined, byKind, 'class of its oscillator; holdover is bounded by it'),
  phase_offset: optional(short, undefined, '', 'bound of its phase where no edges measure it'),
} as const;

/** The keys of a `[[source]]` of each kind, beside `kind` itself. */
export const SOURCE_FIELDS = {
  sim: {
    ...DEVICE_SOURCE_FIELDS,
    seed: optional(integer(0, 4_294_967_295), 1, '1', 'seed of the simulated noise'),
    faults_file: optional(
      path,
      undefined,
      '',
      'file that names the faults to switch on, one a line; followed while the agent runs (docs/simulation.md)',
    ),
    world: optional(path, undefined, '', 'file by which simulated validators of one host share one true time'),
  },
  system: COMMON_SOURCE_FIELDS,
  phc: {
    ...DEVICE_SOURCE_FIELDS,
    device: required(path, '/dev/ptpN; better pci:ADDRESS or name:NAME, which survive renumbering'),
    extts_channel: optional(integer(0, 63), undefined, '', 'external time stamp input that carries the pulse'),
    pin: optional(integer(0, 63), undefined, '', 'pin to give to that input; absent: it is wired already'),
  },
  timecard: {
    ...DEVICE_SOURCE_FIELDS,
    card: required(text, 'ocpN, or its serial number, which survives renumbering'),
    extts_channel: optional(integer(0, 63), 0, '0', 'external time stamp input that carries the receiver’s pulse'),
    oscillator_line: optional(
      oneOf('sa5x', 'sa3x', 'csac', 'mro50'),
      undefined,
      '',
      'protocol of the oscillator’s serial line; absent: it is not read',
    ),
  },
  pps: {
    ...COMMON_SOURCE_FIELDS,
    device: required(path, '/dev/ppsN; better pci:ADDRESS or name:NAME'),
    reference: required(text, 'the receiver whose pulse it is'),
  },
} as const;

export type SourceKindName = keyof typeof SOURCE_FIELDS;
export const SOURCE_KINDS = Object.keys(SOURCE_FIELDS) as SourceKindName[];
