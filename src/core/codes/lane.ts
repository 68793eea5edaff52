/** Codes of lanes, guards, checkpoints and disks. The rules of the table are in ../codes.ts. */

import type { CodeEntry } from './entry.ts';

export const LANE_CODES = {
  'checkpoint-format': {
    sentence: 'the text of the note is not origin, size and root',
    remedy: 'get the checkpoint again from the lane',
  },
  'checkpoint-origin': {
    sentence: 'the checkpoint belongs to another lane',
    remedy: 'ask for the lane you mean, by network and key',
  },
  'checkpoint-signature': {
    sentence: 'a signature on the checkpoint does not hold',
    remedy: 'the file was altered, or the key is not the one that signed it',
  },
  'checkpoint-unsigned': {
    sentence: 'the checkpoint carries no signature of the key it must have',
    remedy:
      'get the checkpoint from the lane itself, or give the right key; a copy that another agent keeps is audited with --copy',
  },
  'disk-failed': {
    sentence: 'a file could not be read or written',
    remedy: 'check path, permissions and disk, then restart momentd',
  },
  'disk-full': {
    sentence: 'there is no space, or no quota, left for what must be written',
    remedy: 'free some space; signing resumes by itself',
  },
  'disk-sync-failed': {
    sentence: 'the disk did not confirm that what was written is durable',
    remedy: 'check the disk, then restart momentd: it recovers what was reserved',
  },
  'guard-ahead': {
    sentence: 'the guard has seen entries that the lane does not have, as when a lane was restored from a backup',
    remedy:
      'put the newer lane back, or move this one away and momentd lane import what a peer keeps of it; see momentd recover',
  },
  'guard-behind': {
    sentence: 'the lane has entries that the guard never reserved, as when an old guard file was restored',
    remedy: 'restore the newer guard; see momentd recover',
  },
  'guard-contradicts-lane': {
    sentence: 'the lane holds other entries than the guard reserved',
    remedy: 'keep both files: one of them was altered; see momentd recover',
  },
  'guard-damaged': {
    sentence: 'neither slot of the guard file holds a whole record',
    remedy: 'see momentd recover: what was signed last is not known',
  },
  'guard-missing': {
    sentence: 'the lane has entries and there is no guard, so what was signed after the last entry is not known',
    remedy: 'restore the guard file if it was only moved, else see momentd recover',
  },
  'guard-other-validator': {
    sentence: 'the guard belongs to another key or another network',
    remedy: 'point the configuration at the guard of this key and network',
  },
  'lane-copy-damaged': {
    sentence: "what is kept here of another validator's lane is damaged, or another key vouched for it",
    remedy: 'move that directory away: the lane is fetched from the others again, and verified',
  },
  'lane-damaged': {
    sentence: 'a file of the lane is missing, altered or inconsistent with its checkpoint',
    remedy:
      'momentd audit says where; move the directory away and momentd lane import what a peer or an archive keeps of it',
  },
  'lane-entry-body': {
    sentence: 'the body of an entry is not what its statement commits to',
    remedy: 'get the entry again from the lane; if its leaf hash is right, its validator made it so',
  },
  'lane-entry-format': {
    sentence: 'an entry is not a canonical array of a statement and a body',
    remedy: 'fetch the lane again; its validator writes what no reader accepts',
  },
  'lane-file-unexpected': {
    sentence: 'a file, or a part of one, is no part of the lane',
    remedy: 'remove it, or find out who put it there',
  },
  'lane-other-validator': {
    sentence: 'the lane directory belongs to another key or another network',
    remedy: 'point the configuration at the lane of this key and network',
  },
  'lane-owner-unknown': {
    sentence: 'it was not said, or not well said, whose lane this is',
    remedy: 'give the genesis record, or network id and public key',
  },
  'lane-proof-format': {
    sentence: 'the file is not a proof of a lane entry',
    remedy: 'make it again with momentd prove',
  },
  'lane-proof-range': {
    sentence: 'there is no such entry or size under the checkpoint',
    remedy: 'name an entry or a size that the checkpoint covers',
  },
  'lane-proof-wrong': {
    sentence: 'the proof does not lead from the entry to the checkpoint',
    remedy: 'get entry, proof and checkpoint from one source at one time',
  },
  'lane-prune-range': {
    sentence: 'the lane cannot be pruned up to there',
    remedy: 'see the message; what the guard, the order or the retention still need stays',
  },
  'lane-pruned': {
    sentence: 'the entry was pruned by policy: its hash is kept, its statement is not',
    remedy: 'ask an archive or a validator that keeps the whole lane; what it gives can be proven under this lane',
  },
  'lane-step-epoch': {
    sentence: "the epoch of a statement is below its predecessor's",
    remedy: 'get the lane again from its owner',
  },
  'lane-step-link': {
    sentence: 'a statement does not name its predecessor in the lane',
    remedy: 'keep both statements: together they may prove a fault of the signer',
  },
  'lane-step-report': {
    sentence: "a report's interval lies before the previous statement of its lane",
    remedy: 'keep both statements and the body: together they prove a fault of the signer',
  },
  'lane-step-seq': {
    sentence: "the sequence number of a statement is not one more than its predecessor's",
    remedy: 'a statement is missing or repeated; get the lane again from its owner',
  },
  'lane-step-signer': {
    sentence: 'two neighbouring statements of a lane are of different networks or keys',
    remedy: 'the lane was put together from two; get it again from its owner',
  },
  'lane-step-time': {
    sentence: "the time of a statement is not after its predecessor's",
    remedy: 'keep both statements: together they prove a fault of the signer',
  },
  'lane-tile-format': {
    sentence: 'a tile does not hold what its name says',
    remedy: 'fetch the tile again; restore the lane from a mirror',
  },
  'note-format': {
    sentence: 'the bytes are not a signed note',
    remedy: 'get the file again; docs/spec/lane.md shows one',
  },
  'prune-record-format': {
    sentence: 'the pruning record of a lane is not one',
    remedy:
      'restore the file from an export, or move the lane away and momentd lane import a whole one: without it what was pruned cannot be told from what is missing',
  },
  'prune-record-unsigned': {
    sentence: "the pruning record is not signed by the lane's key alone, or is another lane's",
    remedy: 'find out who put it there; it excuses nothing',
  },
  'storage-in-use': {
    sentence: 'another process already holds this guard or lane',
    remedy: 'stop the other momentd; one key signs in one process only',
  },
  'witness-fork': {
    sentence: 'the checkpoint has another root than the one cosigned for this size',
    remedy: 'two histories of one lane exist: keep both notes, they are a fault proof',
  },
  'witness-old-size': {
    sentence: 'the old size is not the size cosigned here last',
    remedy: 'ask again from the size in the answer',
  },
  'witness-proof': {
    sentence: 'the consistency proof does not lead from the old tree to the new one',
    remedy: 'send the proof for exactly these two sizes',
  },
  'witness-request': {
    sentence: 'the body is not an add-checkpoint request that can be answered',
    remedy: 'send old size, proof, empty line and checkpoint as C2SP tlog-witness says',
  },
  'witness-unverified': {
    sentence: 'the entries under the checkpoint were not all verified here',
    remedy: 'wait until this validator has caught up with the lane, then ask again',
  },
  'witness-state-damaged': {
    sentence: 'what the witness remembered of an origin cannot be read',
    remedy:
      'move that directory away, and no copy of a lane with it: what is cosigned next must extend the lanes that are kept here',
  },
} as const satisfies Record<string, CodeEntry>;
