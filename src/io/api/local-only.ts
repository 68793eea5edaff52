/**
 * Who may speak to the local API. It has no accounts, so a web page in the operator's browser must not reach it: a Host
 * that is not this machine's (DNS rebinding) and an Origin that is not the API's own (cross-site) are refused. A peer on
 * the unix socket has already passed the file's permissions.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

export async function refuseForeign(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const overUnixSocket = request.raw.socket.remoteAddress === undefined;
  const { host, origin } = request.headers;
  if (!overUnixSocket && (host === undefined || !LOCAL_HOST.test(host)))
    return sendProblem(reply, 421, 'api-host-not-local', 'the Host header does not name this machine');
  if (origin !== undefined && origin !== `http://${host ?? ''}`)
    return sendProblem(reply, 403, 'api-cross-site', 'the request comes from another site');
  return undefined;
}
