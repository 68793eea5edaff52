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
  'api-host-not-local': {
    sentence: 'the request names a host that is not this machine',
    remedy: 'address the API as 127.0.0.1, localhost or its unix socket',
  },
  'api-cross-site': {
    sentence: 'the request comes from a web page of another site',
    remedy: 'use the API from its own page, a program, or the command line',
  },
  'api-not-found': {
    sentence: 'there is nothing at that path or sequence number',
    remedy: 'see /v1/openapi.json for what there is',
  },
  'api-bad-request': {
    sentence: 'the request does not fit the schema of its path',
    remedy: 'see /v1/openapi.json for what the path takes',
  },
  'api-internal': {
    sentence: 'the request failed inside momentd',
    remedy: 'read the log of the agent; report it if the cause is not yours',
  },
  'api-address-in-use': {
    sentence: 'the API cannot listen where it was told to',
    remedy: 'stop the other process or configure another address',
  },
  'evidence-not-kept': {
    sentence: 'the evidence with that digest is not kept here',
    remedy: 'ask earlier, raise the retention of evidence, or ask an archive',
  },
  'config-unreadable': {
    sentence: 'the configuration file cannot be read',
    remedy: 'give the path of a readable file with --config, or make one with momentd init',
  },
  'config-invalid': {
    sentence: 'the configuration file has a mistake',
    remedy: 'mend the line that is named; docs/configuration.md lists every key',
  },
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;

/** Codes that once meant something; their names stay taken. */
export const RETIRED_CODES: readonly string[] = [];
