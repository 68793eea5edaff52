/** The manual page momentd(1) in the macros of man(7), from the program's own commands. */

import { everyCommand, type CommandSpec, type OptionSpec } from './command-tree.ts';

export type PageFacts = { readonly version: string; /** `YYYY-MM-DD` */ readonly date: string };

export function manualPage(program: CommandSpec, { version, date }: PageFacts): string {
  const all = [...everyCommand(program)].slice(1).filter(({ commands }) => commands.length === 0);
  const lines = [
    `.\\" Made by "momentd manual" from the program's own commands.`,
    `.TH MOMENTD 1 ${date} "momentd ${version}" "momentd manual"`,
    '.SH NAME',
    'momentd \\- time\\-attestation validator agent',
    '.SH SYNOPSIS',
    ...all.flatMap((command, i) => [...(i === 0 ? [] : ['.br']), synopsis(command)]),
    '.SH DESCRIPTION',
    filled(program.description),
    '.PP',
    filled(
      'Every statement it signs carries an interval on the TAI timescale. As long as the assumptions listed in its evidence ' +
        'hold, true time was inside the interval. When it cannot promise that, it does not sign, and says why.',
    ),
    '.SH COMMANDS',
    ...all.flatMap(commandLines),
    '.SH EXIT STATUS',
    ...item('0', 'done, and the answer is yes'),
    ...item('1', 'done, and the answer is no: a check failed, or the agent does not attest'),
    ...item('2', 'it could not be done: wrong usage, an unreadable file, no agent there'),
    '.SH ENVIRONMENT',
    ...item('NO_COLOR', 'when it is set, nothing is coloured; off a terminal nothing ever is'),
    ...item(
      'NOTIFY_SOCKET, WATCHDOG_USEC',
      'set by systemd: readiness, state and progress of the loop are reported there',
    ),
    '.SH FILES',
    ...item('/etc/momentd/momentd.toml', 'the configuration, where the package keeps it'),
    ...item(
      '/var/lib/momentd',
      'lane, evidence and identity records; the guard file lies beside them, outside backups',
    ),
    '.SH SEE ALSO',
    filled(
      'The documents in docs/ of the package: operating, configuration, errors, metrics, and the specifications in docs/spec/.',
    ),
  ];
  return `${lines.join('\n')}\n`;
}

/** Text that roff leaves alone: no line begins with a control character, no backslash or hyphen is lost. */
export const text = (words: string): string =>
  words
    .replaceAll('\\', '\\(rs')
    .replaceAll('-', '\\-')
    .replaceAll('’', '\\(cq')
    .replaceAll('“', '\\(lq')
    .replaceAll('”', '\\(rq')
    .replace(/[^\x20-\x7e\n]/g, (mark) => `\\[u${mark.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`)
    .replace(/^([.'])/gm, '\\&$1');

/** The same for running text, in lines that mandoc(1) finds short enough. */
function filled(words: string): string {
  const lines = [''];
  for (const word of words.split(/\s+/)) {
    const line = lines.at(-1)!;
    if (line !== '' && text(`${line} ${word}`).length > LINE_MAX) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return text(lines.join('\n'));
}

const LINE_MAX = 78;

const bold = (words: string): string => `\\fB${text(words)}\\fR`;
const slanted = (words: string): string => `\\fI${text(words)}\\fR`;
const item = (name: string, meaning: string): string[] => ['.TP', bold(name), filled(meaning)];

function synopsis({ path, arguments: args, options }: CommandSpec): string {
  const required = options
    .filter(({ isRequired }) => isRequired)
    .map(({ long, value }) => `${bold(long)} ${slanted(value!.shown)}`);
  const words = [bold(path.join(' ')), ...required];
  if (options.some(({ isRequired, long }) => !isRequired && long !== '--help')) words.push('[options]');
  return [...words, ...args.map(({ shown }) => slanted(shown))].join(' ');
}

function commandLines(command: CommandSpec): string[] {
  const { path, description, arguments: args, options, notes } = command;
  return [
    `.SS ${text(path.slice(1).join(' '))}`,
    filled(`${description}.`),
    ...args
      .filter((arg) => arg.description !== '')
      .flatMap((arg) => ['.TP', slanted(arg.shown), filled(arg.description)]),
    ...options.filter(({ long }) => long !== '--help').flatMap(optionLines),
    ...(notes === '' ? [] : noteLines(notes)),
  ];
}

function optionLines({ short, long, value, description, isRequired, defaultText }: OptionSpec): string[] {
  const names = [...(short === undefined ? [] : [short]), long].map(bold).join(', ');
  const suffix = isRequired ? ' (required)' : defaultText === undefined ? '' : ` (default: ${defaultText})`;
  return ['.TP', `${names}${value === undefined ? '' : ` ${slanted(value.shown)}`}`, filled(description + suffix)];
}

/** Notes keep their lines: some are tables. */
const noteLines = (notes: string): string[] => [
  '.PP',
  '.nf',
  ...notes.split('\n').map((line) => (line.trim() === '' ? '.sp' : text(line))),
  '.fi',
];
