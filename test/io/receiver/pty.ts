/** A pseudo terminal for receiver tests: the test holds the receiver's end, the program opens `path`. */

import { closeSync, createReadStream, write, type ReadStream } from 'node:fs';
import { promisify } from 'node:util';
import { loadNative } from '../../../src/io/clocks/native.ts';

const writeFd = promisify(write);

export type Pty = {
  readonly path: string;
  write(bytes: Uint8Array): Promise<void>;
  /** What the program wrote to the receiver, as it comes. */
  readonly written: ReadStream;
  close(): void;
};

/** Why there can be no pseudo terminal here; undefined when there can. */
export function ptyMissing(): string | undefined {
  return loadNative().loaded ? undefined : 'no pseudo terminal: the native addon is not built';
}

export function openPty(): Pty {
  const load = loadNative();
  if (!load.loaded) throw new Error('the native addon is not built');
  const { masterFd, slaveFd, slavePath } = load.native.openpty();
  // The slave stays open here: with no slave open at all, reading the master fails.
  const written = createReadStream('', { fd: masterFd, autoClose: false });
  written.on('error', () => undefined);
  let isOpen = true;
  return {
    path: slavePath,
    written,
    write: async (bytes) => {
      for (let sent = 0; sent < bytes.length;) {
        const { bytesWritten } = await writeFd(masterFd, bytes, sent, bytes.length - sent);
        sent += bytesWritten;
      }
    },
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      closeSync(slaveFd);
      closeSync(masterFd);
    },
  };
}
