/**
 * `momentd decode FILE|-`: a recorded receiver feed as one JSON line per message, and a last line with the totals.
 *
 * Reads in chunks and waits when its reader is slower, so a recording of any length needs the memory of one chunk.
 * Names are the decoder's own in snake case, with their units. A field the receiver does not vouch for is shown as
 * `{"valid":false,"unverified":…}`, one it left empty is absent. `offset` is where the message begins in the input.
 */

import { createReadStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { GnssDecoder, type GnssMessage, type ReceivedMessage } from '../core/gnss/decoder.ts';
import { monoInstant } from '../core/time/nanos.ts';
import { AgentError } from '../ports/agent-error.ts';
import { guarded } from './outcome.ts';

/** Kinds of message told apart in the totals; a stranger's file cannot make the list longer. */
const KINDS_MAX = 1_024;
const CHUNK_BYTES = 65_536;

/** A recording does not say when its bytes came. */
const ARRIVAL = monoInstant(0n);

export function addDecode(program: Command): void {
  program
    .command('decode')
    .description('turn a recorded receiver feed (UBX, NMEA) into one JSON line per message')
    .argument('<file>', 'the recording; - reads standard input')
    .action(guarded((file: string) => decode(file, process.stdout)));
}

/** Decodes `path` to `output`. Ends early and quietly when whoever reads the output has gone. */
export async function decode(path: string, output: Writable): Promise<void> {
  const input = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  // A reader that has had enough (`| head`) is not a failure; the pipeline below ends with it.
  try {
    await pipeline(input, decodedText, output, { end: false });
  } catch (error) {
    const { code = 'unknown', syscall } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE') return;
    if (syscall === 'write') throw error;
    throw new AgentError('decode-input-unreadable', `reading ${path} failed with ${code}`, { cause: error });
  }
}

/** The lines of each chunk of input as one text, then the line of totals. */
async function* decodedText(input: AsyncIterable<unknown>): AsyncGenerator<string> {
  const messages = new Map<string, number>();
  let text = '';
  const decoder = new GnssDecoder((received) => {
    const kind = kindOf(received.message);
    if (messages.has(kind) || messages.size < KINDS_MAX) messages.set(kind, (messages.get(kind) ?? 0) + 1);
    text += lineOf(received);
  });
  for await (const chunk of input) {
    decoder.push(chunk as Buffer, ARRIVAL);
    if (text !== '') yield text;
    text = '';
  }
  decoder.end();
  const totals = { type: 'totals', messages: Object.fromEntries([...messages].sort()), ...snakeCased(decoder.counts) };
  yield `${text}${JSON.stringify(totals)}\n`;
}

function lineOf({ message, offset, sizeBytes }: ReceivedMessage): string {
  const { type, ...fields } = message;
  return `${JSON.stringify({ type, offset, size_bytes: sizeBytes, ...snakeCased(fields) })}\n`;
}

/** What the totals count a message under: unknown ones by their own names. */
function kindOf(message: GnssMessage): string {
  switch (message.type) {
    case 'unknown-ubx':
      return `UBX-${hex(message.classId)}-${hex(message.messageId)}`;
    case 'unknown-nmea':
      return message.address;
    case 'malformed':
      return `malformed ${message.of}`;
    default:
      return 'talker' in message ? message.talker + message.type : message.type;
  }
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

const snakeNames = new Map<string, string>();

/** The same value with its names in snake case; bigints become decimal strings. Names are ours, so the memo is bounded. */
function snakeCased(value: object): Record<string, unknown> {
  const renamed: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(value)) {
    let snake = snakeNames.get(name);
    if (snake === undefined) {
      snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      snakeNames.set(name, snake);
    }
    renamed[snake] = jsonOf(field);
  }
  return renamed;
}

function jsonOf(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(jsonOf);
  return typeof value === 'object' && value !== null ? snakeCased(value) : value;
}
