/** `momentd completion` and `momentd manual`: what shells and man(1) want to know, from the program's own commands. */

import { Argument, InvalidArgumentError, type Command } from 'commander';
import { describeCommand } from './manual/command-tree.ts';
import { completionScript, SHELLS, type Shell } from './manual/completion-scripts.ts';
import { manualPage } from './manual/manual-page.ts';
import { guarded } from './outcome.ts';

export function addManual(program: Command): void {
  program
    .command('completion')
    .description('print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
bash: momentd completion bash > /usr/share/bash-completion/completions/momentd
zsh:  momentd completion zsh > /usr/share/zsh/vendor-completions/_momentd
fish: momentd completion fish > /usr/share/fish/vendor_completions.d/momentd.fish
The Debian package has them in place.`,
    )
    .action(guarded((shell: Shell) => print(completionScript(shell, describeCommand(program)))));
  program
    .command('manual')
    .description('print the manual page momentd(1), for man(1) to show')
    .option('--date <day>', 'the date it shows, YYYY-MM-DD', dayOf)
    .addHelpText('after', '\nTo read it: momentd manual > momentd.1 && man ./momentd.1')
    .action(
      guarded(({ date }: { readonly date?: string }) =>
        print(
          manualPage(describeCommand(program), {
            version: program.version() ?? '',
            date: date ?? new Date().toISOString().slice(0, 10),
          }),
        ),
      ),
    );
}

const print = (text: string): void => void process.stdout.write(text);

function dayOf(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) throw new InvalidArgumentError('a day is YYYY-MM-DD.');
  return text;
}
