/**
 * `momentd lane import`: our own lane, as somebody else kept it, put where the agent looks for it.
 *
 * Every other validator, observer and archive keeps a whole copy of our lane (`<state_dir>/lanes/<key id>`). Its entries are ours,
 * each under our signature and the next one's link; its checkpoint is not: the keeper signed how far he has it. So his word is
 * taken as a claim, every entry and hash is compared with it, and what held gets a checkpoint of our own. Entries beyond
 * the checkpoint come along in the journal: the guard may remember them. Whether the lane goes as far as it should, the guard
 * says when the agent starts.
 */

import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { networkIdOf } from '../core/attestation/genesis.ts';
import { keyringOf } from '../core/attestation/keyring.ts';
import { readCheckpoint, signCheckpoint } from '../core/log/checkpoint.ts';
import { originOf } from '../core/log/origin.ts';
import { PRUNE_RECORD_FILE } from '../core/log/prune-record.ts';
import { verifyLane, type LaneFiles } from '../core/log/verify-lane.ts';
import { isFault } from '../core/verdict.ts';
import { loadConfig } from '../io/config/load.ts';
import { checkSignature } from '../io/keys/check-signature.ts';
import { indexDirectoryOf } from '../io/storage/subject-index.ts';
import type { Signer } from '../ports/signer.ts';
import { placeFiles } from './lane-copy.ts';
import { laneFiles, readGenesis } from './lane-reader.ts';
import { EXIT, guarded, say } from './outcome.ts';
import { ownSigner } from './own-signer.ts';

export function addLaneImport(lane: Command): void {
  lane
    .command('import')
    .description('verify our own lane as a peer or an archive kept it, and put it in place of one that was lost')
    .argument('<from>', 'the copy: lanes/<key id> of another state directory, or an export')
    .requiredOption('--config <file>', 'configuration of the validator; its lane directory must not hold a lane')
    .addHelpText(
      'after',
      `
Copy it where that agent is stopped, or half a minute after ours stopped: then nothing of it is still being written.

Exit codes: 0 in place, 1 the copy is not whole and nothing was written, 2 it could not be read or placed.`,
    )
    .action(guarded(importLane));
}

async function importLane(from: string, { config: file }: { readonly config: string }): Promise<void> {
  const { validator } = await loadConfig(file);
  const network = networkIdOf(readGenesis(validator.genesis));
  const signer = await ownSigner(validator);
  try {
    const { publicKey } = signer;
    const files = underOurKey(laneFiles(from), signer, originOf({ network, kid: signer.kid }));
    const judge = { network, keyOf: keyringOf([publicKey])!, checkSignature };
    const { isWhole, findings, figures } = verifyLane({ files, owner: { network, publicKey }, judge });
    if (!isWhole || figures.entries === 0) {
      process.exitCode = EXIT.no;
      const [finding] = findings;
      const what = finding === undefined ? 'there is no entry in it' : `${finding.detail} [${finding.code}]`;
      return say(`not imported: ${finding?.path ?? from}: ${what}`);
    }
    const to = join(validator.state_dir, 'lane');
    removeEmptyLane(to);
    placeFiles(files, to, files.list().filter(isPart));
    // It is made again from the lane, which may begin elsewhere than the one it was made from.
    rmSync(indexDirectoryOf(to), { recursive: true, force: true });
    say(`${to}: ${figures.entries} entries, verified`);
    say('next: momentd run, which refuses it unless it goes as far as the guard remembers');
  } finally {
    signer.release();
  }
}

const isPart = (path: string): boolean =>
  path.startsWith('tile/') || path.startsWith('journal/') || path === PRUNE_RECORD_FILE;

/** The lane with its keeper's checkpoint as one of ours. It stays in memory until everything under it has held. */
function underOurKey(files: LaneFiles, signer: Signer, origin: string): LaneFiles {
  const { publicKey } = signer;
  const read = (path: string): Uint8Array | undefined => {
    const bytes = files.read(path);
    if (path !== 'checkpoint' || bytes === undefined) return bytes;
    const opened = readCheckpoint(bytes, origin);
    if (isFault(opened)) return bytes;
    return signCheckpoint(opened.checkpoint, { publicKey, sign: (message) => signer.sign(message) });
  };
  return { ...files, read };
}

/** A start that was refused for want of the lane leaves an empty one behind; nothing but that is taken away. */
function removeEmptyLane(directory: string): void {
  let names: string[];
  try {
    names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  } catch {
    return;
  }
  if (names.every((name) => statSync(join(directory, name)).isDirectory())) rmSync(directory, { recursive: true });
}
