/** Tells systemd that we are ready and, beat by beat, that the loop makes progress. Silent where nobody supervises. */

import { loadNative } from '../io/clocks/native.ts';
import { serviceManager, type SendDatagram } from '../io/host/sd-notify.ts';
import type { Nanos } from '../core/time/nanos.ts';
import type { Log } from '../ports/log.ts';

export type Service = {
  readonly ready: () => void;
  /** Called after each beat with one line of state: feeds the watchdog, so a loop that hangs is noticed. */
  readonly alive: (line: string) => void;
  readonly stopping: () => void;
};

/** A beat may be late by one, under load; three without any are a loop that hangs. */
const BEATS_MISSED = 3n;

export function watchService(
  environment: Readonly<Record<string, string | undefined>>,
  log: Log,
  heartbeat: Nanos,
): Service {
  const load = loadNative();
  const send: SendDatagram | undefined = load.loaded
    ? (path, payload) => load.native.sendUnixDatagram(path, payload)
    : undefined;
  if (environment['NOTIFY_SOCKET'] !== undefined && send === undefined)
    log.write('warn', 'systemd waits for a notification that cannot be sent without the native addon');
  const manager = serviceManager(environment, send && quietly(send, log), process.pid);
  let told: string | undefined;
  return {
    ready: () => {
      // The unit cannot know our heartbeat: with one of a minute its watchdog would end a healthy agent.
      manager.watchdogAtLeast(Number((heartbeat * BEATS_MISSED) / 1_000_000n));
      manager.ready('running');
    },
    alive: (line) => {
      manager.alive();
      if (line !== told) manager.status(line);
      told = line;
    },
    stopping: () => manager.stopping(),
  };
}

/** A supervisor that went away must not take us along. */
function quietly(send: SendDatagram, log: Log): SendDatagram {
  let hasFailed = false;
  return (path, payload) => {
    try {
      send(path, payload);
      hasFailed = false;
    } catch (error) {
      if (!hasFailed) log.write('warn', 'the service manager could not be notified', { error: String(error) });
      hasFailed = true;
    }
  };
}
