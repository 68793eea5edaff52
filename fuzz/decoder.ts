/**
 * Throws mutated receiver streams at the whole receiver path: decoder, time of day, state, pairing.
 *
 *   node fuzz/decoder.ts [INPUTS] [SEED] [FILE...]
 *
 * An input is a piece of a seed stream with some mutations: bits flipped, bytes set to interesting values, pieces cut,
 * doubled, swapped with pieces of other seeds, checksums mended so that the content is reached. It is pushed in chunks of
 * chance sizes. What must hold of every input: nothing throws, no more than one frame is kept, every byte is accounted
 * for, and a good frame after two longest frames of filler is found. Seeds are the FILEs, or built-in frames.
 * Prints the seed of a failure: the same seed and count make the same inputs.
 */

import { readFileSync } from 'node:fs';
import { argv, exit, hrtime, stderr, stdout, version } from 'node:process';
import { ReceiverFuzz } from '../test/core/gnss/receiver-fuzz.ts';

const [inputs = 1_000_000, seed = 1] = argv.slice(2, 4).map(Number);
const files = argv.slice(4);
const fuzz = new ReceiverFuzz(
  seed,
  files.map((file) => readFileSync(file)),
);
const started = hrtime.bigint();
let reported = started;
for (let done = 0; done < inputs; done++) {
  try {
    fuzz.step();
  } catch (error) {
    stderr.write(`input ${done} of seed ${seed} failed: ${error instanceof Error ? error.stack : String(error)}\n`);
    exit(1);
  }
  if (done % 16_384 === 0 && hrtime.bigint() - reported > 30_000_000_000n) {
    reported = hrtime.bigint();
    stderr.write(`${done} inputs\n`);
  }
}
const elapsedSeconds = Number(hrtime.bigint() - started) / 1e9;
const summary = { inputs, seed, ...fuzz.totals, elapsed_seconds: Math.round(elapsedSeconds), node: version };
stdout.write(`${JSON.stringify(summary)}\n`);
