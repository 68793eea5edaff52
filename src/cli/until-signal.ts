/**
 * Waits for SIGINT or SIGTERM. A later one while stopping ends the process at once: the commit protocol survives that.
 *
 * A terminal sends Ctrl-C to the whole process group, and the launcher passes it on once more, so what comes within a second
 * of the first is the same request, not impatience.
 */

const SAME_REQUEST_MS = 1_000;

export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstAt: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      const now = performance.now();
      if (firstAt !== undefined && now - firstAt > SAME_REQUEST_MS) process.exit(130);
      firstAt ??= now;
      resolve(signal);
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}
