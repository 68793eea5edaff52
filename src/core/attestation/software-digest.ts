/**
 * The digest of the installed program, as host identities carry it: what `sha256sum` would print for its files, hashed.
 * docs/spec/identity.md, "Software digest".
 */

import { compareBytes } from '../codec/cbor.ts';
import { toHex } from '../codec/hex.ts';
import { sha256, type Digest } from '../codec/sha256.ts';

/** `path` is relative to the package, with forward slashes; paths are distinct. */
export type FileDigest = { readonly path: string; readonly digest: Digest };

export function softwareDigest(files: readonly FileDigest[]): Digest {
  const utf8 = new TextEncoder();
  const sorted = files.toSorted((a, b) => compareBytes(utf8.encode(a.path), utf8.encode(b.path)));
  return sha256(utf8.encode(sorted.map(({ path, digest }) => `${toHex(digest)}  ${path}\n`).join('')));
}
