// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../api/group.js';
import type { Pod } from '../api/core-kinds.js';

/** Whether the pod runs and nobody has asked for its end. */
export function isRunning(pod: Pod): boolean {
  return pod.status?.phase === 'Running' && !isTerminating(pod);
}

/** Whether the pod runs and is Ready. */
export function isReady(pod: Pod): boolean {
  return isRunning(pod) && hasCondition(pod, 'Ready');
}

/** Whether its end was asked for. Its containers may run on for the grace period. */
export function isTerminating(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Whether it has finished, well or not: none of its containers runs or will run again. */
export function isTerminal(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** Whether the pod of this UID can run no more: `pod` is what has its name now. */
export function isGone(pod: Pod | undefined, uid: string): boolean {
  return pod === undefined || pod.metadata.uid !== uid || isTerminal(pod);
}

/** Whether the scheduler has given it a node. */
export function isScheduled(pod: Pod): boolean {
  return (pod.spec.nodeName ?? '') !== '';
}

/** Whether it is a pod of our own that mounts a claim. */
export function isClaimPod(pod: Pick<Pod, 'metadata'>): boolean {
  return pod.metadata.labels?.[KEYS.helper] === 'grit-agent';
}

/** Whether a kubelet made it from a file: it cannot be evicted, and nothing but the kubelet makes it anew. */
export function isMirrorPod(pod: Pick<Pod, 'metadata'>): boolean {
  return pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined;
}

/** A sentence on why a pod that must run does not; undefined when it runs. */
export function whyNotRunning(pod: Pod): string | undefined {
  if (isTerminating(pod)) return 'it is being deleted';
  if (isRunning(pod)) return undefined;
  return `its phase is ${pod.status?.phase ?? 'Pending'}`;
}

function hasCondition(pod: Pod, type: string): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}
