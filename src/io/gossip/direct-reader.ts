/**
 * The reading side of a direct stream: frames out of its bytes, handed on one by one, read no faster than they are judged.
 */

import type { Stream } from '@libp2p/interface';
import { FrameReader } from '../../core/propagation/frame-reader.ts';
import { LIMITS } from '../../core/limits.ts';
import type { ArrivalOutcome } from '../../ports/network.ts';

/** Frames of one stream whose verdict is awaited before we stop reading it. */
const FRAMES_AHEAD_MAX = 4;

export type ReaderNeeds = {
  readonly judge: (frame: Uint8Array) => ArrivalOutcome | Promise<ArrivalOutcome>;
  /** The bytes are no frames: the stream cannot be read on. */
  readonly broken: () => void;
};

/** Reads until the stream ends. */
export function readFrames(stream: Stream, needs: ReaderNeeds): void {
  const reader = new FrameReader({ bytesMax: LIMITS.frameBytesMax });
  let ahead = 0;
  stream.maxReadBufferLength = LIMITS.streamBufferBytesMax;
  const settled = (): void => {
    ahead -= 1;
    if (ahead < FRAMES_AHEAD_MAX && stream.readStatus === 'paused') stream.resume();
  };
  stream.addEventListener('message', ({ data }) => {
    const { frames, fault } = reader.push(data.subarray());
    for (const frame of frames) {
      const outcome = needs.judge(frame);
      if (!(outcome instanceof Promise)) continue;
      ahead += 1;
      void outcome.then(settled, settled);
    }
    if (fault !== undefined) needs.broken();
    else if (ahead >= FRAMES_AHEAD_MAX && stream.readStatus === 'readable') stream.pause();
  });
}
