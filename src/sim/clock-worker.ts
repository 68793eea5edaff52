/** The worker thread of a campaign: takes run after run, sends each report home. */

import { parentPort } from 'node:worker_threads';

import { assert } from '../core/assert.ts';
import { perform, type RunTask } from './clock-campaign.ts';

assert(parentPort !== null, 'this module runs in a worker thread');
const home = parentPort;
home.on('message', (task: RunTask) => home.postMessage(perform(task)));
