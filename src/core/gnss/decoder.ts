/**
 * One incremental decoder for everything a receiver may send: bytes and their arrival in, messages out.
 *
 * It composes the frame scanner with the UBX and NMEA readers. No input makes it throw and none makes it grow: what it
 * keeps between calls is at most one unfinished frame (`gnssUbxPayloadBytesMax`). RTCM3 frames are recognised so that
 * their bytes cannot be taken for anything else, and passed over; any other bytes are counted and skipped.
 *
 * Leaves the meaning of times to time-of-day.ts and of health to receiver-state.ts.
 */

import type { MonoInstant } from '../time/nanos.ts';
import { ByteReader } from './byte-reader.ts';
import { FrameScanner, type Frame, type FrameCounts } from './frame-scanner.ts';
import { NmeaReader, type KnownNmea, type UnknownNmea } from './nmea-messages.ts';
import { readUbx, type KnownUbx, type Malformed, type UnknownUbx } from './ubx-messages.ts';

/** A correction frame for other receivers; `messageNumber` is undefined when the frame is too short to hold one. */
export type Rtcm3 = {
  readonly type: 'rtcm3';
  readonly messageNumber: number | undefined;
  readonly payloadBytes: number;
};

export type GnssMessage = KnownUbx | KnownNmea | UnknownUbx | UnknownNmea | Rtcm3 | Malformed;

/** A message, and where and when its frame came. */
export type ReceivedMessage = {
  readonly message: GnssMessage;
  /** Of the frame's first byte in the stream. */
  readonly offset: number;
  readonly sizeBytes: number;
  readonly firstArrival: MonoInstant;
  readonly lastArrival: MonoInstant;
};

export type DecoderCounts = FrameCounts & { readonly malformedFrames: number };

export class GnssDecoder {
  readonly #scanner: FrameScanner;
  readonly #reader = new ByteReader();
  readonly #nmea = new NmeaReader();
  #malformed = 0;

  /** `take` is called during `push`, once for each frame in stream order. Messages hold no reference to the chunk. */
  constructor(take: (received: ReceivedMessage) => void) {
    this.#scanner = new FrameScanner((frame) => {
      const message = this.#read(frame);
      if (message.type === 'malformed') this.#malformed++;
      const { offset, firstArrival, lastArrival } = frame;
      take({ message, offset, sizeBytes: frame.bytes.length, firstArrival, lastArrival });
    });
  }

  get counts(): DecoderCounts {
    return { ...this.#scanner.counts, malformedFrames: this.#malformed };
  }

  /** Bytes of an unfinished frame, kept until the next chunk. */
  get heldBytes(): number {
    return this.#scanner.heldBytes;
  }

  push(chunk: Uint8Array, arrived: MonoInstant): void {
    this.#scanner.push(chunk, arrived);
  }

  /** The stream ended; what was held is searched for complete frames and let go. */
  end(): void {
    this.#scanner.end();
  }

  #read({ kind, bytes }: Frame): GnssMessage {
    switch (kind) {
      case 'ubx':
        return readUbx(bytes[2]!, bytes[3]!, this.#reader.pointAt(bytes, 6, bytes.length - 2));
      case 'nmea':
        return this.#nmea.read(bytes, true);
      case 'nmea-unchecked':
        return this.#nmea.read(bytes, false);
      case 'rtcm3': {
        const payloadBytes = bytes.length - 6;
        const messageNumber = payloadBytes < 2 ? undefined : (bytes[3]! << 4) | (bytes[4]! >> 4);
        return { type: 'rtcm3', messageNumber, payloadBytes };
      }
    }
  }
}
