/**
 * Every bound of the program, each with its unit and its reason. A queue, a message, a file or a wait that is not named
 * here has no business growing. docs/limits.md lists the same names; the tidy test holds the two together.
 */

import { assert } from './assert.ts';

export type Limits = Readonly<Record<keyof typeof bounds, number>>;

const bounds = {
  /** Levels of nesting of a CBOR record. Our deepest record (evidence) has 8. */
  cborDepthMax: 16,
  /** Text of a reason that may quote a stranger's bytes, characters: two lines of a log. */
  detailLengthMax: 512,
  /** Events waiting for the loop. At 1,000 events/s this is four seconds of a stalled loop; beyond it samples are dropped. */
  inboxEventsMax: 4_096,
  /** Control events waiting for the loop: more than all their causes together, a commit in flight and a beat per timer, can have outstanding. */
  inboxControlEventsMax: 64,
  /** Payload of a statement. The longest that can be encoded has 215 bytes; a test computes it. */
  statementBytesMax: 256,
  /** Statement with its envelope: statementBytesMax and 85 bytes of COSE_Sign1. */
  signedStatementBytesMax: 341,
  /** Payload of any COSE_Sign1. The largest record we sign (host identity) has some 1 kB. */
  cosePayloadBytesMax: 16_384,
  /** A key file. A sealed one has some 350 bytes; a longer file is something else. */
  keyFileBytesMax: 1_024,
  /** A configuration with a hundred sources is a tenth of this; more is not a configuration. */
  configBytesMax: 262_144,
  /** Readings kept of one source: 6 newest and the narrowest of 8 slots of 2 s, the baseline of the host's rate. */
  clockReadingsMax: 14,
  /** Confirmed edges of one source whose spread is the phase term. */
  clockEdgesMax: 6,
  /** Older edges of one source from which drift is learned; their spacing doubles up to 90 min, so they reach back a day. */
  clockAnchorsMax: 16,
  /** Edges of one source that wait for a good health report; the settling time of a reference is 10 s by default. */
  clockPendingEdgesMax: 32,
  /** Sources of one configuration; more than any host has, and the evidence record grows with them. */
  clockSourcesMax: 16,
  /** A whole evidence record. One card takes 1 to 2 kB, sixteen sources below 32 kB. */
  evidenceBytesMax: 65_536,
  /** Of a file of evidence, read and hashed before the loop has its turn: sixteen of the longest records, some 300 of one card. */
  evidenceWindowBytes: 1_048_576,
  /** A leap-seconds.list; the one that the IERS publishes has some 10 kB, most of it comments. */
  leapFileBytesMax: 65_536,
  /** Newest leap seconds of the table that are carried in evidence. */
  leapStepsMax: 8,
  /** Buckets of the drift history's tiers: an hour of seconds, two days of minutes, a leap year of hours. */
  driftSecondsMax: 3_600,
  driftMinutesMax: 2_880,
  driftHoursMax: 8_784,
  /** Entries of a lane. A thousand per second for 8,900 years; positions stay exact in a double (2^53). */
  laneEntriesMax: 2 ** 48,
  /** Entry of a lane: an entry tile writes its length in 16 bits. */
  laneEntryBytesMax: 65_535,
  /** One slot of the guard file: a reserved batch with its bodies. The file has two and is allocated whole when it is made. */
  guardSlotBytes: 1_048_576,
  /** Statements reserved together. A tick makes a handful; a guard slot holds this many without bodies. */
  commitBatchStatementsMax: 1_024,
  /** One file of a lane's journal; the next append begins a new one. Start-up reads what is newer than the checkpoint. */
  journalSegmentBytesMax: 16_777_216,
  /** Entries in memory that are in no tile yet; full tiles are written when this many wait. */
  untiledEntriesMax: 4_096,
  /** Appends between checkpoints, so that start-up replays less than a second of journal. */
  checkpointEntriesDue: 65_536,
  /** Free space below which nothing is signed: room for what is reserved, its tiles and a checkpoint. */
  diskHeadroomBytes: 33_554_432,
  /** Tile files made durable together: each holds a descriptor open until all are written. */
  tileWritesAtOnceMax: 64,
  /** Entries under the checkpoint that are kept however a lane is pruned: the last batch of the guard, and no more is ever read at start. */
  pruneKeptEntriesMin: 1_024,
  /** Entry tiles that go under one pruning record: they are read and verified first, some 10 MB, and removed again after a crash. */
  pruneTilesAtOnceMax: 64,
  /** Readings in one call: PTP_MAX_SAMPLES of the kernel. */
  phcSamplesMax: 25,
  /** Times a reading that answered EBUSY is asked again at once. */
  deviceBusyRetriesMax: 3,
  /** How long a device may take to answer one question. */
  deviceAnswerMsMax: 2_000,
  /** Longest pause between two looks for an absent device. */
  deviceRetryMsMax: 10_000,
  /** Failed readings in a row after which the device is opened afresh. */
  deviceFailuresBeforeReopen: 5,
  /** Bytes read of one sysfs attribute: the kernel shows one page. */
  sysfsValueBytesMax: 4_096,
  /** Entries looked at in one /sys/class folder. */
  sysfsEntriesMax: 256,
  /** Bytes of one oscillator reply: 4096 + 5 in the SA5x guide, the longest of all. */
  oscillatorReplyBytesMax: 4_101,
  /** How long an oscillator may take to answer a command. */
  oscillatorAnswerMsMax: 3_000,
  /** Payload of one UBX frame. The largest a receiver sends, RXM-RAWX with 255 measurements, has 16 + 32 * 255 = 8,176 bytes. */
  gnssUbxPayloadBytesMax: 8_192,
  /** One NMEA sentence from `$` to `*`. The standard says 82; proprietary sentences reach twice that. */
  gnssNmeaSentenceBytesMax: 256,
  /** Validators of a genesis record. The largest network simulated has 1,000. */
  validatorsMax: 1_024,
  /** Latest exchanges kept of each peer, as NTP's clock filter does (RFC 5905 section 10). */
  timeExchangesPerPeerMax: 8,
  /** How long a question for the time waits, on both sides: for the answer, and for the statement that is one. */
  timeAnswerWaitMsMax: 3_000,
  /** Capabilities of one validator. */
  capabilitiesMax: 16,
  /** A genesis file, CBOR or JSON. 1,024 validators of the longest kind have 740 kB of CBOR. */
  genesisBytesMax: 1_048_576,
  /** Reports of one statement. A tick closes when it has as many. */
  reportsMax: 1_024,
  /** Reports body. 1,024 reports of at most 54 bytes; with its statement it must fit a lane entry of 65,535 bytes. */
  reportsBodyBytesMax: 56_320,
  /** How long before its statement a report may begin, nanoseconds. A report waits one tick; the rest is the width of its interval. */
  reportDeltaNsMax: 60_000_000_000,
  /** A fault proof file: two statements and one reports body as hexadecimal. */
  faultProofBytesMax: 131_072,
  /** Signatures waiting for the verification threads: half a second of work for one core. */
  verificationClaimsMax: 8_192,
  /** Signatures verified at once on the loop when nothing waits: 1 ms of it. */
  verificationInlineClaimsMax: 16,
  /** Signatures sent to a verification thread in one message: 8 ms of its work. */
  verificationChunkClaimsMax: 128,
  /** Verification threads. */
  verificationThreadsMax: 16,
  /** A verification thread without work is ended after so long: starting one takes a fifth of a second, keeping it 25 MB. */
  verificationIdleMsMax: 60_000,
  /** Payload of a host identity record. A host with four cards has some 1 kB. */
  identityBytesMax: 4_096,
  /** Time cards named in one host identity record. */
  identityCardsMax: 8,
  /** One answer of devlink about every device of the host; a card with all its versions is 1 kB. */
  devlinkBytesMax: 262_144,
  /** A driver that does not answer devlink in this time tells no firmware. */
  devlinkMsMax: 2_000,
  /** One text of a host identity record. */
  identityTextBytesMax: 128,
  /** Host identity records that are kept whatever their dates say: six weeks of hourly ones. */
  identityRecordsMin: 1_000,
  /** Host identity records in one directory: a year of hourly ones, and room for a week of a fact that flaps. */
  identityRecordsMax: 10_000,
  /** Files of the installed program that its digest covers; there are some 500. */
  programFilesMax: 16_384,
  /** Files of the dashboard, each a route and its bytes in memory; there are some 30. */
  dashboardFilesMax: 128,
  /** Bytes of entries in memory that are in no tile yet; full tiles are written when this many wait. */
  untiledBytesMax: 33_554_432,
  /** A signed note. Sixteen post-quantum signatures of 4 kB would still fit. */
  noteBytesMax: 65_536,
  /** Signature lines of a note. Readers must accept 16; every validator of a small network may cosign. */
  noteSignaturesMax: 64,
  /** Times of day that wait for their pulse: three seconds of four messages each, twice over. */
  pairingTimesMax: 24,
  /** Pulses whose time of day may still come: at one a second there are two, more are no second pulses. */
  pairingPulsesMax: 4,
  /** Evidence records of closed hours whose places are in memory, some 120 bytes each; those of the open hour come on top. */
  evidenceIndexedRecordsMax: 131_072,
  /** Token buckets of (kind, peer) and of (kind, address): four kinds for 4,096, above all connections that can be open. */
  quotaBucketsMax: 16_384,
  /** Peers whose conduct is remembered; the one idle longest is forgotten, so a ban outlives this many newcomers. */
  standingPeersMax: 8_192,
  /** Dials begun together: a whole outbound class, and no storm when a network comes back. */
  dialsAtOnceMax: 8,
  /** A hello record. The longest that can be encoded has some 1,300 bytes. */
  helloBytesMax: 2_048,
  /** Features signalled in a hello; more upgrades than anyone stages at once. */
  featuresMax: 16,
  /** A frame on a direct stream or in gossip: twice the largest item, half of a stream's first window. */
  frameBytesMax: 131_072,
  /** Items of one frame: what a tick may carry. */
  frameItemsMax: 1_024,
  /** Bytes waiting for one peer over all kinds: at 100 Mbit/s a third of a second. */
  peerQueueBytesMax: 4_194_304,
  /** Digests remembered against duplicates: two minutes at a thousand messages a second. */
  seenDigestsMax: 131_072,
  /** Items waiting for their verdict over all peers: half a second of one core's signature checks. */
  inboundItemsMax: 8_192,
  /** Signatures checked on the event loop in one turn: below 10 ms, a tick. What is above goes to the worker threads. */
  inlineClaimsMax: 128,
  /** A request for time, lane sizes or a lane range. */
  requestBytesMax: 256,
  /** How long a peer may take to answer a request, and a stranger to say hello. */
  requestWaitMsMax: 10_000,
  /** Entries of a lane asked for at once. */
  rangeEntriesMax: 1_024,
  /** Bytes of one answer to a range, uncompressed; at least one entry always fits. */
  rangeBytesMax: 1_048_576,
  /** Ranges under way at once when catching up: enough to keep several peers busy, 8 MiB held at most. */
  rangesAtOnceMax: 8,
  /** Streams of one request protocol a peer may hold open towards us. */
  inboundRequestStreamsMax: 8,
  /** Unread or unsent bytes of one stream before it is reset: a stalled peer costs no more than this. */
  streamBufferBytesMax: 1_048_576,
  /** Peers offered to another in an exchange of peers. */
  gossipPeersOffered: 16,
  /** Peers others told us of, for dialling; the one not heard of longest goes first, never the operator's or a validator met. */
  addressBookMax: 1_024,
  /** Addresses of one peer: every transport on two networks, and what libp2p tries in one dial. */
  addressesPerPeerMax: 8,
  /** Peers looked at in one search by capability: as many as the DHT keeps of one key's nearest. */
  capabilityOffersMax: 20,
  /** How long a search by capability may take in all: below what the command line waits for an answer. */
  capabilitySearchMsMax: 8_000,
  /** The part of it for asking the DHT: peers that left it are asked in vain first. */
  capabilityWalkMsMax: 4_000,
  /** How long one peer found may take to accept a connection and say hello: six round trips between antipodes. */
  capabilityVisitMsMax: 2_000,
  /** Searches by capability at once for the API: each holds a connection and visits strangers, one at a time. */
  apiCapabilitySearchesMax: 4,
  /** Body of a cut vote: two counts and two digests have at most 87. */
  cutVoteBytesMax: 96,
  /** Undecided votes kept of one voter: 17 minutes of slots of 250 ms. The oldest goes; a later decision covers it. */
  cutVotesUndecidedMax: 4_096,
  /** Slots a voter catches up one by one; further behind it votes on the newest, which decides the earlier ones too. */
  cutCatchUpSlotsMax: 8,
  /** While nothing is said, one slot in this many is voted on: every 10 s at 250 ms, which bounds what is remembered. */
  cutRestSlots: 40,
  /** Challenges waiting for our signature. One a second from each peer is answered; more are left. */
  challengesWaitingMax: 64,
  /** Statements of one lane that wait for an append or for what they follow to be fetched: seconds of a busy lane. */
  laneWaitingEntriesMax: 1_024,
  /** The same in bytes: twenty full ticks. Only its own validator can fill it, with statements that it signed. */
  laneWaitingBytesMax: 2_097_152,
  /** Beats, of a second, in which each followed lane is stored once at rest: well below `cutRestSlots`, after which a lane counts as silent. */
  lanePatienceBeats: 4,
  /**
   * Entries by which a followed lane grows before it is noted again how far its copy reaches: a tile. The note of a lane costs some
   * thirty calls to the disk, and what it saves the next start is reading a journal of so many.
   */
  copyNoteEntriesMin: 256,
  /** Statements of one lane that wait for that turn; a lane that says more at rest is stored as it comes. */
  lanePatientEntriesMax: 64,
  /** Lanes caught up with at once: each asks two ranges of every peer, a megabyte at most. */
  catchUpsAtOnceMax: 4,
  /** Fault proofs kept and offered. Each convicts a validator of one thing; a liar with more is convicted already. */
  faultsKeptMax: 1_024,
  /** Time alarms whose evidence is kept, the newest: 1 kB for each validator that was counted. */
  timeAlarmsKeptMax: 64,
  /** Our own reports whose receipts can be given at once; older ones are read from the lane. */
  ownReportsRecentMax: 262_144,
  /** One entry of the order log: five numbers and a digest have at most 82. */
  orderEntryBytesMax: 96,
  /** Reports of one lane in one slot that are counted: 260,000 a second at 250 ms, far above any honest lane. */
  orderReportsPerSlotMax: 65_536,
  /** Subjects one lane may have named that too few others saw; more of its subjects wait for others to name them. */
  orderNamedPerLaneMax: 262_144,
  /** How far a lane is read ahead of the slowest one: 16 s at 250 ms. */
  orderReadAheadSlotsMax: 64,
  /** The same while some lane is still empty. */
  orderReadAheadEntriesMax: 4_096,
  /** Final entries kept in memory for questions: a minute at 4,000 a second. Older ones are read from the order log. */
  orderRecentMax: 262_144,
  /** Places of reports kept for certificates, 10 bytes each: with four validators every subject of `orderRecentMax` has its own. */
  orderPlacesMax: 2_097_152,
  /** A snapshot of the order: a minute of subjects at 5,000 a second and the places of `orderPlacesMax` reports have some 60 MB. */
  orderSnapshotBytesMax: 134_217_728,
  /** Of a snapshot, saved, copied or hashed at one go: a millisecond or two; the longest item of it more. */
  orderSavePieceBytes: 524_288,
  /** Lane entries after which a snapshot is worth writing: reading them takes a start a second. */
  orderSnapshotEveryEntries: 4_096,
  /** First sights waiting to be signed: 13 s at 5,000 a second of a stalled disk. More are dropped and counted. */
  tickWaitingMax: 65_536,
  /** A subject record: the longest has 140. */
  subjectBytesMax: 160,
  /** Subjects that are not final: 13 s at 5,000 a second. When full, lower priorities go first. */
  poolSubjectsMax: 65_536,
  /** Records in the pool. */
  poolBytesMax: 16_777_216,
  /** Subjects of one client or peer: a quarter of the pool. */
  poolSubjectsPerOriginMax: 16_384,
  /** Ids remembered after they left the pool, so that nothing is reported twice, in two generations: a window of 30 s at 8,700 a second. */
  poolIdsMax: 524_288,
  /** A certificate: a quorum of 100 validators with whole entries of 50 reports has some 200 kB. */
  certificateBytesMax: 16_777_216,
  /** Candidates of a duty draw: the validators of a genesis record. */
  dutyCandidatesMax: 1_024,
  /** Longest wait between two looks for a receiver that is away: it is back within half a minute of returning. */
  receiverReopenMillisMax: 30_000,
  /** A receiver that says nothing for ten of its epochs is reported as silent. */
  receiverSilenceMillisMax: 10_000,
  /** A receiver answers a configuration within a second (u-blox interface description, "UBX acknowledgement"). */
  receiverAnswerMillisMax: 2_000,
  /** A configuration is sent this often before it counts as unanswered. */
  receiverConfigTriesMax: 3,
  /** Pulse inputs paired with one receiver: more than any card has. */
  receiverPulseInputsMax: 8,
  /** Descriptors of other processes looked at when a port is opened; a host with more gets no answer rather than a late one. */
  procEntriesMax: 65_536,
  /** How long the host may take to tell one fact about itself: the slowest runs a program. */
  hostFactWaitMsMax: 10_000,
  /** A receipt: a statement of 341, a report of 54, ten hashes of 34 and some heads. */
  receiptBytesMax: 1_024,
  /** A proof file: one entry in base64, 63 hashes and a checkpoint note. */
  laneProofBytesMax: 262_144,
  /** Events kept of what a healthy agent tells all the time: an hour of statements, one a second. */
  eventsSteadyMax: 4_096,
  /** Events kept of what changed: weeks of a healthy agent, an hour of one whose sources flap every second. */
  eventsChangesMax: 4_096,
  /** Programs and pages that follow the events at once. A dashboard is one; more than this is a leak of connections. */
  apiEventClientsMax: 128,
  /** Events a follower may be behind before it is dropped: ten minutes of statements, and still replayed when it returns. */
  apiEventBacklogMax: 1_024,
  /** Events written to one follower in one turn: 75 kB, what a stalled connection can hold of our memory. */
  apiEventPageMax: 256,
  /** How long a dropped follower may take to read why. */
  apiLastWordMsMax: 5_000,
  /** Satellites shown of one receiver: NAV-SAT counts them in one byte. */
  gnssSatellitesMax: 255,
  /** Radio blocks shown of one receiver: one for each band it listens to. */
  gnssRadioBlocksMax: 8,
  /** Lines of its make shown of one receiver; they say a dozen. */
  gnssExtensionsMax: 16,
  /** Callers that wait for a narrow bound at once; each holds a connection and a timer. */
  apiWaitersMax: 64,
  /** How long a caller may wait for a narrow bound; then it asks again. */
  apiWaitMsMax: 60_000,
  /** Requests answered a second on each of the unix socket and the port: a quarter of one core, by bench/api.ts. */
  apiRequestsPerSecondMax: 500,
  /** Body of a request: a batch of digests is a quarter of it, a checkpoint with every signature fits. */
  apiBodyBytesMax: 65_536,
  /** How long a request may take to arrive: a local reader that needs longer is holding a descriptor, not reading time. */
  apiRequestArrivesMsMax: 10_000,
  /** Statements of one page of our lane. */
  apiStatementsPageMax: 100,
  /** Entries of one page of the order: a tile of its log. */
  apiOrderPageMax: 256,
  /** Peers of one answer: above the classes, all validators and all pinned peers together. */
  apiPeersMax: 2_048,
  /** How long a command waits for an answer of the agent: a person is still looking. */
  apiAnswerWaitMsMax: 10_000,
  /** Bytes of one answer that a command takes: an entry tile of 256 full entries, which is longer than a certificate may be. */
  apiAnswerBytesMax: 16_777_472,
  /** Requests of one JSON-RPC batch: every method for every page that shows it, several times over. */
  rpcBatchMax: 32,
  /** Requests answered at once after a pause. */
  apiRequestBurstMax: 1_000,
  /** Digests of one batch submission: 17 kB of request, two milliseconds of the loop. */
  submissionsPerRequestMax: 256,
  /** Connections of each of the unix socket and the port: all followers and waiters, and as many readers. */
  apiConnectionsMax: 512,
  /** Slices of a report's picture: as many as a printed page shows apart. */
  reportSlicesMax: 480,
  /** Statements of a period whose evidence a report recomputes: a minute and a half apart over a day, 300 us each. */
  reportSamplesMax: 1_000,
  /** Gaps that a report lists; the shorter ones are counted. */
  reportGapsMax: 100,
  /** Alerts that a terminal shows of an agent. */
  watchAlertsMax: 32,
  /** Validators of a demonstration: each is a process of some 150 MB on one machine. */
  demoValidatorsMax: 16,
  /** Pinned peers that `momentd doctor` tries at once; a configuration names 64 at most, so it takes four rounds. */
  doctorPeersAtOnceMax: 16,
  /** How long a pinned peer may take to accept a connection: far more than once around the Earth. */
  doctorPeerWaitMsMax: 2_000,
  /** Seconds a command follows a subject: an hour of waiting is a script's business, not a command's. */
  followSecondsMax: 3_600,
  /** A day between two looks at the whole lane: damage is found before a backup of it is the only one. */
  integrityCheckEveryMs: 86_400_000,
  /** Alerts that are over and remembered for questions; the oldest goes first. Restarts forget them, the log does not. */
  alertHistoryMax: 256,
  /** Changes of sides remembered of one source: far more than make it flap. */
  alertSideChangesMax: 64,
  /** Entries indexed together: their subjects are sorted in memory, at most a million of them. */
  indexBlockEntries: 1_024,
  /** Entries under one file of a subject index: a block joined sixteenfold four times. A place in it fits 32 bits. */
  indexSegmentEntriesMax: 67_108_864,
  /** Entries named in the answer to one search. A subject is reported once in an honest lane. */
  laneFindsMax: 256,
  /** Between two looks at whether a block is there to index: what waits meanwhile is searched in the lane. */
  indexEveryMs: 10_000,
};

export const LIMITS: Limits = Object.freeze(bounds);

assert(LIMITS.lanePatientEntriesMax <= LIMITS.laneWaitingEntriesMax, 'a follower takes all that waited for its turn');
assert(LIMITS.capabilityWalkMsMax < LIMITS.capabilitySearchMsMax, 'time is left to visit whom the DHT names');
assert(
  LIMITS.capabilitySearchMsMax < LIMITS.apiAnswerWaitMsMax,
  'a search ends before the command that asked gives up',
);
assert(LIMITS.apiAnswerBytesMax >= 256 * (LIMITS.laneEntryBytesMax + 2), 'a command can take any entry tile');
assert(LIMITS.apiAnswerBytesMax >= LIMITS.certificateBytesMax, 'a command can take any certificate');
assert(LIMITS.cborDepthMax >= 8, 'the decoder reads our own deepest record');
