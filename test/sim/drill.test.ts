/** A drill by a file: what is in it is on, what is not is off, and nonsense takes nothing down. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DrillFile, parseDrill } from '../../src/sim/drill.ts';

test('a line names a fault and, where the usual will not do, its magnitude', () => {
  const { faults, unknown } = parseDrill(
    '# a drill\nreceiver-silent\n pps-jitter 50 # ns\n\nno-such\njamming x\nphc-step 1 2\n',
  );
  assert.deepEqual(
    [...faults],
    [
      ['receiver-silent', undefined],
      ['pps-jitter', 50],
    ],
  );
  assert.deepEqual(unknown, ['no-such', 'jamming x', 'phc-step 1 2']);
});

test('faults follow the file: switched on, changed, switched off, and off when the file is gone', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'momentd-drill-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'faults');
  const done: string[] = [];
  const drill = new DrillFile(
    {
      setFault: (fault, on, magnitude) =>
        done.push(`${on ? '+' : '-'}${fault}${magnitude === undefined ? '' : ` ${magnitude}`}`),
      onChange: (faults, unknown) => done.push(`now ${faults.join(' ')}|${unknown.join(' ')}`),
    },
    path,
  );
  const after = (text: string): readonly string[] => {
    writeFileSync(path, text);
    drill.look();
    drill.look();
    return done.splice(0);
  };
  drill.look();
  assert.deepEqual(done, [], 'no file, no fault');
  assert.deepEqual(after('receiver-silent\nnonsense\n'), ['+receiver-silent', 'now receiver-silent|nonsense']);
  assert.deepEqual(after('receiver-silent\npps-jitter 10\n'), ['+pps-jitter 10', 'now receiver-silent pps-jitter|']);
  assert.deepEqual(after('pps-jitter 20\n'), ['-receiver-silent', '+pps-jitter 20', 'now pps-jitter|']);
  rmSync(path);
  drill.look();
  assert.deepEqual(done, ['-pps-jitter', 'now |']);
});
