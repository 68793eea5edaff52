/**
 * The one table of codes: why the agent refuses, what failed outside, what is wrong with a stranger's bytes.
 *
 * A code is never renamed and never reused; a retired one stays listed in `RETIRED_CODES`. Each has one sentence (what
 * holds) and one remedy (what would clear it). docs/errors.md lists the same codes; the tidy test holds the two together.
 * Programs branch on codes, never on the sentences.
 */

export type CodeEntry = { readonly sentence: string; readonly remedy: string };

export const CODES = {
  'addon-not-loaded': {
    sentence: 'the native addon could not be loaded, so no hardware clock can be read',
    remedy: 'run npm rebuild with make and g++ installed, or use simulated sources only',
  },
  'api-host-not-local': {
    sentence: 'the request names a host that is not this machine',
    remedy: 'address the API as 127.0.0.1, localhost or its unix socket',
  },
  'api-cross-site': {
    sentence: 'the request comes from a web page of another site',
    remedy: 'use the API from its own page, a program, or the command line',
  },
  'api-not-found': {
    sentence: 'there is nothing at that path or sequence number',
    remedy: 'see /v1/openapi.json for what there is',
  },
  'api-bad-request': {
    sentence: 'the request does not fit the schema of its path',
    remedy: 'see /v1/openapi.json for what the path takes',
  },
  'api-internal': {
    sentence: 'the request failed inside momentd',
    remedy: 'read the log of the agent; report it if the cause is not yours',
  },
  'api-address-in-use': {
    sentence: 'the API cannot listen where it was told to',
    remedy: 'stop the other process or configure another address',
  },
  'evidence-not-kept': {
    sentence: 'the evidence with that digest is not kept here',
    remedy: 'ask earlier, raise the retention of evidence, or ask an archive',
  },
  'config-unreadable': {
    sentence: 'the configuration file cannot be read',
    remedy: 'give the path of a readable file with --config, or make one with momentd init',
  },
  'config-invalid': {
    sentence: 'the configuration file has a mistake',
    remedy: 'mend the line that is named; docs/configuration.md lists every key',
  },
  // ---- core/clock: why a state was entered, why a source or a reference is not used
  'clock-starting': {
    sentence: 'the clock core has started and has not yet seen enough to trust a source',
    remedy: 'wait: each source needs readings, and a reference needs some seconds of good health',
  },
  'clock-locked': {
    sentence: 'a trusted reference has been followed steadily, so intervals are issued',
    remedy: 'nothing to clear: this is the good state',
  },
  'clock-relocked': {
    sentence: 'the reference came back and agrees with the interval held meanwhile',
    remedy: 'nothing to clear: this is the good state',
  },
  'clock-held-again': {
    sentence: 'a source that is coasting inside its declared drift gives an interval again',
    remedy: 'restore the reference to return to locked',
  },
  'clock-reset': {
    sentence: 'an operator acknowledged the fault and asked the clock core to start afresh',
    remedy: 'wait for the sources to be acquired again',
  },
  'guarantee-over-limit': {
    sentence: 'the guaranteed half-width is above the configured limit',
    remedy: 'restore the reference, or raise the limit if the application can live with it',
  },
  'estimate-stale': {
    sentence: 'the last estimate is too old to be extrapolated',
    remedy: "see why the agent's loop is not running",
  },
  'recovery-disjoint': {
    sentence: 'the sources now exclude the interval that was issued before, so one of the two is wrong',
    remedy: 'find which source lied, then acknowledge the fault with a reset',
  },
  'sources-none-usable': {
    sentence: 'no configured source gives a usable interval',
    remedy: "see each source's own reason",
  },
  'sources-too-few': {
    sentence: 'fewer independent sources are usable than the configuration demands',
    remedy: 'restore the missing sources',
  },
  'sources-disagree': {
    sentence: 'no instant is covered by enough independent sources',
    remedy: "see each source's interval and remove the liar",
  },
  'sources-disagree-gap': {
    sentence: 'the instants covered by enough sources fall into separate regions with a gap between them',
    remedy: "see each source's interval and remove the liar",
  },
  'host-suspended': {
    sentence: 'the host was suspended, so nothing read before may be extrapolated',
    remedy: 'wait for the sources to be acquired again',
  },
  'host-paused': {
    sentence: 'the virtual machine was paused or moved, so nothing read before may be extrapolated',
    remedy: 'wait for the sources to be acquired again',
  },
  'host-clock-stepped': {
    sentence: 'a host clock was stepped, so nothing read before may be extrapolated',
    remedy: 'wait for the sources to be read again',
  },
  'host-rebooted': {
    sentence: 'the boot id changed, so nothing read before may be used',
    remedy: 'wait for the sources to be acquired again',
  },
  'source-no-readings': {
    sentence: 'the source has not been read since it was last cleared',
    remedy: 'check that the device is present and readable',
  },
  'source-readings-stale': {
    sentence: 'the newest reading of the source is too old to be extrapolated',
    remedy: 'check that the device is present and readable',
  },
  'source-absent': {
    sentence: "the source's device is not there",
    remedy: 'plug it in, or check its path and permissions',
  },
  'source-no-edges': {
    sentence: "no edge of the reference has been confirmed against this device's clock yet",
    remedy: 'check the pulse wiring and that the receiver is healthy, or declare a phase offset bound',
  },
  'source-edges-stale': {
    sentence: 'no new edge of the reference has been confirmed for some seconds, so the source coasts',
    remedy: 'check the pulse wiring and the receiver',
  },
  'source-stepped': {
    sentence: "the device's clock stepped against the host's, so its earlier readings and edges were dropped",
    remedy: "find what sets the device's clock; it is acquired again by itself",
  },
  'source-host-rate': {
    sentence: "the device's rate against the host's raw clock is beyond the declared bound",
    remedy: 'the device or the host counter is faulty, or the declared rate bound is too small',
  },
  'source-error-undeclared': {
    sentence: 'the source must declare an error bound with each reading and did not',
    remedy: 'configure an accuracy for the source, or use a driver that reports one',
  },
  'source-date-implausible': {
    sentence: 'the source tells a date before this configuration could exist, as after a week rollover',
    remedy: "update the receiver's firmware or its week rollover setting",
  },
  'source-leap-ambiguous': {
    sentence: 'the source counts in UTC and the leap table has expired, so its TAI is not known',
    remedy: 'install a current leap second table',
  },
  'source-contradicts-group': {
    sentence: 'two sources of one cause give intervals that exclude each other, so the cause is not believed',
    remedy: 'see both sources; a wrong timescale or whole-second label is the usual reason',
  },
  'source-not-designated': {
    sentence: 'another source of the same cause speaks for the group',
    remedy: 'nothing to clear: sources that share a cause count once',
  },
  'source-falseticker': {
    sentence: "the source's interval lies outside the region that enough sources agree on",
    remedy: 'find what is wrong with this source; it is not used meanwhile',
  },
  'oscillator-unlocked': {
    sentence: "the card's oscillator says that it is not locked",
    remedy: 'wait for it to warm up, or have it serviced',
  },
  'oscillator-health-missing': {
    sentence: "the oscillator's telemetry is required and is absent or stale",
    remedy: "check the card's serial port, or make the telemetry optional",
  },
  'reference-health-missing': {
    sentence: 'the reference has not reported its health',
    remedy: "check the receiver's connection, or declare that it has no telemetry",
  },
  'reference-health-stale': {
    sentence: "the reference's last health report is too old",
    remedy: "check the receiver's connection",
  },
  'reference-no-fix': {
    sentence: 'the reference has no fix',
    remedy: 'check antenna and sky view',
  },
  'reference-time-invalid': {
    sentence: 'the reference says that its time is not valid',
    remedy: 'wait for the receiver to resolve time',
  },
  'reference-few-satellites': {
    sentence: 'the reference uses fewer satellites than the configuration demands, or does not say',
    remedy: 'check antenna and sky view',
  },
  'reference-antenna-fault': {
    sentence: 'the antenna is shorted or open',
    remedy: 'check antenna and cable',
  },
  'reference-jammed': {
    sentence: 'the reference reports critical jamming, or the report that is demanded is absent',
    remedy: 'find the interferer; a better antenna site helps',
  },
  'reference-spoofed': {
    sentence: 'the reference reports spoofing, or the report that is demanded is absent',
    remedy: 'compare with an independent source before trusting it again',
  },
  'reference-settling': {
    sentence: 'the reference is healthy again but not yet for long enough',
    remedy: 'wait some seconds',
  },
  'leap-source-unproven': {
    sentence: "the reference's leap second count is its firmware's default or of unknown origin",
    remedy: 'wait for the satellites to send it, up to 12.5 minutes after a cold start',
  },
  'tai-utc-unknown': {
    sentence: 'the offset between TAI and UTC is not known',
    remedy: 'install a current leap second table, or wait for the receiver to learn it',
  },
  'tai-utc-disagrees': {
    sentence: "the reference's TAI-UTC contradicts the leap second table",
    remedy: 'find which is wrong: an outdated table, or a receiver that lies',
  },
  'leap-table-expiring': {
    sentence: 'the leap second table expires within 30 days',
    remedy: 'install a current leap second table',
  },
  'leap-table-expired': {
    sentence: 'the leap second table has expired',
    remedy: 'install a current leap second table',
  },
  'edge-phase-jump': {
    sentence: "the reference's pulse jumped against the device's clock by more than the oscillator can explain",
    remedy: 'compare with an independent source; spoofing and a failing receiver look like this',
  },
  'edge-phase-walk': {
    sentence:
      "the reference's pulse has walked away from the device's clock by more than the oscillator's class allows",
    remedy: 'compare with an independent source; slow spoofing or a wrongly declared oscillator class look like this',
  },
  'edge-phase-too-large': {
    sentence: "the device's clock stands further from the reference's pulse than the configuration allows",
    remedy: 'let the card synchronise, or see its pulse-width and servo settings',
  },
  'edge-whole-second': {
    sentence: "the label of the pulse and the device's clock differ by whole seconds",
    remedy: 'find which of them is wrong: a leap second count or a late label',
  },
  'edge-tai-slip': {
    sentence: "the label of the pulse and the device's clock differ by TAI-UTC: one of them counts UTC",
    remedy: "set the device's clock or the source's timescale right",
  },
  'receiver-stuck': {
    sentence: "the reference repeats a second, or its labels go back, while the device's clock runs on",
    remedy: 'restart the receiver',
  },
  'agent-not-reached': {
    sentence: 'no running agent answered there',
    remedy: 'start it with momentd run, or name its socket or address with --api',
  },
  'agent-refused': {
    sentence: 'the agent answered with a problem',
    remedy: 'its code and words are in the message',
  },
  'cose-envelope': {
    sentence: 'the bytes are not a COSE_Sign1 as this network writes it',
    remedy: 'check that the file is a whole, unaltered statement or record',
  },
  'cose-protected': {
    sentence: 'the protected header is not exactly algorithm EdDSA and an 8-byte key id',
    remedy: 'sign with momentd, or with the header docs/spec/statement.md gives',
  },
  'cose-unprotected': {
    sentence: 'the unprotected header is not empty',
    remedy: 'leave it empty: what is not signed must not ride along',
  },
  'statement-too-long': {
    sentence: 'the statement is longer than any statement can be',
    remedy: 'send one statement per message',
  },
  'statement-not-canonical': {
    sentence: 'the payload is not deterministic CBOR',
    remedy: 'encode it as RFC 8949 section 4.2.1 says: shortest forms, keys in bytewise order',
  },
  'statement-keys': {
    sentence: 'the payload is not a map of exactly the keys 0 to 9',
    remedy: 'encode the statement as docs/spec/statement.md says',
  },
  'statement-version': {
    sentence: 'the statement has a version this program does not know',
    remedy: 'use a release that knows it',
  },
  'statement-type': {
    sentence: 'a digest or a counter of the statement has the wrong type, length or range',
    remedy: 'encode the statement as docs/spec/statement.md says',
  },
  'statement-kind': {
    sentence: 'the statement is of a kind this program does not know',
    remedy: 'use a release that knows it',
  },
  'statement-time': {
    sentence: 'the time is not an RFC 9581 time on TAI with a guarantee, as this network writes it',
    remedy: 'encode key 6 as docs/spec/statement.md says',
  },
  'statement-interval': {
    sentence: 'the interval is empty or cannot be represented',
    remedy: 'attest an instant between 1970 and 2262 with a guarantee of at least 1 ns',
  },
  'statement-tai-utc': {
    sentence: 'TAI-UTC is outside the range that can be true',
    remedy: 'see the leap second source of the signer',
  },
  'statement-previous': {
    sentence: 'the link to the previous statement is zero where it must not be, or the other way round',
    remedy: 'only the first statement of a lane has a zero link',
  },
  'statement-subject': {
    sentence: 'the subject is zero where it must not be, or the other way round',
    remedy: 'only a heartbeat has a zero subject',
  },
  'statement-network': {
    sentence: 'the statement belongs to another network',
    remedy: 'use the genesis record of the network it was signed for',
  },
  'key-unknown': {
    sentence: 'no registered key has the key id the signer named',
    remedy: 'get the genesis record or validator set the signer belongs to',
  },
  'key-not-canonical': {
    sentence: 'the public key is not 32 bytes that encode a point in the one way allowed',
    remedy: 'make a key with momentd keygen',
  },
  'key-small-order': {
    sentence: 'the public key is a point of small order',
    remedy: 'make a key with momentd keygen',
  },
  'signature-s-range': {
    sentence: 'S of the signature is not below the order of the group',
    remedy: 'sign with an RFC 8032 signer',
  },
  'signature-r-not-canonical': {
    sentence: 'R of the signature is not encoded in the one way allowed',
    remedy: 'sign with an RFC 8032 signer',
  },
  'signature-r-small-order': {
    sentence: 'R of the signature is a point of small order',
    remedy: 'sign with an RFC 8032 signer',
  },
  'signature-invalid': {
    sentence: 'the signature does not fit the key and the bytes',
    remedy: 'get the bytes from the signer again; they were altered or signed by another key',
  },
  'key-file-unreadable': {
    sentence: 'the key file cannot be read',
    remedy: 'check the path, and that the user momentd runs as may read it',
  },
  'key-file-permissions': {
    sentence: 'the key file can be read by others or belongs to someone else',
    remedy: 'chown it to the user momentd runs as and chmod 600 it',
  },
  'key-file-format': {
    sentence: 'the key file is not a key file of this program',
    remedy: 'restore it from your backup, or make a new key with momentd keygen',
  },
  'key-file-mismatch': {
    sentence: 'the secret in the key file does not make the public key beside it',
    remedy: 'restore the file from your backup',
  },
  'key-file-exists': {
    sentence: 'there is a file where the new key would go',
    remedy: 'choose another path; a key is never overwritten',
  },
  'key-file-unwritable': {
    sentence: 'the key file cannot be written',
    remedy: 'check the path and the free space',
  },
  'key-passphrase-needed': {
    sentence: 'the key file is sealed and no passphrase was given',
    remedy: 'give --passphrase-file, or answer the prompt',
  },
  'key-passphrase-wrong': {
    sentence: 'the passphrase does not open the key file, or the file was altered',
    remedy: 'try again; without the passphrase the key is lost',
  },
  'disk-full': {
    sentence: 'there is no space, or no quota, left for what must be written',
    remedy: 'free some space; signing resumes by itself',
  },
  'disk-sync-failed': {
    sentence: 'the disk did not confirm that what was written is durable',
    remedy: 'check the disk, then restart momentd: it recovers what was reserved',
  },
  'disk-failed': {
    sentence: 'a file could not be read or written',
    remedy: 'check path, permissions and disk, then restart momentd',
  },
  'storage-in-use': {
    sentence: 'another process already holds this guard or lane',
    remedy: 'stop the other momentd; one key signs in one process only',
  },
  'guard-missing': {
    sentence: 'the lane has entries and there is no guard, so what was signed after the last entry is not known',
    remedy: 'restore the guard file if it was only moved, else see momentd recover',
  },
  'guard-damaged': {
    sentence: 'neither slot of the guard file holds a whole record',
    remedy: 'see momentd recover: what was signed last is not known',
  },
  'guard-other-validator': {
    sentence: 'the guard belongs to another key or another network',
    remedy: 'point the configuration at the guard of this key and network',
  },
  'guard-ahead': {
    sentence: 'the guard has seen entries that the lane does not have, as when a lane was restored from a backup',
    remedy: 'restore the newer lane, or copy the missing entries from a peer or mirror; see momentd recover',
  },
  'guard-behind': {
    sentence: 'the lane has entries that the guard never reserved, as when an old guard file was restored',
    remedy: 'restore the newer guard; see momentd recover',
  },
  'guard-contradicts-lane': {
    sentence: 'the lane holds other entries than the guard reserved',
    remedy: 'keep both files: one of them was altered; see momentd recover',
  },
  'lane-other-validator': {
    sentence: 'the lane directory belongs to another key or another network',
    remedy: 'point the configuration at the lane of this key and network',
  },
  'lane-damaged': {
    sentence: 'a file of the lane is missing, altered or inconsistent with its checkpoint',
    remedy: 'run momentd audit on the directory; restore it from a mirror',
  },
  'lane-tile-format': {
    sentence: 'a tile does not hold what its name says',
    remedy: 'fetch the tile again; restore the lane from a mirror',
  },
  'lane-entry-format': {
    sentence: 'an entry is not a canonical array of a statement and a body',
    remedy: 'fetch the lane again; its validator writes what no reader accepts',
  },
  'time-not-after-last': {
    sentence: 'the statement is not later than the one before it in the lane',
    remedy: 'wait until the clock is past the last statement; a clock that was set wrong earlier looks like this',
  },
  'device-present': {
    sentence: 'the device answers',
    remedy: 'none is needed',
  },
  'device-absent': {
    sentence: 'there is no device at the configured place',
    remedy: "plug it in, load its driver, or correct the source's device; the agent keeps looking",
  },
  'device-removed': {
    sentence: 'the device went away while it was open',
    remedy: 'put it back; the agent keeps looking and goes on by itself',
  },
  'device-forbidden': {
    sentence: 'the agent may not open the device',
    remedy: "give the agent's user access with a udev rule, and name the device in DeviceAllow of the unit",
  },
  'device-ambiguous': {
    sentence: 'more than one device fits what the configuration names',
    remedy: 'name the device by its PCI address',
  },
  'device-changed': {
    sentence: "another device stands at the path where the source's device was",
    remedy: 'name the device by its PCI address, or restart the agent if the exchange was meant',
  },
  'device-unsupported': {
    sentence: 'the driver has none of the calls that read this clock',
    remedy: 'use a driver that reads its clock, or take the source out of the configuration',
  },
  'device-io-error': {
    sentence: 'the driver answered a reading with an error',
    remedy: 'look at the kernel log for the device; the agent keeps trying',
  },
  'device-busy': {
    sentence: 'the device was busy each time it was asked',
    remedy: 'find the other program that holds it; the agent keeps trying',
  },
  'device-timeout': {
    sentence: 'the device did not answer in time',
    remedy: 'look at the kernel log for the device; the agent keeps trying',
  },
  'bracket-backwards': {
    sentence: 'the stamps around a reading ran backwards, so a host clock was stepped during it',
    remedy: 'none is needed if it was once; otherwise stop the program that steps the clock',
  },
  'edges-lost': {
    sentence: 'edges of a pulse input were lost between the driver and the agent',
    remedy: 'give the agent more processor time; look for another program that reads the same input',
  },
  'system-tai-unset': {
    sentence: 'the kernel was never told TAI-UTC, so its TAI clock reads UTC',
    remedy: "let chronyd (leapsectz right/UTC) or another daemon set the kernel's TAI offset",
  },
  'system-clock-unsynchronized': {
    sentence: 'the kernel says that nothing disciplines the system clock',
    remedy: 'start a time daemon, or take the system source out of the configuration',
  },
  'oscillator-silent': {
    sentence: 'the oscillator does not answer on its serial port',
    remedy: 'check the port, its speed and that nothing else reads it',
  },
  'oscillator-reply-unknown': {
    sentence: "the oscillator's answer is not in the form its manual gives",
    remedy: 'check that the configured kind of oscillator is the one on the card',
  },
  'key-mixed-order': {
    sentence: 'the public key has a part of small order',
    remedy: 'make a key with momentd keygen',
  },
  'key-possession': {
    sentence: 'the owner of the key has not shown that it can sign with it',
    remedy: "make the entry with momentd keygen --network, for this network's name",
  },
  'genesis-too-long': {
    sentence: 'the genesis record is longer than any can be',
    remedy: 'check that it is the genesis file',
  },
  'genesis-not-canonical': {
    sentence: 'the genesis record is not deterministic CBOR',
    remedy: 'make it with momentd genesis create',
  },
  'genesis-format': {
    sentence: 'the genesis record does not have the fields it must have',
    remedy: 'compare it with docs/spec/genesis.md',
  },
  'genesis-parameters': {
    sentence: 'the parameters of the genesis record contradict each other',
    remedy: 'keep 0 < tick <= tickMax <= slot <= window',
  },
  'genesis-validators': {
    sentence: 'a validator of the genesis record is malformed, repeated or out of order',
    remedy: 'make the record with momentd genesis create',
  },
  'genesis-stake': {
    sentence: 'a validator of the genesis record stakes less than the record asks for',
    remedy: 'raise its stake or lower stake_min',
  },
  'reports-too-long': {
    sentence: 'the reports body is longer than any can be',
    remedy: 'send at most 1,024 reports in one statement',
  },
  'reports-format': {
    sentence: 'the reports body is not the array of reports it must be',
    remedy: 'encode it as docs/spec/statement.md says',
  },
  'reports-order': {
    sentence: 'the reports do not strictly ascend by subject',
    remedy: 'sort them by subject and drop repeats',
  },
  'reports-interval': {
    sentence: "a report's interval is empty, too old, or later than its statement",
    remedy: 'report a subject in the tick in which it was first seen',
  },
  'reports-unexpected': {
    sentence: 'a statement that is not of kind reports comes with reports',
    remedy: 'only kind 1 has a reports body',
  },
  'reports-root': {
    sentence: "the statement's subject is not the Merkle root of the reports",
    remedy: 'get the body that was appended with the statement',
  },
  'lane-step-signer': {
    sentence: 'two neighbouring statements of a lane are of different networks or keys',
    remedy: 'the lane was put together from two; get it again from its owner',
  },
  'lane-step-seq': {
    sentence: "the sequence number of a statement is not one more than its predecessor's",
    remedy: 'a statement is missing or repeated; get the lane again from its owner',
  },
  'lane-step-epoch': {
    sentence: "the epoch of a statement is below its predecessor's",
    remedy: 'get the lane again from its owner',
  },
  'lane-step-link': {
    sentence: 'a statement does not name its predecessor in the lane',
    remedy: 'keep both statements: together they may prove a fault of the signer',
  },
  'lane-step-time': {
    sentence: "the time of a statement is not after its predecessor's",
    remedy: 'keep both statements: together they prove a fault of the signer',
  },
  'lane-step-report': {
    sentence: "a report's interval lies before the previous statement of its lane",
    remedy: 'keep both statements and the body: together they prove a fault of the signer',
  },
  'fault-too-long': {
    sentence: 'the fault proof is longer than any can be',
    remedy: 'check that it is a fault proof',
  },
  'fault-format': {
    sentence: 'the file is not a fault proof as this program writes it',
    remedy: 'compare it with docs/spec/fault-proof.md',
  },
  'fault-network': {
    sentence: 'the fault proof is about another network',
    remedy: 'use the genesis record of that network',
  },
  'fault-exhibit': {
    sentence: 'an exhibit of the fault proof is not validly signed by a validator of the network',
    remedy: 'without valid exhibits nothing is proven; ask its author for the originals',
  },
  'fault-not-shown': {
    sentence: 'the exhibits are valid but do not contradict each other',
    remedy: 'nothing is proven against the validator',
  },
  'verification-queue-full': {
    sentence: 'more signatures wait to be verified than the queue may hold',
    remedy: 'send less, or verify on more cores',
  },
  'verification-worker-lost': {
    sentence: 'a verification thread ended before it answered',
    remedy: 'see the log of the agent; the work may be sent again',
  },
  'identity-too-long': {
    sentence: 'the host identity record is longer than any can be',
    remedy: 'check that it is a host identity record',
  },
  'identity-not-canonical': {
    sentence: 'the host identity record is not deterministic CBOR',
    remedy: 'encode it as docs/spec/identity.md says',
  },
  'identity-format': {
    sentence: 'the host identity record does not have the claims it must have',
    remedy: 'compare it with docs/spec/identity.md',
  },
  'identity-network': {
    sentence: 'the host identity record belongs to another network',
    remedy: 'use the genesis record of the network it was signed for',
  },
  'note-format': {
    sentence: 'the bytes are not a signed note',
    remedy: 'get the file again; docs/spec/lane.md shows one',
  },
  'checkpoint-format': {
    sentence: 'the text of the note is not origin, size and root',
    remedy: 'get the checkpoint again from the lane',
  },
  'checkpoint-origin': {
    sentence: 'the checkpoint belongs to another lane',
    remedy: 'ask for the lane you mean, by network and key',
  },
  'checkpoint-unsigned': {
    sentence: 'the checkpoint carries no signature of the key it must have',
    remedy: 'get the checkpoint from the lane itself, or give the right key',
  },
  'checkpoint-signature': {
    sentence: 'a signature on the checkpoint does not hold',
    remedy: 'the file was altered, or the key is not the one that signed it',
  },
  'file-exists': {
    sentence: 'a file that would be written is there already',
    remedy: 'choose another directory or remove the file yourself; momentd never overwrites one',
  },
  'file-unwritable': {
    sentence: 'a file could not be written',
    remedy: 'check the directory, its permissions and the space on its disk',
  },
  // ---- core/gnss, io/receiver: what a receiver says, and which pulse it says it of
  'tod-off-second': {
    sentence: 'the receiver names an instant that is not on a whole second, so it labels no pulse',
    remedy: 'set the receiver to one navigation epoch and one pulse a second, aligned to the second',
  },
  'tod-inaccurate': {
    sentence: 'the receiver admits that its time is off by more than a millisecond',
    remedy: 'wait for it to resolve time; check antenna and sky view',
  },
  'tod-date-impossible': {
    sentence: 'the receiver names a date or time of day that does not exist',
    remedy: 'check the line for bit errors; otherwise restart the receiver',
  },
  'tod-time-base-unknown': {
    sentence: 'the receiver does not say which time base its pulse follows',
    remedy: 'align the pulse to GPS, Galileo, BeiDou, GLONASS or UTC',
  },
  'pairing-confirming': {
    sentence: 'pulse and time of day agree, but not yet often enough in a row to be believed',
    remedy: 'wait some seconds; after a contradiction, half a minute',
  },
  'pairing-no-tod': {
    sentence: 'a pulse came and no time of day named its second',
    remedy: 'check the serial line and which messages the receiver sends',
  },
  'pairing-no-pulse': {
    sentence: 'a time of day came and no pulse it could label',
    remedy: 'check the pulse wiring',
  },
  'pairing-tod-late': {
    sentence: 'a time of day came outside the time after its pulse in which it proves anything',
    remedy: 'raise the baud rate or send fewer messages; check for a stalled host',
  },
  'pairing-tod-disagree': {
    sentence: 'two times of day name different seconds for one pulse',
    remedy: 'check the receiver; compare its messages with momentd decode',
  },
  'pairing-tod-repeated': {
    sentence: 'the receiver names for this pulse the second it named for an earlier one',
    remedy: 'restart the receiver',
  },
  'pairing-second-skipped': {
    sentence: 'the second named for this pulse does not follow from the earlier one and the time between',
    remedy: 'nothing, if it stays alone; otherwise restart the receiver and check the line for delays',
  },
  'pairing-pulse-missed': {
    sentence: 'one or more pulses are missing before this one',
    remedy: 'check the pulse wiring',
  },
  'pairing-pulse-irregular': {
    sentence: 'a pulse came that is not a whole number of seconds after the others',
    remedy: 'check the pulse wiring and that the receiver sends one pulse a second',
  },
  'pairing-edge-late': {
    sentence: 'the host learned of an edge too late to say which time of day belongs to it',
    remedy: 'check the load of the host',
  },
  'receiver-present': {
    sentence: 'the receiver answers',
    remedy: 'nothing to clear',
  },
  'receiver-port-absent': {
    sentence: 'there is no device at the configured path of the receiver',
    remedy: 'check the cable and the path; the agent keeps looking',
  },
  'receiver-port-held': {
    sentence: 'another process has the serial port open',
    remedy: 'stop the process that is named, or read the receiver through it',
  },
  'receiver-port-failed': {
    sentence: 'the serial port of the receiver cannot be opened or read',
    remedy: 'check the permissions of the device and its cable; the agent keeps trying',
  },
  'receiver-port-lost': {
    sentence: 'the serial port of the receiver went away while it was read',
    remedy: 'check the cable and the power of the receiver; the agent keeps looking',
  },
  'receiver-silent': {
    sentence: 'the serial port is open and no message of the receiver arrives',
    remedy: 'check the baud rate, the cable and which messages the receiver sends',
  },
  'receiver-config-refused': {
    sentence: 'the receiver refused the configuration it was asked to take',
    remedy: 'check that its firmware has configuration keys (u-blox generation 9 or later); set it by hand otherwise',
  },
  'receiver-config-unanswered': {
    sentence: 'the receiver did not answer the configuration it was sent',
    remedy: 'check the transmit line to the receiver and that its port accepts UBX',
  },
  'decode-input-unreadable': {
    sentence: 'the recording cannot be read',
    remedy: 'give the path of a readable file, or - for standard input',
  },
  'time-not-representable': {
    sentence: 'the interval cannot be written in a statement',
    remedy: 'report this: the clock core issued an interval no statement can carry',
  },
  'commit-failed': {
    sentence: 'a statement could not be committed for a reason that has no code',
    remedy: 'read the log of the agent and report it',
  },
  'leap-file-unusable': {
    sentence: 'the leap second file cannot be read or has a mistake',
    remedy: 'name a leap-seconds.list as the IERS publishes it, or leave leap_seconds_file out',
  },
  'genesis-unreadable': {
    sentence: 'the genesis record cannot be read',
    remedy: 'name the genesis record of the network in the configuration',
  },
  'key-not-in-genesis': {
    sentence: 'the signing key is not one of the validators of the genesis record',
    remedy: 'use the key that is registered, or the genesis record that registers this one',
  },
  'hello-too-long': {
    sentence: 'the hello record is longer than any can be',
    remedy: 'send one record as docs/spec/hello.md says',
  },
  'hello-format': {
    sentence: 'the hello record is not laid out as this network writes it',
    remedy: 'send one record as docs/spec/hello.md says',
  },
  'hello-network': {
    sentence: 'the peer belongs to another network',
    remedy: 'give both the same genesis record',
  },
  'hello-protocol': {
    sentence: 'the peer speaks no protocol version that we speak',
    remedy: 'upgrade the older of the two',
  },
  'hello-identity': {
    sentence: 'the hello names another libp2p identity than the connection proved',
    remedy: 'make the record afresh for the identity in use',
  },
  'hello-key': {
    sentence: 'the key id of the hello is not that of the key it carries',
    remedy: 'sign the record with the key it carries',
  },
  'hello-not-validator': {
    sentence: 'the peer claims to be a validator and its key is not registered',
    remedy: 'use the genesis record the validator is in, or another role',
  },
  'hello-stale': {
    sentence: 'the time of the hello is too far from ours',
    remedy: 'see which of the two clocks is wrong',
  },
  'hello-missing': {
    sentence: 'the peer said nothing or no whole hello in time',
    remedy: 'see whether the other side speaks this protocol at all',
  },
  'frame-too-long': {
    sentence: 'a frame is longer than any can be',
    remedy: 'send frames as docs/spec/network.md says',
  },
  'frame-format': {
    sentence: 'a frame is not laid out as this network writes it',
    remedy: 'send frames as docs/spec/network.md says',
  },
  'frame-kind': {
    sentence: 'a frame is of a kind this program does not know, or not the one its topic carries',
    remedy: 'use a release that knows it',
  },
  'frame-item-length': {
    sentence: 'an item of a frame is empty or longer than its kind allows',
    remedy: 'send items as docs/spec/network.md says',
  },
  'peer-over-quota': {
    sentence: 'the peer sends more than its quota',
    remedy: 'send less; the quotas stand in docs/spec/network.md',
  },
  'peer-banned': {
    sentence: 'the peer is banned for its conduct',
    remedy: 'wait until the ban runs out, or allow-list the peer',
  },
  'peer-unknown': {
    sentence: 'the peer is not connected or has not said hello',
    remedy: 'connect to it first',
  },
  'peer-no-answer': {
    sentence: 'the peer did not answer the request as it must, or not in time',
    remedy: 'ask another peer',
  },
  'message-duplicate': {
    sentence: 'the message was seen before',
    remedy: 'nothing to clear: it arrives by several ways',
  },
  'message-unsolicited': {
    sentence: 'the message came by a way on which this peer has no business sending it',
    remedy: 'send only your own statements on a direct stream',
  },
  'message-stale': {
    sentence: 'the message is older than this network still acts on',
    remedy: 'nothing to clear: see the lane for what is old',
  },
  'message-future': {
    sentence: 'the message claims a time that lies ahead of ours',
    remedy: 'see which of the two clocks is wrong',
  },
  'inbound-full': {
    sentence: 'more messages wait for their verdict than the bound allows',
    remedy: 'nothing to clear: what was dropped is fetched again',
  },
  'request-format': {
    sentence: 'a request is not laid out as this network writes it',
    remedy: 'send requests as docs/spec/network.md says',
  },
  'range-unavailable': {
    sentence: 'nobody who is connected has that part of the lane',
    remedy: 'wait for a peer that has it, or ask an archive',
  },
  'range-wrong': {
    sentence: 'a peer answered with entries that do not continue the lane',
    remedy: 'nothing to clear: the range is asked of another peer',
  },
  'network-listen': {
    sentence: 'the peer-to-peer host cannot listen where it was told to',
    remedy: 'stop the other process or configure another address',
  },
  'network-identity': {
    sentence: 'the libp2p identity key cannot be read or made',
    remedy: 'see the path and its permissions; a new identity costs peers a new introduction, no statement',
  },
  'peer-time-apart': {
    sentence: 'the interval of a validator lies outside what enough others agree on',
    remedy: 'compare the clocks of both; the evidence names each answer',
  },
  'own-time-apart': {
    sentence: 'our own interval lies outside what enough validators agree on',
    remedy: 'find what is wrong with our sources; the agent never corrects itself from peers',
  },
  'cut-vote-format': {
    sentence: 'a cut vote does not have the fields it must have',
    remedy: 'encode it as docs/spec/ordering.md says',
  },
  'cut-vote-subject': {
    sentence: 'the subject of a cut vote is not the hash of its body',
    remedy: 'encode it as docs/spec/ordering.md says',
  },
  'cut-vote-early': {
    sentence: 'a validator voted on a slot before the slot had ended',
    remedy: 'see the clock of the voter',
  },
  'cut-lanes-format': {
    sentence: 'the lanes of a cut are not one size and root per validator',
    remedy: 'encode them as docs/spec/ordering.md says',
  },
  'order-entry-format': {
    sentence: 'an entry of the order does not have the fields it must have',
    remedy: 'fetch it again; rebuild the order from the lanes',
  },
  'report-guarantee': {
    sentence: "a statement's guarantee is too wide for its reports to count in the order",
    remedy: "restore the signer's time reference",
  },
  'report-too-old': {
    sentence: 'a report ends a longest tick or more before the statement that carries it',
    remedy: 'report sooner, or with a later end',
  },
  'subject-format': {
    sentence: 'a subject record does not have the fields it must have',
    remedy: 'encode it as docs/spec/ordering.md says',
  },
  'subject-network': {
    sentence: 'the subject was made for another network',
    remedy: 'make it with the genesis record of this network',
  },
  'subject-known': {
    sentence: 'the subject is known here already',
    remedy: 'nothing to clear: ask for its position in the order',
  },
  'subject-outside-window': {
    sentence: 'the time the subject claims is too far from now for validators to report it',
    remedy: 'submit it again with a present time',
  },
  'subject-time-taken': {
    sentence: 'the sender already has a subject of that nanosecond',
    remedy: 'claim another nanosecond',
  },
  'pool-origin-full': {
    sentence: 'the peer or client has as many subjects waiting as one may have',
    remedy: 'wait until some are final',
  },
  'pool-full': {
    sentence: 'the pool is full and holds nothing of lower priority',
    remedy: 'wait until some subjects are final, or submit with a higher priority',
  },
  'certificate-too-long': {
    sentence: 'the certificate is longer than any can be',
    remedy: 'check that it is a certificate file',
  },
  'certificate-format': {
    sentence: 'the certificate does not have the fields it must have',
    remedy: 'compare it with docs/spec/certificate.md',
  },
  'certificate-network': {
    sentence: 'the certificate belongs to another network',
    remedy: 'use the genesis record it was made for',
  },
  'certificate-epoch': {
    sentence: 'the statements of the certificate belong to different epochs',
    remedy: 'make the certificate again from one epoch',
  },
  'certificate-vote': {
    sentence: 'a vote of the certificate is not a vote for its cut',
    remedy: 'make the certificate again from the lanes',
  },
  'certificate-voters': {
    sentence: 'the certificate repeats a voter or lists voters out of order',
    remedy: 'make the certificate again; each validator counts once',
  },
  'certificate-votes-too-few': {
    sentence: 'fewer than a quorum of validators vote for the cut',
    remedy: 'add the missing votes',
  },
  'certificate-lane-proof': {
    sentence: 'an entry of the certificate is not under the cut of its lane',
    remedy: 'make the certificate again from the lanes',
  },
  'certificate-lanes': {
    sentence: 'the certificate repeats a lane or lists lanes out of order',
    remedy: 'make the certificate again; each lane counts once',
  },
  'certificate-report': {
    sentence: 'an entry of the certificate does not report its subject',
    remedy: 'make the certificate again from the lanes',
  },
  'certificate-reports-too-few': {
    sentence: 'fewer than a quorum of lanes report the subject',
    remedy: 'add the missing reports',
  },
  'certificate-order-proof': {
    sentence: 'the order entry is not in the order the votes name',
    remedy: 'make the certificate again from the order log',
  },
  'certificate-order-entry': {
    sentence: 'the order entry contradicts the reports, the cut or itself',
    remedy: 'see which: its interval, slot, moment or subject',
  },
  'witness-request': {
    sentence: 'the body is not an add-checkpoint request that can be answered',
    remedy: 'send old size, proof, empty line and checkpoint as C2SP tlog-witness says',
  },
  'witness-old-size': {
    sentence: 'the old size is not the size cosigned here last',
    remedy: 'ask again from the size in the answer',
  },
  'witness-proof': {
    sentence: 'the consistency proof does not lead from the old tree to the new one',
    remedy: 'send the proof for exactly these two sizes',
  },
  'witness-fork': {
    sentence: 'the checkpoint has another root than the one cosigned for this size',
    remedy: 'two histories of one lane exist: keep both notes, they are a fault proof',
  },
  'witness-state-damaged': {
    sentence: 'what the witness remembered of an origin cannot be read',
    remedy: 'restore the file; without it the witness could cosign a fork it had seen',
  },
  'source-not-wired': {
    sentence: 'a configured source cannot be connected to this host',
    remedy: 'momentd devices says what this host has and how it is wired',
  },
  'lane-entry-body': {
    sentence: 'the body of an entry is not what its statement commits to',
    remedy: 'get the entry again from the lane; if its leaf hash is right, its validator made it so',
  },
  'lane-file-unexpected': {
    sentence: 'a file, or a part of one, is no part of the lane',
    remedy: 'remove it, or find out who put it there',
  },
  'receipt-format': {
    sentence: 'a receipt does not have the fields it must have',
    remedy: 'compare it with docs/spec/certificate.md',
  },
  'receipt-proof': {
    sentence: 'the report of the receipt is not among those its statement was signed over',
    remedy: 'get the receipt again from the validator',
  },
  'cli-usage': {
    sentence: 'the options of the command do not go together',
    remedy: 'momentd COMMAND --help shows what it takes',
  },
  'lane-proof-format': {
    sentence: 'the file is not a proof of a lane entry',
    remedy: 'make it again with momentd prove',
  },
  'lane-proof-wrong': {
    sentence: 'the proof does not lead from the entry to the checkpoint',
    remedy: 'get entry, proof and checkpoint from one source at one time',
  },
  'lane-proof-range': {
    sentence: 'there is no such entry or size under the checkpoint',
    remedy: 'name an entry or a size that the checkpoint covers',
  },
  'lane-owner-unknown': {
    sentence: 'it was not said, or not well said, whose lane this is',
    remedy: 'give the genesis record, or network id and public key',
  },
  'file-unreadable': {
    sentence: 'the file cannot be read',
    remedy: 'check the path and its permissions',
  },
  'verify-nothing-to-trust': {
    sentence: 'there is nothing to verify against',
    remedy: 'give --genesis FILE, or --key HEX (and --network HEX)',
  },
  'verify-unrecognised': {
    sentence: 'the file is none of the things that can be verified',
    remedy: 'give a statement, a lane directory, a checkpoint, a proof, evidence, a genesis record or a fault proof',
  },
  'evidence-format': {
    sentence: 'the evidence record is not one that this release can recompute',
    remedy: 'use the release that made it',
  },
  'evidence-mismatch': {
    sentence: 'recomputing the evidence does not give what the record says',
    remedy: 'the record was altered or made by another program: do not rely on it',
  },
  'evidence-digest': {
    sentence: 'the evidence record is not the one the statement refers to',
    remedy: 'get the record whose SHA-256 the statement names',
  },
  'evidence-interval': {
    sentence: 'the interval recomputed from the evidence is not the one the statement promises',
    remedy: 'keep both: the validator signed what its own evidence does not show',
  },
  'validator-file-format': {
    sentence: 'the file is not a validator entry as keygen writes it',
    remedy: 'make it with momentd keygen --network NAME --json',
  },
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;

/** Codes that once meant something; their names stay taken. */
export const RETIRED_CODES: readonly string[] = [];
