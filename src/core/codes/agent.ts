/** Codes of the agent, its command line and its API. The rules of the table are in ../codes.ts. */

import type { CodeEntry } from './entry.ts';

export const AGENT_CODES = {
  'addon-not-loaded': {
    sentence: 'the native addon could not be loaded, so no hardware clock can be read',
    remedy: 'run npm rebuild with make and g++ installed, or use simulated sources only',
  },
  'agent-not-reached': {
    sentence: 'no running agent answered there',
    remedy: 'start it with momentd run, or name its socket or address with --api',
  },
  'agent-refused': {
    sentence: 'the agent answered with a problem',
    remedy: 'its code and words are in the message',
  },
  'api-address-in-use': {
    sentence: 'the API cannot listen where it was told to',
    remedy: 'stop the other process or configure another address',
  },
  'api-bad-request': {
    sentence: 'the request does not fit the schema of its path',
    remedy: 'see /v1/openapi.json for what the path takes',
  },
  'api-body-too-large': {
    sentence: 'the body of the request is longer than the API reads',
    remedy: 'send less; batches are bounded too',
  },
  'api-cross-site': {
    sentence: 'the request comes from a web page of another site',
    remedy: 'use the API from its own page, a program, or the command line',
  },
  'api-events-forgotten': {
    sentence: 'events after that id are no longer kept, or the id is of another run of the agent',
    remedy: 'read the status afresh, then follow from here',
  },
  'api-follower-slow': {
    sentence: 'the follower took the events too slowly and was dropped',
    remedy: 'come back with the id of the last event you have',
  },
  'api-host-not-local': {
    sentence: 'the request names a host that is not this machine',
    remedy: 'address the API as 127.0.0.1, localhost or its unix socket',
  },
  'api-internal': {
    sentence: 'the request failed inside momentd',
    remedy: 'read the log of the agent; report it if the cause is not yours',
  },
  'api-not-found': {
    sentence: 'there is nothing at that path or sequence number',
    remedy: 'see /v1/openapi.json for what there is',
  },
  'api-page-unreadable': {
    sentence: 'the files of the dashboard cannot be read, so there is no page; the API is not concerned',
    remedy: 'install the package again: it is not whole',
  },
  'api-rate-limited': {
    sentence: 'more requests come than the API answers',
    remedy: 'ask less often; follow /v1/events instead of asking again and again',
  },
  'api-stopping': {
    sentence: 'the agent is stopping',
    remedy: 'come back when it runs again',
  },
  'api-token-missing': {
    sentence: 'the request would change something and carries no token',
    remedy: 'send Authorization: Bearer with the content of api.token in the state directory',
  },
  'api-token-wrong': {
    sentence: 'the token is not that of this run of the agent',
    remedy: 'read api.token in the state directory afresh; a restart makes a new one',
  },
  'api-too-many-followers': {
    sentence: 'as many follow the events as the agent serves',
    remedy: 'end a follower, or wait for one to end',
  },
  'api-too-many-searches': {
    sentence: 'as many searches by capability run as the agent makes at once',
    remedy: 'ask again in ten seconds',
  },
  'api-too-many-waiters': {
    sentence: 'as many wait for a narrow bound as the agent serves',
    remedy: 'ask again in a second',
  },
  'bracket-backwards': {
    sentence: 'the stamps around a reading ran backwards, so a host clock was stepped during it',
    remedy: 'none is needed if it was once; otherwise stop the program that steps the clock',
  },
  'cli-usage': {
    sentence: 'the options of the command do not go together',
    remedy: 'momentd COMMAND --help shows what it takes',
  },
  'commit-failed': {
    sentence: 'a statement could not be committed for a reason that has no code',
    remedy: 'read the log of the agent and report it',
  },
  'config-invalid': {
    sentence: 'the configuration file has a mistake',
    remedy: 'mend the line that is named; docs/configuration.md lists every key',
  },
  'config-unreadable': {
    sentence: 'the configuration file cannot be read',
    remedy: 'give the path of a readable file with --config, or make one with momentd init',
  },
  'file-exists': {
    sentence: 'a file that would be written is there already',
    remedy: 'choose another directory or remove the file yourself; momentd never overwrites one',
  },
  'file-unreadable': {
    sentence: 'the file cannot be read',
    remedy: 'check the path and its permissions',
  },
  'file-unwritable': {
    sentence: 'a file could not be written',
    remedy: 'check the directory, its permissions and the space on its disk',
  },
  'own-time-apart': {
    sentence: 'our own interval lies outside what enough validators agree on',
    remedy: 'find what is wrong with our sources; the agent never corrects itself from peers',
  },
  'role-key-registered': {
    sentence: 'the role is to follow without signing, but the key is that of a validator of the genesis record',
    remedy:
      'give the observer or archive a key of its own (momentd init --role observer makes one), and leave this one to its validator',
  },
  'role-observer': {
    sentence: 'this agent follows the network as an observer or archive: it tells no time and signs nothing',
    remedy: 'nothing is wrong here; ask a validator for the time and for timestamps',
  },
  'system-clock-unsynchronized': {
    sentence: 'the kernel says that nothing disciplines the system clock',
    remedy: 'start a time daemon, or take the system source out of the configuration',
  },
  'system-tai-unset': {
    sentence: 'the kernel was never told TAI-UTC, so its TAI clock reads UTC',
    remedy: "let chronyd (leapsectz right/UTC) or another daemon set the kernel's TAI offset",
  },
  'verification-queue-full': {
    sentence: 'more signatures wait to be verified than the queue may hold',
    remedy: 'send less, or verify on more cores',
  },
  'verification-worker-lost': {
    sentence: 'a verification thread ended before it answered',
    remedy: 'see the log of the agent; the work may be sent again',
  },
} as const satisfies Record<string, CodeEntry>;
