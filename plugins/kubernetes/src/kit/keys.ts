// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from '../api/metadata.js';
import type { ObjectRef } from './kube-client.js';

/** `namespace/name`, or `name` for what has no namespace. */
export function keyOf(object: Pick<KubeObject, 'metadata'> | { readonly metadata: ObjectRef }): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

/** Names an object. */
export function refTo({ metadata }: { readonly metadata: ObjectRef }): ObjectRef {
  return { name: metadata.name, namespace: metadata.namespace };
}

/** The reverse of {@link keyOf}. */
export function refOf(key: string): ObjectRef {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
