/** `momentd run`: the agent in the foreground until a signal ends it. */

import type { Command } from 'commander';
import type { RunningAgent, StartAgent } from '../ports/running-agent.ts';
import { untilSignal } from './until-signal.ts';
import { guarded, say } from './outcome.ts';

export function addRun(program: Command, startAgent: StartAgent): void {
  program
    .command('run')
    .description('run the validator agent in the foreground')
    .requiredOption('--config <file>', 'configuration file (momentd init makes one)')
    .addHelpText(
      'after',
      '\nLogs go to standard error, one JSON line each. SIGINT or SIGTERM stops it cleanly; what was acknowledged is durable.',
    )
    .action(
      guarded(async ({ config }: { readonly config: string }) => {
        const agent = await startAgent(config);
        // Listened for before anyone is told that we run: the first thing they do may be to stop us.
        const ended = untilSignal();
        tellWhere(agent);
        await ended;
        await agent.stop();
      }),
    );
}

export function tellWhere({ socket, url }: RunningAgent): void {
  say(`local API: ${socket}${url === undefined ? '' : ` and ${url}`}`);
}
