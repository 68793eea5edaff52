/**
 * A make-believe addon: PTP and PPS devices whose truth, clocks and failures a test commands. It behaves as the real one does
 * (see native.d.ts), so that adapters are tested against outcomes no machine produces on demand.
 */

import assert from 'node:assert/strict';

import type {
  KernelClockState,
  Native,
  NativeError,
  OnEvent,
  PhcCaps,
  PhcHandle,
  PpsHandle,
} from '../../../native/native.d.ts';
import { monoInstant, nanos, type MonoInstant, type Nanos } from '../../../src/core/time/nanos.ts';
import type { HostClock } from '../../../src/ports/host-clock.ts';

export function nativeError(code: string, syscall = 'ioctl', path = '/dev/ptp0'): NativeError {
  const errno =
    { ENODEV: 19, EIO: 5, EBUSY: 16, EACCES: 13, ENOENT: 2, EINVAL: 22, EOPNOTSUPP: 95, ETIMEDOUT: 110 }[code] ?? 1;
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, errno, syscall, path });
}

/** Raw time moves only when told to. REALTIME and the device are `realOffset` and `deviceOffset` away from it. */
export class FakeHost {
  raw = 1_000_000_000_000n;
  realOffset = 1_795_000_000_000_000_000n;
  deviceOffset = 1_795_000_037_000_000_000n;
  /** How long each stamped stretch takes, by method number. */
  widths: Readonly<Record<number, bigint>> = { 0: 0n, 1: 1_000n, 2: 3_000n, 3: 1_500n };
  caps: PhcCaps = {
    maxAdjPpb: 0,
    alarms: 0,
    externalTimestamps: 2,
    periodicOutputs: 0,
    pps: 1,
    pins: 1,
    crossTimestamping: 0,
  };
  /** The errno of the next calls by name: `open`, `caps`, `arm`, or `measure 1 4` (method, clock id). */
  readonly failures = new Map<string, string>();
  /** Calls that never settle. */
  readonly silent = new Set<string>();
  /** How often each errno of `failures` is still given; default for ever. */
  readonly remaining = new Map<string, number>();
  /** Added to REALTIME inside the next stamped stretch: a step. */
  stepInside = 0n;
  readonly calls: string[] = [];
  readonly phcs: FakePhc[] = [];
  readonly ppss: FakePps[] = [];
  kernel: KernelClockState = {
    state: 0,
    status: 0x2001,
    offset: 0n,
    freq: 0n,
    maxerrorUs: 500n,
    esterrorUs: 10n,
    tick: 10_000n,
    tai: 37,
  };

  readonly clock: HostClock = {
    now: (): MonoInstant => monoInstant(this.raw),
    boottime: (): Nanos => nanos(this.raw),
    bootId: '00000000-0000-0000-0000-000000000000',
  };

  get native(): Native {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const host = this;
    const scratch = new BigInt64Array(4);
    return {
      scratch,
      clockGettime: () => host.raw,
      readClock: () => 0,
      readBracket: () => {
        if (host.failures.has('readBracket')) return 22;
        scratch[0] = host.raw;
        scratch[1] = host.raw + host.realOffset + BigInt(host.kernel.tai) * 1_000_000_000n + 30n;
        scratch[2] = host.raw += 60n;
        return 0;
      },
      adjtimex: () => host.kernel,
      sha256Ranges: () => assert.fail('no lane here'),
      replaceFiles: () => assert.fail('no lane here'),
      writeSynced: () => assert.fail('no lane here'),
      sendUnixDatagram: () => assert.fail('no clock sends datagrams'),
      openpty: () => assert.fail('no clock needs a pseudo terminal'),
      PhcHandle: class extends FakePhc {
        constructor(path: string, writable: boolean, onEvent: OnEvent) {
          super(host, path, writable, onEvent);
        }
      },
      PpsHandle: class extends FakePps {
        constructor(path: string, onEvent: OnEvent) {
          super(host, path, onEvent);
        }
      },
    };
  }

  /** What happens to a call by name. */
  async outcome(name: string, path: string): Promise<void> {
    this.calls.push(name);
    await Promise.resolve();
    if (this.silent.has(name)) await new Promise<never>(() => undefined);
    const code = this.failures.get(name);
    const left = this.remaining.get(name);
    if (code === undefined || left === 0) return;
    if (left !== undefined) this.remaining.set(name, left - 1);
    throw nativeError(code, name, path);
  }
}

class FakePhc implements PhcHandle {
  isOpen = false;
  isWatched = false;
  droppedCount = 0;
  readonly host: FakeHost;
  readonly path: string;
  readonly writable: boolean;
  readonly emit: OnEvent;

  constructor(host: FakeHost, path: string, writable: boolean, onEvent: OnEvent) {
    this.host = host;
    this.path = path;
    this.writable = writable;
    this.emit = onEvent;
    host.phcs.push(this);
  }

  async open(): Promise<void> {
    await this.host.outcome(this.writable ? 'open writable' : 'open', this.path);
    this.isOpen = true;
  }

  async caps(): Promise<PhcCaps> {
    await this.host.outcome('caps', this.path);
    return this.host.caps;
  }

  async pin(index: number): Promise<{ name: string; index: number; function: number; channel: number }> {
    await this.host.outcome('pin', this.path);
    return { name: 'SMA1', index, function: 1, channel: 0 };
  }

  async setPin(index: number, pinFunction: number, channel: number): Promise<void> {
    await this.host.outcome(`setPin ${index} ${pinFunction} ${channel}`, this.path);
  }

  async measure(method: number, samples: number, clockId: number): Promise<BigInt64Array> {
    const { host } = this;
    await host.outcome(`measure ${method} ${clockId}`, this.path);
    const look = (): readonly bigint[] => {
      const values = [host.raw, host.raw + host.realOffset + 30n, host.raw + 60n];
      host.raw += 60n;
      return values;
    };
    const onReal = (method === 1 && clockId === 0) || method === 2;
    const stamp = (): bigint => (onReal ? host.raw + host.realOffset : host.raw);
    const outerBefore = look();
    const before = stamp();
    const width = host.widths[method] ?? 0n;
    const device = host.raw + width / 2n + host.deviceOffset;
    host.raw += width;
    host.realOffset += host.stepInside;
    const after = stamp();
    host.stepInside = 0n;
    const backwards = after < before ? 1n : 0n;
    return BigInt64Array.from([
      ...outerBefore,
      ...[before, device, after],
      ...look(),
      ...[BigInt(samples), backwards, width, onReal ? 0n : 4n],
    ]);
  }

  async extts(channel: number, flags: number): Promise<void> {
    await this.host.outcome(`extts ${channel} ${flags}`, this.path);
  }

  async mask(...channels: number[]): Promise<void> {
    await this.host.outcome(`mask ${channels.join(' ')}`, this.path);
  }

  async enablePps(on: 0 | 1): Promise<void> {
    await this.host.outcome(`enablePps ${on}`, this.path);
  }

  async watch(on: 0 | 1): Promise<void> {
    await this.host.outcome(`watch ${on}`, this.path);
    this.isWatched = on === 1;
  }

  dropped(): number {
    return this.droppedCount;
  }

  async close(): Promise<void> {
    await this.host.outcome('close', this.path);
    this.isOpen = false;
  }
}

class FakePps implements PpsHandle {
  isOpen = false;
  sequence = 0n;
  readonly host: FakeHost;
  readonly path: string;
  readonly emit: OnEvent;

  constructor(host: FakeHost, path: string, onEvent: OnEvent) {
    this.host = host;
    this.path = path;
    this.emit = onEvent;
    host.ppss.push(this);
  }

  async open(): Promise<void> {
    await this.host.outcome('pps open', this.path);
    this.isOpen = true;
  }

  async caps(): Promise<{ capabilities: number; mode: number }> {
    await this.host.outcome('pps caps', this.path);
    return { capabilities: 0x1111, mode: 0x1001 };
  }

  async watch(on: 0 | 1): Promise<void> {
    await this.host.outcome(`pps watch ${on}`, this.path);
  }

  /** A pulse `ageNs` ago. */
  pulse(ageNs = 20_000n): void {
    const { host } = this;
    this.sequence += 1n;
    const real = host.raw + host.realOffset;
    this.emit(null, BigInt64Array.from([this.sequence, real - ageNs, 0n, 0n, host.raw, real + 30n, host.raw + 60n]));
  }

  dropped(): number {
    return 0;
  }

  async close(): Promise<void> {
    await this.host.outcome('pps close', this.path);
    this.isOpen = false;
  }
}

/** A schedule that runs when told to. */
export class FakeSchedule {
  readonly pending: { readonly delayMs: number; readonly action: () => void }[] = [];
  readonly delays: number[] = [];

  readonly schedule = (delayMs: number, action: () => void): (() => void) => {
    const entry = { delayMs, action };
    this.pending.push(entry);
    this.delays.push(delayMs);
    return () => {
      const at = this.pending.indexOf(entry);
      if (at >= 0) this.pending.splice(at, 1);
    };
  };

  /** Runs what is due and lets its promises settle. */
  async tick(): Promise<void> {
    this.pending.shift()?.action();
    // Everything a look awaits is a microtask of the fakes; a turn of the event loop lets all of them run.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
