/** Codes of statements, keys, genesis records, identities and fault proofs. The rules of the table are in ../codes.ts. */

import type { CodeEntry } from './entry.ts';

export const ATTESTATION_CODES = {
  'cose-envelope': {
    sentence: 'the bytes are not a COSE_Sign1 as this network writes it',
    remedy: 'check that the file is a whole, unaltered statement or record',
  },
  'cose-protected': {
    sentence: 'the protected header is not exactly algorithm EdDSA and an 8-byte key id',
    remedy: 'sign with momentd, or with the header docs/spec/statement.md gives',
  },
  'cose-unprotected': {
    sentence: 'the unprotected header is not empty',
    remedy: 'leave it empty: what is not signed must not ride along',
  },
  'fault-exhibit': {
    sentence: 'an exhibit of the fault proof is not validly signed by a validator of the network',
    remedy: 'without valid exhibits nothing is proven; ask its author for the originals',
  },
  'fault-format': {
    sentence: 'the file is not a fault proof as this program writes it',
    remedy: 'compare it with docs/spec/fault-proof.md',
  },
  'fault-network': {
    sentence: 'the fault proof is about another network',
    remedy: 'use the genesis record of that network',
  },
  'fault-not-shown': {
    sentence: 'the exhibits are valid but do not contradict each other',
    remedy: 'nothing is proven against the validator',
  },
  'fault-too-long': {
    sentence: 'the fault proof is longer than any can be',
    remedy: 'check that it is a fault proof',
  },
  'genesis-format': {
    sentence: 'the genesis record does not have the fields it must have',
    remedy: 'compare it with docs/spec/genesis.md',
  },
  'genesis-not-canonical': {
    sentence: 'the genesis record is not deterministic CBOR',
    remedy: 'make it with momentd genesis create',
  },
  'genesis-parameters': {
    sentence: 'the parameters of the genesis record contradict each other',
    remedy: 'keep 0 < tick <= tickMax <= slot <= window',
  },
  'genesis-stake': {
    sentence: 'a validator of the genesis record stakes less than the record asks for',
    remedy: 'raise its stake or lower stake_min',
  },
  'genesis-too-long': {
    sentence: 'the genesis record is longer than any can be',
    remedy: 'check that it is the genesis file',
  },
  'genesis-unreadable': {
    sentence: 'the genesis record cannot be read',
    remedy: 'name the genesis record of the network in the configuration',
  },
  'genesis-validators': {
    sentence: 'a validator of the genesis record is malformed, repeated or out of order',
    remedy: 'make the record with momentd genesis create',
  },
  'identity-boot': {
    sentence: 'the host identity record is of another boot than the evidence',
    remedy: 'keep both: the validator named a host identity that was not in force',
  },
  'identity-digest': {
    sentence: 'the host identity record is not the one the evidence refers to',
    remedy: 'get the record whose digest the evidence names',
  },
  'identity-facts': {
    sentence: 'the host does not tell what its identity record needs',
    remedy: 'see the message: the kernel must tell its boot id and the program must be able to read its own files',
  },
  'identity-format': {
    sentence: 'the host identity record does not have the claims it must have',
    remedy: 'compare it with docs/spec/identity.md',
  },
  'identity-key': {
    sentence: 'the host identity record is signed by another validator than the statement',
    remedy: 'keep both: the evidence names the record of somebody else',
  },
  'identity-network': {
    sentence: 'the host identity record belongs to another network',
    remedy: 'use the genesis record of the network it was signed for',
  },
  'identity-none': {
    sentence: 'no host identity record is in force',
    remedy: "see the agent's log: it says why none could be gathered or stored",
  },
  'identity-not-canonical': {
    sentence: 'the host identity record is not deterministic CBOR',
    remedy: 'encode it as docs/spec/identity.md says',
  },
  'identity-not-kept': {
    sentence: 'the host identity record with that digest is not kept here',
    remedy: 'ask earlier, raise the retention of evidence, or ask an archive',
  },
  'identity-too-long': {
    sentence: 'the host identity record is longer than any can be',
    remedy: 'check that it is a host identity record',
  },
  'key-file-exists': {
    sentence: 'there is a file where the new key would go',
    remedy: 'choose another path; a key is never overwritten',
  },
  'key-file-format': {
    sentence: 'the key file is not a key file of this program',
    remedy: 'restore it from your backup, or make a new key with momentd keygen',
  },
  'key-file-mismatch': {
    sentence: 'the secret in the key file does not make the public key beside it',
    remedy: 'restore the file from your backup',
  },
  'key-file-permissions': {
    sentence: 'the key file can be read by others or belongs to someone else',
    remedy: 'chown it to the user momentd runs as and chmod 600 it',
  },
  'key-file-unreadable': {
    sentence: 'the key file cannot be read',
    remedy: 'check the path, and that the user momentd runs as may read it',
  },
  'key-file-unwritable': {
    sentence: 'the key file cannot be written',
    remedy: 'check the path and the free space',
  },
  'key-mixed-order': {
    sentence: 'the public key has a part of small order',
    remedy: 'make a key with momentd keygen',
  },
  'key-not-canonical': {
    sentence: 'the public key is not 32 bytes that encode a point in the one way allowed',
    remedy: 'make a key with momentd keygen',
  },
  'key-not-in-genesis': {
    sentence: 'the signing key is not one of the validators of the genesis record',
    remedy:
      'use the key that is registered, or the genesis record that registers this one; to follow without signing, role = "observer"',
  },
  'key-passphrase-needed': {
    sentence: 'the key file is sealed and no passphrase was given',
    remedy: 'give --passphrase-file, or answer the prompt',
  },
  'key-passphrase-wrong': {
    sentence: 'the passphrase does not open the key file, or the file was altered',
    remedy: 'try again; without the passphrase the key is lost',
  },
  'key-possession': {
    sentence: 'the owner of the key has not shown that it can sign with it',
    remedy: "make the entry with momentd keygen --network, for this network's name",
  },
  'key-small-order': {
    sentence: 'the public key is a point of small order',
    remedy: 'make a key with momentd keygen',
  },
  'key-unknown': {
    sentence: 'no registered key has the key id the signer named',
    remedy: 'get the genesis record or validator set the signer belongs to',
  },
  'report-digest': {
    sentence: 'the report is not the one that was signed',
    remedy: 'the file was altered, or the signature belongs to another one',
  },
  'report-guarantee': {
    sentence: "a statement's guarantee is too wide for its reports to count in the order",
    remedy: "restore the signer's time reference",
  },
  'report-network': {
    sentence: 'the report was signed for another network',
    remedy: 'give the genesis record of its network',
  },
  'report-seal-format': {
    sentence: 'the file is no signature of a report',
    remedy: 'give the .sig file that was written beside the report',
  },
  'report-too-old': {
    sentence: 'a report ends a longest tick or more before the statement that carries it',
    remedy: 'report sooner, or with a later end',
  },
  'reports-format': {
    sentence: 'the reports body is not the array of reports it must be',
    remedy: 'encode it as docs/spec/statement.md says',
  },
  'reports-interval': {
    sentence: "a report's interval is empty, too old, or later than its statement",
    remedy: 'report a subject in the tick in which it was first seen',
  },
  'reports-order': {
    sentence: 'the reports do not strictly ascend by subject',
    remedy: 'sort them by subject and drop repeats',
  },
  'reports-root': {
    sentence: "the statement's subject is not the Merkle root of the reports",
    remedy: 'get the body that was appended with the statement',
  },
  'reports-too-long': {
    sentence: 'the reports body is longer than any can be',
    remedy: 'send at most 1,024 reports in one statement',
  },
  'reports-unexpected': {
    sentence: 'a statement that is not of kind reports comes with reports',
    remedy: 'only kind 1 has a reports body',
  },
  'signature-invalid': {
    sentence: 'the signature does not fit the key and the bytes',
    remedy: 'get the bytes from the signer again; they were altered or signed by another key',
  },
  'signature-r-not-canonical': {
    sentence: 'R of the signature is not encoded in the one way allowed',
    remedy: 'sign with an RFC 8032 signer',
  },
  'signature-r-small-order': {
    sentence: 'R of the signature is a point of small order',
    remedy: 'sign with an RFC 8032 signer',
  },
  'signature-s-range': {
    sentence: 'S of the signature is not below the order of the group',
    remedy: 'sign with an RFC 8032 signer',
  },
  'statement-interval': {
    sentence: 'the interval is empty or cannot be represented',
    remedy: 'attest an instant between 1970 and 2262 with a guarantee of at least 1 ns',
  },
  'statement-keys': {
    sentence: 'the payload is not a map of exactly the keys 0 to 9',
    remedy: 'encode the statement as docs/spec/statement.md says',
  },
  'statement-kind': {
    sentence: 'the statement is of a kind this program does not know',
    remedy: 'use a release that knows it',
  },
  'statement-network': {
    sentence: 'the statement belongs to another network',
    remedy: 'use the genesis record of the network it was signed for',
  },
  'statement-not-canonical': {
    sentence: 'the payload is not deterministic CBOR',
    remedy: 'encode it as RFC 8949 section 4.2.1 says: shortest forms, keys in bytewise order',
  },
  'statement-previous': {
    sentence: 'the link to the previous statement is zero where it must not be, or the other way round',
    remedy: 'only the first statement of a lane has a zero link',
  },
  'statement-subject': {
    sentence: 'the subject is zero where it must not be, or the other way round',
    remedy: 'only a heartbeat has a zero subject',
  },
  'statement-tai-utc': {
    sentence: 'TAI-UTC is outside the range that can be true',
    remedy: 'see the leap second source of the signer',
  },
  'statement-time': {
    sentence: 'the time is not an RFC 9581 time on TAI with a guarantee, as this network writes it',
    remedy: 'encode key 6 as docs/spec/statement.md says',
  },
  'statement-too-long': {
    sentence: 'the statement is longer than any statement can be',
    remedy: 'send one statement per message',
  },
  'statement-type': {
    sentence: 'a digest or a counter of the statement has the wrong type, length or range',
    remedy: 'encode the statement as docs/spec/statement.md says',
  },
  'statement-version': {
    sentence: 'the statement has a version this program does not know',
    remedy: 'use a release that knows it',
  },
  'validator-file-format': {
    sentence: 'the file is not a validator entry as keygen writes it',
    remedy: 'make it with momentd keygen --network NAME --json',
  },
  'verify-nothing-to-trust': {
    sentence: 'there is nothing to verify against',
    remedy: 'give --genesis FILE, or --key HEX (and --network HEX)',
  },
  'verify-unrecognised': {
    sentence: 'the file is none of the things that can be verified',
    remedy: 'give a statement, a lane directory, a checkpoint, a proof, evidence, a genesis record or a fault proof',
  },
} as const satisfies Record<string, CodeEntry>;
