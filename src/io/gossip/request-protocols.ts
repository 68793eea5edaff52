/**
 * The protocols in which a peer asks and is answered: lanes by range, time by nonce, other peers. Both ends of each.
 *
 * A question is answered only for a peer that was introduced and is within its quota (`admitRequest`); what does not get
 * an answer gets a reset stream. Ranges are deflated when that saves an eighth or more.
 */

import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { SHA256_SIZE_BYTES } from '../../core/codec/sha256.ts';
import { LIMITS } from '../../core/limits.ts';
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
  type RangeAnswer,
} from '../../core/propagation/requests.ts';
import { isFault, type Fault } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { LaneRange, LaneReplicas, LaneSize, NetworkHandlers, Peer } from '../../ports/network.ts';
import { answerOn, ask } from './message-stream.ts';

const LANES_PROTOCOL = '/momentd/lanes/1';
const TIME_PROTOCOL = '/momentd/time/1';
const PEERS_PROTOCOL = '/momentd/peers/1';

/** A CBOR head or two around what an answer carries. */
const ANSWER_HEAD_BYTES = 16;
const SIZES_BYTES_MAX = 32 * 1_024;
const ADDRESSES_BYTES_MAX = 8 * 1_024;

export type AnswerNeeds = {
  readonly handlers: NetworkHandlers;
  readonly lanes: LaneReplicas;
  /** Addresses of peers that may be told to others. */
  readonly offeredAddresses: () => readonly string[];
  readonly peerOf: (connection: Connection) => Promise<Peer | undefined>;
};

const deadline = (): AbortSignal => AbortSignal.timeout(LIMITS.requestWaitMsMax);

/** Answers all three protocols on a node. */
export async function registerAnswers(node: Pick<Libp2p, 'handle'>, needs: AnswerNeeds): Promise<void> {
  const protocols = [
    { protocol: LANES_PROTOCOL, answer: answerLanes, maxInboundStreams: LIMITS.inboundRequestStreamsMax },
    { protocol: TIME_PROTOCOL, answer: answerTime, maxInboundStreams: 2 },
    { protocol: PEERS_PROTOCOL, answer: answerPeers, maxInboundStreams: 2 },
  ];
  for (const { protocol, answer, maxInboundStreams } of protocols)
    await node.handle(protocol, (stream, connection) => answer(needs, stream, connection), { maxInboundStreams });
}

async function answerLanes(needs: AnswerNeeds, stream: Stream, connection: Connection): Promise<void> {
  const peer = await needs.peerOf(connection);
  if (peer === undefined) return stream.abort(new Error('not introduced'));
  await answerOn(stream, { questionBytesMax: LIMITS.requestBytesMax, signal: deadline() }, async (question) => {
    const request = decodeRequest(question);
    if (isFault(request) || request.kind === 'peers') {
      needs.handlers.blame(peer.name, 'malformed');
      return undefined;
    }
    if (!needs.handlers.admitRequest('lanes', peer)) return undefined;
    if (request.kind === 'sizes') return encodeSizes(needs.lanes.sizes());
    return encodeRangeAnswer(deflated(packEntries(await entriesOf(needs.lanes, request))));
  });
}

/** What was pruned is not there, as what has not come yet: the peer shall ask another. */
async function entriesOf(lanes: LaneReplicas, range: LaneRange): Promise<readonly Uint8Array[]> {
  try {
    return await lanes.read(range);
  } catch (error) {
    if (error instanceof AgentError && error.code === 'lane-pruned') return [];
    throw error;
  }
}

async function answerTime(needs: AnswerNeeds, stream: Stream, connection: Connection): Promise<void> {
  const peer = await needs.peerOf(connection);
  if (peer === undefined) return stream.abort(new Error('not introduced'));
  await answerOn(stream, { questionBytesMax: LIMITS.requestBytesMax, signal: deadline() }, async (nonce) => {
    if (nonce.length !== SHA256_SIZE_BYTES) {
      needs.handlers.blame(peer.name, 'malformed');
      return undefined;
    }
    return needs.handlers.admitRequest('time', peer) ? await needs.handlers.answerTime(nonce, peer) : undefined;
  });
}

async function answerPeers(needs: AnswerNeeds, stream: Stream, connection: Connection): Promise<void> {
  const peer = await needs.peerOf(connection);
  if (peer === undefined) return stream.abort(new Error('not introduced'));
  await answerOn(stream, { questionBytesMax: LIMITS.requestBytesMax, signal: deadline() }, (question) => {
    const request = decodeRequest(question);
    const isAsked = !isFault(request) && request.kind === 'peers' && needs.handlers.admitRequest('peers', peer);
    return Promise.resolve(
      isAsked ? encodeAddresses(needs.offeredAddresses().slice(0, LIMITS.gossipPeersOffered)) : undefined,
    );
  });
}

export async function askLaneSizes(connection: Connection, signal: AbortSignal): Promise<readonly LaneSize[]> {
  const options = { answerBytesMax: SIZES_BYTES_MAX, signal };
  return wellFormed(decodeSizes(await ask(connection, LANES_PROTOCOL, encodeRequest({ kind: 'sizes' }), options)));
}

export async function askRange(
  connection: Connection,
  range: LaneRange,
  signal: AbortSignal,
): Promise<readonly Uint8Array[]> {
  const options = { answerBytesMax: LIMITS.rangeBytesMax + ANSWER_HEAD_BYTES, signal };
  const bytes = await ask(connection, LANES_PROTOCOL, encodeRequest({ kind: 'range', ...range }), options);
  const packed = inflated(wellFormed(decodeRangeAnswer(bytes)));
  const entries = wellFormed(unpackEntries(packed, range.to - range.from));
  if (entries.length === 0)
    throw new AgentError('range-unavailable', `entries ${range.from} to ${range.to} of the lane`);
  return entries;
}

export const askTime = (connection: Connection, nonce: Uint8Array, signal: AbortSignal): Promise<Uint8Array> =>
  ask(connection, TIME_PROTOCOL, nonce, { answerBytesMax: LIMITS.signedStatementBytesMax, signal });

export async function askPeers(connection: Connection, signal: AbortSignal): Promise<readonly string[]> {
  const options = { answerBytesMax: ADDRESSES_BYTES_MAX, signal };
  return wellFormed(decodeAddresses(await ask(connection, PEERS_PROTOCOL, encodeRequest({ kind: 'peers' }), options)));
}

/** A full answer of heartbeats shrinks to 53 %, at some 20 to 50 us per KiB; level 6 gains one percent more. */
function deflated(packed: Uint8Array): RangeAnswer {
  const small = deflateRawSync(packed, { level: 1 });
  return small.length * 8 <= packed.length * 7 ? { isDeflated: true, packed: small } : { isDeflated: false, packed };
}

/** Never inflates beyond the bound, whatever the bytes claim. */
function inflated({ isDeflated, packed }: RangeAnswer): Uint8Array {
  if (!isDeflated) return packed;
  try {
    return inflateRawSync(packed, { maxOutputLength: LIMITS.rangeBytesMax });
  } catch (cause) {
    throw new AgentError('peer-no-answer', `a range that does not inflate: ${String(cause)}`, { cause });
  }
}

function wellFormed<T>(read: T | Fault): T {
  if (isFault(read)) throw new AgentError('peer-no-answer', `${read.fault}: ${read.detail}`);
  return read;
}
