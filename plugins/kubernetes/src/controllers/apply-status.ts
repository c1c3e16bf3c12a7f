// SPDX-License-Identifier: Apache-2.0
import { MANAGERS } from '../api/group.js';
import type { ResourceType } from '../api/kinds.js';
import type { KubeObject } from '../api/metadata.js';
import type { Informer } from '../kit/informer.js';
import type { KubeClient } from '../kit/kube-client.js';

/**
 * Writes the controller's fields of a status, and nobody else's, if nothing has changed since the object was looked at: else a Conflict. The
 * cache has the answer when it returns.
 */
export async function applyStatus<T extends KubeObject>(
  client: KubeClient,
  cache: Informer<T>,
  type: ResourceType<T>,
  { metadata }: T,
  status: object,
  signal: AbortSignal,
): Promise<T> {
  const { name, namespace, uid, resourceVersion } = metadata;
  const body = { metadata: { name, namespace, uid, resourceVersion }, status };
  const how = { manager: MANAGERS.controller, force: true, subresource: 'status' } as const;
  const written = await client.apply(type, body as never, how, signal);
  cache.stored(written);
  return written;
}
