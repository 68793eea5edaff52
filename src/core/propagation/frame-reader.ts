/**
 * Frames out of a stream of bytes: four bytes of length, big-endian, then the frame. Chunks may be cut anywhere.
 *
 * It holds at most one frame that is not complete. A length above the bound ends it at once, before anything is set
 * aside; after a fault it takes nothing more, because where the next frame would begin is not known.
 */

import { fault, isFault, type Fault } from '../verdict.ts';

export const LENGTH_BYTES = 4;

export class FrameReader {
  readonly #bytesMax: number;
  #head = new Uint8Array(LENGTH_BYTES);
  #headFilled = 0;
  /** The length of the frame that was begun; undefined between frames. */
  #length: number | undefined;
  /** Its bytes so far, where they come in more than one chunk. */
  #body: Uint8Array | undefined;
  #bodyFilled = 0;
  #fault: Fault | undefined;

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax;
  }

  /** Bytes held that are not a whole frame yet. */
  get heldBytes(): number {
    return this.#headFilled + this.#bodyFilled;
  }

  /**
   * The frames `chunk` completes, in order; views of `chunk` where it holds them whole. With a fault, the frames before it
   * come too.
   */
  push(chunk: Uint8Array): { readonly frames: readonly Uint8Array[]; readonly fault: Fault | undefined } {
    const frames: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length && this.#fault === undefined) {
      if (this.#length === undefined) {
        at = this.#takeHead(chunk, at);
        continue;
      }
      const missing = this.#length - this.#bodyFilled;
      const taken = Math.min(missing, chunk.length - at);
      if (this.#bodyFilled === 0 && taken === missing) {
        frames.push(chunk.subarray(at, at + taken));
        this.#reset();
      } else {
        this.#body ??= new Uint8Array(this.#length);
        this.#body.set(chunk.subarray(at, at + taken), this.#bodyFilled);
        this.#bodyFilled += taken;
        if (taken === missing) {
          frames.push(this.#body);
          this.#reset();
        }
      }
      at += taken;
    }
    return { frames, fault: this.#fault };
  }

  #takeHead(chunk: Uint8Array, at: number): number {
    const taken = Math.min(LENGTH_BYTES - this.#headFilled, chunk.length - at);
    this.#head.set(chunk.subarray(at, at + taken), this.#headFilled);
    this.#headFilled += taken;
    if (this.#headFilled < LENGTH_BYTES) return at + taken;
    const length = lengthOf(this.#head);
    const wrong =
      length < 1 || length > this.#bytesMax ? fault('frame-too-long', `a frame claims ${length} bytes`) : undefined;
    if (isFault(wrong)) this.#fault = wrong;
    else this.#length = length;
    return at + taken;
  }

  #reset(): void {
    this.#head = new Uint8Array(LENGTH_BYTES);
    this.#headFilled = 0;
    this.#length = undefined;
    this.#body = undefined;
    this.#bodyFilled = 0;
  }
}

const lengthOf = (head: Uint8Array): number => new DataView(head.buffer).getUint32(0);

/** Writes the length of what follows into the first four bytes. */
export function writeLength(framed: Uint8Array): void {
  new DataView(framed.buffer, framed.byteOffset).setUint32(0, framed.length - LENGTH_BYTES);
}
