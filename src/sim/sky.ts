/**
 * A sky for the simulated receiver: satellites on steady paths, and a radio that shows what the faults do to it. Only looked
 * at, never computed with: the receiver's pulse and its words are made in receiver.ts, and this agrees with those words.
 */

import type { ReferenceHealth } from '../core/clock/observation.ts';
import type { RadioBlock, ReceiverTelemetry, SatelliteInSky } from '../core/gnss/receiver-telemetry.ts';
import type { GnssName } from '../core/gnss/ubx-names.ts';
import { NANOS_PER_SECOND, type Nanos, type TaiInstant } from '../core/time/nanos.ts';

/** So many that, of each spread evenly over its orbits, 15 at the least stand above the horizon: the receiver uses 14. */
const CONSTELLATIONS: readonly {
  readonly gnss: GnssName;
  readonly satellites: number;
  readonly orbitSeconds: number;
}[] = [
  { gnss: 'gps', satellites: 11, orbitSeconds: 43_082 },
  { gnss: 'galileo', satellites: 9, orbitSeconds: 50_685 },
  { gnss: 'glonass', satellites: 8, orbitSeconds: 40_544 },
  { gnss: 'beidou', satellites: 8, orbitSeconds: 46_404 },
];

/** What is received from a satellite overhead, and how much is lost at the horizon, dB-Hz. */
const CNO_OVERHEAD = 49;
const CNO_LOST_LOW = 16;

export function simulatedTelemetry(truth: TaiInstant, health: ReferenceHealth, age: Nanos): ReceiverTelemetry {
  return {
    satellites: { value: skyAt(truth, health), age },
    radio: { value: [radioOf(health)], age },
    make: { software: 'simulated', hardware: 'simulated', extensions: [] },
    ownAccuracyNs: health.fix === 'none' ? undefined : 12,
    problem: undefined,
  };
}

/** Each satellite rises, passes and sets once an orbit; as many of the highest are used as the receiver says it uses. */
function skyAt(truth: TaiInstant, health: ReferenceHealth): readonly SatelliteInSky[] {
  const second = Number(truth / NANOS_PER_SECOND);
  const isCut = health.antenna === 'open' || health.antenna === 'short';
  const lost = isCut ? undefined : health.jamming === 'critical' ? 18 : 0;
  const visible = CONSTELLATIONS.flatMap(({ gnss, satellites, orbitSeconds }, c) =>
    Array.from({ length: satellites }, (_, n) => {
      const turn = ((second % orbitSeconds) / orbitSeconds + n / satellites) % 1;
      const elevation = Math.sin(turn * 2 * Math.PI) * (40 + ((n * 17 + c * 11) % 45));
      return {
        gnss,
        satelliteId: 1 + n * 3 + c,
        elevation,
        azimuth: (turn * 180 + n * 67 + c * 23) % 360,
      };
    }),
  ).filter(({ elevation }) => elevation > 5);
  const byHeight = [...visible].sort((a, b) => b.elevation - a.elevation);
  const used = new Set(byHeight.slice(0, health.satellitesUsed ?? 0));
  return visible.map((satellite) => ({
    gnss: satellite.gnss,
    satelliteId: satellite.satelliteId,
    elevationDegrees: Math.round(satellite.elevation),
    azimuthDegrees: Math.round(satellite.azimuth) % 360,
    cnoDbHz:
      lost === undefined
        ? undefined
        : Math.max(8, Math.round(CNO_OVERHEAD - lost - CNO_LOST_LOW * (1 - satellite.elevation / 90))),
    isUsed: used.has(satellite),
  }));
}

function radioOf(health: ReferenceHealth): RadioBlock {
  const isJammed = health.jamming === 'critical';
  return {
    blockId: 0,
    jamming: health.jamming ?? 'unknown',
    antenna: health.antenna ?? 'unknown',
    antennaPower: 'on',
    noisePerMs: isJammed ? 240 : 86,
    agcCount: isJammed ? 900 : 5_200,
    jammingIndicator: isJammed ? 201 : 9,
  };
}
