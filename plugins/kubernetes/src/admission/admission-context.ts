// SPDX-License-Identifier: Apache-2.0
import type { Logger } from '@grit/plugin-api';
import type { Checkpoint } from '../api/checkpoint.js';
import type { CheckpointStore } from '../api/checkpoint-store.js';
import type { KubeNode, Pod } from '../api/core-kinds.js';
import type { GritNode } from '../api/grit-node.js';
import type { Restore } from '../api/restore.js';
import type { KubernetesConfig } from '../config-schema.js';
import type { Informer } from '../kit/informer.js';
import type { KubeClient } from '../kit/kube-client.js';

/** The caches that the admission looks at. */
export interface AdmissionInformers {
  readonly checkpoints: Informer<Checkpoint>;
  readonly restores: Informer<Restore>;
  readonly stores: Informer<CheckpointStore>;
  readonly gritNodes: Informer<GritNode>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<KubeNode>;
}

/** What the admission stands on. */
export interface AdmissionContext {
  readonly client: KubeClient;
  readonly informers: AdmissionInformers;
  readonly settings: KubernetesConfig;
  readonly logger: Logger;
  readonly clock: () => Date;
}
