/** Whether the local API can listen where it is told to, or this configuration's agent already answers there. */

import { createConnection } from 'node:net';
import { LIMITS } from '../../core/limits.ts';
import { AgentError } from '../../ports/agent-error.ts';
import { getJson } from '../api-client.ts';
import { finding, passed, type Finding } from './finding.ts';

export type ApiLook = { readonly agentRuns: boolean; readonly findings: readonly Finding[] };

type AgentStatus = {
  readonly version?: unknown;
  readonly role?: unknown;
  readonly attesting?: { readonly signing?: unknown };
};

export async function lookAtApi(socket: string, port: number | undefined): Promise<ApiLook> {
  const onSocket = await look('API socket', socket, { path: socket });
  const findings = [onSocket.finding];
  if (port !== undefined && port !== 0) {
    const onPort = await look('API port', `http://127.0.0.1:${port}`, { host: '127.0.0.1', port });
    // An agent on the port but not on the socket is somebody else's.
    findings.push(
      onPort.agentRuns && !onSocket.agentRuns
        ? finding('API port', 'fail', 'api-address-in-use', `another momentd answers on 127.0.0.1:${port}`)
        : onPort.finding,
    );
  }
  return { agentRuns: onSocket.agentRuns, findings };
}

async function look(
  subject: string,
  address: string,
  target: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<{ readonly agentRuns: boolean; readonly finding: Finding }> {
  if (!(await accepts(target))) return { agentRuns: false, finding: passed(subject, `${address} is free`) };
  try {
    const { version, role, attesting } = await getJson<AgentStatus>(address, '/v1/status');
    if (typeof version !== 'string') throw new AgentError('agent-refused', 'it gives no version');
    const follows = role === 'observer' || role === 'archive';
    const words = follows ? `follows as ${role}` : attesting?.signing === true ? 'signs' : 'does not sign';
    return { agentRuns: true, finding: passed(subject, `momentd ${version} runs on ${address} and ${words}`) };
  } catch {
    const detail = `something that is not momentd answers on ${address}`;
    return { agentRuns: false, finding: finding(subject, 'fail', 'api-address-in-use', detail) };
  }
}

function accepts(
  target: { readonly path: string } | { readonly host: string; readonly port: number },
): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createConnection({ ...target, timeout: LIMITS.doctorPeerWaitMsMax });
    const end = (answer: boolean) => () => {
      probe.destroy();
      resolve(answer);
    };
    probe.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}
