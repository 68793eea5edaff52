/**
 * UBX timing messages: TIM-TP (the pulse to come) and TIM-SVIN (survey-in).
 *
 * Offsets: u-blox M8 interface description (UBX-13003221) 32.19, F9T (UBX-19040941) 3.18.
 */

import type { ByteReader } from './byte-reader.ts';
import { claim, type Claim } from './claim.ts';
import { utcStandard, type UtcStandard } from './ubx-names.ts';

/** Lower half of `refInfo`: whose time the pulse is aligned to when the base is GNSS. 15: not known. */
const BASES = ['gps', 'glonass', 'beidou', 'galileo', 'navic'] as const;
export type PulseBase = (typeof BASES)[number] | 'utc' | 'unknown';

const RAIMS = ['not-available', 'inactive', 'active', 'unknown'] as const;

/** Describes the NEXT pulse: it is sent before the pulse it speaks of. */
export type TimTp = {
  readonly type: 'TIM-TP';
  /** Time of week of the pulse in its own time base, milliseconds. */
  readonly towMs: number;
  /** The rest of it, in units of 2^-32 ms. */
  readonly towSubMs: number;
  /** Week of the pulse, in the count of its own time base. */
  readonly week: number;
  readonly base: PulseBase;
  readonly isUtcAvailable: boolean;
  readonly raim: (typeof RAIMS)[number];
  /** Quantisation error of the pulse, picoseconds. */
  readonly quantisationErrorPs: Claim<number>;
  readonly isPulseLocked: boolean;
  readonly utcStandard: UtcStandard;
};

/** 0d 01, 16 bytes. Flag bits 4 and 5 came with protocol 18 and 27; before, they are zero: valid, locked. */
export function readTimTp(p: ByteReader): TimTp {
  return {
    type: 'TIM-TP',
    towMs: p.u4(0),
    towSubMs: p.u4(4),
    week: p.u2(12),
    base: p.bit(14, 0) ? 'utc' : (BASES[p.bits(15, 0, 4)] ?? 'unknown'),
    isUtcAvailable: p.bit(14, 1),
    raim: RAIMS[p.bits(14, 2, 2)]!,
    quantisationErrorPs: claim(!p.bit(14, 4), p.i4(8)),
    isPulseLocked: !p.bit(14, 5),
    utcStandard: utcStandard(p.bits(15, 4, 4)),
  };
}

export type TimSvin = {
  readonly type: 'TIM-SVIN';
  readonly durationSeconds: number;
  readonly meanXCm: number;
  readonly meanYCm: number;
  readonly meanZCm: number;
  readonly varianceMm2: number;
  readonly observations: number;
  readonly isValid: boolean;
  readonly isActive: boolean;
};

/** 0d 04, 28 bytes. */
export function readTimSvin(p: ByteReader): TimSvin {
  return {
    type: 'TIM-SVIN',
    durationSeconds: p.u4(0),
    meanXCm: p.i4(4),
    meanYCm: p.i4(8),
    meanZCm: p.i4(12),
    varianceMm2: p.u4(16),
    observations: p.u4(20),
    isValid: p.u1(24) === 1,
    isActive: p.u1(25) === 1,
  };
}
