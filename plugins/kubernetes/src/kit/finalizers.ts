// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from '../api/kinds.js';
import type { KubeObject } from '../api/metadata.js';
import type { KubeClient } from './kube-client.js';
import { KubeError } from './kube-error.js';

/** Makes the object stay until the finalizer is taken away. A Conflict when somebody else has written meanwhile. */
export async function addFinalizer<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType<T>,
  object: T,
  finalizer: string,
  signal: AbortSignal,
): Promise<T> {
  const finalizers = object.metadata.finalizers ?? [];
  return finalizers.includes(finalizer) ? object : write(client, type, object, [...finalizers, finalizer], signal);
}

/** Lets the object go. Undefined when it is gone already. */
export async function removeFinalizer<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType<T>,
  object: T,
  finalizer: string,
  signal: AbortSignal,
): Promise<T | undefined> {
  const finalizers = object.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) return object;
  try {
    const left = finalizers.filter((name) => name !== finalizer);
    return await write(client, type, object, left, signal);
  } catch (error) {
    if (error instanceof KubeError && error.isNotFound) return undefined;
    throw error;
  }
}

function write<T extends KubeObject>(
  client: KubeClient,
  type: ResourceType<T>,
  object: T,
  finalizers: readonly string[],
  signal: AbortSignal,
): Promise<T> {
  const { name, namespace, resourceVersion, uid } = object.metadata;
  // The version makes it a compare-and-set: a list cannot be merged.
  return client.patch(type, { name, namespace }, { metadata: { uid, resourceVersion, finalizers } }, {}, signal);
}
