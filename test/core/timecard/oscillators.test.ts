/**
 * What oscillators say: the vectors of test/vectors/oscillator-replies.json, the questions' own bytes, and garbage.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';

import { LIMITS } from '../../../src/core/limits.ts';
import {
  OSCILLATOR_KINDS,
  OSCILLATOR_PROTOCOLS,
  type OscillatorKind,
} from '../../../src/core/timecard/oscillator-protocol.ts';
import { ReplyLines } from '../../../src/core/timecard/reply-lines.ts';
import { checksum } from '../../../src/core/timecard/sa5x.ts';

type Vector = {
  readonly name: string;
  readonly kind: OscillatorKind;
  readonly question: number;
  readonly input: string;
  readonly expect: { readonly facts?: unknown; readonly notice?: string; readonly fault?: string };
  readonly why: string;
};

const { vectors } = JSON.parse(
  readFileSync(new URL('../../vectors/oscillator-replies.json', import.meta.url), 'utf8'),
) as { readonly vectors: readonly Vector[] };

describe('every vector', () => {
  for (const { name, kind, question, input, expect, why } of vectors) {
    test(`${name}: ${why}`, () => {
      const reply = OSCILLATOR_PROTOCOLS[kind].questions[question]!.read(input);
      if (expect.facts !== undefined) assert.deepEqual(reply, { kind: 'facts', facts: expect.facts });
      else if (expect.notice !== undefined) assert.deepEqual(reply, { kind: 'notice', text: expect.notice });
      else assert.deepEqual(reply, { kind: 'fault', fault: expect.fault, line: input });
    });
  }
});

test('the C3 checksum agrees with the exchange of the user guide', () => {
  assert.equal(checksum('device?'), '27');
  assert.equal(checksum('=sa5x'), '62');
});

test('every question only reads', () => {
  const questions = OSCILLATOR_KINDS.flatMap((kind) => OSCILLATOR_PROTOCOLS[kind].questions.map(({ text }) => text));
  for (const text of questions) assert.match(text, /^(\\\{get,[A-Za-z0-9]+\|[0-9a-f]{2}\}|\^|!\^\r\n|MONITOR1\r)$/);
  assert.equal(new Set(questions).size, questions.length);
});

test('no line makes a reader throw, and none but a well-formed one tells a lock', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 80, unit: 'binary' }),
    fc
      .constantFrom(...vectors.map(({ input }) => input))
      .chain((input) =>
        fc
          .tuple(fc.nat(input.length), fc.string({ maxLength: 3 }))
          .map(([at, put]) => input.slice(0, at) + put + input.slice(at + 1)),
      ),
  );
  fc.assert(
    fc.property(fc.constantFrom(...OSCILLATOR_KINDS), fc.nat(4), text, (kind, index, line) => {
      const { questions } = OSCILLATOR_PROTOCOLS[kind];
      const reply = questions[index % questions.length]!.read(line);
      assert.ok(['facts', 'notice', 'fault'].includes(reply.kind));
      if (reply.kind === 'facts' && reply.facts.temperatureMilliC !== undefined)
        assert.ok(Number.isSafeInteger(reply.facts.temperatureMilliC) || kind === 'csac');
    }),
    { numRuns: 20_000 },
  );
});

describe('ReplyLines', () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

  test('gives the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 })), fc.array(fc.nat(40), { maxLength: 20 }), (texts, cuts) => {
        const stream = texts.map((text) => `${text.replaceAll('\n', '')}\r\n`).join('');
        const whole = new ReplyLines().push(bytes(stream));
        const split = new ReplyLines();
        const lines: string[] = [];
        let at = 0;
        for (const cut of cuts) {
          lines.push(...split.push(bytes(stream.slice(at, at + cut))));
          at += cut;
        }
        lines.push(...split.push(bytes(stream.slice(at))));
        assert.deepEqual(lines, whole);
      }),
    );
  });

  test('empty lines and both line ends of the mRO-50 are passed over', () => {
    assert.deepEqual(new ReplyLines().push(bytes('\r\n\n[=1|0c]\r\n\nOK\n\n')), ['[=1|0c]', 'OK']);
  });

  test('a line as long as the longest answer is kept, one byte more is thrown away up to its end and counted', () => {
    const lines = new ReplyLines();
    const longest = 'x'.repeat(LIMITS.oscillatorReplyBytesMax);
    assert.deepEqual(lines.push(bytes(`${longest}\n`)), [longest]);
    assert.deepEqual(lines.push(bytes(`${longest}xyz`)), []);
    assert.deepEqual(lines.push(bytes('more\nnext\n')), ['next']);
    assert.equal(lines.discarded, 1);
  });

  test('an endless line costs no memory', () => {
    const lines = new ReplyLines();
    const chunk = new Uint8Array(65_536).fill(0x41);
    for (let i = 0; i < 64; i++) assert.deepEqual(lines.push(chunk), []);
    assert.deepEqual(lines.push(bytes('\nafter\n')), ['after']);
  });
});
