// SPDX-License-Identifier: Apache-2.0
export type { CheckpointStore, CheckpointStoreSpec, CheckpointStoreStatus } from './api/checkpoint-store.js';
export type { Checkpoint, CheckpointPhase, CheckpointSpec, CheckpointStatus } from './api/checkpoint.js';
export {
  CLAIMS,
  EVENTS,
  LEASES,
  NAMESPACES,
  NODES,
  PODS,
  REVISIONS,
  SECRETS,
  type Claim,
  type KubeNode,
  type Lease,
  type Pod,
  type PodSpec,
  type Secret,
} from './api/core-kinds.js';
export type { GritNode, GritNodeStatus } from './api/grit-node.js';
export { API_VERSION, FINALIZER, GROUP, KEYS, MANAGERS, VERSION } from './api/group.js';
export { CHECKPOINTS, GRIT_NODES, MIGRATIONS, RESTORES, STORES, type ResourceType } from './api/kinds.js';
export type { KubeObject, ObjectMeta, OwnerReference } from './api/metadata.js';
export type { Migration, MigrationPhase, MigrationSpec, MigrationStatus } from './api/migration.js';
export type { Restore, RestorePhase, RestoreSpec, RestoreStatus } from './api/restore.js';
export type { ImageFacts, Step, StepName, StepProgress, StepReport } from './api/step.js';
