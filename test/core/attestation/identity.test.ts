/** Host identity: round trip, the exact claims, and everything that is refused. */

import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeIdentity,
  encodeIdentity,
  IDENTITY_PROFILE,
  type HostIdentity,
} from '../../../src/core/attestation/identity.ts';
import { decodeCbor, encodeCbor, type CborKey, type CborValue } from '../../../src/core/codec/cbor.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { isFault } from '../../../src/core/verdict.ts';
import { digestOf, NETWORK } from './actors.ts';

const card = { model: 'Time Card', serial: 'TC-000123', firmware: '22', driver: 'ptp_ocp 6.12.1' };
const host: HostIdentity = {
  network: NETWORK,
  bootSeed: digestOf('boot').subarray(0, 16),
  bootCount: 4n,
  uptimeSeconds: 86_400n,
  kernel: '6.12.1-amd64',
  softwareVersion: '0.1.0',
  softwareDigest: digestOf('software'),
  cards: new Map([['card0', card]]),
};
type Claims = Map<CborKey, CborValue>;
const claimsOf = (identity: HostIdentity): Claims => {
  const read = decodeCbor(encodeIdentity(identity));
  assert.ok(!('fault' in read));
  return new Map(read.value as Claims);
};

test('what is encoded is decoded to the same identity, with and without a boot count and cards', () => {
  for (const identity of [host, { ...host, bootCount: undefined }, { ...host, cards: new Map() }])
    assert.deepEqual(decodeIdentity(encodeIdentity(identity)), identity);
});

test('what a card does not tell is absent, and read as unknown', () => {
  const unknown = { model: undefined, serial: undefined, firmware: undefined, driver: undefined };
  for (const claim of ['model', 'serial', 'firmware', 'driver'] as const) {
    const part = { ...unknown, [claim]: card[claim] };
    const identity = { ...host, cards: new Map([['card0', part]]) };
    assert.equal(((claimsOf(identity).get(266n) as Claims).get('card0') as Claims).size, 1, claim);
    assert.deepEqual(decodeIdentity(encodeIdentity(identity)), identity);
  }
});

test('the claims have the keys RFC 9711 gives them', () => {
  const claims = claimsOf(host);
  assert.equal(claims.get(265n), IDENTITY_PROFILE);
  assert.equal(claims.get(261n), 86_400n);
  assert.equal(claims.get(267n), 4n);
  assert.deepEqual(claims.get(268n), host.bootSeed);
  assert.equal(claims.get(270n), 'momentd');
  assert.deepEqual(claims.get(271n), ['0.1.0']);
  const submodule = (claims.get(266n) as Claims).get('card0') as Claims;
  assert.deepEqual(submodule.get(260n), ['22']);
  assert.deepEqual(submodule.get(259n), new TextEncoder().encode('Time Card'));
});

test('every departure from the profile is refused with its code', () => {
  const changes: Record<string, (claims: Claims) => unknown> = {
    'another profile': (c) => c.set(265n, 'urn:uuid:00000000-0000-0000-0000-000000000000'),
    'another program': (c) => c.set(270n, 'other'),
    'a claim more': (c) => c.set(10n, new Uint8Array(8)),
    'a claim missing': (c) => c.delete(261n),
    'network short': (c) => c.set(-70_001n, NETWORK.subarray(1)),
    'boot seed long': (c) => c.set(268n, new Uint8Array(17)),
    'uptime negative': (c) => c.set(261n, -1n),
    'uptime as text': (c) => c.set(261n, '1'),
    'boot count as text': (c) => c.set(267n, '4'),
    'kernel empty': (c) => c.set(-70_002n, ''),
    'kernel long': (c) => c.set(-70_002n, 'k'.repeat(129)),
    'version with a scheme': (c) => c.set(271n, ['0.1.0', 1n]),
    'cards as an array': (c) => c.set(266n, []),
    'card of an odd name': (c) => c.set(266n, new Map([['card 0', (c.get(266n) as Claims).get('card0')!]])),
    'card with a claim of its own': (c) => c.set(266n, new Map([['card0', new Map([[258n, new Uint8Array(1)]])]])),
    'card serial empty': (c) => c.set(266n, new Map([['card0', new Map([[-70_004n, '']])]])),
    'card firmware not a version': (c) => c.set(266n, new Map([['card0', new Map([[260n, '22']])]])),
    'card model not UTF-8': (c) =>
      c.set(
        266n,
        new Map([['card0', new Map((c.get(266n) as Claims).get('card0') as Claims).set(259n, Uint8Array.of(0xff))]]),
      ),
    'too many cards': (c) =>
      c.set(266n, new Map(Array.from({ length: 9 }, (_, i) => [`card${i}`, (c.get(266n) as Claims).get('card0')!]))),
  };
  for (const [name, change] of Object.entries(changes)) {
    const claims = claimsOf(host);
    change(claims);
    const read = decodeIdentity(encodeCbor(claims));
    assert.ok(isFault(read), name);
    assert.equal(read.fault, 'identity-format', name);
  }
  const long = decodeIdentity(new Uint8Array(LIMITS.identityBytesMax + 1));
  assert.ok(isFault(long) && long.fault === 'identity-too-long');
  const garbled = decodeIdentity(Uint8Array.of(...encodeIdentity(host), 0));
  assert.ok(isFault(garbled) && garbled.fault === 'identity-not-canonical');
  const list = decodeIdentity(encodeCbor([]));
  assert.ok(isFault(list) && list.fault === 'identity-format');
});

test('law: no bytes make the decoder throw', () => {
  const bytes = encodeIdentity(host);
  fc.assert(
    fc.property(fc.nat(bytes.length), fc.uint8Array({ maxLength: 60 }), (keep, noise) => {
      const read = decodeIdentity(Uint8Array.of(...bytes.subarray(0, keep), ...noise));
      assert.ok(isFault(read) || noise.length > 0 || keep === bytes.length);
    }),
  );
});
