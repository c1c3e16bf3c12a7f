// SPDX-License-Identifier: Apache-2.0
import { GritError, type JsonObject, type NodeSteps, type StorageProvider } from '@grit/plugin-api';
import type { CheckpointStore } from '../api/checkpoint-store.js';
import type { Checkpoint } from '../api/checkpoint.js';
import { STORES } from '../api/kinds.js';
import type { KubeObject } from '../api/metadata.js';
import { CLAIM_MOUNT, claimPodNameOf } from '../claims/claim-pod.js';
import type { KubeClient } from '../kit/kube-client.js';
import { storeIn } from '../api/storage-place.js';
import type { StoreSecrets } from './store-secrets.js';

/** The storage plugin of claims. */
const CLAIM_PLUGIN = 'storage-pvc';

/** Who is looking for a store. */
export interface StoreUser {
  /** The object whose step it is: its claim pod is used. */
  readonly object: KubeObject;
  readonly claimPodUid?: string | undefined;
}

/** Opens stores of a cluster on this node. */
export class ClusterStores {
  constructor(
    private readonly steps: NodeSteps,
    private readonly client: KubeClient,
    private readonly secrets: StoreSecrets,
  ) {}

  /**
   * Where the image of a Checkpoint is or goes to. Errors: GRIT_STORAGE_UNKNOWN, GRIT_STORAGE_UNAVAILABLE, those of `of`, and those of
   * the API server.
   */
  async ofCheckpoint({ spec, status }: Checkpoint, user: StoreUser, signal: AbortSignal): Promise<StorageProvider> {
    if (spec.volumeClaim !== undefined) return this.#inClaim(user, signal);
    const name = storeIn(status?.storage);
    if (name === undefined) {
      const said = status?.storage ?? 'none';
      throw new GritError('GRIT_STORAGE_UNKNOWN', `the Checkpoint is not said to be in a store, but in ${said}`);
    }
    return this.of(await this.client.get(STORES, { name }, signal), signal);
  }

  /** Errors: GRIT_STORAGE_UNKNOWN, GRIT_CONFIG_INVALID, GRIT_SECRET_UNREADABLE. */
  async of({ spec }: CheckpointStore, signal: AbortSignal): Promise<StorageProvider> {
    const config = await this.secrets.resolve((spec.config ?? {}) as JsonObject);
    const encryption = await this.secrets.keysOf(spec);
    return this.steps.openStore({ plugin: spec.plugin, config, encryption }, signal);
  }

  /** The agent sees the claim as the pod does that was started for it. */
  async #inClaim({ object, claimPodUid }: StoreUser, signal: AbortSignal): Promise<StorageProvider> {
    const name = claimPodNameOf(object);
    if (claimPodUid === undefined) {
      throw new GritError('GRIT_STORAGE_UNAVAILABLE', `the order names no pod that mounts the claim`);
    }
    const pod = { kind: 'pod', namespace: object.metadata.namespace, name, uid: claimPodUid };
    const root = await this.steps.rootOf(pod, signal);
    return this.steps.openStore({ plugin: CLAIM_PLUGIN, config: {}, path: `${root}${CLAIM_MOUNT}` }, signal);
  }
}
