// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../api/core-kinds.js';

/** The controller that makes a pod anew when it is gone. */
export interface PodOwner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** The controller of a pod; undefined for a bare pod. */
export function ownerOf(pod: Pick<Pod, 'metadata'>): PodOwner | undefined {
  const reference = pod.metadata.ownerReferences?.find((owner) => owner.controller === true);
  if (reference === undefined) return undefined;
  const { apiVersion, kind, name, uid } = reference;
  return { apiVersion, kind, name, uid };
}

/** Whether the owner makes a new pod, on any node, when this one is gone. */
export function makesPodsAnew(owner: PodOwner): boolean {
  // A DaemonSet's pod belongs to its node, and so does a static pod.
  return owner.kind !== 'DaemonSet' && owner.kind !== 'Node';
}
