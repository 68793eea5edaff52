/** Alerts: what fires, the gravest first, with the number, its threshold and what to do; what only begins to look like one is pending. */

import { byId, el, keyed, setAttributes, setText } from '../dom.js';
import { duration, span } from '../nanos.js';

/** @typedef {import('../answers.js').Alerts} Alerts */
/** @typedef {import('../answers.js').Alert} Alert */

/** @type {Readonly<Record<Alert['severity'], string>>} */
const SEVERITIES = { critical: '✕ Critical', high: '▲ High', warning: '○ Warning' };

/**
 * @param {Alerts} alerts
 * @returns {string | undefined}
 */
export function showAlerts({ active: told, as_of_mono_ns: asOf }) {
  const active = told.toSorted((a, b) => Number(a.state === 'pending') - Number(b.state === 'pending'));
  byId('alerts').dataset['raised'] = String(active.length);
  keyed(byId('alert-list'), active, {
    key: ({ code, source }) => `${code} ${source ?? ''}`,
    create: () =>
      el(
        'li',
        {},
        el('span', { class: 'severity' }),
        el('span', { class: 'what' }),
        el('span', { class: 'fine' }),
        el('span', { class: 'detail' }),
      ),
    update: (item, alert) => {
      setAttributes(item, { 'data-severity': alert.severity, 'data-code': alert.code, 'data-state': alert.state });
      const [severity, what, since, detail] = item.children;
      if (severity === undefined || what === undefined || since === undefined || detail === undefined) return;
      setText(severity, SEVERITIES[alert.severity] ?? alert.severity);
      // What is pending does not hold yet: nobody may read its sentence as news.
      const said = alert.state === 'firing' ? alert.sentence : `if it lasts: ${alert.sentence}`;
      setText(what, alert.source === null ? capital(said) : `${alert.source}: ${said}`);
      const lasted = span(Number((BigInt(asOf) - BigInt(alert.since_mono_ns)) / 1_000_000_000n));
      setText(since, alert.state === 'firing' ? `for ${lasted}` : `pending for ${lasted}`);
      setText(detail, alert.state === 'firing' ? `${capital(alert.remedy)}. ${numbersOf(alert)}` : numbersOf(alert));
    },
  });
  const firing = active.filter(({ state }) => state === 'firing').length;
  setText(
    byId('alerts-title'),
    active.length === 0 ? 'Alerts' : `Alerts: ${firing} firing, ${active.length - firing} pending`,
  );
  return active.length === 0 ? 'None. Nothing fires and nothing is pending.' : undefined;
}

/** @param {Alert} alert */
function numbersOf({ unit, value, threshold }) {
  if (unit === 'flag') return '';
  return `Now ${amount(value, unit)}, threshold ${amount(threshold, unit)}.`;
}

/** @type {(value: number, unit: string) => string} */
function amount(value, unit) {
  if (unit === 'seconds') return Math.abs(value) < 1 ? duration(BigInt(Math.round(value * 1e9))) : span(value);
  if (unit === 'ratio') return `${Math.round(value * 1_000) / 10} %`;
  if (unit === 'bytes') return `${(value / 1_048_576).toFixed(0)} MiB`;
  return `${value}`;
}

/**
 * A command keeps its name.
 * @param {string} sentence
 */
const capital = (sentence) =>
  sentence.startsWith('momentd ') ? sentence : sentence.charAt(0).toUpperCase() + sentence.slice(1);
