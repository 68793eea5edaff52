/** What is said of a source, in a word and a tone. */

/** @typedef {import('../answers.js').Verdict} Verdict */

/** @type {Readonly<Record<Verdict, { word: string, tone: string }>>} */
const VERDICTS = {
  truechimer: { word: 'Truechimer', tone: 'good' },
  falseticker: { word: 'Falseticker', tone: 'bad' },
  'shares-cause': { word: 'Shares a cause', tone: 'idle' },
  unusable: { word: 'Unusable', tone: 'care' },
};

/** @param {Verdict} verdict */
export const wordOf = (verdict) => VERDICTS[verdict]?.word ?? verdict;

/** @param {Verdict} verdict */
export const toneOf = (verdict) => VERDICTS[verdict]?.tone ?? 'idle';

/**
 * A truechimer with a reason is one that coasts: believed, and growing wider.
 * @param {import('../answers.js').Source} source
 */
export const judgement = ({ verdict, reason }) =>
  verdict === 'truechimer' && reason !== null
    ? { word: 'Truechimer, coasting', tone: 'care' }
    : { word: wordOf(verdict), tone: toneOf(verdict) };
