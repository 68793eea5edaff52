/** What the run says as it goes and at its end: what was real, what happened at which second, and a verdict for each claim. */

type Claim = { readonly says: string; readonly holds: boolean; readonly detail: string };

export class Report {
  readonly #from = performance.now();
  readonly #claims: Claim[] = [];
  readonly #bounds: string[] = [];

  heading(text: string): void {
    console.log(`\n${text}\n`);
  }

  line(text: string): void {
    console.log(`  ${text}`);
  }

  /** Something that happened, with its second of the run. */
  event(text: string): void {
    const seconds = ((performance.now() - this.#from) / 1_000).toFixed(1);
    console.log(`  ${seconds.padStart(6)} s  ${text}`);
  }

  /** Something that had to hold. */
  claim(says: string, holds: boolean, detail = ''): void {
    this.#claims.push({ says, holds, detail });
    this.event(`${holds ? 'ok' : 'FAILED'}: ${says}${detail === '' ? '' : ` (${detail})`}`);
  }

  /** What this run cannot show, with what was measured. Said in the verdict, and failing nothing. */
  bound(text: string): void {
    this.#bounds.push(text);
  }

  /** A part of the run. One that cannot be gone through is a failed claim, and the others still get their say. */
  async part(name: string, run: () => Promise<void>): Promise<void> {
    this.event(`-- ${name}`);
    try {
      await run();
    } catch (error) {
      this.claim(name, false, error instanceof Error ? error.message : String(error));
    }
  }

  /** Prints the verdicts; whether every claim holds. */
  verdict(): boolean {
    const failed = this.#claims.filter(({ holds }) => !holds);
    this.heading('Verdicts');
    for (const { says, holds, detail } of this.#claims)
      this.line(`${holds ? 'shown  ' : 'FAILED '}  ${says}${detail === '' ? '' : `: ${detail}`}`);
    for (const text of this.#bounds) this.line(`limit    ${text}`);
    this.heading(
      failed.length === 0
        ? `Every one of ${this.#claims.length} claims was shown.`
        : `${failed.length} of ${this.#claims.length} claims FAILED.`,
    );
    return failed.length === 0 && this.#claims.length > 0;
  }
}
