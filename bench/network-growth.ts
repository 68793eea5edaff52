/**
 * What a validator sends, verifies and holds as the network grows: simulated networks on virtual time, same load, no faults.
 *
 *     node bench/network-growth.ts [--json] [validators ...]
 *
 * The simulation sends every statement to every validator (the structured mesh of small networks); above 64 validators
 * a real network sends along a bounded-degree overlay, which changes messages per node, not verifications. Each size runs in
 * a process of its own, so that its memory is its own: the most that was resident, less what the program itself takes,
 * shared among the validators. Statements are stored once in a simulation, so this is the memory of what each keeps beside them.
 */

import { spawnSync } from 'node:child_process';
import { cpuUsage, execPath, memoryUsage, resourceUsage } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runNetwork } from '../src/sim/network/run.ts';
import { figure, say, tellFigures } from './figures.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, one: { type: 'boolean', default: false } },
});

type Row = {
  readonly validators: number;
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly verificationsPerSecond: number;
  readonly finalMs: number;
  readonly memoryBytes: number;
  /** Processor time of one validator for one second of its network. */
  readonly cpuMs: number;
};

function measure(validators: number): Row {
  const rssBefore = memoryUsage.rss();
  const result = runNetwork({ seed: 1, mix: 'calm', validators, subjects: 24 });
  if (result.violations.length > 0 || result.stuck > 0) throw new Error(JSON.stringify(result));
  const seconds = result.virtualNs / 1e9;
  const { user, system } = cpuUsage();
  return {
    validators,
    messagesPerSecond: result.perNode.messages / seconds,
    bytesPerSecond: result.perNode.bytes / seconds,
    verificationsPerSecond: result.perNode.verifications / seconds,
    finalMs: result.finalityMs.median,
    memoryBytes: (resourceUsage().maxRSS * 1_024 - rssBefore) / validators,
    cpuMs: (user + system) / 1_000 / validators / seconds,
  };
}

/** In a process of its own. */
function measureApart(validators: number): Row {
  const args = [fileURLToPath(import.meta.url), '--one', `${validators}`];
  const { stdout, stderr, status } = spawnSync(execPath, ['--max-old-space-size=16000', ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${validators} validators: ended with ${status}: ${stderr.slice(-2_000)}`);
  return JSON.parse(stdout) as Row;
}

const sizes = positionals.length > 0 ? positionals.map(Number) : [4, 16, 64];

if (values.one) console.log(JSON.stringify(measure(sizes[0]!)));
else {
  say('per validator and second of virtual time, 24 subjects, calm network');
  say('validators  messages/s      kB/s  verifications/s  final ms  memory kB  CPU ms');
  for (const size of sizes) tell(measureApart(size));
  tellFigures('network-growth');
}

function tell(row: Row): void {
  const cells: readonly (readonly [value: number, width: number, what: string, unit: string])[] = [
    [row.validators, 10, '', ''],
    [row.messagesPerSecond, 10, 'messages', '1/s'],
    [row.bytesPerSecond / 1_000, 8, 'bytes', 'kB/s'],
    [row.verificationsPerSecond, 15, 'verifications', '1/s'],
    [row.finalMs, 8, 'median finality', 'ms'],
    [row.memoryBytes / 1_024, 9, 'memory', 'KiB'],
    [row.cpuMs, 6, 'processor time', 'ms/s'],
  ];
  say(cells.map(([value, width]) => value.toFixed(0).padStart(width)).join('  '));
  for (const [value, , what, unit] of cells.slice(1))
    figure({ what: `${what} of one among ${row.validators}, simulated`, value, unit });
}
