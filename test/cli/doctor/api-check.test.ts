/** Where the API is to listen: free, taken by our agent, taken by somebody else. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { lookAtApi } from '../../../src/cli/doctor/api-check.ts';

async function serve(t: TestContext, at: string | 0, answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) =>
    typeof at === 'string' ? server.listen(at, resolve) : server.listen(at, '127.0.0.1', resolve),
  );
  return typeof at === 'string' ? 0 : (server.address() as AddressInfo).port;
}

async function socketPath(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'momentd-doctor-'));
  t.after(() => rm(folder, { recursive: true }));
  return join(folder, 'api.sock');
}

const agent =
  (signing: boolean): RequestListener =>
  (_request, response) =>
    response.end(JSON.stringify({ version: '1.2.3', attesting: { signing } }));
const stranger: RequestListener = (_request, response) => response.end('hello');

async function look(socket: string, port?: number) {
  const { agentRuns, findings } = await lookAtApi(socket, port);
  return { agentRuns, told: findings.map((f) => `${f.subject}: ${f.severity} ${f.code}`), details: findings };
}

test('nobody answers: both are free', async (t) => {
  const taken = await serve(t, 0, stranger);
  const socket = await socketPath(t);
  assert.deepEqual((await look(socket)).told, ['API socket: ok check-passed']);
  assert.deepEqual((await look(socket, taken)).told, [
    'API socket: ok check-passed',
    'API port: fail api-address-in-use',
  ]);
  assert.equal((await look(socket, 0)).told.length, 1, 'any port is free');
});

test('our agent answers: that is well, and it is said whether it signs', async (t) => {
  const socket = await socketPath(t);
  await serve(t, socket, agent(false));
  const { agentRuns, told, details } = await look(socket);
  assert.equal(agentRuns, true);
  assert.deepEqual(told, ['API socket: ok check-passed']);
  assert.match(details[0]!.detail, /momentd 1\.2\.3 runs on .*api\.sock and does not sign/);
});

test('something else answers on the socket: the agent could not', async (t) => {
  const socket = await socketPath(t);
  await serve(t, socket, stranger);
  const { agentRuns, told } = await look(socket);
  assert.equal(agentRuns, false);
  assert.deepEqual(told, ['API socket: fail api-address-in-use']);
});

test('another momentd has the port', async (t) => {
  const port = await serve(t, 0, agent(true));
  const { told, details } = await look(await socketPath(t), port);
  assert.deepEqual(told, ['API socket: ok check-passed', 'API port: fail api-address-in-use']);
  assert.match(details[1]!.detail, /another momentd/);
});
