/**
 * The guard on disk: one file, two slots, written in turn. docs/spec/commit-protocol.md section "Guard file".
 *
 *     slot = magic (8) | generation u64 BE | length u32 BE | SHA-256 of the 20 bytes before and the record (32) | record
 *
 * A reservation overwrites the older slot and syncs it, so the newer one is whole at every instant. A slot whose digest does
 * not fit is a write that a crash cut short: that reservation never returned, so nothing was signed under it. The file is
 * allocated whole when it is made, so that on an ordinary file system a full disk cannot fail a reservation.
 */

import { basename, dirname } from 'node:path';
import { assert } from '../../core/assert.ts';
import { sha256Of } from '../../core/codec/sha256.ts';
import { decodeGuardRecord, encodeGuardRecord, type GuardRecord } from '../../core/log/guard-record.ts';
import { LIMITS } from '../../core/limits.ts';
import { compareBytes } from '../../core/codec/cbor.ts';
import { isFault } from '../../core/verdict.ts';
import { AgentError } from '../../ports/agent-error.ts';
import type { Disk, DiskFile } from '../../ports/disk.ts';
import type { Guard } from '../../ports/lane.ts';
import { WriteState } from './write-state.ts';

const MAGIC = new TextEncoder().encode('momentdG');
const HEAD_BYTES = 20;
const DIGEST_BYTES = 32;
const SLOT_BYTES = LIMITS.guardSlotBytes;
const FILE_BYTES = 2 * SLOT_BYTES;

type Slot = { readonly generation: bigint; readonly record: GuardRecord };

export class GuardFile implements Guard {
  readonly #file: DiskFile;
  readonly #release: () => Promise<void>;
  readonly #state: WriteState;
  #generation: bigint;
  #record: GuardRecord | undefined;

  private constructor(file: DiskFile, release: () => Promise<void>, newest: Slot | undefined) {
    this.#file = file;
    this.#release = release;
    this.#state = new WriteState('the guard');
    this.#generation = newest?.generation ?? 0n;
    this.#record = newest?.record;
  }

  /**
   * Opens the guard. `create` makes an empty one where there is none: only for a key that never signed, so it belongs to
   * setting a validator up, not to starting it. Rejects with `guard-missing` or, when no slot is whole, `guard-damaged`.
   */
  static async open(disk: Disk, path: string, options: { readonly create: boolean }): Promise<GuardFile> {
    const there = (await disk.list(dirname(path))).includes(basename(path));
    if (!there && !options.create) throw new AgentError('guard-missing', `open the guard ${path}: there is none`);
    if (!there) await createGuard(disk, path);
    const release = await disk.lock(path);
    let file: DiskFile | undefined;
    try {
      file = await disk.open(path, { create: false });
      return new GuardFile(file, release, await newestSlot(file, path));
    } catch (error) {
      await file?.close();
      await release();
      throw error;
    }
  }

  get record(): GuardRecord | undefined {
    return this.#record;
  }

  reserve(record: GuardRecord): Promise<void> {
    return this.#state.write(async () => {
      const before = this.#record;
      // A guard that goes back would permit a second signature for one sequence number.
      assert(before === undefined || record.head.size >= before.head.size, 'the guard never goes back');
      const generation = this.#generation + 1n;
      await this.#file.writeSynced(Number(generation % 2n) * SLOT_BYTES, encodeSlot(generation, record));
      this.#generation = generation;
      this.#record = record;
    });
  }

  async close(): Promise<void> {
    if (!this.#state.close()) return;
    await this.#file.close();
    await this.#release();
  }
}

/** Makes the file under another name first, so that a guard of the right name is always a whole one. */
async function createGuard(disk: Disk, path: string): Promise<void> {
  await disk.makeDirectory(dirname(path));
  const temporary = `${path}.new`;
  const file = await disk.open(temporary, { create: true });
  await file.truncate(0);
  await file.writeAt(0, new Uint8Array(FILE_BYTES));
  await file.sync();
  await file.close();
  await disk.rename(temporary, path);
  await disk.syncDirectory(dirname(path));
}

function encodeSlot(generation: bigint, record: GuardRecord): Uint8Array {
  const body = encodeGuardRecord(record);
  const bytes = new Uint8Array(HEAD_BYTES + DIGEST_BYTES + body.length);
  assert(bytes.length <= SLOT_BYTES, 'a reservation fits its slot');
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC, 0);
  view.setBigUint64(8, generation);
  view.setUint32(16, body.length);
  bytes.set(sha256Of(bytes.subarray(0, HEAD_BYTES), body), HEAD_BYTES);
  bytes.set(body, HEAD_BYTES + DIGEST_BYTES);
  return bytes;
}

/** The newer whole slot; undefined when the file was made and nothing was ever reserved. */
async function newestSlot(file: DiskFile, path: string): Promise<Slot | undefined> {
  const size = await file.size();
  if (size !== FILE_BYTES) throw damaged(path, `${size} bytes instead of ${FILE_BYTES}`);
  const slots = [await readSlot(file, 0), await readSlot(file, 1)];
  const [newest] = slots
    .filter((slot) => typeof slot === 'object')
    .sort((a, b) => (a.generation < b.generation ? 1 : -1));
  if (newest !== undefined) return newest;
  // The first reservation goes to slot 1 (generation 1), so when it is torn, slot 0 is as it was made.
  if (slots[0] === 'never-written') return undefined;
  throw damaged(path, 'neither slot holds a whole record');
}

async function readSlot(file: DiskFile, number: 0 | 1): Promise<Slot | 'never-written' | 'broken'> {
  const at = number * SLOT_BYTES;
  const head = await file.readAt(at, HEAD_BYTES + DIGEST_BYTES);
  if (head.every((byte) => byte === 0)) return 'never-written';
  if (compareBytes(head.subarray(0, MAGIC.length), MAGIC) !== 0) return 'broken';
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const length = view.getUint32(16);
  if (length > SLOT_BYTES - HEAD_BYTES - DIGEST_BYTES) return 'broken';
  const body = await file.readAt(at + HEAD_BYTES + DIGEST_BYTES, length);
  if (compareBytes(head.subarray(HEAD_BYTES), sha256Of(head.subarray(0, HEAD_BYTES), body)) !== 0) return 'broken';
  const record = decodeGuardRecord(body);
  return isFault(record) ? 'broken' : { generation: view.getBigUint64(8), record };
}

const damaged = (path: string, what: string): AgentError =>
  new AgentError('guard-damaged', `read the guard ${path}: ${what}`, { fields: { path } });
