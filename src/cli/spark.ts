/** A row of numbers as one line of blocks. */

const BLOCKS = '▁▂▃▄▅▆▇█';

/** One character for each value; a missing one is a blank. The scale runs from the least to the greatest. */
export function sparkline(values: readonly (number | undefined)[]): string {
  const there = values.filter((value) => value !== undefined);
  const least = Math.min(...there);
  const range = Math.max(...there) - least;
  return values
    .map((value) => {
      if (value === undefined) return ' ';
      const place = range === 0 ? 0 : (value - least) / range;
      return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(place * BLOCKS.length))]!;
    })
    .join('');
}

/** At most `columns` values: neighbours are put together by `join`, which never hides an extreme. */
export function squeezed<T>(values: readonly T[], columns: number, join: (group: readonly T[]) => T): readonly T[] {
  if (values.length <= columns) return values;
  return Array.from({ length: columns }, (_, i) => {
    const from = Math.floor((i * values.length) / columns);
    return join(values.slice(from, Math.max(from + 1, Math.floor(((i + 1) * values.length) / columns))));
  });
}

/** The value of a group that lies furthest from zero; undefined when none is known. */
export function furthest(group: readonly (number | undefined)[]): number | undefined {
  return group.reduce((a, b) => (a === undefined || (b !== undefined && Math.abs(b) > Math.abs(a)) ? b : a), undefined);
}
