/**
 * Window updates of a long-lived stream, sent when half of the window is used, as Yamux's first implementation does.
 *
 * The JavaScript one answers every frame with an update: a frame, an encryption and a write of its own at our end, a read and a
 * decryption at the other, for streams that carry some kB a second and have a window of 256. It offers no setting, so the
 * stream's own method is asked less often; a release that names its fields otherwise is left as it is (a test says so).
 */

import type { Stream } from '@libp2p/interface';

/** What a Yamux stream has beyond the interface. */
type Windowed = {
  readonly recvWindow: number;
  readonly recvWindowCapacity: number;
  sendWindowUpdate: () => void;
};

/** Once the stream is open: its first update carries the answer to its opening. False for a stream of another kind. */
export function spareWindowUpdates(stream: Stream): boolean {
  const windowed = stream as Stream & Partial<Windowed>;
  if (!isWindowed(windowed)) return false;
  const send = windowed.sendWindowUpdate.bind(windowed);
  windowed.sendWindowUpdate = () => {
    if (2 * windowed.recvWindowCapacity <= windowed.recvWindow) send();
  };
  return true;
}

const isWindowed = (stream: Stream & Partial<Windowed>): stream is Stream & Windowed =>
  typeof stream.recvWindow === 'number' &&
  typeof stream.recvWindowCapacity === 'number' &&
  typeof stream.sendWindowUpdate === 'function';
