/** What `momentd verify` says of a file, whatever kind it is. */

import type { Code } from '../core/codes.ts';
import type { Fault } from '../core/verdict.ts';

export type Judgement = {
  readonly kind: string;
  readonly isValid: boolean;
  readonly code?: Code;
  readonly detail?: string;
  /** What the file says, for programs. */
  readonly says: Readonly<Record<string, unknown>>;
  /** What it says, line by line, for people. */
  readonly lines: readonly string[];
  readonly checked: readonly string[];
  readonly unchecked: readonly string[];
};

/** Files that go with a statement. */
export type Beside = {
  readonly evidence?: Uint8Array;
  /** The host identity record that the evidence names. */
  readonly identity?: Uint8Array;
  readonly body?: Uint8Array;
  /** The entry a lane proof does not carry: itself, or another proof that does. */
  readonly entry?: Uint8Array;
};

export const TWICE = 'the signature, by libsodium and again by @noble/curves';
export const BELIEVED = 'the network: it is the one the file names (give --genesis or --network)';

export const invalid = (kind: string, found: Fault): Judgement => ({
  kind,
  isValid: false,
  code: found.fault,
  detail: found.detail,
  says: {},
  lines: [],
  checked: [],
  unchecked: [],
});
