/**
 * An open serial port as its users see it. Whoever opens one refuses a port that another process holds, by name.
 */

export interface SerialLine {
  write(bytes: Uint8Array): Promise<void>;
  /** May be called twice. */
  close(): Promise<void>;
  /** Settles when the port is closed, by us or because the device went away. */
  readonly closed: Promise<void>;
}

/** Opens the port at `path` and hands every chunk to `take`; rejects with an `AgentError` that says why not. */
export type OpenSerialLine = (
  options: { readonly path: string; readonly baud: number },
  take: (bytes: Uint8Array) => void,
) => Promise<SerialLine>;
