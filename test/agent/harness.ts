/**
 * A whole agent on virtual time: the real validator, commit protocol and storage over a simulated disk, a simulated card, and
 * timers that turn only when the test says so.
 */

import type { TestContext } from 'node:test';
import { Agent } from '../../src/agent/agent.ts';
import { IdentityKeeper } from '../../src/agent/identity-keeper.ts';
import { CommitProtocol, type Committed } from '../../src/agent/commit-protocol.ts';
import type { CardIdentity, HostIdentity } from '../../src/core/attestation/identity.ts';
import { Clock } from '../../src/core/clock/clock.ts';
import { defaultClockConfig, defaultReferenceSpec, defaultSourceSpec } from '../../src/core/clock/configuration.ts';
import { fromHex } from '../../src/core/codec/hex.ts';
import { sha256 } from '../../src/core/codec/sha256.ts';
import { BUILT_IN_LEAP_TABLE } from '../../src/core/time/leap-seconds.ts';
import {
  micros,
  millis,
  monoInstant,
  nanos,
  plus,
  seconds,
  shift,
  since,
  taiInstant,
  type MonoInstant,
  type Nanos,
  type TaiInstant,
} from '../../src/core/time/nanos.ts';
import { secondsAndNanos } from '../../src/core/time/parts.ts';
import { Validator } from '../../src/core/validator.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../src/io/keys/key-format.ts';
import { sodiumSigner } from '../../src/io/keys/sodium-signer.ts';
import { IdentityFiles } from '../../src/io/storage/identity-files.ts';
import { openStorage } from '../../src/io/storage/open-storage.ts';
import { AgentError } from '../../src/ports/agent-error.ts';
import type { AgentEvent, EventSink } from '../../src/ports/event-log.ts';
import type { HostClock } from '../../src/ports/host-clock.ts';
import type { Log, LogLevel } from '../../src/ports/log.ts';
import type { Timers } from '../../src/ports/timers.ts';
import { CardSource } from '../../src/sim/card-source.ts';
import { SimDisk } from '../../src/sim/disk.ts';

const EPOCH = taiInstant(1_795_000_037_400_000_000n);
export const NETWORK = sha256(new TextEncoder().encode('a network for tests'));

/** A host whose clocks are moved by hand. True time runs exactly with its raw clock. */
export class ManualHost implements HostClock {
  readonly bootId = '00000000-0000-4000-8000-000000000001';
  #mono: MonoInstant = monoInstant(1_000_000_000_000n);
  #slept: Nanos = nanos(0n);

  now(): MonoInstant {
    return this.#mono;
  }

  boottime(): Nanos {
    return plus(since(this.#mono, monoInstant(0n)), this.#slept);
  }

  pass(duration: Nanos): void {
    this.#mono = shift(this.#mono, duration);
  }

  sleep(duration: Nanos): void {
    this.#slept = plus(this.#slept, duration);
  }
}

export class ManualTimers implements Timers {
  #soon: (() => void)[] = [];
  #beats: (() => void)[] = [];

  soon(wake: () => void): void {
    this.#soon.push(wake);
  }

  every(_period: Nanos, wake: () => void): () => void {
    this.#beats.push(wake);
    return () => {
      this.#beats = this.#beats.filter((beat) => beat !== wake);
    };
  }

  runSoon(): void {
    for (const wake of this.#soon.splice(0)) wake();
  }

  beat(): void {
    for (const wake of [...this.#beats]) wake();
  }
}

export type LogLine = { readonly level: LogLevel; readonly message: string; readonly fields: Record<string, unknown> };

export type WorldOptions = {
  /** More cards beside the first, each this far from the truth. */
  readonly apart?: readonly Nanos[];
  /** The sources run and nothing else: what a start is like while lanes are read. */
  readonly onlyAcquires?: boolean;
  /** What it makes of the world hears every event as well. */
  readonly follow?: (world: World) => EventSink;
};

export class World {
  readonly host = new ManualHost();
  readonly timers = new ManualTimers();
  readonly lines: LogLine[] = [];
  readonly published: Committed[] = [];
  readonly commitTimes: Nanos[] = [];
  readonly told: AgentEvent[] = [];
  readonly signer = sodiumSigner(keyOfSeed(Buffer.alloc(32, 7)));
  /** What the host says of its card; undefined: it cannot be gathered. */
  cardFacts: CardIdentity | undefined = {
    model: 'time card',
    serial: 'TC-1',
    firmware: undefined,
    driver: 'ptp_ocp',
  };
  disk: SimDisk;
  readonly cards: readonly CardSource[];
  agent!: Agent;
  #close!: () => Promise<void>;
  readonly #follow: EventSink | undefined;
  readonly #onlyAcquires: boolean;
  readonly #log: Log = { write: (level, message, fields = {}) => this.lines.push({ level, message, fields }) };

  private constructor(disk: SimDisk, { apart = [], follow, onlyAcquires = false }: WorldOptions) {
    this.disk = disk;
    this.cards = [nanos(0n), ...apart].map(
      (by, at) => new CardSource(this.host, { name: `card${at}`, seed: at + 1, epoch: shift(EPOCH, by) }),
    );
    this.#follow = follow?.(this);
    this.#onlyAcquires = onlyAcquires;
  }

  /** The first card, which tells the truth. */
  get card(): CardSource {
    return this.cards[0]!;
  }

  /** The world ends with the test, however the test ends. */
  static async begin(t: TestContext, disk = new SimDisk(), options: WorldOptions = {}): Promise<World> {
    const world = new World(disk, options);
    t.after(() => world.stop());
    await world.start(true);
    return world;
  }

  async start(createGuard = false): Promise<void> {
    const storage = await openStorage(
      { disk: this.disk, checkSignature },
      {
        network: NETWORK,
        publicKey: this.signer.publicKey,
        guardPath: '/var/guard',
        laneDirectory: '/var/state/lane',
        evidence: { directory: '/var/state/evidence', bytesMax: 1 << 24, hoursMax: 10 },
        createGuard,
      },
    );
    const commits = new CommitProtocol({ ...storage, signer: this.signer }, { network: NETWORK });
    this.published.push(...(await commits.start()));
    const clock = defaultClockConfig(
      {
        sources: this.cards.map(({ name }) => defaultSourceSpec('sim', name, { reference: `${name}-gnss` })),
        references: this.cards.map(({ name }) => defaultReferenceSpec(`${name}-gnss`)),
        leapTable: BUILT_IN_LEAP_TABLE,
      },
      { limit: micros(10) },
    );
    const startedAt = this.host.now();
    this.agent = new Agent(
      {
        validator: new Validator({ clock: new Clock(clock, this.host.bootId), head: commits.head, startedAt }),
        sources: this.cards,
        host: this.host,
        timers: this.timers,
        log: this.#log,
        commits,
        events: {
          tell: (event) => {
            this.told.push(event);
            this.#follow?.tell(event);
          },
        },
        telemetry: {
          receiver: (name, at) => this.cards.find((card) => name === `${card.name}-gnss`)?.receiverTelemetry(at),
          oscillator: () => undefined,
          card: () => undefined,
        },
        publish: (statements) => this.published.push(...statements),
        lane: storage.lane,
        evidence: storage.evidence,
        readLaneFile: (path) => this.disk.read(`/var/state/lane/${path}`),
        clock,
        identity: {
          version: 'test',
          network: { name: 'test', id: NETWORK },
          validator: { publicKey: this.signer.publicKey, kid: this.signer.kid },
          genesis: new Uint8Array(0),
          simulated: true,
        },
        hostIdentity: new IdentityKeeper({
          gather: () => this.#gather(),
          store: new IdentityFiles(this.disk, {
            directory: '/var/state/identity',
            keep: seconds(86_400),
            dateNow: () => this.truthNow(),
          }),
          signer: this.signer,
          log: this.#log,
        }),
        onCommit: (took) => this.commitTimes.push(took),
      },
      { heartbeat: seconds(1), retryAfter: seconds(5), checkpointEvery: seconds(10) },
    );
    this.#close = () => storage.close();
    await (this.#onlyAcquires ? this.agent.acquire() : this.agent.start());
  }

  #gather(): Promise<HostIdentity> {
    if (this.cardFacts === undefined) return Promise.reject(new AgentError('identity-facts', 'read the boot id: gone'));
    return Promise.resolve({
      network: NETWORK,
      bootSeed: fromHex(this.host.bootId.replaceAll('-', ''))!,
      bootCount: 1n,
      uptimeSeconds: secondsAndNanos(this.host.boottime()).seconds,
      kernel: '6.12.1',
      softwareVersion: 'test',
      softwareDigest: NETWORK,
      cards: new Map([['card0', this.cardFacts]]),
    });
  }

  /** Lets `count` seconds pass: eight polls of the card, then a beat, then whatever the disk had to do. */
  async run(count: number): Promise<void> {
    for (let second = 0; second < count; second++) {
      for (let poll = 0; poll < 8; poll++) {
        this.host.pass(millis(125));
        for (const card of this.cards) card.poll();
      }
      this.timers.runSoon();
      this.timers.beat();
      await this.settle();
    }
  }

  /** Turns the loop until nothing waits: a simulated disk answers in microtasks. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.timers.runSoon();
  }

  async stop(): Promise<void> {
    await this.agent.stop();
    await this.#close();
  }

  truthNow(): TaiInstant {
    return this.card.truthAt(this.host.now());
  }

  messages(level: LogLevel): string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}
