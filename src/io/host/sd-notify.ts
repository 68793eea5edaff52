/**
 * The systemd notification protocol (sd_notify(3)): READY, STATUS, STOPPING and the watchdog's heartbeat.
 *
 * Node cannot open a unix datagram socket, so the send is an argument: the addon's, or none. Without NOTIFY_SOCKET in the
 * environment nothing is sent. The watchdog is fed by whoever knows that the loop makes progress, not by a timer here.
 */

export type SendDatagram = (path: string, payload: Uint8Array) => void;

export type ServiceManager = {
  /** Half of WATCHDOG_USEC in milliseconds: how often to call `alive`; undefined when no watchdog watches us. */
  readonly watchdogPeriodMs: number | undefined;
  ready(status: string): void;
  status(text: string): void;
  alive(): void;
  stopping(): void;
  /** Asks for a watchdog that waits at least this long; silent where it already does, or none watches us. */
  watchdogAtLeast(milliseconds: number): void;
};

export function serviceManager(
  environment: Readonly<Record<string, string | undefined>>,
  send: SendDatagram | undefined,
  pid: number,
): ServiceManager {
  const socket = environment['NOTIFY_SOCKET'];
  const encoder = new TextEncoder();
  const tell = (...lines: string[]): void => {
    if (socket === undefined || send === undefined) return;
    // An abstract socket's name begins with a zero byte, written as @ in the environment.
    const path = socket.startsWith('@') ? `\0${socket.slice(1)}` : socket;
    send(path, encoder.encode(lines.join('\n')));
  };
  const periodMs = watchdogPeriodMs(environment, pid);
  return {
    watchdogPeriodMs: periodMs,
    ready: (status) => tell('READY=1', `MAINPID=${pid}`, `STATUS=${oneLine(status)}`),
    status: (text) => tell(`STATUS=${oneLine(text)}`),
    alive: () => tell('WATCHDOG=1'),
    stopping: () => tell('STOPPING=1'),
    watchdogAtLeast: (milliseconds) => {
      if (periodMs !== undefined && 2 * periodMs < milliseconds)
        tell(`WATCHDOG_USEC=${Math.ceil(milliseconds) * 1_000}`);
    },
  };
}

function watchdogPeriodMs(environment: Readonly<Record<string, string | undefined>>, pid: number): number | undefined {
  const micros = Number(environment['WATCHDOG_USEC']);
  const watched = environment['WATCHDOG_PID'];
  if (!Number.isInteger(micros) || micros <= 0) return undefined;
  if (watched !== undefined && Number(watched) !== pid) return undefined;
  return Math.max(1, Math.floor(micros / 2_000));
}

const oneLine = (text: string): string => text.replaceAll('\n', ' ');
