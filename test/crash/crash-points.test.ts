/**
 * The machine stops in the middle of every disk operation of a validator's life, in turn, and the disk keeps as little, as
 * much or as torn a part of what was not synced as it may. Each time: no sequence number is signed over two different
 * bytes, nothing acknowledged is lost, the lane is whole, and the validator goes on.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MachineStopped, SimDisk, type Survival } from '../../src/sim/disk.ts';
import { AgentError } from '../../src/ports/agent-error.ts';
import { checkLane, commit, GUARD, History, LANE, startOn } from './world.ts';

/** A small generator, so that a failure repeats: Numerical Recipes' ranqd1. */
function coin(seed: number): () => boolean {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state & 0x8000_0000) !== 0;
  };
}

/** `MOMENTD_EXHAUSTIVE=1` runs every combination; otherwise the costly ones are thinned to fit `npm test`. */
const EXHAUSTIVE = process.env['MOMENTD_EXHAUSTIVE'] === '1';

const SURVIVALS: readonly (() => Survival)[] = [
  () => ({ kind: 'nothing' }),
  () => ({ kind: 'everything' }),
  () => ({ kind: 'first', share: 0.3 }),
  () => ({ kind: 'first', share: 0.95 }),
  () => ({ kind: 'scattered', keeps: coin(1) }),
  () => ({ kind: 'scattered', keeps: coin(7) }),
];

type Life = (disk: SimDisk, history: History) => Promise<void>;

/** Setting up, single and batched commits, checkpoints, a clean restart. */
const shortLife: Life = async (disk, history) => {
  const first = await startOn(disk, history, true);
  await commit(first, history, 1);
  await commit(first, history, 3);
  await first.protocol.checkpoint();
  await commit(first, history, 2);
  await first.close();
  const second = await startOn(disk, history, false);
  await commit(second, history, 1);
  await second.protocol.checkpoint();
  await commit(second, history, 1);
};

/** Across the borders of tiles, where partial tiles become full ones and the journal is dropped. */
const longLife: Life = async (disk, history) => {
  const running = await startOn(disk, history, true);
  await commit(running, history, 250);
  await running.protocol.checkpoint();
  await commit(running, history, 10);
  await running.protocol.checkpoint();
  await commit(running, history, 252);
  await running.protocol.checkpoint();
  await commit(running, history, 3);
};

/** Lives until the machine stops; says whether it did. */
async function liveUntilStopped(life: Life, disk: SimDisk, history: History): Promise<boolean> {
  try {
    await life(disk, history);
    return false;
  } catch (error) {
    if (error instanceof MachineStopped) return true;
    throw error;
  }
}

/** Restarts on what survived; on a machine that never got to make its guard, setting up is what an operator repeats. */
async function goOn(disk: SimDisk, history: History): Promise<void> {
  const running = await startOn(disk, history, history.signed.size === 0);
  await checkLane(running, history);
  await commit(running, history, 2);
  await running.protocol.checkpoint();
  await commit(running, history, 1);
  await checkLane(running, history);
}

async function stepsOf(life: Life): Promise<number> {
  const disk = new SimDisk();
  await life(disk, new History());
  return disk.steps;
}

/** The long life is a hundred times the work, so each of its steps meets two of the six disks, in turn. */
const allSurvivals = (): readonly (() => Survival)[] => SURVIVALS;
const twoSurvivals = (step: number): readonly (() => Survival)[] => [SURVIVALS[step % 6]!, SURVIVALS[(step + 2) % 6]!];

for (const { name, life, survivalsAt } of [
  { name: 'a short life', life: shortLife, survivalsAt: allSurvivals },
  { name: 'a long life', life: longLife, survivalsAt: EXHAUSTIVE ? allSurvivals : twoSurvivals },
]) {
  test(`stopped at every step of ${name}, with every kind of disk`, async (t) => {
    const steps = await stepsOf(life);
    let runs = 0;
    for (let step = 1; step <= steps; step++) {
      for (const [kind, survival] of survivalsAt(step).entries()) {
        const history = new History();
        const disk = new SimDisk();
        disk.stopAt(step);
        assert.ok(await liveUntilStopped(life, disk, history), `step ${step} was reached`);
        try {
          await goOn(disk.crash(survival()), history);
        } catch (error) {
          throw new Error(`stopped at step ${step} of ${steps}, survival ${kind}`, { cause: error });
        }
        runs += 1;
      }
    }
    assert.ok(runs >= 2 * steps && steps > 60, `${runs} runs`);
    t.diagnostic(`${runs} crashes, ${steps} crash points`);
  });
}

test('stopped again at every step of the recovery', async (t) => {
  const steps = await stepsOf(shortLife);
  let runs = 0;
  for (let step = 1; step <= steps; step += EXHAUSTIVE ? 1 : 5) {
    const stopped = async (): Promise<{ disk: SimDisk; history: History }> => {
      const history = new History();
      const disk = new SimDisk();
      disk.stopAt(step);
      await liveUntilStopped(shortLife, disk, history);
      return { disk: disk.crash({ kind: 'first', share: 0.6 }), history };
    };
    const probe = await stopped();
    await goOn(probe.disk, probe.history);
    for (let again = 1; again <= probe.disk.steps; again++) {
      const { disk, history } = await stopped();
      disk.stopAt(again);
      assert.ok(await liveUntilStopped(goOn, disk, history));
      const survival: Survival = again % 2 === 0 ? { kind: 'nothing' } : { kind: 'scattered', keeps: coin(again) };
      await goOn(disk.crash(survival), history);
      runs += 1;
    }
  }
  t.diagnostic(`${runs} double crashes`);
  assert.ok(runs > 300, `${runs} runs`);
});

/**
 * One life on a disk that is honest until the first statements are out and then lies about some files, stopped at every
 * step; what the next start comes to, counted by code.
 */
async function outcomesOnLiar(isLiedAbout: (path: string) => boolean): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  const steps = await stepsOf(shortLife);
  for (let step = 1; step <= steps; step++) {
    const history = new History();
    history.toleratesDoubles = true;
    const disk = new SimDisk({ liesAbout: (path) => history.acknowledged.size >= 4 && isLiedAbout(path) });
    disk.stopAt(step);
    await liveUntilStopped(shortLife, disk, history);
    const after = disk.crash({ kind: 'nothing' });
    let outcome = 'went on';
    try {
      const running = await startOn(after, history, history.signed.size === 0);
      await commit(running, history, 3);
    } catch (error) {
      outcome = error instanceof AgentError ? error.code : 'lost what was acknowledged';
    }
    if (history.doubles().length > 0) outcome = 'signed twice';
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}

const isJournal = (path: string): boolean => path.startsWith(`${LANE}/journal/`);
const summary = (outcomes: Map<string, number>): string => [...outcomes].join(' ');

test('a disk that lies about the lane is found out: the guard is ahead of it', async () => {
  const outcomes = await outcomesOnLiar(isJournal);
  assert.equal(outcomes.get('signed twice'), undefined);
  assert.ok((outcomes.get('guard-ahead') ?? 0) > 10, summary(outcomes));
});

test('a disk that lies about the guard is found out by the lane', async () => {
  const outcomes = await outcomesOnLiar((path) => path.startsWith(GUARD));
  const found = ['guard-behind', 'guard-damaged', 'guard-missing'].reduce(
    (sum, code) => sum + (outcomes.get(code) ?? 0),
    0,
  );
  assert.ok(found > 10, summary(outcomes));
});

test('the checker sees a double signature when guard and lane are both lied about', async () => {
  const outcomes = await outcomesOnLiar((path) => isJournal(path) || path.startsWith(GUARD));
  assert.ok(
    (outcomes.get('signed twice') ?? 0) + (outcomes.get('lost what was acknowledged') ?? 0) > 10,
    summary(outcomes),
  );
});
