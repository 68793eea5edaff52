/**
 * What an oscillator says of itself. Every field may be absent; an absent one never reads as good. `locked` is the atomic lock
 * and nothing more: it says nothing about the phase against UTC.
 */

export type OscillatorFacts = {
  readonly locked?: boolean;
  readonly temperatureMilliC?: number;
  /** Whether the phase against its own pulse input is within its threshold. */
  readonly disciplineLocked?: boolean;
  /** Phase against its own pulse input as it measures it, ns, possibly fractional: shown, never used in a bound. */
  readonly phaseNs?: number;
  /** Raised alarms by name. */
  readonly alarms?: readonly string[];
};

export type ReplyFault = 'unknown-form' | 'bad-checksum' | 'command-refused';

/** What one line told; `notice` is a line that answers nothing (an announcement at start-up). */
export type OscillatorReply =
  | { readonly kind: 'facts'; readonly facts: OscillatorFacts }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'fault'; readonly fault: ReplyFault; readonly line: string };

export const factsReply = (facts: OscillatorFacts): OscillatorReply => ({ kind: 'facts', facts });
export const faultReply = (fault: ReplyFault, line: string): OscillatorReply => ({ kind: 'fault', fault, line });

/** A decimal number as these instruments write it, or undefined. */
export function parseDecimal(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?\d{1,12}(\.\d{1,12})?$/.test(text)) return undefined;
  return Number(text);
}

/** A whole decimal number, or undefined. */
export function parseWhole(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?\d{1,12}$/.test(text) ? Number(text) : undefined;
}
