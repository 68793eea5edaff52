/**
 * The sky, the radio and the make of a receiver, as it told them: for people who look, never for a bound.
 *
 * Satellites come whole in NAV-SAT, or in pieces in GSV with GSA saying which are used; where both speak, NAV-SAT is taken.
 * Each part keeps when it was said. Everything is bounded whatever a stranger writes: known constellations only, one entry a
 * satellite, a few radio blocks.
 *
 * What the receiver's words mean for its health is decided in receiver-state.ts.
 */

import { LIMITS } from '../limits.ts';
import { since, type MonoInstant, type Nanos } from '../time/nanos.ts';
import type { ReceivedMessage } from './decoder.ts';
import type { Gsa, Gsv } from './nmea-sky.ts';
import type { RfBlock } from './ubx-mon.ts';
import type { Satellite } from './ubx-nav-sky.ts';
import type { GnssName } from './ubx-names.ts';

export type SatelliteInSky = Pick<Satellite, 'gnss' | 'satelliteId' | 'elevationDegrees' | 'azimuthDegrees'> & {
  /** Undefined: not tracked. The strongest where several signals are received. */
  readonly cnoDbHz: number | undefined;
  readonly isUsed: boolean;
};

/** What one part of the receiver does; MON-HW knows one block and calls it by no number. */
export type RadioBlock = Omit<RfBlock, 'blockId'> & { readonly blockId: number | undefined };

export type ReceiverTelemetry = {
  readonly satellites: { readonly value: readonly SatelliteInSky[]; readonly age: Nanos } | undefined;
  readonly radio: { readonly value: readonly RadioBlock[]; readonly age: Nanos } | undefined;
  readonly make:
    { readonly software: string; readonly hardware: string; readonly extensions: readonly string[] } | undefined;
  /** The receiver's own idea of its accuracy, ns: shown, never believed. */
  readonly ownAccuracyNs: number | undefined;
  /** What last kept a pulse or a time of day from being used. */
  readonly problem: { readonly code: string; readonly detail: string; readonly age: Nanos } | undefined;
};

type Told<T> = { readonly value: T; readonly at: MonoInstant };

/** NAV-SAT older than this gives way to GSV: a receiver was told to speak NMEA only. */
const SKY_FRESH_NS = 10_000_000_000n;

const GNSS_OF_TALKER: Readonly<Record<string, GnssName>> = {
  GP: 'gps',
  GL: 'glonass',
  GA: 'galileo',
  GB: 'beidou',
  BD: 'beidou',
  GQ: 'qzss',
  GI: 'navic',
};

/** `systemId` of GSA (NMEA 0183 version 4.11, table 20). */
const GNSS_OF_SYSTEM: Readonly<Record<string, GnssName>> = {
  1: 'gps',
  2: 'glonass',
  3: 'galileo',
  4: 'beidou',
  5: 'qzss',
  6: 'navic',
};

export class TelemetryFold {
  #satellites: Told<readonly SatelliteInSky[]> | undefined;
  #radio: Told<readonly RadioBlock[]> | undefined;
  #make: ReceiverTelemetry['make'];
  #ownAccuracyNs: number | undefined;
  readonly #views = new NmeaSky();

  observe({ message, lastArrival: at }: ReceivedMessage): void {
    switch (message.type) {
      case 'NAV-SAT':
        this.#satellites = { value: message.satellites.slice(0, LIMITS.gnssSatellitesMax).map(fromUbx), at };
        return;
      case 'GSV':
        this.#views.takeView(message, at);
        return;
      case 'GSA':
        this.#views.takeUsed(message);
        return;
      case 'MON-RF':
        this.#radio = { value: message.blocks.slice(0, LIMITS.gnssRadioBlocksMax), at };
        return;
      case 'MON-HW': {
        const { noisePerMs, agcCount, antenna, antennaPower, jamming, jammingIndicator } = message;
        const block = { blockId: undefined, noisePerMs, agcCount, antenna, antennaPower, jamming, jammingIndicator };
        this.#radio = { value: [block], at };
        return;
      }
      case 'MON-VER':
        this.#make = {
          software: message.software,
          hardware: message.hardware,
          extensions: message.extensions.slice(0, LIMITS.gnssExtensionsMax),
        };
        return;
      case 'NAV-PVT':
        this.#ownAccuracyNs = message.timeAccuracyNs;
        return;
      default:
        return;
    }
  }

  at(now: MonoInstant): Omit<ReceiverTelemetry, 'problem'> {
    const fromNmea = this.#views.told();
    const isUbxFresh = this.#satellites !== undefined && since(now, this.#satellites.at) <= SKY_FRESH_NS;
    const satellites = isUbxFresh ? this.#satellites : (fromNmea ?? this.#satellites);
    return {
      satellites: aged(satellites, now),
      radio: aged(this.#radio, now),
      make: this.#make,
      ownAccuracyNs: this.#ownAccuracyNs,
    };
  }
}

const aged = <T>(
  told: Told<T> | undefined,
  now: MonoInstant,
): { readonly value: T; readonly age: Nanos } | undefined =>
  told === undefined ? undefined : { value: told.value, age: since(now, told.at) };

function fromUbx(s: Satellite): SatelliteInSky {
  return {
    gnss: s.gnss,
    satelliteId: s.satelliteId,
    elevationDegrees: s.elevationDegrees,
    azimuthDegrees: s.azimuthDegrees,
    cnoDbHz: s.cnoDbHz === 0 ? undefined : s.cnoDbHz,
    isUsed: s.isUsed,
  };
}

/** Signals of one constellation that are kept apart while their sentences come. */
const SIGNALS_MAX = 8;

/** The sky put together from sentences: a view is taken when its last sentence came. */
class NmeaSky {
  /** By constellation and signal. */
  readonly #views = new Map<string, readonly Gsv['satellites'][number][]>();
  readonly #coming = new Map<string, { readonly parts: number; readonly satellites: Gsv['satellites'][number][] }>();
  readonly #used = new Map<GnssName, ReadonlySet<number>>();
  #at: MonoInstant | undefined;

  takeView(message: Gsv, at: MonoInstant): void {
    const gnss = GNSS_OF_TALKER[message.talker];
    const { part, parts } = message;
    if (gnss === undefined || part === undefined || parts === undefined || parts > 9) return;
    const key = `${gnss}/${message.signalId ?? ''}`;
    const isKnown = this.#views.has(key) || this.#coming.has(key);
    if (!isKnown && this.#keysOf(gnss) >= SIGNALS_MAX) return;
    const coming = part === 1 ? { parts, satellites: [] } : this.#coming.get(key);
    if (coming?.parts !== parts) return;
    coming.satellites.push(...message.satellites);
    this.#coming.set(key, coming);
    if (part !== parts) return;
    this.#coming.delete(key);
    this.#views.set(key, coming.satellites.slice(0, LIMITS.gnssSatellitesMax));
    this.#at = at;
  }

  takeUsed({ talker, systemId, satelliteIds }: Gsa): void {
    const gnss = systemId === undefined ? GNSS_OF_TALKER[talker] : GNSS_OF_SYSTEM[systemId];
    if (gnss !== undefined) this.#used.set(gnss, new Set(satelliteIds));
  }

  told(): Told<readonly SatelliteInSky[]> | undefined {
    if (this.#at === undefined) return undefined;
    const bySatellite = new Map<string, SatelliteInSky>();
    for (const [key, satellites] of this.#views) {
      const gnss = key.slice(0, key.indexOf('/')) as GnssName;
      for (const seen of satellites) {
        const name = `${gnss}/${seen.satelliteId}`;
        const other = bySatellite.get(name);
        if (other !== undefined && (other.cnoDbHz ?? -1) >= (seen.cnoDbHz ?? -1)) continue;
        if (other === undefined && bySatellite.size >= LIMITS.gnssSatellitesMax) continue;
        bySatellite.set(name, { ...seen, gnss, isUsed: this.#used.get(gnss)?.has(seen.satelliteId) ?? false });
      }
    }
    return { value: [...bySatellite.values()], at: this.#at };
  }

  #keysOf(gnss: GnssName): number {
    let count = 0;
    for (const key of new Set([...this.#views.keys(), ...this.#coming.keys()])) if (key.startsWith(`${gnss}/`)) count++;
    return count;
  }
}
