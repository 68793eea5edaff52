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
