/**
 * What an operator must know first: the state, why, what would clear it, how wide, for how long still, and whether anything is
 * signed. Everything here is the agent's own word or `unknown`.
 */

import { byId, el, fill, setAttributes, setFigure, setText } from '../dom.js';
import { calendar, duration, parse, span } from '../nanos.js';

/** @typedef {import('../answers.js').Status} Status */

/** A shape per state, so that none is told by its colour alone. */
/** @type {Readonly<Record<string, string>>} */
const ICONS = {
  locked: 'M12 2.5a9.5 9.5 0 1 0 0 19a9.5 9.5 0 1 0 0-19M7.5 12.3l3.2 3.2l6-6.6',
  holdover:
    'M6 2.5h12M6 21.5h12M7 2.5c0 6 10 6.5 10 9.5M17 2.5c0 6-10 6.5-10 9.5M7 21.5c0-6 10-6.5 10-9.5M17 21.5c0-6-10-6.5-10-9.5',
  acquiring: 'M12 2.5a9.5 9.5 0 0 1 9.5 9.5M12 21.5a9.5 9.5 0 0 1-9.5-9.5M12 7v5l3.5 2.5',
  unsynchronized: 'M12 3L22 20.5H2zM12 9.5v5M12 17.5v.1',
  faulted: 'M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8zM8.5 8.5l7 7M15.5 8.5l-7 7',
  following: 'M2 12C5 6.5 8.5 5 12 5s7 1.5 10 7c-3 5.5-6.5 7-10 7s-7-1.5-10-7M12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6',
};

/** @type {Readonly<Record<string, string>>} */
const WORDS = {
  locked: 'Locked',
  holdover: 'Holdover',
  acquiring: 'Acquiring',
  unsynchronized: 'Unsynchronized',
  faulted: 'Faulted',
};

/** What an agent is in its network; only a validator has a state of its clock to tell. */
/** @type {Readonly<Record<Status['role'], string>>} */
const ROLES = { validator: 'Validator', observer: 'Observer', archive: 'Archive', light: 'Light node' };

/** @type {string | undefined} */
let toldBefore;

/** @param {Status} status */
export function showNow(status) {
  const { role, time, attesting } = status;
  const state = role === 'validator' ? time.state : 'following';
  const word = role === 'validator' ? (WORDS[time.state] ?? time.state) : ROLES[role];
  showIdentity(status);
  setAttributes(byId('now'), { 'data-state': state });
  setAttributes(byId('state-icon'), { d: ICONS[state] ?? '' });
  setText(byId('state-word'), word);
  setText(byId('reason'), time.reason.sentence);
  setText(byId('remedy'), time.reason.remedy);
  document.title = `${word} · momentd`;
  showFigures(status);
  showInstant(status);

  const unsigned = byId('unsigned');
  const why = attesting.reason;
  unsigned.hidden = why === null || why.code === time.reason.code;
  if (why !== null) setText(unsigned, `Nothing is signed: ${why.sentence}. To clear it: ${why.remedy}.`);

  const told = `${word}: ${time.reason.sentence}. ${attesting.signing ? 'Signing' : 'Not signing'}.`;
  // Said to screen readers when it changes, not every second; the first time the page itself says it.
  if (toldBefore !== undefined && told !== toldBefore) setText(byId('said'), told);
  toldBefore = told;
}

/** @param {Status} status */
function showIdentity({ network, role, validator, version, simulated }) {
  setText(byId('network-name'), network.name);
  setText(byId('role'), ROLES[role]);
  setText(byId('validator-kid'), validator.kid);
  setText(byId('version'), version);
  byId('simulated').hidden = !simulated;
}

/** @param {Status} status */
function showFigures({ role, time, seconds_until_limit: seconds, attesting, lane }) {
  const guarantee = parse(time.guarantee_ns);
  figure('guarantee', time.guarantee_ns, guarantee === undefined ? 'none' : duration(guarantee));
  const uncertainty = parse(time.uncertainty_ns);
  setText(
    byId('guarantee-note'),
    guarantee === undefined
      ? 'No interval is issued.'
      : uncertainty === undefined
        ? 'True time is inside.'
        : `True time is inside; statistically within ${duration(uncertainty)}.`,
  );
  figure('until-limit', seconds, seconds === null ? 'unknown' : span(seconds));
  setText(byId('until-limit-note'), untilLimitNote(time.state, seconds));
  figure('signing', String(attesting.signing), attesting.signing ? 'Yes' : 'No');
  setText(byId('signing-note'), role === 'validator' ? signingNote(lane, time) : 'By its role it signs nothing.');
}

/** @type {(state: Status['time']['state'], seconds: number | null) => string} */
function untilLimitNote(state, seconds) {
  if (seconds === null) return 'No interval is issued, so there is no limit to reach.';
  if (state === 'holdover') return 'Then nothing is signed, unless a reference returns first.';
  return 'If every reference were lost now.';
}

/** @type {(lane: Status['lane'], time: Status['time']) => string} */
function signingNote({ size, last_tai_ns: last }, { earliest_ns: earliest }) {
  const count = `${BigInt(size).toLocaleString('en')} statement${size === '1' ? '' : 's'}`;
  const lastTai = parse(last);
  const now = parse(earliest);
  if (lastTai === undefined) return `${count} so far.`;
  if (now === undefined || now < lastTai) return `${count}.`;
  return `${count}, the last ${duration(((now - lastTai) / 10_000_000n) * 10_000_000n)} ago.`;
}

/**
 * Both ends with every digit, those that differ standing out: how wide the interval is can be seen.
 * @param {Status} status
 */
function showInstant({ time }) {
  const earliest = parse(time.earliest_ns);
  const latest = parse(time.latest_ns);
  const ends = earliest === undefined || latest === undefined ? undefined : [textOf(earliest), textOf(latest)];
  for (const [at, id] of ['earliest', 'latest'].entries()) {
    const node = /** @type {HTMLDataElement} */ (byId(id));
    setAttributes(node, { value: at === 0 ? time.earliest_ns : time.latest_ns });
    if (ends === undefined) setText(node, 'unknown');
    else {
      const mine = /** @type {string} */ (ends[at]);
      const shared = sharedLength(/** @type {string} */ (ends[0]), /** @type {string} */ (ends[1]));
      fill(
        node,
        el('span', { class: 'same' }, mine.slice(0, shared)),
        el('span', { class: 'differs' }, mine.slice(shared)),
        el('span', { class: 'same' }, ' TAI'),
      );
    }
  }
  const unix = parse(time.nano_moment);
  figure('utc', time.nano_moment, unix === undefined ? 'unknown' : `${textOf(unix)} UTC`);
}

/** @param {bigint} ns */
function textOf(ns) {
  const { date, time, fraction } = calendar(ns);
  return `${date} ${time}.${fraction.replace(/(\d{3})(?=\d)/g, '$1\u2009')}`;
}

/** @type {(a: string, b: string) => number} */
function sharedLength(a, b) {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

/** @type {(id: string, value: string | number | null, text: string) => void} */
const figure = (id, value, text) => setFigure(/** @type {HTMLDataElement} */ (byId(id)), value, text);
