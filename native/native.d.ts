/**
 * The addon's whole surface. 64-bit values are BigInt or BigInt64Array; every failure is a `NativeError`. Nothing here sets
 * or steers a clock. Times are nanoseconds; clock numbers are Linux's (REALTIME 0, MONOTONIC_RAW 4, BOOTTIME 7, TAI 11).
 */

/** What a failed system call becomes: thrown by the synchronous calls, the reason of a rejected promise otherwise. */
export interface NativeError extends Error {
  /** The errno's name, such as `ENODEV`. */
  readonly code: string;
  /** The errno, positive. */
  readonly errno: number;
  /** The call that failed, such as `ioctl PTP_SYS_OFFSET_EXTENDED`. */
  readonly syscall: string;
  readonly path?: string;
}

/** struct timex as the kernel gives it (adjtimex(2)); `modes` is always 0. */
export interface KernelClockState {
  /** TIME_OK 0, TIME_INS 1, TIME_DEL 2, TIME_OOP 3, TIME_WAIT 4, TIME_ERROR 5. */
  readonly state: number;
  /** STA_* bits; STA_UNSYNC is 0x40. */
  readonly status: number;
  /** Remaining offset, in ns when STA_NANO (0x2000) is set, else in µs. */
  readonly offset: bigint;
  /** Frequency correction in ppm with a 16-bit fraction. */
  readonly freq: bigint;
  readonly maxerrorUs: bigint;
  readonly esterrorUs: bigint;
  readonly tick: bigint;
  /** TAI-UTC in seconds as someone told the kernel; 0 until someone did. */
  readonly tai: number;
}

/** struct ptp_clock_caps. */
export interface PhcCaps {
  readonly maxAdjPpb: number;
  readonly alarms: number;
  readonly externalTimestamps: number;
  readonly periodicOutputs: number;
  readonly pps: number;
  readonly pins: number;
  readonly crossTimestamping: number;
}

/** struct ptp_pin_desc; function: 0 none, 1 extts, 2 perout, 3 physync. */
export interface PhcPin {
  readonly name: string;
  readonly index: number;
  readonly function: number;
  readonly channel: number;
}

/**
 * Takes events. With an error, the watching has ended. Edges: `[learned (MONOTONIC_RAW), then per edge channel, device time,
 * flags]`. Pulses: `[assert sequence, assert REALTIME, clear sequence, clear REALTIME, MONOTONIC_RAW, REALTIME,
 * MONOTONIC_RAW]`, the last three read right after the fetch.
 */
export type OnEvent = (error: NativeError | null, values?: BigInt64Array) => void;

/**
 * A PTP hardware clock with a thread of its own. Up to 16 questions may wait; a further one is rejected with EAGAIN.
 * `close` must be called; it settles when the thread has ended and the descriptor is closed.
 */
export interface PhcHandle {
  open(): Promise<void>;
  caps(): Promise<PhcCaps>;
  pin(index: number): Promise<PhcPin>;
  /** Needs a writable handle. */
  setPin(index: number, pinFunction: number, channel: number): Promise<void>;
  /**
   * The narrowest of `samples` (1 to 25) readings. method: 0 PRECISE (one reading), 1 EXTENDED, 2 BASIC, 3 clock_gettime.
   * `clockId` is for EXTENDED only: REALTIME, or MONOTONIC_RAW from Linux 6.12 (EINVAL before).
   * 13 integers: MONOTONIC_RAW, REALTIME, MONOTONIC_RAW before the call; before, device, after on the clock of the last
   * field; MONOTONIC_RAW, REALTIME, MONOTONIC_RAW after the call; readings returned; readings whose bracket ran backwards;
   * the widest bracket; the clock id of before and after. When all ran backwards the three of the reading are 0.
   */
  measure(method: number, samples: number, clockId: number): Promise<BigInt64Array>;
  /** Needs a writable handle. flags: 1 enable, 2 rising, 4 falling; 0 disables the channel. */
  extts(channel: number, flags: number): Promise<void>;
  /** Only these channels' events reach this handle (Linux 6.7; ENOTTY before). */
  mask(...channels: number[]): Promise<void>;
  /** The kernel's PPS from this clock; needs a writable handle and CAP_SYS_TIME. */
  enablePps(on: 0 | 1): Promise<void>;
  /** While on, edges reach `onEvent`. */
  watch(on: 0 | 1): Promise<void>;
  /** Events lost because they were not taken in time. */
  dropped(): number;
  close(): Promise<void>;
}

/** A pulse-per-second device (RFC 2783) with a thread of its own; as `PhcHandle`. */
export interface PpsHandle {
  open(): Promise<void>;
  /** PPS_GETCAP and the mode of PPS_GETPARAMS. */
  caps(): Promise<{ readonly capabilities: number; readonly mode: number }>;
  /** While on, pulses reach `onEvent`. Rejected with EOPNOTSUPP when the device cannot wait for one. */
  watch(on: 0 | 1): Promise<void>;
  dropped(): number;
  close(): Promise<void>;
}

export interface Pty {
  readonly masterFd: number;
  readonly slaveFd: number;
  readonly slavePath: string;
}

export interface Native {
  /** Where `readClock` and `readBracket` put their results; one array for each environment, made once. */
  readonly scratch: BigInt64Array;
  clockGettime(clockId: number): bigint;
  /** 0 or an errno; the reading is in `scratch[0]`. */
  readClock(clockId: number): number;
  /** 0 or an errno; `scratch[0..2]` is MONOTONIC_RAW before, the clock, MONOTONIC_RAW after. */
  readBracket(clockId: number): number;
  /** Reads the kernel's clock discipline; sets nothing. */
  adjtimex(): KernelClockState;
  /** A raw, close-on-exec pseudo terminal; the caller owns both descriptors. */
  openpty(): Pty;
  /** One datagram to the unix socket at `path` (a leading zero byte: an abstract name). EAGAIN when it is full. */
  sendUnixDatagram(path: string, payload: Uint8Array): void;
  /**
   * For each pair (start, end) in `ranges`: SHA-256 of the byte `prefix` and bytes [start, end), written to `digests` one
   * after another. ERANGE when a range or the digests do not fit.
   */
  readonly sha256Ranges: (prefix: number, bytes: Uint8Array, ranges: Uint32Array, digests: Uint8Array) => void;
  /**
   * Writes each content under its first name (mode 0600, replacing what is there), syncs it, and then renames all to their
   * second names; directories are the caller's to sync. The contents must not change until it settles. On a thread of
   * libuv's pool; a failure leaves any part of it done.
   */
  readonly replaceFiles: (
    writtenAs: readonly string[],
    paths: readonly string[],
    contents: readonly Uint8Array[],
  ) => Promise<void>;
  /**
   * Writes all of `bytes` at `offset` of an open file and syncs its data, in one turn of a thread of libuv's pool. `bytes` must
   * not change and the file must stay open until it settles. Rejects with syscall `pwrite` or `fdatasync`.
   */
  readonly writeSynced: (fd: number, offset: number, bytes: Uint8Array) => Promise<void>;
  readonly PhcHandle: new (path: string, writable: boolean, onEvent: OnEvent) => PhcHandle;
  readonly PpsHandle: new (path: string, onEvent: OnEvent) => PpsHandle;
}
