/** Codes of the clock core: why there is no interval, or why its state changed. The rules of the table are in ../codes.ts. */

import type { CodeEntry } from './entry.ts';

export const CLOCK_CODES = {
  'clock-held-again': {
    sentence: 'a source that is coasting inside its declared drift gives an interval again',
    remedy: 'restore the reference to return to locked',
  },
  'clock-locked': {
    sentence: 'a trusted reference has been followed steadily, so intervals are issued',
    remedy: 'nothing to clear: this is the good state',
  },
  'clock-relocked': {
    sentence: 'the reference came back and agrees with the interval held meanwhile',
    remedy: 'nothing to clear: this is the good state',
  },
  'clock-reset': {
    sentence: 'an operator acknowledged the fault and asked the clock core to start afresh',
    remedy: 'wait for the sources to be acquired again',
  },
  'clock-starting': {
    sentence: 'the clock core has started and has not yet seen enough to trust a source',
    remedy: 'wait: each source needs readings, and a reference needs some seconds of good health',
  },
  'edge-phase-jump': {
    sentence: "the reference's pulse jumped against the device's clock by more than the oscillator can explain",
    remedy: 'compare with an independent source; spoofing and a failing receiver look like this',
  },
  'edge-phase-too-large': {
    sentence: "the device's clock stands further from the reference's pulse than the configuration allows",
    remedy: 'let the card synchronise, or see its pulse-width and servo settings',
  },
  'edge-phase-walk': {
    sentence:
      "the reference's pulse has walked away from the device's clock by more than the oscillator's class allows",
    remedy: 'compare with an independent source; slow spoofing or a wrongly declared oscillator class look like this',
  },
  'edge-tai-slip': {
    sentence: "the label of the pulse and the device's clock differ by TAI-UTC: one of them counts UTC",
    remedy: "set the device's clock or the source's timescale right",
  },
  'edge-whole-second': {
    sentence: "the label of the pulse and the device's clock differ by whole seconds",
    remedy: 'find which of them is wrong: a leap second count or a late label',
  },
  'edges-lost': {
    sentence: 'edges of a pulse input were lost between the driver and the agent',
    remedy: 'give the agent more processor time; look for another program that reads the same input',
  },
  'estimate-stale': {
    sentence: 'the last estimate is too old to be extrapolated',
    remedy: "see why the agent's loop is not running",
  },
  'evidence-digest': {
    sentence: 'the evidence record is not the one the statement refers to',
    remedy: 'get the record whose SHA-256 the statement names',
  },
  'evidence-format': {
    sentence: 'the evidence record is not one that this release can recompute',
    remedy: 'use the release that made it',
  },
  'evidence-interval': {
    sentence: 'the interval recomputed from the evidence is not the one the statement promises',
    remedy: 'keep both: the validator signed what its own evidence does not show',
  },
  'evidence-mismatch': {
    sentence: 'recomputing the evidence does not give what the record says',
    remedy: 'the record was altered or made by another program: do not rely on it',
  },
  'evidence-not-kept': {
    sentence: 'the evidence with that digest is not kept here',
    remedy: 'ask earlier, raise the retention of evidence, or ask an archive',
  },
  'guarantee-over-limit': {
    sentence: 'the guaranteed half-width is above the configured limit',
    remedy: 'restore the reference, or raise the limit if the application can live with it',
  },
  'host-clock-stepped': {
    sentence: 'a host clock was stepped, so nothing read before may be extrapolated',
    remedy: 'wait for the sources to be read again',
  },
  'host-paused': {
    sentence: 'the virtual machine was paused or moved, so nothing read before may be extrapolated',
    remedy: 'wait for the sources to be acquired again',
  },
  'host-rebooted': {
    sentence: 'the boot id changed, so nothing read before may be used',
    remedy: 'wait for the sources to be acquired again',
  },
  'host-suspended': {
    sentence: 'the host was suspended, so nothing read before may be extrapolated',
    remedy: 'wait for the sources to be acquired again',
  },
  'leap-file-unusable': {
    sentence: 'the leap second file cannot be read or has a mistake',
    remedy: 'name a leap-seconds.list as the IERS publishes it, or leave leap_seconds_file out',
  },
  'leap-source-unproven': {
    sentence: "the reference's leap second count is its firmware's default or of unknown origin",
    remedy: 'wait for the satellites to send it, up to 12.5 minutes after a cold start',
  },
  'leap-table-expired': {
    sentence: 'the leap second table has expired',
    remedy: 'install a current leap second table',
  },
  'leap-table-expiring': {
    sentence: 'the leap second table expires within 30 days',
    remedy: 'install a current leap second table',
  },
  'oscillator-health-missing': {
    sentence: "the oscillator's telemetry is required and is absent or stale",
    remedy: "check the card's serial port, or make the telemetry optional",
  },
  'oscillator-reply-unknown': {
    sentence: "the oscillator's answer is not in the form its manual gives",
    remedy: 'check that the configured kind of oscillator is the one on the card',
  },
  'oscillator-silent': {
    sentence: 'the oscillator does not answer on its serial port',
    remedy: 'check the port, its speed and that nothing else reads it',
  },
  'oscillator-unlocked': {
    sentence: "the card's oscillator says that it is not locked",
    remedy: 'wait for it to warm up, or have it serviced',
  },
  'recovery-disjoint': {
    sentence: 'the sources now exclude the interval that was issued before, so one of the two is wrong',
    remedy: 'find which source lied, then acknowledge the fault with a reset',
  },
  'reference-antenna-fault': {
    sentence: 'the antenna is shorted or open',
    remedy: 'check antenna and cable',
  },
  'reference-few-satellites': {
    sentence: 'the reference uses fewer satellites than the configuration demands, or does not say',
    remedy: 'check antenna and sky view',
  },
  'reference-health-missing': {
    sentence: 'the reference has not reported its health',
    remedy: "check the receiver's connection, or declare that it has no telemetry",
  },
  'reference-health-stale': {
    sentence: "the reference's last health report is too old",
    remedy: "check the receiver's connection",
  },
  'reference-jammed': {
    sentence: 'the reference reports critical jamming, or the report that is demanded is absent',
    remedy: 'find the interferer; a better antenna site helps',
  },
  'reference-no-fix': {
    sentence: 'the reference has no fix',
    remedy: 'check antenna and sky view',
  },
  'reference-settling': {
    sentence: 'the reference is healthy, but not yet for long enough',
    remedy: 'wait some seconds',
  },
  'reference-spoofed': {
    sentence: 'the reference reports spoofing, or the report that is demanded is absent',
    remedy: 'compare with an independent source before trusting it again',
  },
  'reference-time-invalid': {
    sentence: 'the reference says that its time is not valid',
    remedy: 'wait for the receiver to resolve time',
  },
  'source-absent': {
    sentence: "the source's device is not there",
    remedy: 'plug it in, or check its path and permissions',
  },
  'source-contradicts-group': {
    sentence: 'two sources of one cause give intervals that exclude each other, so the cause is not believed',
    remedy: 'see both sources; a wrong timescale or whole-second label is the usual reason',
  },
  'source-date-implausible': {
    sentence: 'the source tells a date before this configuration could exist, as after a week rollover',
    remedy: "update the receiver's firmware or its week rollover setting",
  },
  'source-edges-stale': {
    sentence: 'no new edge of the reference has been confirmed for some seconds, so the source coasts',
    remedy: 'check the pulse wiring and the receiver',
  },
  'source-error-undeclared': {
    sentence: 'the source must declare an error bound with each reading and did not',
    remedy: 'configure an accuracy for the source, or use a driver that reports one',
  },
  'source-falseticker': {
    sentence: "the source's interval lies outside the region that enough sources agree on",
    remedy: 'find what is wrong with this source; it is not used meanwhile',
  },
  'source-host-rate': {
    sentence: "the device's rate against the host's raw clock is beyond the declared bound",
    remedy: 'the device or the host counter is faulty, or the declared rate bound is too small',
  },
  'source-leap-ambiguous': {
    sentence: 'the source counts in UTC and the leap table has expired, so its TAI is not known',
    remedy: 'install a current leap second table',
  },
  'source-no-edges': {
    sentence: "no edge of the reference has been confirmed against this device's clock yet",
    remedy: 'check the pulse wiring and that the receiver is healthy, or declare a phase offset bound',
  },
  'source-no-readings': {
    sentence: 'the source has not been read since it was last cleared',
    remedy: 'check that the device is present and readable',
  },
  'source-not-designated': {
    sentence: 'another source of the same cause speaks for the group',
    remedy: 'nothing to clear: sources that share a cause count once',
  },
  'source-not-wired': {
    sentence: 'a configured source cannot be connected to this host',
    remedy: 'momentd devices says what this host has and how it is wired',
  },
  'source-phase-unknown': {
    sentence:
      'the card may have followed a reference that was not believed before it lost it, so its phase is not known',
    remedy: 'wait until the reference is followed steadily again; mend what made it doubtful and then lost',
  },
  'source-readings-stale': {
    sentence: 'the newest reading of the source is too old to be extrapolated',
    remedy: 'check that the device is present and readable',
  },
  'source-stepped': {
    sentence: "the device's clock stepped against the host's, so its earlier readings and edges were dropped",
    remedy: "find what sets the device's clock; it is acquired again by itself",
  },
  'sources-disagree': {
    sentence: 'no instant is covered by enough independent sources',
    remedy: "see each source's interval and remove the liar",
  },
  'sources-disagree-gap': {
    sentence: 'the instants covered by enough sources fall into separate regions with a gap between them',
    remedy: "see each source's interval and remove the liar",
  },
  'sources-none-usable': {
    sentence: 'no configured source gives a usable interval',
    remedy: "see each source's own reason",
  },
  'sources-too-few': {
    sentence: 'fewer independent sources are usable than the configuration demands',
    remedy: 'restore the missing sources',
  },
  'tai-utc-disagrees': {
    sentence: "the reference's TAI-UTC contradicts the leap second table",
    remedy: 'find which is wrong: an outdated table, or a receiver that lies',
  },
  'tai-utc-unknown': {
    sentence: 'the offset between TAI and UTC is not known',
    remedy: 'install a current leap second table, or wait for the receiver to learn it',
  },
  'time-not-after-last': {
    sentence: 'the statement is not later than the one before it in the lane',
    remedy: 'wait until the clock is past the last statement; a clock that was set wrong earlier looks like this',
  },
  'time-not-representable': {
    sentence: 'the interval cannot be written in a statement',
    remedy: 'report this: the clock core issued an interval no statement can carry',
  },
} as const satisfies Record<string, CodeEntry>;
