/**
 * Archives are looked for when what is asked of a lane is not with who was asked.
 *
 * Validators may prune their lanes; then the beginning of a lane is with archives alone. A newcomer that was told of none finds
 * them by their capability. It only connects: catching up asks whoever is connected, and verifies every entry from an archive
 * as it does from anyone. docs/spec/network.md section "Capabilities".
 */

import { LIMITS } from '../../core/limits.ts';
import { isBefore, seconds, shift, type MonoInstant } from '../../core/time/nanos.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Log } from '../../ports/log.ts';
import type { Network } from '../../ports/network.ts';

/** Nobody is bothered more often, however many lanes are missing. */
const SEARCH_EVERY = seconds(60);
/** Archives connected to by one search: one, and one more that has what the first has not. */
const ARCHIVES_WANTED = 2;

export type ArchiveSearchNeeds = {
  readonly network: Pick<Network, 'peers' | 'connect' | 'findByCapability'>;
  readonly now: () => MonoInstant;
  readonly log: Log;
};

/** The way to ask for a range: as `fetch` does, and where it answers `range-unavailable` archives are looked for beside it. */
export function fetchOrSeek(fetch: Network['fetchRange'], needs: ArchiveSearchNeeds): Network['fetchRange'] {
  let restsUntil: MonoInstant | undefined;
  return async (peer, range, signal) => {
    try {
      return await fetch(peer, range, signal);
    } catch (error) {
      const now = needs.now();
      const isDue = restsUntil === undefined || !isBefore(now, restsUntil);
      if (isDue && error instanceof AgentError && error.code === 'range-unavailable') {
        restsUntil = shift(now, SEARCH_EVERY);
        void seekArchives(needs);
      }
      throw error;
    }
  };
}

async function seekArchives({ network, log }: ArchiveSearchNeeds): Promise<void> {
  const { offers } = await network.findByCapability('archive', AbortSignal.timeout(LIMITS.capabilitySearchMsMax));
  const connected = new Set(network.peers().map(({ name }) => name));
  const archives = offers.filter(({ name, check }) => check === 'confirmed' && !connected.has(name));
  for (const { name, addresses } of archives.slice(0, ARCHIVES_WANTED)) {
    log.write('info', 'a range of a lane is missing here, and an archive was found', { peer: name });
    for (const address of addresses) network.connect(address);
  }
}
