/** What peers send: frames in any pieces, requests and their answers, answers about time, addresses of other peers. */

import { isDeepStrictEqual } from 'node:util';
import { encodeStatement, intervalOf } from '../../src/core/attestation/statement.ts';
import { verifyStatement } from '../../src/core/attestation/verify-statement.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { addressGroupOf } from '../../src/core/peers/address-group.ts';
import { findingOf, nextNonce, spanOf, subjectOfNonce } from '../../src/core/peers/time-exchange.ts';
import { decodeFrame, encodeFrame } from '../../src/core/propagation/frame.ts';
import { FrameReader, writeLength } from '../../src/core/propagation/frame-reader.ts';
import {
  decodeAddresses,
  decodeRangeAnswer,
  decodeRequest,
  decodeSizes,
  encodeAddresses,
  encodeRangeAnswer,
  encodeRequest,
  encodeSizes,
  packEntries,
  unpackEntries,
} from '../../src/core/propagation/requests.ts';
import { interval } from '../../src/core/time/interval.ts';
import { nanos, shift, taiInstant } from '../../src/core/time/nanos.ts';
import { ppt } from '../../src/core/time/rate.ts';
import { isFault } from '../../src/core/verdict.ts';
import { hostOf, parseAddress, peerNameIn } from '../../src/io/gossip/addresses.ts';
import { ALICE, digestOf, signPayload, statement } from '../../test/core/attestation/actors.ts';
import { hex, holds, sameBytes, type Target } from '../target.ts';
import { courtOf, judged, read, refusal, plainInputs } from './laws.ts';

const frameSeeds = plainInputs('frame.json').map(hex);

const frame: Target = {
  name: 'frame',
  about: 'core/propagation/frame: items of one kind',
  forms: ['bytes'],
  seeds: [...frameSeeds, encodeFrame({ kind: 'faults', items: [new Uint8Array(300).fill(7)] })],
  inputBytesMax: 2_048,
  run: (input) =>
    read(
      () => decodeFrame(input),
      (decoded) => {
        sameBytes(encodeFrame(decoded), input, 'a frame has one encoding');
        return decoded.kind;
      },
    ),
};

const framed = (...items: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(
    items.flatMap((item) => {
      const whole = new Uint8Array(4 + item.length);
      whole.set(item, 4);
      writeLength(whole);
      return [...whole];
    }),
  );

const READER_BYTES_MAX = 1_024;

/** Every frame and the fault that `chunks` give, joined. */
function readAll(chunks: Iterable<Uint8Array>): { frames: string[]; fault: string | undefined } {
  const reader = new FrameReader({ bytesMax: READER_BYTES_MAX });
  const frames: string[] = [];
  let fault: string | undefined;
  for (const chunk of chunks) {
    const read = reader.push(chunk);
    // A frame may be a view of its chunk: it is read before the chunk is gone.
    for (const bytes of read.frames) frames.push(Buffer.from(bytes).toString('hex'));
    fault = read.fault?.fault;
    holds(reader.heldBytes <= READER_BYTES_MAX + 4, 'no more than one frame is held');
  }
  return { frames, fault };
}

function* pieces(input: Uint8Array): Generator<Uint8Array> {
  // Sizes from the input itself: 1 to 8 bytes.
  for (let at = 0; at < input.length;) {
    const size = 1 + (input[at]! & 7);
    yield input.slice(at, at + size);
    at += size;
  }
}

const frameReader: Target = {
  name: 'frame-reader',
  about: 'core/propagation/frame-reader: a stream in one piece and in many',
  forms: ['bytes'],
  seeds: [framed(Uint8Array.of(1)), framed(...frameSeeds.slice(0, 4)), framed(new Uint8Array(700), new Uint8Array(3))],
  inputBytesMax: 2_048,
  run(input) {
    const whole = readAll([input]);
    const inPieces = readAll(pieces(input));
    holds(isDeepStrictEqual(whole, inPieces), 'a stream means the same in any pieces');
    return `${whole.frames.length} ${whole.fault ?? 'ok'}`;
  },
};

const someEntries = [Uint8Array.of(1), new Uint8Array(40).fill(2), new Uint8Array(300).fill(3)];

const requests: Target = {
  name: 'requests',
  about: 'core/propagation/requests: questions and answers about lanes and peers',
  forms: ['cbor', 'bytes'],
  seeds: [
    encodeRequest({ kind: 'sizes' }),
    encodeRequest({ kind: 'peers' }),
    encodeRequest({ kind: 'range', kid: ALICE.kid, from: 0, to: 1_024 }),
    encodeSizes([
      { kid: ALICE.kid, size: 0 },
      { kid: ALICE.kid, size: 2 ** 48 },
    ]),
    encodeRangeAnswer({ isDeflated: false, packed: packEntries(someEntries) }),
    encodeAddresses(['/ip4/127.0.0.1/tcp/4001', '']),
    packEntries(someEntries),
  ],
  inputBytesMax: 2_048,
  run(input) {
    const words: string[] = [];
    const asked = decodeRequest(input);
    if (!isFault(asked)) sameBytes(encodeRequest(asked), input, 'a request has one encoding');
    words.push(isFault(asked) ? refusal(asked) : asked.kind);
    const sizes = decodeSizes(input);
    if (!isFault(sizes)) sameBytes(encodeSizes(sizes), input, 'sizes have one encoding');
    words.push(isFault(sizes) ? refusal(sizes) : 'sizes');
    const answer = decodeRangeAnswer(input);
    if (!isFault(answer)) sameBytes(encodeRangeAnswer(answer), input, 'an answer has one encoding');
    words.push(isFault(answer) ? refusal(answer) : `answer ${String(answer.isDeflated)}`);
    const entries = unpackEntries(isFault(answer) ? input : answer.packed, LIMITS.rangeEntriesMax);
    if (!isFault(entries))
      sameBytes(packEntries(entries), isFault(answer) ? input : answer.packed, 'entries are packed in one way');
    words.push(isFault(entries) ? refusal(entries) : 'entries');
    return words.join(' ');
  },
};

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN';

const addresses: Target = {
  name: 'addresses',
  about: 'core/propagation/requests, io/gossip/addresses: where a peer says others are',
  forms: ['cbor', 'cbor', 'text', 'bytes'],
  seeds: [
    encodeAddresses([
      `/ip4/127.0.0.1/tcp/4001/p2p/${PEER}`,
      `/ip6/::1/tcp/4001/ws/p2p/${PEER}`,
      '/dns4/example.org/tcp/443/wss',
      `/ip4/10.0.0.1/tcp/1/p2p/${PEER}/p2p-circuit/p2p/${PEER}`,
      '/unix/tmp%2Fx',
    ]),
    encodeAddresses([]),
  ],
  inputBytesMax: 1_024,
  run: (input) =>
    read(
      () => decodeAddresses(input),
      (list) => {
        sameBytes(encodeAddresses(list), input, 'addresses have one encoding');
        const words = list.map((text) => {
          const address = parseAddress(text);
          if (address === undefined) return 'no address';
          // What the dialler does with one that was parsed.
          const host = hostOf(address);
          const group = addressGroupOf(host);
          holds(group.kind !== 'prefix' || group.prefix.length <= 512, 'the group of an address is short');
          const again = parseAddress(address.toString());
          holds(again !== undefined && address.equals(again), 'an address is the same when it was written');
          return peerNameIn(address) === undefined ? 'nameless' : 'named';
        });
        return [...new Set(words)].join(' ');
      },
    ),
};

const NONCE = nextNonce(digestOf('previous answer'), digestOf('blind'));
const answerAt = (tai: bigint): Uint8Array =>
  signPayload(
    encodeStatement(
      statement({
        kind: 'challenge-answer',
        subject: subjectOfNonce(NONCE),
        time: { tai: taiInstant(tai), guarantee: nanos(850n) },
      }),
    ),
  );
const NOW = taiInstant(1_790_000_000_123_456_789n);
const around = (from: bigint, to: bigint): ReturnType<typeof interval> =>
  interval(shift(NOW, nanos(from)), shift(NOW, nanos(to)));

const time: Target = {
  name: 'time',
  about: 'core/peers/time-exchange: what a peer’s answer says of both clocks',
  forms: ['cbor', 'bytes'],
  seeds: [answerAt(NOW), answerAt(NOW + 1_000_000_000n), answerAt(0n + 850n)],
  inputBytesMax: 512,
  run: (input) =>
    judged(
      (check) => verifyStatement(courtOf(check), input),
      ({ statement: said }) => {
        const signed = intervalOf(said);
        const finding = findingOf({
          asked: around(-2_000n, -1_000n),
          signed,
          answered: around(4_000_000n, 4_001_000n),
          roundTrip: nanos(4_000_000n),
          rateMax: ppt(50_000_000n),
        });
        holds(finding !== undefined, 'our own readings agree');
        holds(spanOf(finding.offset) >= 0n && spanOf(finding.forward) >= 0n, 'a bound is not upside down');
        return finding.isConsistent ? 'consistent' : 'apart';
      },
    ),
};

export const NETWORK_TARGETS: readonly Target[] = [frame, frameReader, requests, addresses, time];
