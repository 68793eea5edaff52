/** Every target, by the room its parser lives in. Import after `instrumentModules`, or nothing is counted. */

import type { Target } from './target.ts';
import { API_TARGETS } from './targets/api.ts';
import { ATTESTATION_TARGETS } from './targets/attestation.ts';
import { DEVICE_TARGETS } from './targets/devices.ts';
import { FILE_TARGETS } from './targets/files.ts';
import { LOG_TARGETS } from './targets/log.ts';
import { NETWORK_TARGETS } from './targets/network.ts';
import { ORDERING_TARGETS } from './targets/ordering.ts';
import { RECEIVER_TARGETS } from './targets/receiver.ts';

export const TARGETS: readonly Target[] = [
  ...ATTESTATION_TARGETS,
  ...LOG_TARGETS,
  ...ORDERING_TARGETS,
  ...NETWORK_TARGETS,
  ...RECEIVER_TARGETS,
  ...DEVICE_TARGETS,
  ...FILE_TARGETS,
  ...API_TARGETS,
];
