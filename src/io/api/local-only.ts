/**
 * Who may speak to the local API. It has no accounts, so a web page in the operator's browser must not reach it: a Host
 * that is not this machine's (DNS rebinding), an Origin that is not the API's own and a fetch from another site or another
 * port are refused. Following a link to a page of ours is no such fetch: the page that links learns nothing. A peer on the unix
 * socket has already passed the file's permissions.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';

const LOCAL_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

export async function refuseForeign(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const overUnixSocket = request.raw.socket.remoteAddress === undefined;
  const { host, origin } = request.headers;
  if (!overUnixSocket && (host === undefined || !LOCAL_HOST.test(host)))
    return sendProblem(reply, 421, 'api-host-not-local', 'the Host header does not name this machine');
  if ((origin !== undefined && origin !== `http://${host ?? ''}`) || isForeignFetch(request))
    return sendProblem(reply, 403, 'api-cross-site', 'the request comes from another site');
  return undefined;
}

/** By the browser's own word (Fetch Metadata); a browser sets these headers and no page can. Absent: not a browser. */
function isForeignFetch({ method, headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return false;
  const isLink =
    method === 'GET' && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return !isLink;
}
