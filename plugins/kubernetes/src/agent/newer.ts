// SPDX-License-Identifier: Apache-2.0
import type { KubeObject } from '../api/metadata.js';

/** Whether one version of an object came after another one. Versions of one object are numbers that grow. */
export function isNewer(object: KubeObject, than: KubeObject): boolean {
  return BigInt(object.metadata.resourceVersion ?? 0) > BigInt(than.metadata.resourceVersion ?? 0);
}
