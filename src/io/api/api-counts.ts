/** Counts what the API answers and refuses, from the code that each problem leaves on its reply. */

import type { Code } from '../../core/codes.ts';
import { API_REFUSALS, type ApiRefusal, type ApiUse } from '../../ports/api-use.ts';

export class ApiCounts implements ApiUse {
  answered = 0;
  followers = 0;
  readonly #refused = new Map<Code, number>(API_REFUSALS.map((code) => [code, 0]));

  /** A request was answered, with a problem of this code or without one. */
  took(problem: Code | undefined): void {
    this.answered += 1;
    const refused = problem === undefined ? undefined : this.#refused.get(problem);
    if (problem !== undefined && refused !== undefined) this.#refused.set(problem, refused + 1);
  }

  refusedFor(code: ApiRefusal): number {
    return this.#refused.get(code)!;
  }
}
