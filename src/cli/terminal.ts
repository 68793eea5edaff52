/** What the terminal can show: colour only where one is there and nobody said no (https://no-color.org). */

import type { WriteStream } from 'node:tty';

export type Ink = 'good' | 'warn' | 'bad' | 'faint' | 'strong';

export type Paint = (ink: Ink, text: string) => string;

const SGR: Readonly<Record<Ink, string>> = { good: '32', warn: '33', bad: '31', faint: '2', strong: '1' };

export const inColour: Paint = (ink, text) => `\x1b[${SGR[ink]}m${text}\x1b[0m`;
export const plainly: Paint = (_ink, text) => text;

/** `NO_COLOR` counts when it is set to anything but the empty string. */
export function paintFor(
  stream: Pick<WriteStream, 'isTTY'>,
  environment: Readonly<Record<string, string | undefined>>,
): Paint {
  const refused = (environment['NO_COLOR'] ?? '') !== '' || environment['TERM'] === 'dumb';
  return stream.isTTY && !refused ? inColour : plainly;
}

const SEQUENCE = /\x1b\[[0-9;]*m/g;

/** Cut to `columns`, sequences not counted and closed again. */
export function fit(line: string, columns: number): string {
  if (line.replace(SEQUENCE, '').length <= columns) return line;
  let left = Math.max(0, columns - 1);
  let out = '';
  for (const part of line.split(/(\x1b\[[0-9;]*m)/)) {
    if (part.startsWith('\x1b[')) out += part;
    else {
      out += part.slice(0, left);
      left -= Math.min(left, part.length);
    }
  }
  return `${out}…`;
}

/** What an agent says goes to a terminal without anything a terminal would obey. */
export const harmless = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?');
