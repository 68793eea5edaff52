/** Every scenario by name, in the order they are run. */

import { ADVERSARY_SCENARIOS } from './adversary-scenarios.ts';
import { BROKEN_SCENARIOS } from './broken-scenarios.ts';
import { CHAOS_SCENARIOS } from './chaos-scenarios.ts';
import { ENSEMBLE_SCENARIOS } from './ensemble-scenarios.ts';
import { HOLDOVER_SCENARIOS } from './holdover-scenarios.ts';
import { HOST_SCENARIOS } from './host-scenarios.ts';
import { QUIET_SCENARIOS } from './quiet-scenarios.ts';
import type { Scenario } from './scenario.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...QUIET_SCENARIOS,
  ...ADVERSARY_SCENARIOS,
  ...HOLDOVER_SCENARIOS,
  ...BROKEN_SCENARIOS,
  ...HOST_SCENARIOS,
  ...ENSEMBLE_SCENARIOS,
  ...CHAOS_SCENARIOS,
];

export const scenarioNamed = (name: string): Scenario | undefined => SCENARIOS.find((s) => s.name === name);
