/**
 * Which firmware runs on a PCI device, as its driver tells devlink: nothing in /sys says it. The Time Card's driver gives `fw`
 * (or `loader`, before the card has loaded it), network cards theirs. Asked of iproute2's program, which only reads here; a host
 * without it, or a driver that does not tell, leaves the claim absent.
 */

import { execFile } from 'node:child_process';
import { LIMITS } from '../../core/limits.ts';

/** By PCI address, such as `0000:02:00.0`. */
export type FirmwareByPlace = ReadonlyMap<string, string>;

/** The output of `devlink -j dev info`, or undefined when it could not be had. */
export type AskDevlink = () => Promise<string | undefined>;

export async function readFirmware(ask: AskDevlink = askDevlink): Promise<FirmwareByPlace> {
  return parseDevlinkInfo((await ask()) ?? '');
}

/** `{"info": {"pci/<address>": {"versions": {"running": {"fw": "22"}}}}}`; what is not so is passed over. */
export function parseDevlinkInfo(text: string): FirmwareByPlace {
  const found = new Map<string, string>();
  for (const [handle, device] of entriesOf(entryOf(parsed(text), 'info'))) {
    const running = entriesOf(entryOf(entryOf(device, 'versions'), 'running'));
    const versions = running.filter((pair): pair is [string, string] => typeof pair[1] === 'string' && pair[1] !== '');
    const place = /^pci\/([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])$/.exec(handle)?.[1];
    const firmware =
      versions.find(([name]) => name === 'fw')?.[1] ??
      versions.map(([name, version]) => `${name} ${version}`).join(', ');
    if (place !== undefined && firmware !== '') found.set(place, firmware);
  }
  return found;
}

const askDevlink: AskDevlink = () =>
  new Promise((resolve) => {
    const options = {
      timeout: LIMITS.devlinkMsMax,
      maxBuffer: LIMITS.devlinkBytesMax,
      env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' },
    };
    execFile('devlink', ['-j', 'dev', 'info'], options, (error, output) =>
      resolve(error === null ? output : undefined),
    );
  });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

const entryOf = (value: unknown, name: string): unknown => entriesOf(value).find(([key]) => key === name)?.[1];
