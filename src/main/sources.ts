/** The configured sources, each behind the same port, whatever stands behind it. */

import type { LeapTable } from '../core/time/leap-seconds.ts';
import type { RealHostClock } from '../io/clocks/host-clock.ts';
import { loadNative, requireNative } from '../io/clocks/native.ts';
import { SystemClock } from '../io/clocks/system-clock.ts';
import { referenceOf } from '../io/config/clock-config.ts';
import type { Config, SourceConfig } from '../io/config/config.ts';
import { coarseTaiNow } from '../io/host/coarse-time.ts';
import { CardSource } from '../sim/card-source.ts';
import { AgentError } from '../ports/agent-error.ts';
import type { Log } from '../ports/log.ts';
import type { TimeSource } from '../ports/source.ts';

export type SourceNeeds = {
  readonly host: RealHostClock;
  readonly log: Log;
  readonly leapTable: LeapTable;
};

export function buildSources(config: Config, needs: SourceNeeds): readonly TimeSource[] {
  return config.sources.map((source) => buildSource(source, needs));
}

function buildSource(source: SourceConfig, { host, leapTable }: SourceNeeds): TimeSource {
  switch (source.kind) {
    case 'sim':
      return new CardSource(host, {
        name: source.name,
        reference: referenceOf(source)!,
        seed: source.seed,
        epoch: coarseTaiNow(),
        leapTable,
      });
    case 'system':
      return new SystemClock(
        { native: requireNative(loadNative()), clock: host, leaps: () => leapTable },
        { name: source.name },
      );
    default:
      throw new AgentError('config-invalid', `source ${source.name}: kind ${source.kind} is not wired yet`);
  }
}
