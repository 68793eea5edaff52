/**
 * What the guard remembers: how far the lane had come, and the statements that were about to be signed.
 *
 * `reserved` holds the complete payload and body of every statement of the batch, so that after a crash the very same
 * statements are finished: Ed25519 is deterministic and identity is over what is signed, so nothing is signed twice and no
 * sequence number is left out. The bytes are canonical CBOR; docs/spec/commit-protocol.md section "Guard record".
 */

import { assert } from '../assert.ts';
import { decodeCbor, encodeCbor, isMap, type CborKey, type CborValue } from '../codec/cbor.ts';
import { SHA256_SIZE_BYTES, type Digest } from '../codec/sha256.ts';
import { PUBLIC_KEY_SIZE_BYTES } from '../attestation/cose-sign1.ts';
import { LIMITS } from '../limits.ts';
import { taiInstant, type TaiInstant } from '../time/nanos.ts';
import { fault, type Fault } from '../verdict.ts';

/** A statement that may be signed: its payload, and the body its entry carries. */
export type Reserved = { readonly payload: Uint8Array; readonly body: Uint8Array | null };

/** Where a lane stands. The next statement has seq `size`. */
export type LaneHead = {
  /** Entries, all of them durable in the lane. */
  readonly size: number;
  /** Root over them. */
  readonly root: Digest;
  /** Identity of the last statement; 32 zero bytes in an empty lane. */
  readonly previous: Digest;
  /** Its time; undefined in an empty lane. */
  readonly time: TaiInstant | undefined;
  /** Its epoch, or the epoch the lane begins with. */
  readonly epoch: bigint;
};

export type GuardRecord = {
  readonly network: Digest;
  readonly publicKey: Uint8Array;
  readonly head: LaneHead;
  readonly reserved: readonly Reserved[];
};

const VERSION = 1n;

export function encodeGuardRecord(record: GuardRecord): Uint8Array {
  const { head } = record;
  return encodeCbor(
    new Map<CborKey, CborValue>([
      [0n, VERSION],
      [1n, record.network],
      [2n, record.publicKey],
      [3n, head.epoch],
      [4n, BigInt(head.size)],
      [5n, head.root],
      [6n, head.previous],
      [7n, head.time ?? null],
      [8n, record.reserved.map(({ payload, body }) => [payload, body])],
    ]),
  );
}

export function decodeGuardRecord(bytes: Uint8Array): GuardRecord | Fault {
  const decoded = decodeCbor(bytes);
  if ('fault' in decoded) return bad(`${decoded.fault} at byte ${decoded.offset}`);
  const map = decoded.value;
  if (!isMap(map) || map.size !== 9) return bad('not a map of the keys 0 to 8');
  if (map.get(0n) !== VERSION) return bad('a version this program does not know');
  const network = bytesAt(map, 1n, SHA256_SIZE_BYTES);
  const publicKey = bytesAt(map, 2n, PUBLIC_KEY_SIZE_BYTES);
  const epoch = map.get(3n);
  const size = map.get(4n);
  const root = bytesAt(map, 5n, SHA256_SIZE_BYTES);
  const previous = bytesAt(map, 6n, SHA256_SIZE_BYTES);
  const time = map.get(7n);
  const reserved = readReserved(map.get(8n));
  if (network === undefined || publicKey === undefined || root === undefined || previous === undefined)
    return bad('a key or digest has the wrong length');
  if (typeof epoch !== 'bigint' || typeof size !== 'bigint' || epoch < 0n || size < 0n || size > LIMITS.laneEntriesMax)
    return bad('epoch or size is out of range');
  if ((time !== null && typeof time !== 'bigint') || (time === null) !== (size === 0n))
    return bad('the last time is there exactly when the lane has entries, and here it is not so');
  if (reserved === undefined) return bad('the reserved statements are not an array of [payload, body or null]');
  const head = {
    size: Number(size),
    root,
    previous,
    time: time === null ? undefined : taiInstant(time),
    epoch,
  };
  return { network, publicKey, head, reserved };
}

const bad = (detail: string): Fault => fault('guard-damaged', detail);

function bytesAt(map: ReadonlyMap<CborKey, CborValue>, key: bigint, length: number): Uint8Array | undefined {
  const value = map.get(key);
  return value instanceof Uint8Array && value.length === length ? value : undefined;
}

function readReserved(value: CborValue | undefined): Reserved[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const reserved: Reserved[] = [];
  for (const item of value as readonly CborValue[]) {
    if (!Array.isArray(item) || item.length !== 2) return undefined;
    const [payload, body] = item as readonly CborValue[];
    if (!(payload instanceof Uint8Array) || !(body === null || body instanceof Uint8Array)) return undefined;
    reserved.push({ payload, body });
  }
  return reserved;
}

/** Whether a batch fits one guard slot, as the caller must know before it drafts more. */
export function guardRecordBytesMax(reserved: readonly Reserved[]): number {
  // 512 bytes hold the head and the map; each pair costs its bytes and three CBOR heads of at most 5 bytes.
  return reserved.reduce((sum, { payload, body }) => sum + payload.length + (body?.length ?? 0) + 15, 512);
}

assert(LIMITS.guardSlotBytes > 512 + LIMITS.laneEntryBytesMax, 'the guard can hold the largest single statement');
