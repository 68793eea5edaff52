/**
 * The composition of what a validator is among others: what it signs beside heartbeats, whom it talks to, what it keeps of
 * them, the order that follows. Made in two steps, because the agent signs what the membership asks for and the membership
 * hears what the agent signed.
 */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Membership } from '../agent/network/membership.ts';
import { MembershipView } from '../agent/network/membership-view.ts';
import { NOBODY } from '../agent/network/nobody.ts';
import { kidOf } from '../core/attestation/cose-sign1.ts';
import type { Genesis, Region } from '../core/attestation/genesis.ts';
import type { StatementJudge } from '../core/attestation/verify-statement.ts';
import { compareBytes } from '../core/codec/cbor.ts';
import type { Digest } from '../core/codec/sha256.ts';
import type { HashRanges } from '../core/log/hash-ranges.ts';
import { LIMITS } from '../core/limits.ts';
import { Agenda } from '../core/ordering/agenda.ts';
import { Ordering } from '../core/ordering/ordering.ts';
import { openSnapshot, sealingSnapshot } from '../core/ordering/order-snapshot.ts';
import { ORDERING_RULES } from '../core/ordering/rules.ts';
import { Tick } from '../core/ordering/tick.ts';
import { OWN_FEATURES } from '../core/peers/features.ts';
import {
  judgeHello,
  PROTOCOL_VERSION,
  PROTOCOL_VERSION_MIN,
  publishedCapabilities,
  sealHello,
} from '../core/peers/hello.ts';
import { DEFAULT_STANDING, Standing } from '../core/peers/standing.ts';
import type { Interval } from '../core/time/interval.ts';
import { seconds, type MonoInstant } from '../core/time/nanos.ts';
import type { Config } from '../io/config/config.ts';
import { identityKey } from '../io/gossip/identity-key.ts';
import { Libp2pNetwork } from '../io/gossip/libp2p-network.ts';
import { threadedVerifier } from '../io/keys/threaded-verifier.ts';
import { AlarmFiles } from '../io/storage/alarm-files.ts';
import { CheckpointFiles } from '../io/storage/checkpoint-files.ts';
import { FaultFiles } from '../io/storage/fault-files.ts';
import { fileDisk } from '../io/storage/file-disk.ts';
import { LaneCopies, tileOfLog } from '../io/storage/kept-lanes.ts';
import type { LaneNeeds } from '../io/storage/lane-directory.ts';
import { openOrderLog } from '../io/storage/order-log.ts';
import { orderSnapshotFile } from '../io/storage/order-snapshot-file.ts';
import { OrderSnapshots } from '../io/storage/order-snapshots.ts';
import type { AddCheckpoint } from '../io/api/witness-routes.ts';
import type { KeptLog } from '../ports/kept-log.ts';
import type { LaneSearch } from '../ports/lane-search.ts';
import type { Log } from '../ports/log.ts';
import type { Network } from '../ports/network.ts';
import type { NetworkView, NetworkWatch } from '../ports/network-view.ts';
import type { Signer } from '../ports/signer.ts';
import type { Timers } from '../ports/timers.ts';
import type { AgentView } from '../ports/view.ts';
import { NO_WITNESS, openWitness } from './witness.ts';

/** A hello signed longer ago than this is not of now; honest clocks are within a second of each other. */
const HELLO_APART_MAX = seconds(60);

/** What a validator signs beside heartbeats, and the order it votes on; who follows has an order and signs nothing. */
export type Duties = {
  readonly self: number | undefined;
  readonly tick: Tick | undefined;
  readonly ordering: Ordering;
  readonly agenda: Agenda | undefined;
  /** Told by the membership once there is one: frames wait, so that ticks widen. */
  isBacklogged: () => boolean;
};

/** Of a key that is not registered there are no duties: its holder follows. */
export function dutiesOf(genesis: Genesis, network: Digest, signer: Signer, hashRanges?: HashRanges): Duties {
  const { parameters, validators } = genesis;
  const index = validators.findIndex(({ publicKey }) => compareBytes(publicKey, signer.publicKey) === 0);
  const self = index < 0 ? undefined : index;
  const tick = new Tick(parameters);
  const ordering = new Ordering({
    network,
    parameters,
    validators: validators.length,
    rules: ORDERING_RULES,
    self,
    hashRanges,
  });
  if (self === undefined) return { self, ordering, tick: undefined, agenda: undefined, isBacklogged: () => false };
  const duties: Duties = {
    self,
    tick,
    ordering,
    isBacklogged: () => false,
    agenda: new Agenda({
      parameters,
      tick,
      voteDue: (ownEntries) => ordering.voteDue(ownEntries),
      isOrderBusy: () => ordering.isBusy,
      isBacklogged: () => duties.isBacklogged(),
    }),
  };
  return duties;
}

export type JoinNeeds = {
  readonly config: Config;
  readonly genesis: Genesis;
  readonly network: Digest;
  readonly judge: StatementJudge;
  readonly signer: Signer;
  readonly duties: Duties;
  readonly storage: LaneNeeds;
  /** Undefined for one who signs nothing. */
  readonly ownLane: KeptLog | undefined;
  /** Where our own lane speaks of a subject. */
  readonly search: Pick<LaneSearch, 'findSubject'>;
  readonly agent: Pick<AgentView, 'now'> & { interval(): Interval | undefined; poke(): void };
  readonly now: () => MonoInstant;
  readonly timers: Timers;
  readonly log: Log;
  readonly version: string;
  readonly watch: NetworkWatch;
};

export type Joined = {
  readonly membership: Membership;
  readonly view: NetworkView;
  /** Undefined for one who is no witness: only validators' cosignatures count. */
  readonly addCheckpoint: AddCheckpoint | undefined;
  /** Releases what opening acquired; the membership is stopped before. */
  close(): Promise<void>;
};

/** Opens everything that is kept of others. Nothing is on the wire before the membership starts. */
export async function joinNetwork(needs: JoinNeeds): Promise<Joined> {
  const { config, genesis, network, judge, signer, duties, agent, now, log } = needs;
  const stateDir = config.validator.state_dir;
  const kids = genesis.validators.map(({ publicKey }) => kidOf(publicKey));
  const lanes = await LaneCopies.open(
    { ...needs.storage, signer, own: needs.ownLane },
    { directory: join(stateDir, 'lanes'), network, kids: kids.filter((_, index) => index !== duties.self) },
  );
  const orderLog = await openOrderLog(needs.storage, {
    directory: join(stateDir, 'order'),
    network,
    publicKey: signer.publicKey,
  }).catch(async (error: unknown) => {
    await lanes.close();
    throw error;
  });
  const standing = new Standing({ ...DEFAULT_STANDING, allowed: pinnedNames(config) });
  const batch = threadedVerifier();
  const close = async (): Promise<void> => {
    await batch.stop();
    await orderLog.close();
    await lanes.close();
  };
  try {
    const transport = await transportOf(needs, { lanes, standing });
    const witness =
      duties.self === undefined
        ? NO_WITNESS
        : await openWitness({
            judge,
            signer,
            view: agent,
            stateDir,
            isVerified: async (kid, { size, root }) => {
              const lane = lanes.lane(kid);
              return lane !== undefined && lane.size >= size && compareBytes(await lane.rootAt(size), root) === 0;
            },
            fork: (fault) => void membership.faults.found(fault),
          });
    const snapshots = new OrderSnapshots({
      ordering: duties.ordering,
      lanes,
      kids,
      orderLog,
      shelf: orderSnapshotFile(needs.storage.disk, join(stateDir, 'order')),
      seal: (state) => sealingSnapshot((bytes) => signer.sign(bytes), network, state),
      unseal: (bytes) => openSnapshot({ ...judge, publicKey: signer.publicKey }, bytes),
    });
    const membership: Membership = new Membership(
      {
        genesis,
        network,
        judge,
        hashRanges: needs.storage.hashRanges,
        batch,
        transport,
        standing,
        lanes,
        orderLog,
        snapshots,
        faults: await FaultFiles.open(fileDisk, join(stateDir, 'faults')),
        alarms: await AlarmFiles.open(fileDisk, join(stateDir, 'alarms')),
        checkpoints: await CheckpointFiles.open(fileDisk, join(stateDir, 'checkpoints')),
        ...duties,
        witness,
        interval: () => agent.interval(),
        now,
        poke: () => agent.poke(),
        blind: () => randomBytes(32),
        noteProgress: async (entriesMin) => {
          await lanes.checkpoint(entriesMin);
          if (orderLog.entriesSinceCheckpoint > 0) await orderLog.checkpoint((bytes) => signer.sign(bytes));
          await membership.order.keepSnapshot();
        },
        timers: needs.timers,
        log,
        watch: needs.watch,
      },
      { peersPerAddress: config.network?.peers_per_address ?? 1 },
    );
    duties.isBacklogged = () =>
      membership.inbound.pipeline.waitingItems > LIMITS.inlineClaimsMax ||
      transport.peers().some(({ waitingItems }) => waitingItems > LIMITS.inlineClaimsMax);
    const view = new MembershipView({
      membership,
      genesis,
      network,
      transport,
      isNetworked: config.network !== undefined,
      standing,
      lanes,
      orderLog,
      orderTile: (path) =>
        path === 'checkpoint' ? Promise.resolve(orderLog.lastCheckpoint) : tileOfLog(orderLog, path),
      ...duties,
      search: needs.search,
      interval: () => agent.interval(),
      now,
    });
    return { membership, view, addCheckpoint: witness.addCheckpoint, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function transportOf(
  { config, genesis, network, judge, signer, duties, agent, now, log, version }: JoinNeeds,
  { lanes, standing }: { readonly lanes: LaneCopies; readonly standing: Standing },
): Promise<Network> {
  const options = config.network;
  if (options === undefined) return NOBODY;
  const { role } = config.validator;
  const { region, capabilities } = wordsOf(
    role,
    duties.self === undefined ? undefined : genesis.validators[duties.self],
  );
  const sign = (bytes: Uint8Array): Uint8Array => signer.sign(bytes);
  const transport: Libp2pNetwork = new Libp2pNetwork(
    {
      privateKey: await identityKey(options.identity),
      lanes,
      ownHello: (identity) =>
        sealHello(sign, {
          network,
          protocol: { min: PROTOCOL_VERSION_MIN, max: PROTOCOL_VERSION },
          role,
          region,
          capabilities,
          features: OWN_FEATURES,
          publicKey: signer.publicKey,
          identity,
          time: agent.interval(),
        }),
      judgeHello: (bytes, identity) =>
        judgeHello({ ...judge, identity, now: agent.interval(), timeApartMax: HELLO_APART_MAX }, bytes),
      positionOf: (publicKey) => {
        const at = genesis.validators.findIndex((other) => compareBytes(other.publicKey, publicKey) === 0);
        return at < 0 ? undefined : at;
      },
      kidOf,
      trustOf: (peer) => standing.trustOf(peer),
      isBanned: (peer) => standing.isBanned(peer, now()),
      now,
      chance: Math.random,
      log,
    },
    {
      listen: options.listen,
      announce: options.announce,
      bootstrap: options.bootstrap,
      mdns: options.mdns,
      quic: options.quic,
      connectionsPerSecondMax: options.connections_per_second,
      version,
      network,
      position: duties.self,
      // Whoever tells no time can see no subject.
      unread: duties.self === undefined ? ['subjects'] : [],
      validatorCount: genesis.validators.length,
      capabilities: publishedCapabilities({ capabilities, region }),
      pinned: options.pinned,
      policy: { connectionsPerAddressMax: options.peers_per_address },
    },
  );
  return transport;
}

/** What we say of ourselves: the genesis record has a validator's words, and an archive is found by its name. */
function wordsOf(
  role: Config['validator']['role'],
  registered: Genesis['validators'][number] | undefined,
): { readonly region: Region | undefined; readonly capabilities: readonly string[] } {
  return registered ?? { region: undefined, capabilities: role === 'archive' ? ['archive'] : [] };
}

/** Identities of pinned peers: they are never banned for good. */
function pinnedNames({ network }: Config): ReadonlySet<string> {
  return new Set(network?.pinned.flatMap((address) => /\/p2p\/([^/]+)$/.exec(address)?.[1] ?? []));
}
