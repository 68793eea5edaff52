/** What the drift history is fed: a phase only where one was measured. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DriftRecorder } from '../../src/agent/drift-recorder.ts';
import { NANOS_PER_SECOND, seconds } from '../../src/core/time/nanos.ts';
import { runScenario } from '../../src/sim/clock-run.ts';
import { scenarioNamed } from '../../src/sim/scenarios/catalogue.ts';

test('a clock that coasts has no measured phase: the last one is not told again and again', () => {
  const recorder = new DriftRecorder();
  const coasts = new Map<bigint, boolean>();
  const scenario = scenarioNamed('antenna-flaps')!;
  runScenario(scenario, { seed: 1, durationSeconds: 1_200, stepSeconds: 1 }, (estimate) => {
    recorder.record(estimate);
    const source = estimate.sources[0]?.estimate;
    if (estimate.candidate !== undefined && source !== undefined)
      coasts.set(estimate.candidate.centre / NANOS_PER_SECOND, source.coasting !== undefined);
  });
  const answer = recorder.over(seconds(1_200), 1_200);
  const where = (coasting: boolean) =>
    answer.points.filter(({ from, samples }) => samples === 1 && coasts.get(from / NANOS_PER_SECOND) === coasting);
  const [held, followed] = [where(true), where(false)];
  assert.ok(held.length > 20 && followed.length > 100, `${held.length} held, ${followed.length} followed`);
  assert.ok(held.every(({ offset }) => offset === undefined));
  assert.ok(held.some(({ guarantee }) => guarantee !== undefined));
  assert.ok(followed.every(({ offset }) => offset !== undefined));
  // Stability is of the newest run without a gap: a pause ends it.
  const upTo = answer.points.indexOf(followed.at(-1)!) + 1;
  assert.equal(recorder.stability({ ...answer, points: answer.points.slice(0, upTo) })[0]?.tauSeconds, 1);
  assert.equal(recorder.stability({ ...answer, points: held.slice(0, 10) }).length, 0);
});
