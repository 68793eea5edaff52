/** Codes of `momentd doctor`: what it finds on a host beside what other parts of the program would say themselves. */

import type { CodeEntry } from './entry.ts';

export const DOCTOR_CODES = {
  'check-passed': {
    sentence: 'the check found nothing wrong',
    remedy: 'nothing to clear: this is the good state',
  },
  'check-not-made': {
    sentence: 'the check could not be made here',
    remedy: 'see what stood in its way; run momentd doctor as the user the agent runs as',
  },
  'clock-held-elsewhere': {
    sentence: 'another program has the hardware clock open and may steer it',
    remedy: 'let one program steer it, and declare an oscillator class that covers what it does',
  },
  'clock-source-slow': {
    sentence: 'the kernel keeps its own time by a slow clock source, so every bracket is wide',
    remedy: 'boot with a stable TSC (clocksource=tsc), or use a host that has one',
  },
  'disk-space-small': {
    sentence: 'little space is left where the state is kept',
    remedy: 'make space, or lower size_max_mib of [evidence]',
  },
  'disk-sync-slow': {
    sentence: 'making a statement durable takes too much of a heartbeat',
    remedy: 'use a disk with power-loss protection, or a longer heartbeat',
  },
  'host-below-requirements': {
    sentence: 'the host has less than a validator is required to have',
    remedy: 'fine for a trial; a validator of a real network needs what docs/operating.md lists',
  },
  'network-no-peers': {
    sentence: 'the configuration names nobody to begin with, so this agent only waits to be dialled',
    remedy: 'name a peer in pinned or bootstrap of [network]; momentd peers on its host prints its address',
  },
  'peer-not-reached': {
    sentence: 'no connection could be opened from here to a pinned peer',
    remedy: 'check its address, that it runs, and the firewalls between; the agent goes on trying and signs meanwhile',
  },
  'role-contradicted': {
    sentence: 'the role is to follow without signing, and the state of a validator is there',
    remedy: 'give the observer or archive a state directory of its own, or put the role of validator back',
  },
  'source-simulated': {
    sentence: 'a source is simulated, so the time attested is not real',
    remedy: 'replace it with what momentd devices finds on this host',
  },
  'state-open-to-others': {
    sentence: 'other users may read or change what only the agent should',
    remedy: 'take the permissions away: chmod 0700 on directories, 0600 on files',
  },
  'state-unusable': {
    sentence: 'the agent could not write where its state is kept',
    remedy: 'make the directory with momentd init, and give it to the user the agent runs as',
  },
  'time-daemons-compete': {
    sentence: 'more than one program steers the system clock',
    remedy: 'stop all of them but one',
  },
} as const satisfies Record<string, CodeEntry>;
