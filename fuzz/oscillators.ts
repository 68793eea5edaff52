/**
 * Throws mutated answers at the oscillator parsers and their line splitter.
 *
 *   node fuzz/oscillators.ts [INPUTS] [SEED]
 *
 * An input is an answer of test/vectors/oscillator-replies.json with a few bytes set, cut, doubled or spliced from another
 * answer, now and then with its checksum mended so that the content is reached. What must hold of every input: nothing
 * throws, the answer is one of the three kinds, a temperature is a whole number and no splice grows the splitter. The same
 * seed and count make the same inputs.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { argv, exit, hrtime, stderr, stdout, version } from 'node:process';

import { OSCILLATOR_KINDS, OSCILLATOR_PROTOCOLS } from '../src/core/timecard/oscillator-protocol.ts';
import { ReplyLines } from '../src/core/timecard/reply-lines.ts';
import { checksum } from '../src/core/timecard/sa5x.ts';

const [inputs = 1_000_000, seed = 1] = argv.slice(2, 4).map(Number);
const { vectors } = JSON.parse(
  readFileSync(new URL('../test/vectors/oscillator-replies.json', import.meta.url), 'utf8'),
) as { readonly vectors: readonly { readonly input: string }[] };
const answers = vectors.map(({ input }) => Buffer.from(input, 'latin1'));
const INTERESTING = Buffer.from('[]=|!>,.-+0x19?\n\r\0\xff', 'latin1');

// xorshift32: small, fast, and the same everywhere.
let state = (seed * 2_654_435_761) >>> 0 || 1;
function chance(below: number): number {
  state ^= state << 13;
  state >>>= 0;
  state ^= state >>> 17;
  state ^= state << 5;
  state >>>= 0;
  return state % below;
}

const any = (): Buffer => answers[chance(answers.length)]!;

function mutated(): Buffer {
  let bytes = Buffer.from(any());
  for (let i = chance(4); i >= 0; i--) {
    const at = chance(bytes.length + 1);
    const kind = chance(5);
    if (kind === 0 && at < bytes.length) bytes[at] = INTERESTING[chance(INTERESTING.length)]!;
    else if (kind === 1 && at < bytes.length) bytes[at] = bytes[at]! ^ (1 << chance(8));
    else if (kind === 2) bytes = bytes.subarray(0, at);
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at - chance(at + 1))]);
    else bytes = Buffer.concat([bytes.subarray(0, at), any().subarray(chance(8))]);
  }
  return chance(3) === 0 ? mended(bytes) : bytes;
}

function mended(bytes: Buffer): Buffer {
  const body = /^\[([^|]*)\|/.exec(bytes.toString('latin1'))?.[1];
  return body === undefined ? bytes : Buffer.from(`[${body}|${checksum(body)}]`, 'latin1');
}

const totals = { facts: 0, notice: 0, fault: 0, lines: 0 };
const splitter = new ReplyLines();
const started = hrtime.bigint();
for (let done = 0; done < inputs; done++) {
  const bytes = mutated();
  try {
    const lines = splitter.push(chance(16) === 0 ? bytes : Buffer.concat([bytes, Buffer.from('\r\n')]));
    const { questions } = OSCILLATOR_PROTOCOLS[OSCILLATOR_KINDS[chance(OSCILLATOR_KINDS.length)]!];
    for (const line of lines) {
      const reply = questions[chance(questions.length)]!.read(line);
      totals[reply.kind] += 1;
      totals.lines += 1;
      if (reply.kind !== 'facts') continue;
      const { temperatureMilliC = 0, phaseNs = 0 } = reply.facts;
      assert.ok(Number.isInteger(temperatureMilliC) && Number.isFinite(phaseNs));
    }
  } catch (error) {
    stderr.write(
      `input ${done} of seed ${seed}, ${bytes.toString('hex')}: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    exit(1);
  }
}
const elapsedSeconds = Math.round(Number(hrtime.bigint() - started) / 1e9);
stdout.write(`${JSON.stringify({ inputs, seed, ...totals, elapsed_seconds: elapsedSeconds, node: version })}\n`);
