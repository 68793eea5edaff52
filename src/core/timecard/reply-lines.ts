/**
 * An oscillator's serial answers as lines: bytes in, whole lines out, bounded. All four oscillators end a line with a line feed,
 * most with a carriage return before it; empty lines mean nothing. A line that grows beyond any answer is thrown away
 * up to its end and counted.
 */

import { LIMITS } from '../limits.ts';

const LINE_FEED = 0x0a;

export class ReplyLines {
  readonly #buffer = new Uint8Array(LIMITS.oscillatorReplyBytesMax);
  #length = 0;
  #isOverlong = false;
  #discarded = 0;

  /** Lines thrown away because they were too long. */
  get discarded(): number {
    return this.#discarded;
  }

  /** The lines that `bytes` completed, without their ends, as Latin-1 text. */
  push(bytes: Uint8Array): readonly string[] {
    const lines: string[] = [];
    for (const byte of bytes) {
      if (byte === LINE_FEED) this.#end(lines);
      else if (this.#length === this.#buffer.length) this.#isOverlong = true;
      else this.#buffer[this.#length++] = byte;
    }
    return lines;
  }

  #end(lines: string[]): void {
    if (this.#isOverlong) this.#discarded += 1;
    else {
      const line = latin1(this.#buffer.subarray(0, this.#length)).trim();
      if (line !== '') lines.push(line);
    }
    this.#length = 0;
    this.#isOverlong = false;
  }
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
