/** The checkpoint keeper: a checkpoint when it is due and something was appended, and what is told when one fails. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CheckpointKeeper } from '../../src/agent/checkpoint-keeper.ts';
import { monoInstant, seconds, shift, type MonoInstant } from '../../src/core/time/nanos.ts';
import { AgentError } from '../../src/ports/agent-error.ts';

const BOOT = monoInstant(1_000_000_000n);
const NOTE = Uint8Array.of(1);

function rig(checkpoint: () => Promise<Uint8Array>) {
  const told: unknown[] = [];
  const notes: Uint8Array[] = [];
  const lane = { entriesSinceCheckpoint: 0 };
  let now: MonoInstant = BOOT;
  const keeper = new CheckpointKeeper(
    {
      commits: { checkpoint },
      lane,
      now: () => now,
      log: { write: (level, _message, fields) => told.push([level, fields?.['code']]) },
      written: (note) => notes.push(note),
    },
    seconds(60),
  );
  const at = (second: number): void => keeper.beat((now = shift(BOOT, seconds(second))));
  return { keeper, lane, told, notes, at };
}

test('one is written when it is due and entries were appended, and a last one at the end', async () => {
  const { keeper, lane, notes, at } = rig(() => Promise.resolve(NOTE));
  at(60);
  await keeper.finish();
  assert.deepEqual(notes, [], 'nothing to write of');
  lane.entriesSinceCheckpoint = 5;
  at(59);
  at(61);
  await keeper.finish();
  assert.deepEqual(notes, [NOTE, NOTE]);
});

test('a failure is told with its own code, and as commit-failed where it has none', async () => {
  const failures = [new AgentError('disk-full', 'no space'), new Error('nobody foresaw this')];
  const { keeper, lane, notes, told, at } = rig(() => Promise.reject(failures.shift()!));
  lane.entriesSinceCheckpoint = 1;
  at(60);
  await keeper.finish();
  assert.deepEqual(notes, []);
  assert.deepEqual(told, [
    ['error', 'disk-full'],
    ['error', 'commit-failed'],
  ]);
});
