/** The address book under a flood of talk: what is known stays, whatever strangers tell. */

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { LIMITS } from '../../../src/core/limits.ts';
import { AddressBook, scoreOfKnown } from '../../../src/io/gossip/address-book.ts';

const nameOfSomebody = async (): Promise<string> => peerIdFromPrivateKey(await generateKeyPair('Ed25519')).toString();

let self: string, pinned: string, validator: string, other: string;
let strangers: readonly string[];
before(async () => {
  [self, pinned, validator, other] = (await Promise.all([0, 1, 2, 3].map(nameOfSomebody))) as [
    string,
    string,
    string,
    string,
  ];
  strangers = await Promise.all(Array.from({ length: LIMITS.addressBookMax + 10 }, nameOfSomebody));
});

const at = (host: number, name: string): string => `/ip4/192.0.2.${host}/tcp/16178/p2p/${name}`;
const bookOf = (): AddressBook => new AddressBook(self, [at(1, pinned)], (peer) => [pinned, validator].includes(peer));
const placesOf = (book: AddressBook, name: string): string[] =>
  book.peek(name)!.places.map(({ address }) => address.toString());

test('more strangers than the book holds push out neither the operator’s peers nor validators that were met', () => {
  const book = bookOf();
  book.learn(at(2, validator), 'proven');
  book.learn(at(3, other), 'told');
  for (const name of strangers) book.learn(at(9, name), 'told');
  assert.deepEqual(placesOf(book, pinned), [at(1, pinned)]);
  assert.deepEqual(placesOf(book, validator), [at(2, validator)]);
  assert.equal(book.peek(other), undefined, 'the one not heard of longest left');
  assert.equal([...book.entries()].length, 2 + LIMITS.addressBookMax);
});

test('talk about a peer replaces talk, never an address that has worked or that the operator wrote', () => {
  const book = bookOf();
  for (let host = 100; host < 150; host++) book.learn(at(host, pinned), 'told');
  assert.equal(placesOf(book, pinned).length, LIMITS.addressesPerPeerMax);
  assert.equal(placesOf(book, pinned)[0], at(1, pinned));
  assert.equal(placesOf(book, pinned)[1], at(149, pinned), 'the newest talk comes first');
  book.learn(at(7, pinned), 'proven');
  for (let host = 150; host < 200; host++) book.learn(at(host, pinned), 'told');
  assert.deepEqual(placesOf(book, pinned).slice(0, 2), [at(1, pinned), at(7, pinned)]);
});

test('an address that was told and then reached is proven, and being told again takes nothing from it', () => {
  const book = bookOf();
  book.learn(at(5, other), 'told');
  book.learn(at(6, other), 'told');
  book.learn(at(5, other), 'proven');
  book.learn(at(5, other), 'told');
  assert.deepEqual(
    book.peek(other)!.places.map(({ ground }) => ground),
    ['proven', 'told'],
  );
  assert.equal(placesOf(book, other)[0], at(5, other));
});

test('a stranger who turns out to be a validator keeps what was known of it', () => {
  let isKnown = false;
  const book = new AddressBook(self, [], (peer) => isKnown && peer === validator);
  book.learn(at(2, validator), 'told');
  isKnown = true;
  assert.deepEqual(book.of(validator), book.peek(validator));
  for (const name of strangers) book.learn(at(9, name), 'told');
  assert.deepEqual(placesOf(book, validator), [at(2, validator)]);
});

test('ourselves, an address without an identity and noise are not remembered', () => {
  const book = bookOf();
  for (const text of [at(1, self), '/ip4/192.0.2.66/tcp/22', '/dnsaddr/victim.example', 'noise', ''])
    book.learn(text, 'told');
  assert.deepEqual(
    [...book.entries()].map(([name]) => name),
    [pinned],
  );
});

test('who answered and who is near scores better than who did not, and nobody tried lies between', () => {
  const known = bookOf().of(other);
  const untried = scoreOfKnown(known);
  const score = (dials: number, answers: number, roundTripMs?: number): number =>
    scoreOfKnown({ ...known, dials, answers, roundTripMs });
  assert.ok(score(4, 4) > untried);
  assert.ok(score(4, 0) < untried);
  assert.ok(score(4, 4, 5) > score(4, 4, 400));
  assert.equal(score(2, 9), score(2, 2), 'connections that others opened are no better than all');
});
