/**
 * The commands of the program as plain data, read from commander itself: what completions and the manual page are made of,
 * so that neither can know a command or an option that the program does not have.
 */

import type { EventEmitter } from 'node:events';
import type { Argument, Command, Option } from 'commander';

/** What a shell should offer where a value is wanted. */
export type Wanted = 'file' | 'directory' | 'choice' | 'text';

export type ValueSpec = {
  /** As the help shows it: `<file>`, `[directory]`. */
  readonly shown: string;
  readonly wanted: Wanted;
  readonly choices: readonly string[];
};

export type OptionSpec = {
  readonly short: string | undefined;
  readonly long: string;
  /** Undefined for a switch. */
  readonly value: ValueSpec | undefined;
  readonly description: string;
  readonly isRequired: boolean;
  readonly defaultText: string | undefined;
};

export type ArgumentSpec = ValueSpec & { readonly description: string };

export type CommandSpec = {
  /** `momentd`, `momentd lane`, `momentd lane find`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  readonly commands: readonly CommandSpec[];
  /** What is printed below the help: exit codes and notes. */
  readonly notes: string;
};

export function describeCommand(command: Command, above: readonly string[] = []): CommandSpec {
  const path = [...above, command.name()];
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((sub) => sub.name() !== 'help');
  return {
    path,
    description: command.description(),
    arguments: command.registeredArguments.map(describeArgument),
    options: help.visibleOptions(command).map(describeOption),
    commands: commands.map((sub) => describeCommand(sub, path)),
    notes: notesOf(command),
  };
}

/** Every command, parents before children. */
export function* everyCommand(spec: CommandSpec): Generator<CommandSpec> {
  yield spec;
  for (const sub of spec.commands) yield* everyCommand(sub);
}

function describeArgument(argument: Argument): ArgumentSpec {
  const name = argument.name() + (argument.variadic ? '...' : '');
  const shown = argument.required ? `<${name}>` : `[${name}]`;
  return { ...valueOf(shown, argument.argChoices), description: argument.description };
}

function describeOption(option: Option): OptionSpec {
  const placeholder = /[<[].+[>\]]/.exec(option.flags)?.[0];
  return {
    short: option.short,
    long: option.long ?? option.short!,
    value: placeholder === undefined ? undefined : valueOf(placeholder, option.argChoices),
    description: option.description,
    isRequired: option.mandatory,
    defaultText: defaultTextOf(option),
  };
}

function valueOf(shown: string, choices: readonly string[] | undefined): ValueSpec {
  if (choices !== undefined) return { shown, wanted: 'choice', choices };
  const wanted = /director|folder|\bdir\b/.test(shown) ? 'directory' : /file|address/.test(shown) ? 'file' : 'text';
  return { shown, wanted, choices: [] };
}

function defaultTextOf({ defaultValue, defaultValueDescription }: Option): string | undefined {
  if (defaultValueDescription !== undefined) return defaultValueDescription;
  return typeof defaultValue === 'string' || typeof defaultValue === 'number' ? String(defaultValue) : undefined;
}

/** commander keeps text added after the help as listeners of an event; asked for, they write it. */
function notesOf(command: Command): string {
  let text = '';
  const emitter = command as unknown as EventEmitter;
  emitter.emit('afterHelp', { error: false, command, write: (part: string) => (text += part) });
  return text.trim();
}
