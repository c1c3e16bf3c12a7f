// SPDX-License-Identifier: Apache-2.0
import type { StepHandler } from '../step-context.js';
import { dump } from './dump.js';
import { release, undoDump } from './release.js';
import { abandon, prepare, restore } from './restore.js';
import { store, verify } from './store.js';
import { discardWorkload, inspect, remove, start, stop } from './workload.js';

/** What a node can be told to do. Inputs come from the catalog only, where they were checked. */
export const STEP_HANDLERS: ReadonlyMap<string, StepHandler<never>> = new Map<string, StepHandler<never>>([
  ['start', start],
  ['inspect', inspect],
  ['stop', stop],
  ['remove', remove],
  ['discard-workload', discardWorkload],
  ['dump', dump],
  ['store', store],
  ['verify', verify],
  ['release', release],
  ['undo-dump', undoDump],
  ['prepare', prepare],
  ['restore', restore],
  ['abandon', abandon],
]);
