/**
 * A report as one HTML page: no script, nothing fetched, readable on paper, in the dark and by a screen reader.
 *
 * It shows what the JSON says and computes nothing but positions in a picture; the JSON itself lies in the page.
 */

import { formatNanos } from '../../core/time/text.ts';
import { nanos } from '../../core/time/nanos.ts';
import type { Report } from '../../core/report/report.ts';

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --faint: #767676; --line: #d5d5d5; --good: #1a7f37;
  --warn: #9a6700; --bad: #c62828; --fill: #2166ac; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --paper: #141414; --faint: #9a9a9a; --line: #3a3a3a;
  --good: #56d364; --warn: #e3b341; --bad: #ff7b72; --fill: #79b8ff; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.n, th.n { text-align: right; } code { font-size: 0.85em; overflow-wrap: anywhere; }
.faint { color: var(--faint); } .met { color: var(--good); } .met-with-warnings, .not-shown { color: var(--warn); }
.not-met { color: var(--bad); } .verdict { font-size: 1.2rem; font-weight: 600; }
svg { width: 100%; height: auto; } .width { fill: var(--fill); } .gap { fill: var(--bad); opacity: 0.35; }
.limit { stroke: var(--bad); stroke-dasharray: 4 3; } .axis { stroke: var(--line); } svg text { fill: var(--faint); font-size: 11px; }
@media print { :root { --ink: #000; --paper: #fff; } body { margin: 0; max-width: none; } h2 { break-after: avoid; }
  tr, svg { break-inside: avoid; } }
`;

const VERDICT_WORDS = {
  met: 'met: all of the period is attested within every threshold',
  'met-with-warnings': 'met, with time above a warning tier',
  'not-shown': 'not shown: for part of the period nothing was attested',
  'not-met': 'not met',
} as const;

export function renderHtml(report: Report): string {
  const { period, validator, network, verdict } = report;
  const title = `Time compliance of ${validator.name ?? validator.kid}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="generator" content="momentd report">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<p class="faint">Network ${escape(network.name ?? '')} <code>${network.id}</code>, validator <code>${validator.kid}</code></p>
<p>${instant(period.from)} to ${instant(period.to)}</p>
<p class="verdict ${verdict}">${escape(VERDICT_WORDS[verdict])}</p>
${picture(report)}
${section('Thresholds', thresholdTable(report))}
${section('Guarantee and coverage', figuresTable(report))}
${section('Gaps', gapTable(report))}
${section('Drift', driftTable(report))}
${section('Traceability', traceability(report))}
${section('What was verified', verified(report))}
</main>
<script type="application/json" id="report">${JSON.stringify(report).replaceAll('<', '\\u003c')}</script>
</body>
</html>
`;
}

const escape = (words: string): string => words.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`);
const section = (title: string, body: string): string => `<section>\n<h2>${title}</h2>\n${body}\n</section>`;
const duration = (ns: string | null): string => (ns === null ? 'none' : formatNanos(nanos(BigInt(ns))));
const instant = ({ utc, tai_ns }: { readonly utc: string | null; readonly tai_ns: string }): string =>
  `<time>${escape(utc ?? `${tai_ns} ns TAI`)}</time>`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]): string =>
    row.map((cell, i) => `<${tag}${i === 0 ? '' : ' class="n"'}>${cell}</${tag}>`).join('');
  return `<table>\n<thead><tr>${cells('th', head)}</tr></thead>\n<tbody>\n${rows
    .map((row) => `<tr>${cells('td', row)}</tr>`)
    .join('\n')}\n</tbody>\n</table>`;
}

const WIDTH = 900;
const HEIGHT = 220;
const LEFT = 70;
const BOTTOM = 20;

/** Worst guarantee of each slice, on a logarithmic scale; what was not attested is a red band. */
function picture({ series, thresholds, guarantee_ns: guarantee, period }: Report): string {
  const limits = thresholds.map(({ limit_ns: limit }) => Number(limit));
  const top = Math.log10(Math.max(10, Number(guarantee?.greatest ?? 0), ...limits)) + 0.2;
  const y = (ns: number): number => HEIGHT - BOTTOM - ((HEIGHT - BOTTOM) * Math.log10(Math.max(1, ns))) / top;
  const step = (WIDTH - LEFT) / series.length;
  const whole = Number(period.length_ns) / series.length;
  const bars = series.map(({ worst_ns: worst, attested_ns: attested }, i) => {
    const x = (LEFT + i * step).toFixed(2);
    const at = worst === null ? HEIGHT - BOTTOM : y(Number(worst));
    const bar =
      worst === null
        ? ''
        : `<rect class="width" x="${x}" y="${at.toFixed(1)}" width="${step.toFixed(2)}" height="${(HEIGHT - BOTTOM - at).toFixed(1)}"/>`;
    const missing = Math.max(0, 1 - Number(attested) / whole);
    const gap =
      missing < 0.001
        ? ''
        : `<rect class="gap" x="${x}" y="0" width="${step.toFixed(2)}" height="${((HEIGHT - BOTTOM) * missing).toFixed(1)}"/>`;
    return bar + gap;
  });
  const lines = thresholds.map(({ limit_ns: limit }) => {
    const at = y(Number(limit)).toFixed(1);
    return `<line class="limit" x1="${LEFT}" x2="${WIDTH}" y1="${at}" y2="${at}"/><text x="0" y="${at}" dy="4">${duration(limit)}</text>`;
  });
  const decades = Array.from({ length: Math.floor(top) + 1 }, (_, i) => 10 ** i)
    .filter((ns) => !limits.includes(ns))
    .map((ns) => `<text x="0" y="${y(ns).toFixed(1)}" dy="4">${duration(String(ns))}</text>`);
  return `<figure>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Worst guarantee over the period, at most ${duration(guarantee?.greatest ?? null)}; bands from the top show time that is not attested">
${decades.join('')}<line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/>
${bars.filter((bar) => bar !== '').join('\n')}
${lines.join('\n')}
</svg>
<figcaption class="faint">Widest guarantee of each ${series.length}th of the period, logarithmic. Bands from the top: not attested.</figcaption>
</figure>`;
}

function thresholdTable({ thresholds }: Report): string {
  return table(
    ['threshold', 'limit', 'warning above', 'time within', 'in warning tier', 'above', 'not attested', 'verdict'],
    thresholds.map((t) => [
      escape(t.name),
      duration(t.limit_ns),
      duration(t.warning_ns),
      duration(t.within_ns),
      duration(t.warned_ns),
      duration(t.above_ns),
      duration(t.unattested_ns),
      `<span class="${t.verdict}">${t.verdict}</span>`,
    ]),
  );
}

function figuresTable({ guarantee_ns: g, coverage, statements, evidence, period }: Report): string {
  return table(
    ['figure', 'value'],
    [
      ['statements', String(statements.count)],
      ['guarantee, median', duration(g?.p50 ?? null)],
      ['guarantee, 99 % of statements at most', duration(g?.p99 ?? null)],
      ['guarantee, greatest', duration(g?.greatest ?? null)],
      ['share of the period that is attested', coverage.attested_share],
      ['time not attested', duration(coverage.unattested_ns)],
      ['silence that counts as a gap', `more than ${duration(period.gap_after_ns)}`],
      ['time locked, by the evidence', duration(evidence?.states_ns.locked ?? null)],
      ['time in holdover, by the evidence', duration(evidence?.states_ns.holdover ?? null)],
      ['TAI-UTC', `${statements.tai_utc_s.join(', ')} s`],
    ],
  );
}

function gapTable({ gaps }: Report): string {
  if (gaps.count === 0) return '<p>None.</p>';
  const rows = gaps.longest.map(({ from, to, length_ns: length, reason }) => [
    instant(from),
    instant(to),
    duration(length),
    `${escape(reason.sentence)}${reason.code === null ? '' : ` (<code>${reason.code}</code>)`}${reason.rebooted === true ? '; the host was restarted' : ''}`,
  ]);
  const more = gaps.left_out > 0 ? `<p>And ${gaps.left_out} shorter ones.</p>` : '';
  return table(['from', 'to', 'length', 'why'], rows) + more;
}

function driftTable({ drift }: Report): string {
  const spread = (s: typeof drift.offset_ns): string =>
    s === null ? 'not measured' : `${s.least} to ${s.greatest}, mean ${s.mean} (${s.count} samples)`;
  const rows = [
    ['fastest growth of the guarantee', `${drift.guarantee_growth_ppb_max} ppb`],
    ['phase against the reference, ns', spread(drift.offset_ns)],
    ['frequency of the host’s raw clock, ppt', spread(drift.frequency_ppt)],
  ];
  if (drift.stability.length === 0) return table(['figure', 'value'], rows);
  return (
    table(['figure', 'value'], rows) +
    table(
      ['averaging time', 'ADEV', 'MDEV', 'TDEV', 'MTIE'],
      drift.stability.map((p) => [
        `${p.tau_s ?? ''} s`,
        ...[p.adev_ppb, p.mdev_ppb].map((v) => (v === null ? '' : `${v} ppb`)),
        ...[p.tdev_ns, p.mtie_ns].map((v) => (v === null ? '' : `${v} ns`)),
      ]),
    )
  );
}

function traceability({ traceability: found }: Report): string {
  if (found === null) return '<p>No evidence was given, so nothing is said about sources.</p>';
  const sources = found.sources.map(({ name, kind, reference, oscillator }) => [
    escape(name),
    escape(kind),
    escape(reference ?? 'none'),
    escape(oscillator),
  ]);
  return `<p>UTC is realised by the references below; TAI-UTC is from ${escape(found.leap_seconds)}. Each statement names its evidence, from which its interval is recomputed.</p>
${table(['source', 'kind', 'follows', 'oscillator'], sources)}
<h3>Assumptions the guarantee rests on</h3>
<ul>${found.assumptions.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`;
}

function verified({ lane, evidence, validator }: Report): string {
  const findings = lane.findings.map(
    ({ code, detail }) => `<li class="not-met">${escape(detail)} (<code>${code}</code>)</li>`,
  );
  const records =
    evidence === null
      ? 'no evidence was given'
      : `${evidence.recomputed} of ${evidence.looked_at} sampled intervals were recomputed from their evidence; ${evidence.not_kept} records are not kept any more, ${evidence.wrong.length} do not hold`;
  return `<ul>
<li>The lane: ${lane.entries} entries from the first, every signature, the chain and the tree: ${lane.whole ? 'whole' : 'NOT WHOLE'}</li>
${findings.join('\n')}
<li>Evidence: ${escape(records)}</li>
<li>Key <code>${validator.public_key}</code>. This page is signed in a file beside it: <code>momentd verify</code> checks that</li>
</ul>`;
}
