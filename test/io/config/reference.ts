/** docs/configuration.md, made from the schema's own tables. `node test/io/config/reference.ts` writes it anew. */

import { writeFileSync } from 'node:fs';
import type { Fields } from '../../../src/io/config/field.ts';
import {
  ALERT_FIELDS,
  API_FIELDS,
  CLOCK_FIELDS,
  EVIDENCE_FIELDS,
  LOG_FIELDS,
  NETWORK_FIELDS,
  RECEIVER_FIELDS,
  SOURCE_FIELDS,
  VALIDATOR_FIELDS,
} from '../../../src/io/config/schema.ts';

const INTRODUCTION = `# Configuration

One TOML file. Unknown keys are refused with the line they stand on. Relative paths are relative to the file. Durations are
whole numbers with a unit (ns, us, ms, s, min, h, d), rates likewise (ppt, ppb, ppm). No secret stands in it: the key is a
file, its passphrase is another. \`momentd init\` writes a first one.

Numbers that bound an error can only raise what momentd assumes by itself; none can make an interval narrower than its
evidence allows. *by kind* means the default of that kind of source, in \`src/core/clock/configuration.ts\`.
`;

export function configReference(): string {
  const sections: [string, string, Fields][] = [
    [
      '[validator]',
      `Who signs, for which network, and where the state is. An observer or archive has a \`key\` of its own, which no genesis record
lists, a \`[network]\` section, and neither \`[[source]]\` nor \`[[receiver]]\`; it makes no use of \`guard\`, \`[clock]\` and
\`[evidence]\` ([operating.md](operating.md#observers-and-archives)).`,
      VALIDATOR_FIELDS,
    ],
    ['[clock]', 'The assumptions and the limit. They stand in every evidence record.', CLOCK_FIELDS],
    [
      '[network]',
      'Speaking to the other validators. Without this section the validator is alone: it tells time, signs and keeps its lane, and orders what it is given only where it is the only validator.',
      NETWORK_FIELDS,
    ],
    ['[api]', 'The local API.', API_FIELDS],
    [
      '[evidence]',
      'Retention of evidence records. Statements are kept until `momentd lane prune` is told otherwise.',
      EVIDENCE_FIELDS,
    ],
    ['[log]', 'Logs go to standard error, one JSON line each.', LOG_FIELDS],
    [
      '[alerts]',
      'Where each alert begins. The rules and what to do are in [operating.md](operating.md); they steer nothing.',
      ALERT_FIELDS,
    ],
    ['[[receiver]]', 'A GNSS receiver on a serial line; as many as there are.', RECEIVER_FIELDS],
    ...Object.entries(SOURCE_FIELDS).map(([kind, fields]): [string, string, Fields] => [
      `[[source]] kind = "${kind}"`,
      SOURCE_MEANING[kind as keyof typeof SOURCE_FIELDS],
      fields,
    ]),
  ];
  const parts = sections.map(([title, meaning, fields]) => `## ${title}\n\n${meaning}\n\n${tableOf(fields)}`);
  return `${INTRODUCTION}\n${parts.join('\n')}`;
}

const SOURCE_MEANING: Readonly<Record<keyof typeof SOURCE_FIELDS, string>> = {
  sim: 'A simulated time card with its receiver: for CI and for learning. Its time is not real, and every answer says so.',
  system: 'The system clock (CLOCK_TAI) with the error its own daemon admits: honest and wide.',
  phc: 'A PTP hardware clock, of a network card for example.',
  timecard: 'An OCP Time Card: its clock, its pulse input and, where asked for, its oscillator.',
  pps: 'A pulse per second stamped by the kernel.',
};

function tableOf(fields: Fields): string {
  const rows = Object.entries(fields).map(([key, { form, whenAbsent, meaning }]) => {
    const absent = whenAbsent === 'required' ? '**required**' : whenAbsent.written;
    return `| \`${key}\` | ${form} | ${absent} | ${meaning} |`;
  });
  return ['| key | value | when left out | meaning |', '|---|---|---|---|', ...rows, ''].join('\n');
}

if (import.meta.main) writeFileSync(new URL('../../../docs/configuration.md', import.meta.url), configReference());
