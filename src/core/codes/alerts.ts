/** Codes of the alerts (core/alerts): one for each rule. deploy/prometheus has the same rules under the same codes. */

import type { CodeEntry } from './entry.ts';

export const ALERT_CODES = {
  'alert-beats-skipped': {
    sentence: 'too many heartbeats find the commit before them still under way',
    remedy: 'use a faster disk or a longer heartbeat; momentd doctor measures the disk',
  },
  'alert-clock-faulted': {
    sentence: 'what the clock sees now excludes what was signed before',
    remedy: 'find out which of them was wrong before you restart; keep the log and the evidence',
  },
  'alert-commit-slow': {
    sentence: 'more than one commit in a hundred takes too long to become durable',
    remedy: 'use a disk with power-loss protection; momentd doctor measures it',
  },
  'alert-containment-failed': {
    sentence: 'our own interval lies outside what enough validators agree on: one side is wrong about the time',
    remedy:
      'look at our sources and antenna first; keep the evidence of both sides; nothing corrects itself from peers',
  },
  'alert-disk-filling': {
    sentence: 'little space is left where lane and evidence are kept',
    remedy: 'make space, or lower size_max_mib of [evidence]; signing stops when 32 MiB are left',
  },
  'alert-disk-full': {
    sentence: 'the disk under the lane is full, so nothing is signed',
    remedy: 'make space: signing goes on by itself within seconds, and nothing acknowledged is lost',
  },
  'alert-drift-high': {
    sentence: 'a clock is measured further from its reference than allowed',
    remedy: 'look at the servo that steers it and at the antenna',
  },
  'alert-falseticker': {
    sentence: 'a source tells another time than the others and is not used',
    remedy: 'either it is wrong or the others share a mistake: look at both',
  },
  'alert-falseticker-flapping': {
    sentence: 'a source goes in and out of agreement with the others',
    remedy: 'its declared error is about as large as its real one: raise its source_accuracy, or repair it',
  },
  'alert-finality-waiting': {
    sentence: 'subjects wait too long for their final place in the order',
    remedy: 'see which validators are missing from the cut: momentd peers; a quorum must be connected and signing',
  },
  'alert-guarantee-near-limit': {
    sentence: 'the guarantee is near the limit above which nothing is signed',
    remedy: 'see which term of the budget grew, and restore what it depends on',
  },
  'alert-guarantee-over-limit': {
    sentence: 'the guarantee is above its limit, so nothing is signed',
    remedy: 'restore the reference, or raise the limit if the application can live with it',
  },
  'alert-holdover': {
    sentence: 'the clock has had no reference for some minutes and coasts',
    remedy: 'the reason of each source says what is missing: antenna, receiver, pulse',
  },
  'alert-lane-not-checkpointed': {
    sentence: 'entries of the lane have waited too long for a checkpoint',
    remedy: 'statements are durable meanwhile; the log says what failed',
  },
  'alert-lane-not-cosigned': {
    sentence: 'no other validator has cosigned a checkpoint of our lane lately',
    remedy: 'see whether peers are connected and reach our witness calls; until then only we vouch for our lane',
  },
  'alert-latency-high': {
    sentence: 'the median round trip to our peers is too long',
    remedy: 'look at the network path and its load; momentd peers lists each round trip',
  },
  'alert-leap-table-expired': {
    sentence: 'the leap second table has expired, so TAI-UTC is no longer known from it',
    remedy: 'install a newer release, or name a newer leap-seconds.list as leap_seconds_file, now',
  },
  'alert-leap-table-expiring': {
    sentence: 'the leap second table expires soon',
    remedy: 'install a newer release, or name a newer leap-seconds.list as leap_seconds_file',
  },
  'alert-limit-soon': {
    sentence: 'the clock coasts and will soon reach the limit above which nothing is signed',
    remedy: 'restore the reference now',
  },
  'alert-not-attesting': {
    sentence: 'nothing is signed',
    remedy: 'momentd status has the reason and its remedy',
  },
  'alert-order-contradicted': {
    sentence: 'a cut that was decided is not the one we worked out: nothing becomes final here any more',
    remedy: 'keep lanes, votes and log; compare with another validator which of both is wrong before you restart',
  },
  'alert-participation-low': {
    sentence: 'too few validators of the network are heard',
    remedy: 'see which are missing: momentd peers; below two thirds nothing becomes final',
  },
  'alert-peers-low': {
    sentence: 'too few peers are connected',
    remedy: 'see the addresses in [network], the firewall and the port; momentd peers says who was refused and why',
  },
  'alert-samples-dropped': {
    sentence: 'samples were dropped because the loop was too slow for its sources',
    remedy: 'intervals get wider, never wrong; look at the load of the host',
  },
  'alert-simulated-time': {
    sentence: 'a source is simulated, so the time attested is not real',
    remedy: 'right in a test; elsewhere replace the source by what momentd devices finds',
  },
  'alert-source-silent': {
    sentence: 'a source has given no reading for too long',
    remedy: 'momentd doctor looks at the device, its permissions and who else has it open',
  },
  'alert-source-unusable': {
    sentence: 'a source has not been usable for some minutes',
    remedy: 'the code of its reason says what clears it',
  },
  'alert-stalled': {
    sentence: 'the loop makes no beats though the program answers',
    remedy: 'keep the log and restart it; the watchdog of systemd does so by itself',
  },
} as const satisfies Record<string, CodeEntry>;
