/** Which series there are, and which a query names. */

import { EXPECTED } from '../io/metrics/expected.ts';

/** Every series name the agent exposes (a histogram has three), and Prometheus' own `up`. */
export const metricSeries: ReadonlySet<string> = new Set([
  'up',
  ...Object.entries(EXPECTED).flatMap(([name, { type }]) =>
    type === 'histogram' ? ['_bucket', '_sum', '_count'].map((part) => `${name}${part}`) : [name],
  ),
]);

/** Names in a PromQL text that can only be metrics. */
export function metricsNamedIn(query: string): readonly string[] {
  const withoutStrings = query.replace(/"[^"]*"/g, '""');
  return [...withoutStrings.matchAll(/\b(?:momentd|process|nodejs)_\w+|\bup\b/g)].map(([name]) => name);
}
