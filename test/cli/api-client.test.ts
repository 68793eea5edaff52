/** What a command says when the agent answers it with a problem. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { getFile, getJson } from '../../src/cli/api-client.ts';
import { LIMITS } from '../../src/core/limits.ts';

test('a problem is passed on in the words of the agent; nobody there is another thing', async () => {
  const server = createServer((request, response) => {
    if (request.url === '/v1/status') response.end('{"version":"0.1.0"}');
    else response.writeHead(404).end('{"code":"statement-unknown","detail":"no statement 7"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    assert.deepEqual(await getJson(address, '/v1/status'), { version: '0.1.0' });
    await assert.rejects(getJson(address, '/v1/statements/7'), {
      code: 'agent-refused',
      message: /\/v1\/statements\/7: 404 .*no statement 7/,
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await assert.rejects(getJson(address, '/v1/status'), { code: 'agent-not-reached' });
});

test('the longest tile there can be is taken, and nothing longer', async () => {
  const longest = 256 * (2 + LIMITS.laneEntryBytesMax);
  const server = createServer((request, response) => response.end(Buffer.alloc(Number(request.url!.slice(1)))));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    assert.equal((await getFile(address, `/${longest}`))?.length, longest);
    await assert.rejects(getFile(address, `/${LIMITS.apiAnswerBytesMax + 1}`), { code: 'agent-not-reached' });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
