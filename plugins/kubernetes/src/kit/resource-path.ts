// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from '../api/kinds.js';
import { KubeError } from './kube-error.js';

const NOT_A_NAME = new Set(['', '.', '..']);

/** Path of a collection, or of one object of it, on the API server. Every part that comes from outside is encoded. Throws a KubeError (400)
 * for names that would make it the path of something else: no object has them. */
export function resourcePath(
  type: ResourceType,
  at: {
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
    readonly subresource?: string | undefined;
  },
): string {
  for (const part of [type.namespaced ? at.namespace : undefined, at.name]) {
    if (part !== undefined && NOT_A_NAME.has(part)) {
      throw new KubeError(`"${part}" names no object of ${type.plural}`, { status: 400, reason: 'BadRequest' });
    }
  }
  const root = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  const namespace =
    type.namespaced && at.namespace !== undefined ? `/namespaces/${encodeURIComponent(at.namespace)}` : '';
  const name = at.name === undefined ? '' : `/${encodeURIComponent(at.name)}`;
  const subresource = at.subresource === undefined ? '' : `/${at.subresource}`;
  return `${root}${namespace}/${type.plural}${name}${subresource}`;
}
