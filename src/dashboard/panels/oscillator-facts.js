/** What each oscillator may drift, what was learned of it, and what it says of itself: the last in words, never in a bound. */

import { byId, el, fillFacts, keyed, setAttributes, setText } from '../dom.js';
import { duration } from '../nanos.js';

/** @typedef {import('../answers.js').Oscillator} Oscillator */

/** @type {Readonly<Record<string, string>>} */
const CLASSES = { tcxo: 'TCXO', ocxo: 'OCXO', rb: 'rubidium', csac: 'CSAC', crystal: 'crystal' };

/**
 * @param {{ oscillators: Oscillator[] }} answer
 * @returns {string | undefined}
 */
export function showOscillatorFacts({ oscillators }) {
  keyed(byId('oscillator-list'), oscillators, {
    key: ({ source }) => source,
    create: () => el('li', {}, el('strong'), el('span', { class: 'mark-word' }), el('dl')),
    update: (item, oscillator) => {
      const [name, mark, facts] = item.children;
      if (name === undefined || mark === undefined || facts === undefined) return;
      setText(name, `${oscillator.source}, ${CLASSES[oscillator.class] ?? oscillator.class}`);
      const { locked } = oscillator;
      setAttributes(mark, { 'data-tone': locked === null ? 'idle' : locked ? 'good' : 'bad' });
      setText(mark, locked === null ? 'lock unknown' : locked ? 'locked' : 'not locked');
      fillFacts(facts, factsOf(oscillator));
    },
  });
  return oscillators.length === 0 ? 'No source has an oscillator of its own.' : undefined;
}

/**
 * @param {Oscillator} oscillator
 * @returns {readonly (readonly [string, string | undefined])[]}
 */
function factsOf({ rate_max_ppt: rateMax, aging_per_day_max_ppt: aging, rate_learned_ppt: learned, ...told }) {
  const {
    temperature_milli_c: temperature,
    discipline_locked: disciplined,
    phase_ns: phase,
    alarms,
    said_age_ns: age,
  } = told;
  return [
    ['May drift', `${ppb(rateMax)}, and age ${ppb(aging)} a day`],
    ['Learned', learned === null ? undefined : `at most ${ppb(learned)}`],
    ['Temperature', temperature === null ? undefined : `${(temperature / 1_000).toFixed(1)} °C`],
    ['Discipline', disciplined === null ? undefined : disciplined ? 'locked' : 'not locked'],
    ['Its own phase', phase === null ? undefined : `${phase} ns`],
    ['Alarms', alarms === null ? undefined : alarms.length === 0 ? 'none' : alarms.join(', ')],
    ['Said', age === null ? undefined : `${duration(BigInt(age))} ago`],
  ];
}

/** @param {string} ppt */
const ppb = (ppt) => `${Number(ppt) / 1_000} ppb`;
