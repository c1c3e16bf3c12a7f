// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { KubeObject } from '../../api/metadata.js';

/** The pod of a review. The API server fills in its namespace only later. */
export function podOf(object: KubeObject, namespace: string): Pod {
  return { ...(object as Pod), metadata: { ...object.metadata, namespace } };
}
