/** Alerts: what fires, the gravest first, with the number, its threshold and what to do; what is pending stands below. */

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
export function showAlerts({ active, as_of_mono_ns: asOf }) {
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
      setAttributes(item, { 'data-severity': alert.severity, 'data-code': alert.code });
      const [severity, what, since, detail] = item.children;
      if (severity === undefined || what === undefined || since === undefined || detail === undefined) return;
      setText(severity, SEVERITIES[alert.severity] ?? alert.severity);
      setText(what, `${alert.source === null ? '' : `${alert.source}: `}${alert.sentence}`);
      const lasted = span(Number((BigInt(asOf) - BigInt(alert.since_mono_ns)) / 1_000_000_000n));
      setText(since, alert.state === 'firing' ? `for ${lasted}` : `pending for ${lasted}`);
      setText(detail, `${capital(alert.remedy)}. ${numbersOf(alert)}`);
    },
  });
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

/** @param {string} sentence */
const capital = (sentence) => sentence.charAt(0).toUpperCase() + sentence.slice(1);
