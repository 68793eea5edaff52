/**
 * What a validator sends and verifies as the network grows: simulated networks on virtual time, same load, no faults.
 *
 *     node bench/network-growth.ts [validators ...]
 *
 * The simulation sends every statement to every validator (the structured mesh of small networks); above some 64 validators
 * a real network sends along a bounded-degree overlay, which changes messages per node, not verifications.
 */

import { runNetwork } from '../src/sim/network/run.ts';

const sizes = process.argv.slice(2).map(Number);
const rows = [['validators', 'messages/s', 'kB/s', 'verifications/s', 'final ms', 'subjects', 'host s']];
for (const validators of sizes.length > 0 ? sizes : [4, 16, 64, 128]) {
  const began = performance.now();
  const result = runNetwork({ seed: 1, mix: 'calm', validators, subjects: 24 });
  if (result.violations.length > 0 || result.stuck > 0) throw new Error(JSON.stringify(result));
  const seconds = result.virtualNs / 1e9;
  const perSecond = (count: number): string => Math.round(count / seconds).toLocaleString('en');
  rows.push([
    `${validators}`,
    perSecond(result.perNode.messages),
    perSecond(result.perNode.bytes / 1_000),
    perSecond(result.perNode.verifications),
    result.finalityMs.median.toFixed(0),
    `${result.final}`,
    ((performance.now() - began) / 1_000).toFixed(1),
  ]);
}
console.log('per validator and second of virtual time, 24 subjects, calm network');
const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
for (const row of rows) console.log(row.map((cell, column) => cell.padStart(widths[column]!)).join('  '));
