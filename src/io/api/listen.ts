/**
 * Where the API listens: a unix socket whose permissions are its access control, and a port on 127.0.0.1.
 *
 * fastify owns the port; the socket is a second HTTP server that routes into the same instance. A socket file left by a
 * process that died is taken over; one that still answers is another momentd, and we refuse.
 */

import { chmod, unlink } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createConnection } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { LIMITS } from '../../core/limits.ts';
import { AgentError } from '../../ports/agent-error.ts';

export type ApiAddresses = { readonly socket: string | undefined; readonly url: string | undefined };

export type Listening = { readonly addresses: ApiAddresses; readonly close: () => Promise<void> };

/** `port` 0 takes any free one; undefined means no TCP at all. */
export async function listen(
  app: FastifyInstance,
  options: { socketPath: string | undefined; port: number | undefined },
): Promise<Listening> {
  let url: string | undefined;
  if (options.port !== undefined) url = await listenOnPort(app, options.port);
  let server: Server | undefined;
  if (options.socketPath !== undefined) {
    try {
      server = await listenOnSocket(app, options.socketPath);
    } catch (error) {
      await app.close();
      throw error;
    }
  }
  return {
    addresses: { socket: options.socketPath, url },
    close: async () => {
      // The instance first: who follows or waits is told why it ends, on the socket as on the port.
      await app.close();
      server?.closeAllConnections();
      if (server !== undefined) await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function listenOnPort(app: FastifyInstance, port: number): Promise<string> {
  try {
    app.server.maxConnections = LIMITS.apiConnectionsMax;
    return await app.listen({ host: '127.0.0.1', port });
  } catch (cause) {
    throw new AgentError('api-address-in-use', `listen on 127.0.0.1:${port}: ${reasonOf(cause)}`, { cause });
  }
}

async function listenOnSocket(app: FastifyInstance, path: string): Promise<Server> {
  if (await isAnswered(path))
    throw new AgentError('api-address-in-use', `listen on ${path}: another process answers there`);
  await unlink(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new AgentError('api-address-in-use', `remove the stale socket ${path}: ${reasonOf(error)}`, {
        cause: error,
      });
  });
  // The same patience as the port has.
  const { requestTimeout } = app.server;
  const server = createServer({ requestTimeout, headersTimeout: requestTimeout }, (request, response) =>
    app.routing(request, response),
  );
  server.maxConnections = LIMITS.apiConnectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new AgentError('api-address-in-use', `listen on ${path}: ${reasonOf(cause)}`, { cause })),
    );
    server.listen(path, resolve);
  });
  await chmod(path, 0o660);
  return server;
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
