// SPDX-License-Identifier: Apache-2.0
import type { ErrorCode } from '@grit/plugin-api';
import { isTerminal, isTerminating } from '../../pods/pod-state.js';
import type { CheckpointFacts } from './facts.js';

/** How a pod came to its end, in words that fit before "before …" or "while …". */
export interface PodEnd {
  readonly code: ErrorCode;
  readonly message: string;
}

/** The end of the pod; `unsure` while only a cache says so; undefined while it lives. */
export function podEnd({ pod, checkpoint, goneForSure }: CheckpointFacts): PodEnd | 'unsure' | undefined {
  const name = checkpoint.status?.podName ?? checkpoint.spec.podName ?? '';
  if (pod.is === 'found' && isTerminal(pod.pod)) {
    // Its kubelet says Failed of one that was deleted, just before it is gone.
    if (isTerminating(pod.pod) && pod.pod.status?.phase === 'Failed') {
      return { code: 'GRIT_POD_GONE', message: `pod ${name} was deleted` };
    }
    return { code: 'GRIT_POD_FINISHED', message: `pod ${name} finished (${pod.pod.status?.phase ?? ''})` };
  }
  if (pod.is !== 'gone') return undefined;
  if (goneForSure === undefined) return 'unsure';
  // A cache that is behind: it will be told.
  if (!goneForSure) return undefined;
  return pod.successor === undefined
    ? { code: 'GRIT_POD_GONE', message: `pod ${name} was deleted` }
    : {
        code: 'GRIT_POD_REPLACED',
        message: `pod ${name} was replaced by another one of the same name (UID ${pod.successor})`,
      };
}
