/**
 * Writes test/vectors/ordering-*.json. Run it with node when a format changes on purpose; the files are what is tested.
 */

import { encodeCbor, type CborValue } from '../../../src/core/codec/cbor.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { encodeCutVote } from '../../../src/core/ordering/cut.ts';
import { encodeOrderEntry } from '../../../src/core/ordering/order-entry.ts';
import { countsOf, seenInterval } from '../../../src/core/ordering/seen-interval.ts';
import { cutSeed, sortKey } from '../../../src/core/ordering/sort-key.ts';
import { encodeSubject, subjectIdOf } from '../../../src/core/ordering/subject.ts';
import { interval } from '../../../src/core/time/interval.ts';
import { taiInstant } from '../../../src/core/time/nanos.ts';
import { digestOf } from '../attestation/actors.ts';
import { writeVectors } from '../attestation/vector-file.ts';

const network = digestOf('network');
const MAX = (1n << 63n) - 1n;

function sortKeys(): object[] {
  const cases: [string, number, string, bigint, bigint, string][] = [
    ['an instant', 7_200_000_000, 'a', 5n, 5n, 'nothing to draw: the point is the instant'],
    ['a microsecond', 7_200_000_000, 'a', 1_800_000_000_000_000_000n, 1_800_000_000_000_001_000n, 'drawn inside'],
    ['another slot', 7_200_000_001, 'a', 1_800_000_000_000_000_000n, 1_800_000_000_000_001_000n, 'another seed'],
    ['another subject', 7_200_000_000, 'b', 1_800_000_000_000_000_000n, 1_800_000_000_000_001_000n, 'another point'],
    ['as wide as can be', 1, 'a', 0n, MAX, 'the width plus one is 2^63'],
  ];
  return cases.map(([name, slot, label, lo, hi, why]) => {
    const lanesDigest = digestOf('lanes');
    const seed = cutSeed({ network, slot, lanesDigest });
    const subject = digestOf(label);
    return {
      name,
      input: {
        network: toHex(network),
        slot,
        lanes_digest: toHex(lanesDigest),
        subject: toHex(subject),
        lo_ns: lo.toString(),
        hi_ns: hi.toString(),
      },
      expect: {
        seed: toHex(seed),
        point_ns: sortKey(seed, subject, interval(taiInstant(lo), taiInstant(hi))).toString(),
      },
      why,
    };
  });
}

function seenIntervals(): object[] {
  const cases: [string, number, [number, number][], string][] = [
    [
      'all four lanes',
      4,
      [
        [10, 11],
        [20, 21],
        [30, 31],
        [40, 41],
      ],
      'second smallest earliest, third smallest latest',
    ],
    [
      'three of four',
      4,
      [
        [10, 11],
        [20, 21],
        [30, 31],
      ],
      'the absent lane counts as later than any',
    ],
    [
      'three of four, the early one absent',
      4,
      [
        [20, 21],
        [30, 31],
        [40, 41],
      ],
      'so the interval is later, never earlier',
    ],
    [
      'two of four',
      4,
      [
        [10, 11],
        [20, 21],
      ],
      'no quorum, not ready',
    ],
    [
      'a lie early',
      4,
      [
        [1, 1],
        [20, 21],
        [30, 31],
        [40, 41],
      ],
      'one liar does not move lo before an honest earliest',
    ],
    [
      'a lie late',
      4,
      [
        [10, 11],
        [20, 21],
        [30, 31],
        [900, 901],
      ],
      'nor hi past an honest latest',
    ],
    ['one lane', 1, [[10, 11]], 'f is 0'],
    [
      'seven lanes',
      7,
      [
        [1, 9],
        [2, 8],
        [3, 7],
        [4, 6],
        [5, 10],
        [6, 11],
        [7, 12],
      ],
      'f is 2, q is 5',
    ],
  ];
  return cases.map(([name, n, reports, why]) => {
    const seen = seenInterval(
      countsOf(n),
      reports.map(([from, to]) => interval(taiInstant(BigInt(from)), taiInstant(BigInt(to)))),
    );
    const expect =
      seen === undefined ? { ready: false } : { ready: true, lo: Number(seen.earliest), hi: Number(seen.latest) };
    return { name, input: { n, reports }, expect, why };
  });
}

function records(): object[] {
  const vectors: object[] = [];
  const right = (kind: string, name: string, bytes: Uint8Array, fields: object, why: string): void => {
    vectors.push({ name, input: { kind, bytes: toHex(bytes) }, expect: { verdict: 'accept', ...fields }, why });
  };
  const wrong = (kind: string, name: string, value: CborValue | Uint8Array, code: string, why: string): void => {
    const bytes = value instanceof Uint8Array ? value : encodeCbor(value);
    vectors.push({ name, input: { kind, bytes: toHex(bytes) }, expect: { verdict: 'reject', code }, why });
  };
  const root = digestOf('root');
  const lanesDigest = digestOf('lanes');
  const vote = encodeCutVote({ slot: 7_200_000_000, lanesDigest, order: { size: 3, root } });
  right('cut-vote', 'a vote', vote, { subject: toHex(sha256(vote)) }, 'key 7 is the hash of the body');
  wrong('cut-vote', 'vote without an order', [1n, lanesDigest, 3n], 'cut-vote-format', 'three of four');
  wrong('cut-vote', 'vote with a short root', [1n, lanesDigest, 3n, root.slice(1)], 'cut-vote-format', '31 bytes');
  wrong('cut-vote', 'vote for a negative slot', [-1n, lanesDigest, 3n, root], 'cut-vote-format', 'a count');
  wrong(
    'cut-vote',
    'vote for slot 2^48 + 1',
    [2n ** 48n + 1n, lanesDigest, 3n, root],
    'cut-vote-format',
    'out of range',
  );
  wrong('cut-vote', 'vote with bytes after it', Uint8Array.of(...vote, 0), 'cut-vote-format', 'one value, no more');
  wrong(
    'cut-vote',
    'vote with a long size',
    Uint8Array.from([...vote].flatMap((b, i) => (vote[i] === 3 && i > 40 ? [0x18, 3] : [b]))),
    'cut-vote-format',
    'not the shortest form',
  );
  wrong('cut-vote', 'vote too long', [1n, new Uint8Array(64), 3n, root], 'cut-vote-format', 'over the bound');

  const entry = encodeOrderEntry({
    index: 7,
    subject: digestOf('a'),
    moment: taiInstant(1_800_000_000_000_000_123n),
    seen: interval(taiInstant(1_800_000_000_000_000_100n), taiInstant(1_800_000_000_000_000_200n)),
    slot: 7_200_000_000,
    isLate: false,
  });
  const subject = digestOf('a');
  right('order-entry', 'an order entry', entry, { subject: toHex(subject), index: '7' }, 'a leaf of the order log');
  wrong('order-entry', 'entry of six', [7n, subject, 1n, 1n, 2n, 5n], 'order-entry-format', 'no late flag');
  wrong(
    'order-entry',
    'entry with a number as flag',
    [7n, subject, 1n, 1n, 2n, 5n, 0n],
    'order-entry-format',
    'not a boolean',
  );
  wrong(
    'order-entry',
    'entry with lo above hi',
    [7n, subject, 1n, 3n, 2n, 5n, false],
    'order-entry-format',
    'empty interval',
  );
  wrong(
    'order-entry',
    'entry with a negative index',
    [-7n, subject, 1n, 1n, 2n, 5n, false],
    'order-entry-format',
    'a count',
  );
  wrong('order-entry', 'entry too long', new Uint8Array(97), 'order-entry-format', 'over the bound');

  const made = {
    network,
    claimed: taiInstant(1_800_000_000_000_000_000n),
    priority: 1,
    sender: Uint8Array.of(1),
    digest: subject,
  };
  const record = encodeSubject(made);
  right('subject', 'a subject', record, { id: toHex(subjectIdOf(record)) }, 'its id is SHA-256 of the record');
  const bare = encodeSubject({ ...made, claimed: taiInstant(0n), priority: 255, sender: new Uint8Array() });
  right('subject', 'a subject without a sender', bare, { id: toHex(subjectIdOf(bare)) }, 'a sender may be empty');
  const domain = 'momentd subject v1';
  wrong(
    'subject',
    'subject of another domain',
    ['momentd subject v2', network, 1n, 1n, subject, subject],
    'subject-format',
    'unknown version',
  );
  wrong(
    'subject',
    'subject with priority 256',
    [domain, network, 1n, 256n, subject, subject],
    'subject-format',
    '0 to 255',
  );
  wrong(
    'subject',
    'subject of a negative time',
    [domain, network, -1n, 1n, subject, subject],
    'subject-format',
    'before 1970',
  );
  wrong(
    'subject',
    'subject past 2262',
    [domain, network, 2n ** 63n, 1n, subject, subject],
    'subject-format',
    'over 63 bits',
  );
  wrong(
    'subject',
    'subject with a sender of 33 bytes',
    [domain, network, 1n, 1n, new Uint8Array(33), subject],
    'subject-format',
    'at most 32',
  );
  wrong(
    'subject',
    'subject with a short digest',
    [domain, network, 1n, 1n, subject, subject.slice(1)],
    'subject-format',
    '31 bytes',
  );
  wrong('subject', 'subject of five', [domain, network, 1n, 1n, subject], 'subject-format', 'no digest');
  wrong('subject', 'subject too long', new Uint8Array(161), 'subject-format', 'over the bound');
  return vectors;
}

const about = (what: string): string => `momentd order: ${what}; docs/spec/ordering.md`;
writeVectors('ordering-sort-key.json', { about: about('seed of a cut and point of a subject'), vectors: sortKeys() });
writeVectors('ordering-seen.json', {
  about: about('interval of a subject from the reports of n lanes'),
  vectors: seenIntervals(),
});
writeVectors('ordering-records.json', { about: about('bodies and records, right and wrong'), vectors: records() });
