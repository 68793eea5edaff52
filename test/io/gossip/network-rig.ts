/**
 * Several agents' networks in one process, on 127.0.0.1: real libp2p, real keys, real pipeline; lanes in memory.
 *
 * The clock of a rig is one interval that stands still unless a test moves it; the raw clock is the host's, because
 * quotas and bans must pass in real time here. Nothing sleeps: tests await what they wait for.
 */

import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@chainsafe/libp2p-yamux';
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Connection, Libp2p } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { encodeGenesis, keyOfGenesis, networkIdOf, type Genesis } from '../../../src/core/attestation/genesis.ts';
import { DEFAULT_PARAMETERS } from '../../../src/core/attestation/genesis.ts';
import { possessionBytes } from '../../../src/core/attestation/key-registration.ts';
import { kidOf, sealPayload } from '../../../src/core/attestation/cose-sign1.ts';
import { encodeStatement, zeroDigest, type Statement } from '../../../src/core/attestation/statement.ts';
import type { StatementJudge } from '../../../src/core/attestation/verify-statement.ts';
import { compareBytes } from '../../../src/core/codec/cbor.ts';
import { toHex } from '../../../src/core/codec/hex.ts';
import { sha256 } from '../../../src/core/codec/sha256.ts';
import { encodeEntry } from '../../../src/core/log/entry.ts';
import { judgeHello, sealHello, type Hello } from '../../../src/core/peers/hello.ts';
import { DEFAULT_STANDING, Standing } from '../../../src/core/peers/standing.ts';
import type { Quota } from '../../../src/core/peers/quotas.ts';
import { DIRECT_MESH_MAX } from '../../../src/core/propagation/recipients.ts';
import type { QuotaKey } from '../../../src/core/propagation/quota-table.ts';
import { intervalAround, type Interval } from '../../../src/core/time/interval.ts';
import { monoInstant, nanos, seconds, taiInstant, type MonoInstant } from '../../../src/core/time/nanos.ts';
import { accept, reject, type Verdict } from '../../../src/core/verdict.ts';
import { checkpointJudge, type ReceivedCheckpoint } from '../../../src/agent/inbound/judge-checkpoint.ts';
import { faultJudge, type ReceivedFault } from '../../../src/agent/inbound/judge-fault.ts';
import { statementJudge, type ReceivedStatement } from '../../../src/agent/inbound/judge-statement.ts';
import { subjectJudge } from '../../../src/agent/inbound/judge-subject.ts';
import { inboundOf, type Inbound } from '../../../src/agent/inbound/inbound.ts';
import { HELLO_PROTOCOL } from '../../../src/io/gossip/introductions.ts';
import { readMessage, sendMessage } from '../../../src/io/gossip/message-stream.ts';
import { Libp2pNetwork, type NetworkOptions } from '../../../src/io/gossip/libp2p-network.ts';
import { checkSignature } from '../../../src/io/keys/check-signature.ts';
import { keyOfSeed } from '../../../src/io/keys/key-format.ts';
import { nodeTimers } from '../../../src/io/host/timers.ts';
import { sodiumSigner } from '../../../src/io/keys/sodium-signer.ts';
import type { Log, LogFields } from '../../../src/ports/log.ts';
import type { LaneRange, LaneReplicas, LaneSize, Peer } from '../../../src/ports/network.ts';
import type { Signer } from '../../../src/ports/signer.ts';

/** A deterministic key of this number. */
export function signerOf(number: number): Signer {
  const seed = Buffer.from(sha256(new TextEncoder().encode(`rig key ${number}`)));
  return sodiumSigner(keyOfSeed(seed));
}

export type RigGenesis = {
  readonly genesis: Genesis;
  readonly network: Uint8Array;
  /** In the order of their position. */
  readonly signers: readonly Signer[];
};

export function rigGenesis(validators: number, name = 'rig'): RigGenesis {
  const signers = Array.from({ length: validators }, (_, i) => signerOf(i)).sort((a, b) =>
    compareBytes(a.publicKey, b.publicKey),
  );
  const genesis: Genesis = {
    name,
    created: taiInstant(1_700_000_000_000_000_000n),
    parameters: DEFAULT_PARAMETERS,
    validators: signers.map((signer, i) => ({
      name: `v${i}`,
      publicKey: signer.publicKey,
      region: 'EU',
      stake: 32_000n,
      capabilities: ['phc', 'time-card'],
      possession: signer.sign(possessionBytes({ networkName: name, role: 'validator', publicKey: signer.publicKey })),
    })),
  };
  encodeGenesis(genesis);
  return { genesis, network: networkIdOf(genesis), signers };
}

export const RIG_NOW: Interval = intervalAround(taiInstant(1_800_000_000_000_000_000n), nanos(1_000n));

/** A lane's statements, one after another. */
export class LaneWriter {
  readonly #rig: RigGenesis;
  readonly #signer: Signer;
  #seq = 0n;
  #previous = zeroDigest();
  #tai: bigint;

  constructor(rig: RigGenesis, signer: Signer, firstTai = RIG_NOW.earliest) {
    this.#rig = rig;
    this.#signer = signer;
    this.#tai = firstTai;
  }

  /** Of the statement that comes next. */
  get seq(): bigint {
    return this.#seq;
  }

  get kid(): Uint8Array {
    return this.#signer.kid;
  }

  /** The next statement as a lane entry; `change` spoils it on purpose. */
  next(change: Partial<Statement> = {}, body: Uint8Array | null = null): Uint8Array {
    const statement: Statement = {
      network: this.#rig.network,
      epoch: 0n,
      seq: this.#seq,
      previous: this.#previous,
      kind: 'heartbeat',
      time: { tai: taiInstant(this.#tai), guarantee: nanos(500n) },
      subject: zeroDigest(),
      taiUtcSeconds: 37,
      evidence: sha256(new TextEncoder().encode(`evidence ${this.#seq}`)),
      ...change,
    };
    const signer = this.#signer;
    const sealed = sealPayload({ kid: signer.kid, sign: (bytes) => signer.sign(bytes) }, encodeStatement(statement));
    this.#seq += 1n;
    this.#previous = sealed.id;
    this.#tai += 1_000n;
    return encodeEntry({ statement: sealed.bytes, body });
  }

  many(count: number): Uint8Array[] {
    return Array.from({ length: count }, () => this.next());
  }
}

/** Lanes in memory; `onAppend` may throw to stand for a crash. */
export class MemoryReplicas implements LaneReplicas {
  readonly #lanes = new Map<string, Uint8Array[]>();
  onAppend: (from: number, count: number) => void = () => undefined;

  sizes(): readonly LaneSize[] {
    return [...this.#lanes].map(([hex, entries]) => ({
      kid: Uint8Array.from(Buffer.from(hex, 'hex')),
      size: entries.length,
    }));
  }

  read({ kid, from, to }: LaneRange): Promise<readonly Uint8Array[]> {
    return Promise.resolve((this.#lanes.get(toHex(kid)) ?? []).slice(from, to));
  }

  append(kid: Uint8Array, from: number, entries: readonly Uint8Array[]): Promise<void> {
    const lane = this.#lanes.get(toHex(kid)) ?? [];
    if (lane.length !== from) return Promise.reject(new Error(`the lane has ${lane.length} entries, not ${from}`));
    try {
      this.onAppend(from, entries.length);
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      return Promise.reject(error);
    }
    lane.push(...entries);
    this.#lanes.set(toHex(kid), lane);
    return Promise.resolve();
  }
}

/** Whatever 32 bytes or more: stands for the ordering's own subjects. */
const judgeAnySubject = (bytes: Uint8Array): Verdict<Uint8Array> =>
  bytes.length >= 32 ? accept(bytes) : reject('statement-subject', 'too short for a subject');

export type RigAgent = {
  readonly network: Libp2pNetwork;
  readonly inbound: Inbound;
  readonly standing: Standing;
  readonly replicas: MemoryReplicas;
  readonly statements: ReceivedStatement[];
  readonly subjects: Uint8Array[];
  readonly checkpoints: ReceivedCheckpoint[];
  readonly faults: ReceivedFault[];
  readonly peers: Set<string>;
  readonly logged: { readonly message: string; readonly fields: LogFields }[];
  /** Resolves when `holds` does; looked at whenever anything changed. */
  until(holds: () => boolean): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
};

export type AgentSetup = {
  readonly rig: RigGenesis;
  /** Position among the validators, or undefined for an archive. */
  readonly position: number | undefined;
  readonly options?: Partial<NetworkOptions>;
  readonly quotas?: Readonly<Record<QuotaKey, Quota>>;
  /** Said in place of an honest hello. */
  readonly hello?: Partial<Hello>;
  readonly answerTime?: (nonce: Uint8Array) => Promise<Uint8Array | undefined>;
  readonly allowed?: ReadonlySet<string>;
  /** The interval it lives in; absent: the rig's, which stands still. */
  readonly now?: () => Interval;
};

export const hrNow = (): MonoInstant => monoInstant(process.hrtime.bigint());

export async function rigAgent(setup: AgentSetup): Promise<RigAgent> {
  const { rig, position, now = () => RIG_NOW } = setup;
  const signer = position === undefined ? signerOf(1_000) : rig.signers[position]!;
  const keyOf = keyOfGenesis(rig.genesis);
  const judge: StatementJudge = { network: rig.network, keyOf, checkSignature };
  const standing = new Standing({ ...DEFAULT_STANDING, allowed: setup.allowed ?? new Set() });
  const waiters = new Set<() => void>();
  const changed = (): void => {
    for (const look of waiters) look();
  };
  const logged: { message: string; fields: LogFields }[] = [];
  const log: Log = {
    write: (_level, message, fields = {}) => {
      logged.push({ message, fields });
      changed();
    },
  };
  const agent = {
    statements: [] as ReceivedStatement[],
    subjects: [] as Uint8Array[],
    checkpoints: [] as ReceivedCheckpoint[],
    faults: [] as ReceivedFault[],
    peers: new Set<string>(),
  };
  const taker =
    <T>(into: T[]) =>
    (items: readonly T[]): void => {
      into.push(...items);
      changed();
    };
  const inbound = inboundOf(
    {
      judges: {
        statements: statementJudge({
          network: rig.network,
          keyOf,
          ownKid: position === undefined ? undefined : signer.kid,
          now,
          isOverlay: rig.signers.length > DIRECT_MESH_MAX,
          take: taker(agent.statements),
        }),
        subjects: subjectJudge({ judge: judgeAnySubject, take: taker(agent.subjects) }),
        checkpoints: checkpointJudge({ judge, take: taker(agent.checkpoints) }),
        faults: faultJudge({ judge, take: taker(agent.faults) }),
      },
      standing,
      checkSignature,
      batch: undefined,
      now: hrNow,
      timers: nodeTimers,
      log,
      answerTime: (nonce) => setup.answerTime?.(nonce) ?? Promise.resolve(undefined),
      joined: ({ name }: Peer) => {
        agent.peers.add(name);
        changed();
      },
      left: ({ name }: Peer) => {
        agent.peers.delete(name);
        changed();
      },
    },
    { validatorCount: rig.signers.length, peersPerAddress: 8, ...(setup.quotas && { quotas: setup.quotas }) },
  );
  const replicas = new MemoryReplicas();
  const network = new Libp2pNetwork(
    {
      privateKey: await generateKeyPair('Ed25519'),
      lanes: replicas,
      ownHello: (identity) =>
        sealHello((bytes) => signer.sign(bytes), {
          network: rig.network,
          protocol: { min: 1, max: 1 },
          role: position === undefined ? 'archive' : 'validator',
          region: 'EU',
          capabilities: ['phc'],
          features: [],
          publicKey: signer.publicKey,
          identity,
          time: now(),
          ...setup.hello,
        }),
      judgeHello: (bytes, identity) =>
        judgeHello(
          { network: rig.network, keyOf, checkSignature, identity, now: now(), timeApartMax: seconds(60) },
          bytes,
        ),
      positionOf: (publicKey) => {
        const at = rig.signers.findIndex((other) => compareBytes(other.publicKey, publicKey) === 0);
        return at < 0 ? undefined : at;
      },
      kidOf,
      trustOf: (peer) => standing.trustOf(peer),
      isBanned: (peer) => standing.isBanned(peer, hrNow()),
      now: hrNow,
      chance: () => 0.5,
      log,
    },
    {
      listen: ['/ip4/127.0.0.1/tcp/0'],
      announce: [],
      bootstrap: [],
      mdns: false,
      quic: false,
      connectionsPerSecondMax: 1_000,
      version: 'test',
      network: rig.network,
      position,
      validatorCount: rig.signers.length,
      capabilities: [],
      pinned: [],
      policy: { connectionsPerAddressMax: 64 },
      helloWaitMs: 5_000,
      ...setup.options,
    },
  );
  return {
    ...agent,
    network,
    inbound,
    standing,
    replicas,
    logged,
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return;
          waiters.delete(look);
          resolve();
        };
        waiters.add(look);
        look();
      }),
    start: () => network.start(inbound.handlers),
    stop: () => network.stop(),
  };
}

/** `count` validators, each dialling those before it, all introduced to all. */
export async function startMesh(rig: RigGenesis, options: Partial<AgentSetup> = {}): Promise<RigAgent[]> {
  const agents: RigAgent[] = [];
  for (let position = 0; position < rig.signers.length; position++) {
    const pinned = agents.flatMap(({ network }) => network.addresses().slice(0, 1));
    const agent = await rigAgent({ rig, position, ...options, options: { pinned, ...options.options } });
    await agent.start();
    agents.push(agent);
  }
  await Promise.all(agents.map((agent) => agent.until(() => agent.peers.size === agents.length - 1)));
  return agents;
}

/** A bare libp2p host that has said an honest hello by hand and can then send any bytes: the flooding peer of the tests. */
export async function introducedStranger(rig: RigGenesis, position: number, address: string): Promise<Stranger> {
  const node = await createLibp2p({
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });
  const signer = rig.signers[position]!;
  const hello = sealHello((bytes) => signer.sign(bytes), {
    network: rig.network,
    protocol: { min: 1, max: 1 },
    role: 'validator',
    region: 'EU',
    capabilities: [],
    features: [],
    publicKey: signer.publicKey,
    identity: node.peerId.toMultihash().bytes,
    time: RIG_NOW,
  });
  const visit = async (): Promise<Stranger> => {
    const connection = await node.dial(multiaddr(address), { signal: AbortSignal.timeout(5_000), force: true });
    const stream = await connection.newStream(HELLO_PROTOCOL, { signal: AbortSignal.timeout(5_000) });
    sendMessage(stream, hello);
    await readMessage(stream, 4_096, AbortSignal.timeout(5_000));
    const closed = new Promise<void>((resolve) => connection.addEventListener('close', () => resolve()));
    return { node, connection, closed, name: node.peerId.toString(), again: visit, stop: async () => node.stop() };
  };
  return visit();
}

export type Stranger = {
  readonly node: Libp2p;
  readonly connection: Connection;
  readonly closed: Promise<void>;
  readonly name: string;
  /** A new connection by the same identity, introduced. */
  readonly again: () => Promise<Stranger>;
  readonly stop: () => Promise<void>;
};
