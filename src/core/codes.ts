/**
 * The one table of codes: why the agent refuses, what failed outside, what is wrong with a stranger's bytes.
 *
 * A code is never renamed and never reused; a retired one stays listed in `RETIRED_CODES`. Each has one sentence (what
 * holds) and one remedy (what would clear it). docs/errors.md lists the same codes; the tidy test holds the two together.
 * Programs branch on codes, never on the sentences.
 */

export type CodeEntry = { readonly sentence: string; readonly remedy: string };

export const CODES = {
  'addon-not-loaded': {
    sentence: 'the native addon could not be loaded, so no hardware clock can be read',
    remedy: 'run npm rebuild with make and g++ installed, or use simulated sources only',
  },
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;

/** Codes that once meant something; their names stay taken. */
export const RETIRED_CODES: readonly string[] = [];
