// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';

/** What a Migration remembers of the pod that moves. */
export function factsOf(pod: Pod): { podName: string; podUID?: string; sourceNode?: string } {
  const { uid, name } = pod.metadata;
  return {
    podName: name,
    ...(uid === undefined ? {} : { podUID: uid }),
    ...(pod.spec.nodeName === undefined ? {} : { sourceNode: pod.spec.nodeName }),
  };
}
