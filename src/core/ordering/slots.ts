/**
 * Slots: TAI cut into equal lengths, each of which gets one cut. docs/spec/ordering.md, "Slots".
 *
 * A lane's statement belongs to the slot that holds its time (key 6, the middle of its interval). Times in a lane only
 * rise, so once a lane has a statement past a slot's end, what it says of that slot is complete for ever.
 */

import type { GenesisParameters } from '../attestation/genesis.ts';
import { periodOf, periodStart } from '../time/periods.ts';
import { negate, shift, type TaiInstant } from '../time/nanos.ts';

export type SlotParameters = Pick<GenesisParameters, 'slot' | 'tickMax'>;

export const slotOf = (tai: TaiInstant, { slot }: SlotParameters): number => periodOf(tai, slot);

/** The first instant after the slot. */
export const slotEnd = (number: number, { slot }: SlotParameters): TaiInstant => periodStart(number + 1, slot);

/**
 * T_C: no report that comes after this slot's cut can end at or before it. A later report stands in a statement at or
 * after the slot's end, and a report that ends a longest tick or more before its statement is not counted.
 */
export const watermarkOf = (number: number, parameters: SlotParameters): TaiInstant =>
  shift(slotEnd(number, parameters), negate(parameters.tickMax));
