/** The laws of an exchange: whatever the delays and the honest clocks, truth lies inside every bound. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  agreementOf,
  narrowestOpinion,
  opinionOf,
  ownOpinion,
  type Opinion,
} from '../../../src/core/peers/time-agreement.ts';
import {
  delayBounds,
  findingOf,
  nextNonce,
  spanOf,
  subjectOfNonce,
  windowOf,
  type Exchange,
} from '../../../src/core/peers/time-exchange.ts';
import { interval, intervalAround, midpointOf } from '../../../src/core/time/interval.ts';
import { nanos, since, taiInstant } from '../../../src/core/time/nanos.ts';
import { ppm, ppt } from '../../../src/core/time/rate.ts';

const T0 = 1_800_000_000_000_000_000n;

/** An honest interval around true time: anywhere inside it. */
type Clock = { readonly half: bigint; readonly error: bigint };
const clock: fc.Arbitrary<Clock> = fc
  .record({ half: fc.bigInt(1n, 1_000_000n), share: fc.bigInt(-1_000n, 1_000n) })
  .map(({ half, share }) => ({ half, error: (half * share) / 1_000n }));

const around = (truth: bigint, { half, error }: Clock) => intervalAround(taiInstant(truth + error), nanos(half));

const honest = fc.record({
  own: clock,
  peer: clock,
  forward: fc.bigInt(0n, 50_000_000n),
  back: fc.bigInt(0n, 50_000_000n),
  rate: fc.bigInt(-50_000_000n, 50_000_000n),
});

function exchangeOf(e: { own: Clock; peer: Clock; forward: bigint; back: bigint; rate: bigint }): Exchange {
  const trip = e.forward + e.back;
  return {
    asked: around(T0, e.own),
    signed: around(T0 + e.forward, e.peer),
    answered: around(T0 + trip, e.own),
    // The raw clock runs off by up to 50 ppm.
    roundTrip: nanos(trip + (trip * e.rate) / 1_000_000_000_000n),
    rateMax: ppm(51),
  };
}

test('of honest clocks every exchange is consistent and every bound holds the truth', () => {
  fc.assert(
    fc.property(honest, (e) => {
      const exchange = exchangeOf(e);
      const finding = findingOf(exchange)!;
      assert.ok(finding.isConsistent);
      const inside = (value: bigint, { least, most }: { least: bigint; most: bigint }): boolean =>
        least <= value && value <= most;
      const window = windowOf(exchange)!;
      assert.ok(window.earliest <= T0 + e.forward && T0 + e.forward <= window.latest, 'window');
      assert.ok(inside(e.forward, finding.forward), 'forward');
      assert.ok(inside(e.back, finding.back), 'back');
      const middle = midpointOf(exchange.signed);
      assert.ok(inside(since(middle, taiInstant(T0 + e.forward)), finding.offset), 'offset');
    }),
  );
});

test('a peer that is off by more than the round trip and both guarantees is found out', () => {
  fc.assert(
    fc.property(honest, fc.boolean(), (e, isAhead) => {
      const off = (e.forward + e.back + 2n * (e.own.half + e.peer.half)) * 2n + 1n;
      const exchange = exchangeOf(e);
      const truth = T0 + e.forward + (isAhead ? off : -off);
      const finding = findingOf({ ...exchange, signed: around(truth, e.peer) })!;
      assert.equal(finding.isConsistent, false);
    }),
  );
});

test('our own readings that contradict each other give nothing', () => {
  const asked = interval(taiInstant(1_000n), taiInstant(1_100n));
  const answered = interval(taiInstant(500n), taiInstant(600n));
  const exchange = { asked, signed: asked, answered, roundTrip: nanos(10n), rateMax: ppt(0n) };
  assert.equal(findingOf(exchange), undefined);
  assert.equal(opinionOf('p', exchange, 0), undefined);
});

test('nothing arrives before it left', () => {
  const early = interval(taiInstant(0n), taiInstant(10n));
  const late = interval(taiInstant(100n), taiInstant(110n));
  assert.deepEqual(delayBounds(late, early), { least: 0n, most: 0n });
  assert.deepEqual(delayBounds(early, late), { least: 90n, most: 110n });
  assert.deepEqual(delayBounds(early, late, nanos(95n)), { least: 90n, most: 95n });
});

test('nonces form a chain, and answers commit to them', () => {
  const blind = new Uint8Array(32).fill(1);
  const first = nextNonce(new Uint8Array(32), blind);
  const second = nextNonce(subjectOfNonce(first), blind);
  assert.notDeepEqual(first, second);
  assert.notDeepEqual(nextNonce(new Uint8Array(32), new Uint8Array(32).fill(2)), first);
  assert.notDeepEqual(subjectOfNonce(first), first);
  assert.throws(() => nextNonce(new Uint8Array(31), blind), /32/);
});

// ---- several exchanges

test('of several honest exchanges the voice holds the truth of now, and none of them alone is narrower', () => {
  const moments = fc.array(fc.record({ e: honest, drift: clock }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(moments, clock, (several, now) => {
      // Our own error changes from one exchange to the next, always inside our own interval.
      const exchanges = several.map(({ e, drift }, i) => ({ exchange: exchangeOf({ ...e, own: drift }), evidence: i }));
      const own = around(T0, now);
      const voice = narrowestOpinion('p', exchanges, own)!;
      const ahead = T0 - midpointOf(own);
      assert.ok(voice.ahead.least <= ahead && ahead <= voice.ahead.most, 'truth is covered');
      for (const one of exchanges)
        assert.ok(
          spanOf(voice.ahead) <= spanOf(narrowestOpinion('p', [one], own)!.ahead),
          `not wider than ${one.evidence}`,
        );
    }),
  );
});

test('what contradicts a later exchange is forgotten, however narrow, and so is all before it', () => {
  const quick = { own: { half: 100n, error: 0n }, peer: { half: 100n, error: 0n }, forward: 10n, back: 10n, rate: 0n };
  const slow = { ...quick, forward: 1_000_000n, back: 1_000_000n };
  const before = exchangeOf(quick);
  // The peer stepped by 5 ms after it.
  const after = exchangeOf(slow);
  const stepped = { ...after, signed: around(T0 + slow.forward + 5_000_000n, quick.peer) };
  const own = around(T0, quick.own);
  const voiceOf = (...latestFirst: readonly Exchange[]) =>
    narrowestOpinion(
      'p',
      latestFirst.map((exchange, evidence) => ({ exchange, evidence })),
      own,
    )!;
  assert.equal(voiceOf(after, before).evidence, 1, 'the quick one tells more while nothing speaks against it');
  assert.equal(voiceOf(stepped, before).evidence, 0);
  assert.equal(voiceOf(after, stepped, before).evidence, 0, 'not across the step either');
  assert.ok(voiceOf(stepped, before).ahead.least > 1_000_000n, 'the step shows at once');
});

// ---- agreement

test('with at most f liars truth is covered, no honest voice is outside, and all far liars are', () => {
  const parties = fc.record({
    exchanges: fc.array(honest, { minLength: 3, maxLength: 9 }),
    own: clock,
    liars: fc.nat(3),
  });
  fc.assert(
    fc.property(parties, ({ exchanges, own, liars }) => {
      const n = exchanges.length + 1;
      const f = Math.floor((n - 1) / 3);
      const count = Math.min(liars, f);
      const voices: Opinion<string>[] = exchanges.map((e, i) => {
        const exchange = exchangeOf({ ...e, own });
        const far = 10_000_000_000n * BigInt(i + 1);
        const signed = i < count ? around(T0 + far, e.peer) : exchange.signed;
        return opinionOf(`p${i}`, { ...exchange, signed }, 'said')!;
      });
      const mine = ownOpinion('own', around(T0, own), 'mine');
      const agreement = agreementOf([...voices, mine], f)!;
      const ahead = T0 - midpointOf(around(T0, own));
      assert.ok(
        agreement.regions.some(({ least, most }) => least <= ahead && ahead <= most),
        'truth is covered',
      );
      assert.deepEqual(
        agreement.outside.map(({ who }) => who),
        Array.from({ length: count }, (_, i) => `p${i}`),
      );
      assert.ok(agreement.outside.every(({ evidence }) => evidence === 'said'));
    }),
  );
});

test('our own clock is the one that is outside when it is the one that lies', () => {
  const far = { half: 100n, error: 0n };
  const voices = [0n, 20n, 40n].map((shift, i): Opinion<number> => ({
    who: `p${i}`,
    ahead: { least: nanos(5_000n + shift), most: nanos(5_100n + shift) },
    evidence: i,
  }));
  const agreement = agreementOf([...voices, ownOpinion('own', around(T0, far), 9)], 1)!;
  assert.deepEqual(agreement.regions, [{ least: 5_040n, most: 5_100n }]);
  assert.deepEqual(
    agreement.outside.map(({ who, evidence }) => [who, evidence]),
    [['own', 9]],
  );
});

test('regions with a gap between them are not joined, and without any nobody is accused', () => {
  const at = (who: string, least: bigint, most: bigint): Opinion<null> => ({
    who,
    ahead: { least: nanos(least), most: nanos(most) },
    evidence: null,
  });
  const two = agreementOf([at('a', 0n, 10n), at('b', 0n, 100n), at('c', 90n, 100n)], 1)!;
  assert.deepEqual(two.regions, [
    { least: 0n, most: 10n },
    { least: 90n, most: 100n },
  ]);
  const none = agreementOf([at('a', 0n, 1n), at('b', 10n, 11n), at('c', 20n, 21n)], 1)!;
  assert.deepEqual([none.regions, none.outside, none.inside], [[], [], []]);
});

test('two voices cannot tell a liar, nor can a majority of liars be allowed for', () => {
  const voice = ownOpinion('own', around(T0, { half: 1n, error: 0n }), null);
  assert.equal(agreementOf([voice, voice], 0), undefined);
  assert.equal(agreementOf([voice, voice, voice, voice], 2), undefined);
  assert.throws(() => agreementOf([voice, voice, voice], -1), /negative/);
});
