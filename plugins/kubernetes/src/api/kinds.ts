// SPDX-License-Identifier: Apache-2.0
import { API_VERSION } from './group.js';
import type { Checkpoint } from './checkpoint.js';
import type { CheckpointStore } from './checkpoint-store.js';
import type { GritNode } from './grit-node.js';
import type { KubeObject } from './metadata.js';
import type { Migration } from './migration.js';
import type { Restore } from './restore.js';

/** Where objects of a kind are found on the API server. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** `v1`, `apps/v1`, `kaito.sh/v1alpha1`. */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Only for the type checker; never there. */
  readonly object?: T;
}

export const CHECKPOINTS: ResourceType<Checkpoint> = ours('Checkpoint', 'checkpoints', true);
export const RESTORES: ResourceType<Restore> = ours('Restore', 'restores', true);
export const MIGRATIONS: ResourceType<Migration> = ours('Migration', 'migrations', true);
export const STORES: ResourceType<CheckpointStore> = ours('CheckpointStore', 'checkpointstores', false);
export const GRIT_NODES: ResourceType<GritNode> = ours('GritNode', 'gritnodes', false);

function ours<T extends KubeObject>(kind: string, plural: string, namespaced: boolean): ResourceType<T> {
  return { apiVersion: API_VERSION, kind, plural, namespaced };
}
