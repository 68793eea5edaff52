/**
 * Scenarios about the host: suspend, a paused virtual machine, a restart.
 */

import { ClockWorld } from '../clock-world.ts';
import type { Break, Scenario, ScriptStep, Staging, StagingNeeds } from './scenario.ts';
import { makeCard, makeHost, oneCardConfig, startOf } from './stage.ts';

/** The agent learns of the stop from the boot clock or the hypervisor; undefined: nobody tells it. */
type Told = Extract<ScriptStep, { kind: 'host-stop' }>['told'];

function stops(needs: StagingNeeds, how: 'suspend' | 'pause', told: Told): Staging {
  const host = makeHost(needs, startOf(needs));
  const script: ScriptStep[] = [];
  const breaks: Break[] = [];
  for (let at = 300; at < needs.durationSeconds;) {
    // From a blink to an hour.
    const seconds = 0.05 * 72_000 ** needs.random.unit();
    script.push({ kind: 'host-stop', how, seconds, told, atSeconds: at });
    const resumed = at + seconds;
    if (told === undefined) {
      script.push({ kind: 'reset', atSeconds: resumed + 60 });
      breaks.push({
        assumption: "the host's raw clock counts without a gap",
        fromSeconds: at,
        untilSeconds: resumed,
        detectWithinSeconds: seconds + 10,
        device: 'card0',
        settleSeconds: 10,
      });
    }
    at = resumed + 400;
  }
  return {
    world: new ClockWorld(host, [makeCard(needs, host, 'card0')]),
    config: oneCardConfig(needs),
    script,
    breaks,
  };
}

export const HOST_SCENARIOS: readonly Scenario[] = [
  {
    name: 'suspend',
    summary: 'the host sleeps, for a blink or an hour; the boot clock tells',
    sourceType: 'card+extts',
    secondsMin: 1_200,
    stage: (needs) => stops(needs, 'suspend', 'suspend'),
  },
  {
    name: 'vm-pause',
    summary: 'the virtual machine is paused and the hypervisor tells',
    sourceType: 'card+extts',
    secondsMin: 1_200,
    stage: (needs) => stops(needs, 'pause', 'vm-pause'),
  },
  {
    name: 'vm-pause-untold',
    summary: 'the virtual machine is paused and nobody tells',
    sourceType: 'card+extts',
    secondsMin: 1_200,
    stage: (needs) => stops(needs, 'pause', undefined),
  },
  {
    name: 'boot-change',
    summary: 'the host restarts and its raw clock begins again',
    sourceType: 'card+extts',
    secondsMin: 1_200,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const script: ScriptStep[] = [];
      for (let at = 300; at < needs.durationSeconds; at += 600)
        script.push({ kind: 'reboot', seconds: needs.random.between(20, 120), atSeconds: at });
      const world = new ClockWorld(host, [makeCard(needs, host, 'card0')]);
      return { world, config: oneCardConfig(needs), script, breaks: [] };
    },
  },
];
