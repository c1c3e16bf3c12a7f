// SPDX-License-Identifier: Apache-2.0
import { CHECKPOINT } from './checkpoint-definition.js';
import { MIGRATION } from './migration-definition.js';
import { GRIT_NODE } from './node-definition.js';
import type { ResourceDefinition } from './resource-definition.js';
import { RESTORE } from './restore-definition.js';
import { CHECKPOINT_STORE } from './store-definition.js';

/** All kinds of the API group, in the order in which people meet them. */
export const RESOURCE_DEFINITIONS: readonly ResourceDefinition[] = [
  CHECKPOINT,
  RESTORE,
  MIGRATION,
  CHECKPOINT_STORE,
  GRIT_NODE,
];
