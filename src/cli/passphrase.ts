/** A passphrase from a file or from the person at the terminal; never from an argument or the environment. */

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { readPassphraseFile } from '../io/keys/key-store.ts';
import { AgentError } from '../ports/agent-error.ts';

/** From the file's first line when one is named, else typed twice. */
export async function newPassphrase(file: string | undefined): Promise<Uint8Array> {
  if (file !== undefined) return notEmpty(await readPassphraseFile(file));
  const first = await ask('passphrase for the new key: ');
  const second = await ask('the same again: ');
  if (first !== second) throw new AgentError('cli-usage', 'read the passphrase: the two differ');
  return notEmpty(Buffer.from(first));
}

function notEmpty(passphrase: Uint8Array): Uint8Array {
  if (passphrase.length === 0) throw new AgentError('cli-usage', 'read the passphrase: it is empty');
  return passphrase;
}

async function ask(question: string): Promise<string> {
  if (!process.stdin.isTTY)
    throw new AgentError('cli-usage', 'ask for a passphrase: there is no terminal; give --passphrase-file');
  process.stderr.write(question);
  // What is typed goes nowhere: readline echoes into a stream that drops it.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stderr.write('\n');
  }
}
