/**
 * What the local API knows of those who use it: read by the metrics, filled by the API. Counted since the start.
 */

import type { Code } from '../core/codes.ts';

/** Why a request is turned away before it is looked at. */
export const API_REFUSALS = [
  'api-cross-site',
  'api-host-not-local',
  'api-rate-limited',
  'api-token-missing',
  'api-token-wrong',
  'api-too-many-followers',
] as const satisfies readonly Code[];

export type ApiRefusal = (typeof API_REFUSALS)[number];

export interface ApiUse {
  /** Requests that were answered, whatever the answer was; a follower of the events counts when it leaves. */
  readonly answered: number;
  /** Programs and pages that follow the events now. */
  readonly followers: number;
  refusedFor(code: ApiRefusal): number;
}
