/** The key of the validator whose configuration a command was given. Whoever asks releases it. */

import type { Config } from '../io/config/config.ts';
import { readKeyFile, readPassphraseFile } from '../io/keys/key-store.ts';
import { sodiumSigner } from '../io/keys/sodium-signer.ts';
import type { Signer } from '../ports/signer.ts';

export async function ownSigner({ key, passphrase_file: file }: Config['validator']): Promise<Signer> {
  return sodiumSigner(await readKeyFile(key, file === undefined ? undefined : await readPassphraseFile(file)));
}
