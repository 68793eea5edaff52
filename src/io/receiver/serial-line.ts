/**
 * One open serial port: bytes in as they come, bytes out when asked, and an end. Hides the serialport package.
 *
 * Opened with an exclusive lock and without "hang up on close", so that leaving does not reset a receiver. Modem lines are
 * not touched: a pty has none and a receiver needs none.
 */

import { SerialPort } from 'serialport';
import { AgentError } from '../../ports/agent-error.ts';
import type { SerialLine } from '../../ports/serial-line.ts';
import { portHolders } from './port-holders.ts';

export type LineOptions = {
  readonly path: string;
  readonly baud: number;
  readonly procRoot?: string;
};

/** Opens the port and hands every chunk to `take`. Throws `AgentError` with the code that says why not. */
export async function openSerialLine(options: LineOptions, take: (bytes: Uint8Array) => void): Promise<SerialLine> {
  const { path, baud, procRoot } = options;
  const holders = await portHolders(path, procRoot);
  const holder = holders[0];
  if (holder !== undefined) {
    const who = holders.map(({ name, pid }) => `${name} (pid ${pid})`).join(', ');
    throw new AgentError('receiver-port-held', `${path} is held by ${who}`, { fields: { path, ...holder } });
  }
  const port = new SerialPort({ path, baudRate: baud, lock: true, hupcl: false, autoOpen: false });
  await opened(port, path, baud);
  const closed = new Promise<void>((resolve) => port.once('close', () => resolve()));
  // An error while reading is followed by `close`; without a listener it would end the process.
  port.on('error', () => undefined);
  port.on('data', take);
  return {
    closed,
    write: (bytes) => written(port, path, bytes),
    close: async () => {
      if (port.isOpen) port.close(() => undefined);
      await closed;
    },
  };
}

async function opened(port: SerialPort, path: string, baud: number): Promise<void> {
  const error = await new Promise<Error | null>((resolve) => port.open(resolve));
  if (error === null) return;
  const isAbsent = /No such file|ENOENT|ENXIO|ENODEV/.test(error.message);
  const isLocked = /lock/i.test(error.message);
  const code = isAbsent ? 'receiver-port-absent' : isLocked ? 'receiver-port-held' : 'receiver-port-failed';
  throw new AgentError(code, `opening ${path} at ${baud} baud: ${error.message}`, {
    cause: error,
    fields: { path, baud },
  });
}

async function written(port: SerialPort, path: string, bytes: Uint8Array): Promise<void> {
  const error = await new Promise<Error | null | undefined>((resolve) => {
    port.write(Buffer.from(bytes), (failed) => {
      if (failed) resolve(failed);
      else port.drain(resolve);
    });
  });
  if (error) throw new AgentError('receiver-port-failed', `writing to ${path}: ${error.message}`, { cause: error });
}
