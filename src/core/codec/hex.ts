/** Bytes as lower-case hexadecimal text and back. By table and by code: a batch of subjects asks for tens of thousands. */

const HEX = /^(?:[0-9a-f]{2})*$/;
/** Character codes, two for each byte. */
const DIGITS = Uint8Array.from({ length: 512 }, (_, i) =>
  '0123456789abcdef'.charCodeAt(i & 1 ? (i >> 1) & 15 : i >> 5),
);
/** Arguments of one call; engines take some tens of thousands. */
const PIECE = 8_192;

/** In one piece: text put together digit by digit stays in its pieces for as long as a map holds it, 27 bytes for each byte. */
export function toHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    codes[2 * i] = DIGITS[2 * bytes[i]!]!;
    codes[2 * i + 1] = DIGITS[2 * bytes[i]! + 1]!;
  }
  if (codes.length <= PIECE) return textOf(codes);
  let text = '';
  for (let at = 0; at < codes.length; at += PIECE) text += textOf(codes.subarray(at, at + PIECE));
  return text;
}

/** Takes the bytes for a list of numbers, which it is to everyone but the type of `apply`. */
function textOf(codes: Uint8Array): string {
  return String.fromCharCode.apply(undefined, codes as unknown as number[]);
}

/** The bytes of lower-case hexadecimal text; undefined for anything else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (!HEX.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (digitAt(text, 2 * i) << 4) | digitAt(text, 2 * i + 1);
  return bytes;
}

/** `0` is 48 and `a` is 97. */
function digitAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code < 58 ? code - 48 : code - 87;
}
