/**
 * Numbers that UBX messages share and what they mean: constellations, fixes, UTC standards, signal quality.
 *
 * Source: the u-blox interface descriptions for M8, F9 and later; each table cites the field it was read from.
 */

/** `gnssId`, appendix "GNSS identifiers". */
const GNSS = ['gps', 'sbas', 'galileo', 'beidou', 'imes', 'qzss', 'glonass', 'navic'] as const;
export type GnssName = (typeof GNSS)[number] | 'unknown';
export const gnssName = (id: number): GnssName => GNSS[id] ?? 'unknown';

/** `fixType` of NAV-PVT and `gpsFix` of NAV-STATUS. Dead reckoning has no satellite in it. */
const FIXES = ['none', 'dead-reckoning', '2d', '3d', '3d-dead-reckoning', 'time-only'] as const;
export type FixName = (typeof FIXES)[number] | 'unknown';
export const fixName = (value: number): FixName => FIXES[value] ?? 'unknown';

/** `utcStandard` of NAV-TIMEUTC and the upper half of TIM-TP's `refInfo`. */
const UTC_STANDARDS = ['not-available', 'crl', 'nist', 'usno', 'bipm', 'eu', 'su', 'ntsc', 'npli'] as const;
export type UtcStandard = (typeof UTC_STANDARDS)[number] | 'unknown';
export const utcStandard = (value: number): UtcStandard => UTC_STANDARDS[value] ?? 'unknown';

/** `qualityInd` of NAV-SAT and NAV-SIG: how far tracking has come. 5, 6 and 7 mean the same. */
const QUALITIES = ['no-signal', 'searching', 'acquired', 'unusable', 'code', 'carrier', 'carrier', 'carrier'] as const;
export type SignalQuality = (typeof QUALITIES)[number];
export const signalQuality = (value: number): SignalQuality => QUALITIES[value & 7]!;

/** `health` of NAV-SAT and NAV-SIG. */
const HEALTHS = ['unknown', 'healthy', 'unhealthy', 'unknown'] as const;
export type SatelliteHealth = (typeof HEALTHS)[number];
export const satelliteHealth = (value: number): SatelliteHealth => HEALTHS[value & 3]!;

/** `jammingState` of MON-HW, MON-RF and SEC-SIG. 0 also means that the monitor is switched off (CFG-ITFM-ENABLE). */
const JAMMINGS = ['unknown', 'none', 'warning', 'critical'] as const;
export type JammingState = (typeof JAMMINGS)[number];
export const jammingState = (value: number): JammingState => JAMMINGS[value & 3]!;

/** `spoofDetState` of NAV-STATUS and `spoofingState` of SEC-SIG: 3 is "multiple indications" and "affirmed". */
const SPOOFINGS = ['unknown', 'none', 'indicated', 'affirmed'] as const;
export type SpoofingState = (typeof SPOOFINGS)[number];
export const spoofingState = (value: number): SpoofingState => SPOOFINGS[value] ?? 'unknown';

/** `antStatus` of MON-RF, `aStatus` of MON-HW. */
const ANTENNAS = ['initialising', 'unknown', 'ok', 'short', 'open'] as const;
export type AntennaStatus = (typeof ANTENNAS)[number];
export const antennaStatus = (value: number): AntennaStatus => ANTENNAS[value] ?? 'unknown';

/** `antPower` of MON-RF, `aPower` of MON-HW. */
const POWERS = ['off', 'on', 'unknown'] as const;
export type AntennaPower = (typeof POWERS)[number];
export const antennaPower = (value: number): AntennaPower => POWERS[value] ?? 'unknown';
