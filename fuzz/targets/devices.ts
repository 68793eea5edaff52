/** Texts of devices: oscillator telemetry, a card's attributes, and what a host says of itself. */

import { decodeIdentity, encodeIdentity } from '../../src/core/attestation/identity.ts';
import {
  boardOf,
  parseClockSource,
  parsePortName,
  parsePulseSupervision,
  parseWindowAdjust,
} from '../../src/core/timecard/card-attributes.ts';
import { OSCILLATOR_KINDS, OSCILLATOR_PROTOCOLS } from '../../src/core/timecard/oscillator-protocol.ts';
import { ReplyLines } from '../../src/core/timecard/reply-lines.ts';
import { checksum } from '../../src/core/timecard/sa5x.ts';
import { LIMITS } from '../../src/core/limits.ts';
import { monoInstant, nanos } from '../../src/core/time/nanos.ts';
import { isFault } from '../../src/core/verdict.ts';
import { gatherIdentity } from '../../src/io/host/identity-facts.ts';
import { AgentError } from '../../src/ports/agent-error.ts';
import { digestOf, NETWORK } from '../../test/core/attestation/actors.ts';
import { isDeepStrictEqual } from 'node:util';
import { holds, utf8, type Target } from '../target.ts';
import { plainInputs } from './laws.ts';

const replies = plainInputs('oscillator-replies.json').map((line) => Buffer.from(`${line}\r\n`, 'latin1'));

/** The check of an SA5x answer made right. */
function mendedReply(input: Uint8Array): Uint8Array {
  const text = Buffer.from(input).toString('latin1');
  const mended = text.replaceAll(/\[([^|\]\n]*)\|[^\]\n]*\]/g, (_, body: string) => `[${body}|${checksum(body)}]`);
  return Uint8Array.from(Buffer.from(mended, 'latin1'));
}

const linesOf = (chunks: readonly Uint8Array[]): readonly string[] => {
  const splitter = new ReplyLines();
  return chunks.flatMap((chunk) => splitter.push(chunk));
};

const oscillator: Target = {
  name: 'oscillator',
  about: 'core/timecard: every line put to every question of the four oscillators',
  forms: ['text', 'bytes'],
  seeds: [...replies, Buffer.concat(replies.slice(0, 6))].map((bytes) => new Uint8Array(bytes)),
  inputBytesMax: LIMITS.oscillatorReplyBytesMax + 64,
  mend: mendedReply,
  run(input) {
    const lines = linesOf([input]);
    const middle = input.length >> 1;
    holds(
      isDeepStrictEqual(lines, linesOf([input.subarray(0, middle), input.subarray(middle)])),
      'lines are the same in any pieces',
    );
    const words = new Set<string>();
    for (const line of lines.slice(0, 8)) {
      holds(line.length <= LIMITS.oscillatorReplyBytesMax, 'a line is bounded');
      for (const kind of OSCILLATOR_KINDS)
        for (const question of OSCILLATOR_PROTOCOLS[kind].questions) {
          const reply = question.read(line);
          words.add(reply.kind === 'fault' ? reply.fault : reply.kind);
          if (reply.kind !== 'facts') continue;
          const { temperatureMilliC = 0, phaseNs = 0, alarms = [] } = reply.facts;
          holds(Number.isSafeInteger(temperatureMilliC), 'a temperature is a whole number');
          holds(Number.isFinite(phaseNs), 'a phase is a number');
          holds(alarms.length <= 32, 'alarms are bits');
        }
    }
    return [...words].sort().join(' ');
  },
};

const attributes: Target = {
  name: 'card-attributes',
  about: 'core/timecard/card-attributes: what sysfs shows of a card',
  forms: ['text', 'bytes'],
  seeds: ['SYNC', 'LOST @ 2026-11-20T10:00:00', 'PPS', '(null)', 'ttyS5', '100', '0x1d9b:0x0400'].map(utf8),
  inputBytesMax: LIMITS.sysfsValueBytesMax,
  run(input) {
    const text = Buffer.from(input).toString('latin1');
    const supervision = parsePulseSupervision(text);
    if (supervision.kind === 'lost') holds(supervision.since.length <= 64, 'a time is short');
    const source = parseClockSource(text);
    const port = parsePortName(text);
    holds(port === undefined || !/[./\0]/.test(port), 'a port leads nowhere else');
    const adjust = parseWindowAdjust(text);
    holds(adjust === undefined || adjust >= 0n, 'a window is only cut');
    const [vendor, device] = text.split(':');
    const board = boardOf(vendor, device);
    return [supervision.kind, source && 'source', port && 'port', adjust !== undefined && 'adjust', board]
      .filter(Boolean)
      .join(' ');
  },
};

const HOST = { now: () => monoInstant(1n), boottime: () => nanos(86_400_999_999_999n) };

const hostFacts: Target = {
  name: 'host-facts',
  about: 'io/host/identity-facts: whatever devices call themselves can be signed and read back',
  forms: ['text', 'bytes'],
  seeds: [
    'card0\ntime card (meta)\nTC-1\nptp_ocp\n1.2\n6.12.9\n4509beb0-0123-4567-89ab-cdef01234567',
    '../x\n\u00e9\n\n\n533BB7E5866E52F63B9ACCB\n\n4509beb0012345678 9abcdef01234567',
  ].map(utf8),
  inputBytesMax: 1_024,
  run(input) {
    const [source = '', model, serial, driver, version, kernel, bootId = ''] = Buffer.from(input)
      .toString('utf8')
      .split('\n');
    const tree = {
      attribute: (path: string) => (path.endsWith('srcversion') ? serial : version),
      integer: () => undefined,
      entries: () => [],
      realPath: () => undefined,
      linkName: () => driver,
    };
    const devices = [source, 'card0', source].map((name) => ({ source: name, model, serial, folder: '/sys/class/x' }));
    try {
      const facts = { network: NETWORK, bootCount: 4n, software: { version: '0.1.0', digest: digestOf('p') }, devices };
      const identity = gatherIdentity(
        { tree, host: { ...HOST, bootId } },
        kernel === undefined ? facts : { ...facts, kernel },
      );
      const again = decodeIdentity(encodeIdentity(identity));
      holds(!isFault(again) && isDeepStrictEqual(again, identity), 'what was gathered is read back');
      return `${identity.cards.size} cards`;
    } catch (error) {
      if (error instanceof AgentError) return error.code;
      throw error;
    }
  },
};

export const DEVICE_TARGETS: readonly Target[] = [oscillator, attributes, hostFacts];
