/** Ids of this period and of the one before it; what is older is forgotten. Nothing is while no period ends. */
export class RecentIds {
  #now = new Set<string>();
  #before = new Set<string>();

  has(id: string): boolean {
    return this.#now.has(id) || this.#before.has(id);
  }

  add(id: string): void {
    this.#now.add(id);
  }

  /** A period ends. */
  turn(): void {
    this.#before = this.#now;
    this.#now = new Set();
  }
}
