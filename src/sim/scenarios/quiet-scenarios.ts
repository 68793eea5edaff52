/**
 * Scenarios in which nothing is broken: good days and bad weather, all inside the declared assumptions.
 */

import { GRADES } from '../grades.ts';
import type { Climate } from '../oscillator.ts';
import { defaultClockConfig } from '../../core/clock/configuration.ts';
import { BUILT_IN_LEAP_TABLE } from '../../core/time/leap-seconds.ts';
import { ClockWorld } from '../clock-world.ts';
import type { Scenario } from './scenario.ts';
import {
  makeCard,
  makeHost,
  makeNetworkClock,
  makePulse,
  makeSystemClock,
  networkSpec,
  oneCardConfig,
  pulseSpec,
  receiverSpec,
  startOf,
  systemSpec,
  WIDE_LIMIT,
} from './stage.ts';

/** A room whose air conditioner swings three degrees every ten minutes, ten over the day. */
const HARSH_ROOM: Climate = { meanC: 25, dailySwingC: 10, fastSwingC: 3, fastPeriodSeconds: 600 };

export const QUIET_SCENARIOS: readonly Scenario[] = [
  {
    name: 'quiet-day',
    summary: 'a healthy rubidium card with PPS and extts',
    sourceType: 'card+extts',
    secondsMin: 60,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const world = new ClockWorld(host, [makeCard(needs, host, 'card0')]);
      return { world, config: oneCardConfig(needs), script: [], breaks: [] };
    },
  },
  {
    name: 'quiet-pulse',
    summary: "a GNSS pulse stamped by the host's interrupt, no card",
    sourceType: 'pps',
    secondsMin: 60,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const config = defaultClockConfig(
        {
          sources: [pulseSpec(needs)],
          references: [receiverSpec(needs, 'pps0-gnss')],
          leapTable: BUILT_IN_LEAP_TABLE,
        },
        { limit: WIDE_LIMIT },
      );
      return { world: new ClockWorld(host, [makePulse(needs, host)]), config, script: [], breaks: [] };
    },
  },
  {
    name: 'quiet-network-clock',
    summary: "a network card's PTP clock, disciplined by someone else inside a declared bound",
    sourceType: 'phc',
    secondsMin: 60,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const config = defaultClockConfig({
        sources: [networkSpec(needs)],
        references: [],
        leapTable: BUILT_IN_LEAP_TABLE,
      });
      return { world: new ClockWorld(host, [makeNetworkClock(needs, host)]), config, script: [], breaks: [] };
    },
  },
  {
    name: 'quiet-system-clock',
    summary: "the system's clock under chrony, each reading with its own declared bound",
    sourceType: 'system',
    secondsMin: 60,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const config = defaultClockConfig(
        { sources: [systemSpec(needs)], references: [], leapTable: BUILT_IN_LEAP_TABLE },
        { limit: WIDE_LIMIT },
      );
      return { world: new ClockWorld(host, [makeSystemClock(needs, host)]), config, script: [], breaks: [] };
    },
  },
  {
    name: 'thermal-cycle',
    summary: 'host and an OCXO card in a room that swings by ten degrees a day and three every ten minutes',
    sourceType: 'card+extts, ocxo',
    secondsMin: 1_200,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs), { climate: HARSH_ROOM });
      const card = makeCard(needs, host, 'card0', { grade: 'ocxo', climate: HARSH_ROOM });
      const config = oneCardConfig(needs, { card: { oscillator: 'ocxo' } });
      return { world: new ClockWorld(host, [card]), config, script: [], breaks: [] };
    },
  },
  {
    name: 'wander-at-limit',
    summary: "the host's frequency moves as fast as the declared wander allows, without rest",
    sourceType: 'card+extts',
    secondsMin: 600,
    stage: (needs) => {
      // The configuration declares 1 ppb/s and 100 ppm; the sweep asks for twice the slope and is held to the limit.
      const periodSeconds = [20, 60, 240, 4_000][needs.seed % 4]!;
      const oscillator = {
        ...GRADES.crystal,
        frequencyPpb: needs.seed % 2 === 0 ? 90_000 : -90_000,
        limits: { deviationPpb: 9_000, wanderPpbPerSecond: 1 },
        sweep: { amplitudePpb: periodSeconds / 2, periodSeconds },
      };
      const host = makeHost(needs, startOf(needs), { oscillator });
      const world = new ClockWorld(host, [makeCard(needs, host, 'card0')]);
      return { world, config: oneCardConfig(needs), script: [], breaks: [] };
    },
  },
  {
    name: 'read-storm',
    summary: 'interrupts stretch every read of the card for a while, again and again',
    sourceType: 'card+extts',
    secondsMin: 600,
    stage: (needs) => {
      const host = makeHost(needs, startOf(needs));
      const world = new ClockWorld(host, [makeCard(needs, host, 'card0')]);
      const script = [];
      for (let at = 60; at < needs.durationSeconds; at += 120) {
        const seconds = needs.random.between(2, 60);
        const magnitude = needs.random.between(2, 5_000);
        const storm = { kind: 'fault', device: 'card0', fault: 'read-storm' } as const;
        script.push({ ...storm, atSeconds: at, on: true, magnitude }, { ...storm, atSeconds: at + seconds, on: false });
      }
      return { world, config: oneCardConfig(needs), script, breaks: [] };
    },
  },
];
