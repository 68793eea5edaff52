/** One line on standard error that rewrites itself, on a terminal only. */

export class ProgressBar {
  #shown = '';

  show({ entries, of }: { readonly entries: number; readonly of: number }): void {
    if (!process.stderr.isTTY) return;
    const share = of === 0 ? 1 : entries / of;
    const bar = '='.repeat(Math.floor(30 * share)).padEnd(30);
    const line = `[${bar}] ${Math.floor(100 * share)} %  ${entries} of ${of} entries`;
    if (line === this.#shown) return;
    this.#shown = line;
    process.stderr.write(`\r${line}`);
  }

  clear(): void {
    if (this.#shown !== '') process.stderr.write(`\r${' '.repeat(this.#shown.length)}\r`);
  }
}
