/** The files a host needs to run the agent as a service: which of the package's go where, and what changes on the way. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export type HostFile = { readonly path: string; readonly text: string; readonly purpose: string };

/** `src/cli/install` and `dist/cli/install` both lie three folders below the package. */
const PACKAGE = new URL('../../../', import.meta.url);

/** Below /etc, where an administrator's files go; the Debian package has its own below /usr/lib. */
const PLACES = [
  { from: 'momentd.service', to: '/etc/systemd/system/momentd.service', purpose: 'the service' },
  { from: 'momentd.sysusers', to: '/etc/sysusers.d/momentd.conf', purpose: 'the user it runs as' },
  { from: 'momentd.tmpfiles', to: '/etc/tmpfiles.d/momentd.conf', purpose: 'its directories' },
  { from: '60-momentd.rules', to: '/etc/udev/rules.d/60-momentd.rules', purpose: 'which device files it may open' },
] as const;

const EXEC_START = 'ExecStart=/usr/bin/momentd ';

/** `command` is what starts momentd on this host, word by word. */
export function hostFiles(command: readonly string[]): readonly HostFile[] {
  return PLACES.map(({ from, to, purpose }) => {
    const text = readFileSync(new URL(`systemd/${from}`, PACKAGE), 'utf8');
    const ours = text.replace(EXEC_START, `ExecStart=${command.map(unitWord).join(' ')} `);
    return { path: to, text: ours, purpose };
  });
}

/** The Node that runs us and the launcher: no search path and no hand-over between two processes is left to chance. */
export const ownCommand = (): readonly string[] => [
  process.execPath,
  fileURLToPath(new URL('bin/momentd.js', PACKAGE)),
];

/** What a unit of the default hardening cannot see: ProtectHome=yes empties these. */
export const isHidden = (path: string): boolean => /^\/(?:home|root|run\/user)\//.test(path);

/** A word of a unit's command line, systemd.service(5): specifiers, variables, spaces and quotes are taken literally. */
function unitWord(word: string): string {
  const literal = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /[\s"'\\;]/.test(literal) ? `"${literal.replace(/["\\]/g, '\\$&')}"` : literal;
}

/** What is left to do once the files are in place. */
export const NEXT_STEPS = [
  'systemd-sysusers && systemd-tmpfiles --create',
  'udevadm control --reload && udevadm trigger',
  'systemctl daemon-reload',
  'runuser -u momentd -- momentd init --system --network my-net     # or --genesis FILE --key FILE',
  'runuser -u momentd -- momentd doctor --config /etc/momentd/momentd.toml',
  'systemctl enable --now momentd',
] as const;
