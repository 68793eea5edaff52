/**
 * The one table of codes: why the agent refuses, what failed outside, what is wrong with a stranger's bytes.
 *
 * A code is never renamed and never reused; a retired one stays listed in `RETIRED_CODES`. Each has one sentence (what
 * holds) and one remedy (what would clear it). docs/errors.md lists the same codes; the tidy test holds the two together.
 * Programs branch on codes, never on the sentences.
 */

import { AGENT_CODES } from './codes/agent.ts';
import { ALERT_CODES } from './codes/alerts.ts';
import { ATTESTATION_CODES } from './codes/attestation.ts';
import { CLOCK_CODES } from './codes/clock.ts';
import { DEVICE_CODES } from './codes/devices.ts';
import { DOCTOR_CODES } from './codes/doctor.ts';
import { LANE_CODES } from './codes/lane.ts';
import { NETWORK_CODES } from './codes/network.ts';

export type { CodeEntry } from './codes/entry.ts';

export const CODES = {
  ...AGENT_CODES,
  ...ALERT_CODES,
  ...CLOCK_CODES,
  ...DEVICE_CODES,
  ...DOCTOR_CODES,
  ...ATTESTATION_CODES,
  ...LANE_CODES,
  ...NETWORK_CODES,
} as const;

export type Code = keyof typeof CODES;

/** Codes that once meant something; their names stay taken. */
export const RETIRED_CODES: readonly string[] = [];
