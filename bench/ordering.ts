/**
 * Subjects ordered per second by the pure pipeline (entries in, decided order out), against two baselines in the same run:
 * a plain sort of the same subjects by the same keys, and the hashing alone that any Merkle log of them needs.
 *
 *     node bench/ordering.ts [subjects per second of virtual time] [seconds of it] [validators] [--json]
 */

import { DEFAULT_PARAMETERS } from '../src/core/attestation/genesis.ts';
import { compareBytes } from '../src/core/codec/cbor.ts';
import { leafHash } from '../src/core/log/merkle.ts';
import { judgeEntry } from '../src/core/ordering/lane-item.ts';
import { encodeOrderEntry, type OrderEntry } from '../src/core/ordering/order-entry.ts';
import { Ordering } from '../src/core/ordering/ordering.ts';
import { ORDERING_RULES } from '../src/core/ordering/rules.ts';
import { compareInstants } from '../src/core/time/nanos.ts';
import { figure, say, tellFigures } from './figures.ts';
import { writeLanes } from './written-lanes.ts';

const numbers = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const [rate = 5_000, seconds = 4, validators = 4] = numbers.map(Number);
const { network, judge, lanes } = writeLanes({ rate, seconds, validators });

function order(): { entries: OrderEntry[]; ms: number } {
  const ordering = new Ordering({
    network,
    parameters: DEFAULT_PARAMETERS,
    validators,
    rules: ORDERING_RULES,
    self: undefined,
  });
  const entries: OrderEntry[] = [];
  const began = performance.now();
  // Round robin, as lanes arrive.
  for (let i = 0; i < Math.max(...lanes.map((lane) => lane.length)); i++)
    for (const [lane, items] of lanes.entries())
      if (items[i] !== undefined)
        for (const effect of ordering.append(lane, items[i]!))
          if (effect.kind === 'final') entries.push(...effect.entries);
  return { entries, ms: performance.now() - began };
}

function best<T extends { ms: number }>(run: () => T): T {
  return Array.from({ length: 5 }, run).reduce((a, b) => (b.ms < a.ms ? b : a));
}

function timed(run: () => unknown): { ms: number } {
  const began = performance.now();
  run();
  return { ms: performance.now() - began };
}

const { entries, ms } = best(order);
const sorted = best(() =>
  timed(() =>
    entries
      .map((entry, i) => ({ entry, draw: (i * 7_919) % entries.length }))
      .sort((a, b) => a.draw - b.draw)
      .sort(
        (a, b) => compareInstants(a.entry.moment, b.entry.moment) || compareBytes(a.entry.subject, b.entry.subject),
      ),
  ),
);
const hashed = best(() => timed(() => entries.map((entry) => leafHash(encodeOrderEntry(entry)))));
const judged = best(() => timed(() => lanes.flat().map(({ bytes }) => judgeEntry(judge, bytes))));
const perSecond = (took: number): string => Math.round(entries.length / (took / 1_000)).toLocaleString('en');
const cost = (took: number): string => `${((took * 1_000) / entries.length).toFixed(2)} us`;

say(`${validators} validators, ${entries.length} subjects ordered, ${rate}/s of virtual time, best of 5`);
say(`order pipeline          ${perSecond(ms).padStart(10)} subjects/s   ${cost(ms)} each`);
say(`sort by the same keys   ${perSecond(sorted.ms).padStart(10)} subjects/s   ${cost(sorted.ms)} each`);
say(`encode and hash leaves  ${perSecond(hashed.ms).padStart(10)} subjects/s   ${cost(hashed.ms)} each`);
say(
  `judge the entries       ${perSecond(judged.ms).padStart(10)} subjects/s   ${cost(judged.ms)} each (stand-in signatures)`,
);
say(`pipeline / plain sort   ${(ms / sorted.ms).toFixed(1)} x the time`);
say(`pipeline / leaf hashing ${(ms / hashed.ms).toFixed(1)} x the time`);
say(`pipeline share of one core at ${rate}/s: ${((rate * ms * 100) / (entries.length * 1_000)).toFixed(1)} %`);
const each = (took: number): number => (took * 1_000) / entries.length;
figure({
  what: 'order pipeline, per subject',
  value: each(ms),
  unit: 'us',
  baseline: 'plain sort',
  ratio: ms / sorted.ms,
});
figure({
  what: 'leaf hashing, per subject',
  value: each(hashed.ms),
  unit: 'us',
  baseline: 'order pipeline',
  ratio: hashed.ms / ms,
});
figure({ what: 'judging entries, per subject', value: each(judged.ms), unit: 'us' });
tellFigures('ordering');
