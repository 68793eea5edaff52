/** Completion scripts for bash, zsh and fish from the program's own commands. They need nothing beside the shell. */

import { everyCommand, type CommandSpec, type OptionSpec, type ValueSpec } from './command-tree.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell, program: CommandSpec): string {
  return { bash, zsh, fish }[shell](program);
}

const key = ({ path }: CommandSpec): string => path.join(' ');
const namesOf = ({ short, long }: OptionSpec): readonly string[] => [long, ...(short === undefined ? [] : [short])];
/** In single quotes, as every POSIX shell and fish take it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const firstLine = (text: string): string => text.split('\n', 1)[0]!;

/** The words that lead from one command to the next, as `case` patterns. */
const steps = (program: CommandSpec): string[] =>
  [...everyCommand(program)].flatMap((command) => command.commands.map((sub) => quoted(key(sub))));

const optionsWithValue = (program: CommandSpec): { patterns: string; value: ValueSpec }[] =>
  [...everyCommand(program)].flatMap((command) =>
    command.options.flatMap((option) =>
      option.value === undefined
        ? []
        : [
            {
              patterns: namesOf(option)
                .map((name) => quoted(`${key(command)} ${name}`))
                .join('|'),
              value: option.value,
            },
          ],
    ),
  );

function bash(program: CommandSpec): string {
  const offer = ({ wanted, choices }: ValueSpec): string => {
    if (wanted === 'choice') return `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$cur"))`;
    if (wanted === 'text') return 'COMPREPLY=()';
    return `compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -${wanted === 'directory' ? 'd' : 'f'} -- "$cur"))`;
  };
  const words = [...everyCommand(program)].map((command) => {
    const all = [...command.commands.map(({ path }) => path.at(-1)!), ...command.options.flatMap(namesOf)];
    const [argument] = command.arguments;
    const files =
      argument === undefined || argument.wanted === 'text'
        ? ''
        : ` [[ $cur == -* ]] || { ${offer(argument)}; return; };`;
    return `    ${quoted(key(command))})${files} COMPREPLY=($(compgen -W ${quoted(all.join(' '))} -- "$cur"));;`;
  });
  return `# bash completion for momentd; made by \`momentd completion bash\`
_momentd() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} path=momentd i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
      ${steps(program).join('|')}) path="$path \${COMP_WORDS[i]}";;
    esac
  done
  case "$path $prev" in
${optionsWithValue(program)
  .map(({ patterns, value }) => `    ${patterns}) ${offer(value)}; return;;`)
  .join('\n')}
  esac
  case "$path" in
${words.join('\n')}
  esac
}
complete -F _momentd momentd
`;
}

function zsh(program: CommandSpec): string {
  const offer = ({ wanted, choices }: ValueSpec): string => {
    if (wanted === 'choice') return `compadd -- ${choices.map(quoted).join(' ')}`;
    if (wanted === 'text') return `_message 'value'`;
    return wanted === 'directory' ? '_files -/' : '_files';
  };
  const described = (name: string, description: string): string =>
    quoted(`${name.replaceAll(':', '\\:')}:${firstLine(description).replaceAll(':', '\\:')}`);
  const cases = [...everyCommand(program)].map((command) => {
    const subs = command.commands.map((sub) => described(sub.path.at(-1)!, sub.description));
    const options = command.options.flatMap((option) =>
      namesOf(option).map((name) => described(name, option.description)),
    );
    const [argument] = command.arguments;
    const files =
      argument === undefined || argument.wanted === 'text' ? '' : `; [[ $cur == -* ]] || ${offer(argument)}`;
    return `    ${quoted(key(command))}) words_=(${[...subs, ...options].join(' ')})${files};;`;
  });
  return `#compdef momentd
# zsh completion for momentd; made by \`momentd completion zsh\`
_momentd() {
  local cur=\${words[CURRENT]} prev=\${words[CURRENT-1]} at=momentd i
  local -a words_
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      ${steps(program).join('|')}) at="$at \${words[i]}";;
    esac
  done
  case "$at $prev" in
${optionsWithValue(program)
  .map(({ patterns, value }) => `    ${patterns}) ${offer(value)}; return;;`)
  .join('\n')}
  esac
  case "$at" in
${cases.join('\n')}
  esac
  _describe 'momentd' words_
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _momentd "$@"; else compdef _momentd momentd; fi
`;
}

function fish(program: CommandSpec): string {
  const lines = [...everyCommand(program)].flatMap((command) => {
    const when = `-n ${quoted(`test (__momentd_path) = ${quoted(key(command)).replaceAll("'", '"')}`)}`;
    const subs = command.commands.map(
      (sub) => `complete -c momentd ${when} -a ${quoted(sub.path.at(-1)!)} -d ${quoted(firstLine(sub.description))}`,
    );
    const options = command.options.map(({ short, long, value, description }) => {
      const names = `${short === undefined ? '' : `-s ${short.slice(1)} `}-l ${long.replace(/^--?/, '')}`;
      return `complete -c momentd ${when} ${names}${takes(value)} -d ${quoted(firstLine(description))}`;
    });
    const [argument] = command.arguments;
    const files = argument === undefined || argument.wanted === 'text' ? [] : [`complete -c momentd ${when} -F`];
    return [...subs, ...options, ...files];
  });
  return `# fish completion for momentd; made by \`momentd completion fish\`
function __momentd_path
  set -l path momentd
  for word in (commandline -opc)[2..-1]
    switch "$path $word"
      case ${steps(program).join(' ')}
        set path "$path $word"
    end
  end
  echo $path
end
complete -c momentd -f
${lines.join('\n')}
`;
}

function takes(value: ValueSpec | undefined): string {
  if (value === undefined) return '';
  if (value.wanted === 'choice') return ` -x -a ${quoted(value.choices.join(' '))}`;
  if (value.wanted === 'text') return ' -x';
  return value.wanted === 'directory' ? " -x -a '(__fish_complete_directories)'" : ' -r -F';
}
