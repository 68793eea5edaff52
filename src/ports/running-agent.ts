/** A started agent as commands see it: where it answers, how it fares, how to end it. */

import type { StatusView } from './view.ts';

export interface RunningAgent {
  readonly socket: string;
  /** `http://127.0.0.1:PORT`, or undefined when no port was asked for. */
  readonly url: string | undefined;
  readonly laneDirectory: string;
  status(): StatusView;
  /** Stops everything in reverse order; what was acknowledged is durable. May be called twice. */
  stop(): Promise<void>;
}

/** Starts an agent from a configuration file. Rejects with `AgentError` when it cannot. */
export type StartAgent = (configPath: string, options?: { readonly logLevel?: LogLevelName }) => Promise<RunningAgent>;

export type LogLevelName = 'error' | 'warn' | 'info' | 'debug';
