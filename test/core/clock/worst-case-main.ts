/** Prints which worst cases the code at hand misses; run in a child process on mutated copies of the core. */

import { missedTerms } from './worst-case.ts';

console.log(JSON.stringify(missedTerms()));
