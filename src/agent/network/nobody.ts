/** A network with nobody in it: what a validator without a `[network]` section talks to. */

import { AgentError } from '../../ports/agent-error.ts';
import type { Network } from '../../ports/network.ts';

const unknown = (peer: string): Promise<never> =>
  Promise.reject(new AgentError('peer-unknown', `${peer} is not connected: no network is configured`));

export const NOBODY: Network = {
  start: () => Promise.resolve(),
  stop: () => Promise.resolve(),
  name: '',
  addresses: () => [],
  publish: () => undefined,
  peers: () => [],
  counters: () => ({
    sentItems: { faults: 0, statements: 0, subjects: 0, checkpoints: 0 },
    droppedItems: { faults: 0, statements: 0, subjects: 0, checkpoints: 0 },
    sentBytes: 0,
    receivedBytes: 0,
    receivedFrames: 0,
    refusedHellos: new Map(),
  }),
  connect: () => undefined,
  disconnect: () => undefined,
  laneSizes: unknown,
  fetchRange: unknown,
  askTime: unknown,
  findByCapability: () => Promise.resolve({ offers: [], isComplete: true }),
};
