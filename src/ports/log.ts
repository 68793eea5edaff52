/**
 * Where log events go. The message is constant; what varies is in the fields, which carry their units in their names.
 * error: someone must act; warn: someone may have to; info: a state changed; debug: for the one who is looking.
 */

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

export type LogFields = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

export interface Log {
  write(level: LogLevel, message: string, fields?: LogFields): void;
}
