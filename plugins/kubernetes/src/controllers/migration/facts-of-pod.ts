// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import { defined } from '../../kit/defined.js';

/** What a Migration remembers of the pod that moves. */
export function factsOf(pod: Pod): { podName: string; podUID?: string; sourceNode?: string } {
  const { uid, name } = pod.metadata;
  return defined({ podName: name, podUID: uid, sourceNode: pod.spec.nodeName });
}
