/** Prometheus' text format read back, as strictly as a test needs: every line must be one that we can explain. */

import assert from 'node:assert/strict';

export type Family = { readonly help: string; readonly type: string; readonly samples: readonly string[] };

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{[^}]*\})? (?:[-+]?[\d.]+(?:e[-+]?\d+)?|\+Inf)$/;

/** Families by name; samples are whole lines, numbers as they were printed. */
export function readExposition(text: string): ReadonlyMap<string, Family> {
  const families = new Map<string, { help: string; type: string; samples: string[] }>();
  let current: { help: string; type: string; samples: string[] } | undefined;
  let name = '';
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const head = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (head?.[1] === 'HELP') {
      name = head[2]!;
      assert.ok(!families.has(name), `${name} is told once`);
      current = { help: head[3]!, type: '', samples: [] };
      families.set(name, current);
    } else if (head?.[1] === 'TYPE') {
      assert.equal(head[2], name);
      current!.type = head[3]!;
    } else {
      const sample = SAMPLE.exec(line);
      assert.ok(sample !== null, `not a sample: ${line}`);
      assert.match(sample[1]!, new RegExp(`^${name}(?:_bucket|_sum|_count)?$`));
      current!.samples.push(line);
    }
  }
  return families;
}
