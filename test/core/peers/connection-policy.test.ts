import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressGroupOf, isSameGroup } from '../../../src/core/peers/address-group.ts';
import { backOff } from '../../../src/core/peers/back-off.ts';
import {
  admitInbound,
  appetiteFor,
  choosePeersToDial,
  CLASS_MAX,
  DEFAULT_POLICY,
  type Candidate,
  type OpenConnection,
  type PolicyNeeds,
} from '../../../src/core/peers/connection-policy.ts';
import { LIMITS } from '../../../src/core/limits.ts';
import { seconds } from '../../../src/core/time/nanos.ts';

const needs = (open: readonly OpenConnection[], reserved: string[] = [], banned: string[] = []): PolicyNeeds => ({
  open,
  isReserved: (peer) => reserved.includes(peer),
  isBanned: (peer) => banned.includes(peer),
});
const inbound = (peer: string, address: string): OpenConnection => ({ peer, address, class: 'inbound' });
const outbound = (peer: string, address: string): OpenConnection => ({ peer, address, class: 'outbound' });
const candidate = (peer: string, address: string, score = 100, isResting = false): Candidate => ({
  peer,
  address,
  score,
  isResting,
});

test('an address has three connections, a class its places, a banned peer none', () => {
  const three = ['a', 'b', 'c'].map((peer) => inbound(peer, '1.2.3.4'));
  const at = { address: '1.2.3.4', peer: undefined };
  assert.deepEqual(admitInbound(needs(three.slice(1)), DEFAULT_POLICY, at), { kind: 'welcome' });
  assert.deepEqual(admitInbound(needs(three), DEFAULT_POLICY, at), { kind: 'refused', because: 'address-full' });
  assert.deepEqual(admitInbound(needs([], [], ['x']), DEFAULT_POLICY, { address: '9.9.9.9', peer: 'x' }), {
    kind: 'refused',
    because: 'banned',
  });
  const full = Array.from({ length: CLASS_MAX.inbound }, (_, i) => inbound(`p${i}`, `1.${i}.0.1`));
  assert.deepEqual(admitInbound(needs(full), DEFAULT_POLICY, { address: '9.9.9.9', peer: 'x' }), {
    kind: 'refused',
    because: 'class-full',
  });
});

test('a reserved peer passes where others find everything full, unless it is banned', () => {
  const full = Array.from({ length: CLASS_MAX.inbound }, (_, i) => inbound(`p${i}`, '1.2.3.4'));
  const at = { address: '1.2.3.4', peer: 'v' };
  assert.equal(admitInbound(needs(full, ['v']), DEFAULT_POLICY, at).kind, 'welcome');
  assert.equal(admitInbound(needs(full, ['v'], ['v']), DEFAULT_POLICY, at).kind, 'refused');
});

test('reserved peers take nobody else his place', () => {
  const validators = Array.from({ length: 200 }, (_, i) => inbound(`v${i}`, '1.2.3.4'));
  const reserved = validators.map(({ peer }) => peer!);
  assert.equal(
    admitInbound(needs(validators, reserved), DEFAULT_POLICY, { address: '1.2.3.4', peer: 'x' }).kind,
    'welcome',
  );
});

test('reserved peers are dialled first, then the best, never two of one /16', () => {
  const candidates = [
    candidate('low', '5.5.0.1', 10),
    candidate('best', '6.6.0.1', 90),
    candidate('twin', '6.6.9.9', 80),
    candidate('pinned', '6.6.1.1', 1),
  ];
  const chosen = choosePeersToDial(needs([], ['pinned']), candidates).map(({ peer }) => peer);
  assert.deepEqual(chosen, ['pinned', 'best', 'low']);
});

test('who is connected, banned or resting is not dialled', () => {
  const candidates = [
    candidate('here', '1.1.0.1'),
    candidate('bad', '2.2.0.1'),
    candidate('tired', '3.3.0.1', 1, true),
  ];
  assert.deepEqual(choosePeersToDial(needs([inbound('here', '1.1.0.1')], [], ['bad']), candidates), []);
});

test('outbound never exceeds its class, whatever is offered', () => {
  const address = fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `${a}.${b}.0.1`);
  fc.assert(
    fc.property(fc.array(address, { maxLength: 8 }), fc.array(address, { maxLength: 40 }), (openAt, offered) => {
      const open = openAt.map((at, i) => outbound(`o${i}`, at));
      const chosen = choosePeersToDial(
        needs(open),
        offered.map((at, i) => candidate(`c${i}`, at, i)),
      );
      assert.ok(open.length + chosen.length <= CLASS_MAX.outbound);
      assert.ok(chosen.length <= LIMITS.dialsAtOnceMax);
      const groups = [...openAt, ...chosen.map((c) => c.address)].map(addressGroupOf);
      for (const [i, group] of groups.entries())
        if (i >= openAt.length) assert.ok(!groups.slice(0, i).some((other) => isSameGroup(other, group)));
    }),
  );
});

test('appetite follows the targets 8, 25, 50', () => {
  assert.deepEqual([0, 7, 8, 24, 25, 49, 50].map(appetiteFor), [
    'starving',
    'starving',
    'seeking',
    'seeking',
    'content',
    'content',
    'full',
  ]);
});

test('addresses group by /16 and /32; local ones and names by themselves', () => {
  const same: [string, string][] = [
    ['1.2.3.4', '1.2.200.1'],
    ['2001:db8::1', '2001:db8:ffff::2'],
    ['::ffff:1.2.3.4', '1.2.9.9'],
    ['Host.example', 'host.example'],
  ];
  const apart: [string, string][] = [
    ['1.2.3.4', '1.3.3.4'],
    ['2001:db8::1', '2001:db9::1'],
    ['127.0.0.1', '127.0.0.1'],
    ['10.0.0.1', '10.0.0.2'],
    ['fe80::1', 'fe80::1'],
    ['fd00::1', 'fd00::1'],
    ['a.example', 'b.example'],
    ['1.2.3.4', '1.2.3.4.5'],
    ['::1', '::1'],
  ];
  for (const [a, b] of same) assert.ok(isSameGroup(addressGroupOf(a), addressGroupOf(b)), `${a} ${b}`);
  for (const [a, b] of apart) assert.ok(!isSameGroup(addressGroupOf(a), addressGroupOf(b)), `${a} ${b}`);
});

test('any text has a group and none throws', () => {
  fc.assert(fc.property(fc.string(), (text) => assert.match(addressGroupOf(text).kind, /local|prefix/)));
  for (const odd of ['1:2', ':::', '1::2::3', '::1.2.3.999', 'g::1', '1:2:3:4:5:6:7:8:9', '256.1.1.1'])
    assert.equal(addressGroupOf(odd).kind, 'prefix', odd);
});

test('back-off doubles to five minutes and is spread over the upper half', () => {
  assert.equal(backOff(1, 0), seconds(1) / 2n);
  assert.equal(backOff(5, 0), seconds(8));
  assert.equal(backOff(60, 0), seconds(150));
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (n, chance) => {
        const wait = backOff(n, chance);
        assert.ok(wait <= seconds(300) && wait >= backOff(n, 0) && wait <= backOff(n, 0) * 2n);
      },
    ),
  );
  assert.throws(() => backOff(0, 0), /after a failure/);
  assert.throws(() => backOff(1, 1), /chance/);
});
