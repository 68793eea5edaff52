/**
 * A tree of small text files and links, as /sys is. Everything in it is optional: what is not there is undefined or empty,
 * never a throw, because drivers come and go while someone looks.
 */

export interface DeviceTree {
  /** The trimmed text of a file. */
  attribute(path: string): string | undefined;
  /** A file that holds one whole decimal number. */
  integer(path: string): number | undefined;
  /** The names in a folder, numbers in their order; bounded. */
  entries(path: string): readonly string[];
  /** Where a path really lies, links followed. */
  realPath(path: string): string | undefined;
  /** The last part of what a link points to, whether or not that exists. */
  linkName(path: string): string | undefined;
}
