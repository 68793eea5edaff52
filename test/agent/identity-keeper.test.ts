/** The host identity of a whole agent on virtual time: in force before the first evidence, renewed, changed, lost, found. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdentityKeeper } from '../../src/agent/identity-keeper.ts';
import { decodeCoseSign1, identityOf, sigStructure } from '../../src/core/attestation/cose-sign1.ts';
import { decodeIdentity, type HostIdentity } from '../../src/core/attestation/identity.ts';
import { decodeEvidence } from '../../src/core/clock/evidence.ts';
import { toHex } from '../../src/core/codec/hex.ts';
import { seconds } from '../../src/core/time/nanos.ts';
import { secondsAndNanos } from '../../src/core/time/parts.ts';
import { isFault } from '../../src/core/verdict.ts';
import { checkSignature } from '../../src/io/keys/check-signature.ts';
import { IdentityFiles } from '../../src/io/storage/identity-files.ts';
import { SimDisk } from '../../src/sim/disk.ts';
import { World } from './harness.ts';

/** The digest named by the evidence of the newest statement; undefined: none. */
async function namedByNewest(world: World): Promise<string | undefined> {
  const record = await world.agent.evidence(world.published.at(-1)!.statement.evidence);
  const evidence = decodeEvidence(record!);
  assert.ok(!('fault' in evidence));
  return evidence.inputs.identity === undefined ? undefined : toHex(evidence.inputs.identity);
}

const inForce = (world: World): string | undefined => {
  const { identity } = world.agent.status();
  return identity === undefined ? undefined : toHex(identity);
};

/** A signed record taken apart, its signature checked with the world's key. */
function opened(world: World, bytes: Uint8Array): { readonly digest: string; readonly identity: HostIdentity } {
  const envelope = decodeCoseSign1(bytes);
  assert.ok(!isFault(envelope));
  const { signature } = envelope;
  const { publicKey } = world.signer;
  assert.ok(checkSignature({ publicKey, message: sigStructure(envelope), signature }));
  const identity = decodeIdentity(envelope.payload);
  assert.ok(!isFault(identity));
  return { digest: toHex(identityOf(envelope)), identity };
}

test('every statement refers, through its evidence, to a signed record that is kept', async (t) => {
  const world = await World.begin(t);
  assert.notEqual(inForce(world), undefined, 'before the first beat');
  await world.run(40);
  assert.ok(world.published.length > 10);
  for (const { statement } of world.published) {
    const evidence = decodeEvidence((await world.agent.evidence(statement.evidence))!);
    assert.ok(!('fault' in evidence) && evidence.inputs.identity !== undefined);
    const bytes = await world.agent.identityRecord(evidence.inputs.identity);
    const { digest, identity } = opened(world, bytes!);
    assert.equal(digest, toHex(evidence.inputs.identity));
    assert.equal(toHex(identity.bootSeed), evidence.inputs.bootId.replaceAll('-', ''));
    assert.equal(identity.cards.get('card0')!.serial, 'TC-1');
  }
  assert.deepEqual(world.agent.identity, await world.agent.identityRecord(world.agent.status().identity!));
  assert.equal(await world.agent.identityRecord(new Uint8Array(32)), undefined);
});

test('an hour makes another record, less does not, and the earlier one is still there', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  const first = inForce(world)!;
  world.host.pass(seconds(3_500));
  await world.run(30);
  assert.equal(inForce(world), first, 'not an hour yet');
  world.host.pass(seconds(61));
  await world.run(60);
  const second = inForce(world)!;
  assert.notEqual(second, first);
  assert.equal(await namedByNewest(world), second);
  const told = world.lines.filter(({ message }) => message === 'a host identity is in force');
  assert.deepEqual(
    told.map(({ fields }) => fields['cause']),
    ['first', 'hour'],
  );
  const [before, after] = await Promise.all(
    [first, second].map(async (hex) => opened(world, (await world.agent.identityRecord(Buffer.from(hex, 'hex')))!)),
  );
  assert.ok(after!.identity.uptimeSeconds - before!.identity.uptimeSeconds >= 3_600n);
  assert.deepEqual({ ...after!.identity, uptimeSeconds: 0n }, { ...before!.identity, uptimeSeconds: 0n });
});

test('another card is another record within a minute, told as a warning', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  const first = inForce(world);
  world.cardFacts = { ...world.cardFacts!, serial: 'TC-2' };
  await world.run(61);
  assert.notEqual(inForce(world), first);
  assert.equal(await namedByNewest(world), inForce(world));
  assert.equal(opened(world, world.agent.identity!).identity.cards.get('card0')!.serial, 'TC-2');
  const [warning] = world.lines.filter(({ level, fields }) => level === 'warn' && fields['cause'] === 'change');
  assert.equal(warning?.fields['digest'], inForce(world));
});

test('facts that cannot be gathered leave no identity in force, are told once, and stop nothing', async (t) => {
  const world = await World.begin(t);
  await world.run(40);
  world.cardFacts = undefined;
  const before = world.published.length;
  await world.run(200);
  assert.equal(inForce(world), undefined);
  assert.equal(world.agent.identity, undefined);
  assert.equal(await namedByNewest(world), undefined);
  assert.ok(world.published.length >= before + 190, 'it signs on');
  const told = world.lines.filter(({ message }) => message === 'no host identity is in force');
  assert.deepEqual(
    told.map(({ fields }) => fields['code']),
    ['identity-facts'],
  );
  world.cardFacts = { model: undefined, serial: 'TC-3', firmware: undefined, driver: undefined };
  await world.run(61);
  assert.equal(await namedByNewest(world), inForce(world));
  assert.equal(opened(world, world.agent.identity!).identity.cards.get('card0')!.model, undefined);
});

test('a record is durable before it is announced; one that cannot be stored leaves none in force until it can', async (t) => {
  const world = await World.begin(t);
  const disk = new SimDisk({ capacityBytes: 4_096 });
  const files = new IdentityFiles(disk, { directory: '/identity', keep: seconds(1), dateNow: () => world.truthNow() });
  const stored = new Set<string>();
  const keeper = new IdentityKeeper({
    gather: () =>
      Promise.resolve({
        ...opened(world, world.agent.identity!).identity,
        uptimeSeconds: secondsAndNanos(world.host.boottime()).seconds,
      }),
    store: {
      get: (digest) => files.get(digest),
      put: async (item) => {
        await files.put(item);
        stored.add(toHex(item.digest));
      },
    },
    signer: world.signer,
    log: { write: (level, message, fields = {}) => world.lines.push({ level, message, fields }) },
  });
  const announced: (string | undefined)[] = [];
  const announce = (digest: Uint8Array | undefined): void => {
    const name = digest === undefined ? undefined : toHex(digest);
    announced.push(name);
    assert.ok(name === undefined || stored.has(name), 'durable before it is announced');
  };
  const ballast = await disk.open('/ballast', { create: true });
  await ballast.writeAt(0, new Uint8Array(4_000));
  await keeper.start(world.host.now(), announce);
  assert.deepEqual(announced, [], 'none was in force, none is');
  await ballast.truncate(0);
  const later = async (pause: number): Promise<void> => {
    world.host.pass(seconds(pause));
    keeper.beat(world.host.now());
    await world.settle();
  };
  await later(59);
  assert.deepEqual(announced, [], 'not a minute yet');
  await later(1);
  assert.equal(announced.length, 1);
  await assert.rejects(ballast.writeAt(0, new Uint8Array(4_096)), /ENOSPC/);
  await later(3_600);
  assert.deepEqual(announced.slice(1), [undefined], 'an hour later it cannot be renewed');
  await ballast.truncate(0);
  await later(60);
  assert.equal(announced.length, 3);
  assert.deepEqual([...stored], [announced[0], announced[2]]);
  await keeper.stop();
  await keeper.stop();
  await later(7_200);
  assert.equal(announced.length, 3, 'after its end it announces nothing');
});
