// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from '../api/kinds.js';
import type { KubeObject } from '../api/metadata.js';
import type { Informer } from '../kit/informer.js';
import type { KubeClient, ObjectRef } from '../kit/kube-client.js';

/** A cache, and where its objects come from. */
export interface Sources<T extends KubeObject> {
  readonly client: KubeClient;
  readonly informer: Informer<T>;
  readonly type: ResourceType<T>;
}

/**
 * An object from the cache, if it is `good` there; else from the API server. A cache may be behind: what it says is enough to admit something that is looked
 * at again later, but never to refuse it.
 */
export async function look<T extends KubeObject>(
  { client, informer, type }: Sources<T>,
  ref: ObjectRef,
  good: (object: T) => boolean,
  signal: AbortSignal,
): Promise<T | undefined> {
  const cached = informer.get(ref);
  return cached !== undefined && good(cached) ? cached : client.find(type, ref, signal);
}
