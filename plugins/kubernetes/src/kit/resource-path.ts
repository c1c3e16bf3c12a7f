// SPDX-License-Identifier: Apache-2.0
import type { ResourceType } from '../api/kinds.js';

/** Path of a collection, or of one object of it, on the API server. Every part that comes from outside is encoded. */
export function resourcePath(
  type: ResourceType,
  at: {
    readonly namespace?: string | undefined;
    readonly name?: string | undefined;
    readonly subresource?: string | undefined;
  },
): string {
  const root = type.apiVersion.includes('/') ? `/apis/${type.apiVersion}` : `/api/${type.apiVersion}`;
  const namespace =
    type.namespaced && at.namespace !== undefined ? `/namespaces/${encodeURIComponent(at.namespace)}` : '';
  const name = at.name === undefined ? '' : `/${encodeURIComponent(at.name)}`;
  const subresource = at.subresource === undefined ? '' : `/${at.subresource}`;
  return `${root}${namespace}/${type.plural}${name}${subresource}`;
}
