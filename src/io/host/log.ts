/**
 * Logs by pino: one JSON line per event on standard error, so that standard output stays for what a command answers.
 *
 * The line's time is the system's own, in milliseconds, and is called that: it dates the line and attests nothing. Fields
 * whose name suggests a secret are cut out, whoever passes them.
 */

import { pino } from 'pino';
import type { Log, LogLevel } from '../../ports/log.ts';

const SECRET_FIELDS = ['passphrase', 'secret', 'secretKey', 'token', 'seed', 'authorization'];

export function pinoLog(level: LogLevel, destination: NodeJS.WritableStream = process.stderr): Log {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS, censor: '[cut]' },
      timestamp: () => `,"system_time_ms":${Date.now()}`,
    },
    destination,
  );
  return {
    write(eventLevel, message, fields = {}) {
      logger[eventLevel](withoutBigints(fields), message);
    },
  };
}

/** JSON has no bigint: nanoseconds go out as decimal strings. */
function withoutBigints(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'bigint' ? value.toString() : value]),
  );
}
