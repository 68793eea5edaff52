/** What the host and the process have left, read when someone asks: for people, never for a decision. */

export type HostMeters = {
  readonly uptimeSeconds: number;
  readonly processors: number;
  /** Load average over a minute. */
  readonly load: number;
  readonly memoryBytes: number;
  readonly memoryFreeBytes: number;
  /** Undefined where the file system does not say. */
  readonly stateFreeBytes: number | undefined;
  readonly process: {
    readonly uptimeSeconds: number;
    readonly cpuSeconds: number;
    readonly residentBytes: number;
    readonly heapBytes: number;
    readonly descriptors: number | undefined;
    /** Share of one core that the event loop was busy since the last look. */
    readonly loopBusyShare: number;
    /** 99th percentile of how late timers fired since the last look. */
    readonly loopDelayP99Ms: number;
  };
};
