// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '@grit/plugin-kubernetes';

type Conditions = NonNullable<NonNullable<Pod['status']>['conditions']>;
type Body = Readonly<Record<string, unknown>>;

/** The status that a kubelet writes while the sandbox of a pod is being made: nothing of it runs. */
export function creatingStatus(pod: Pod, hostIP: string, now: Date): Body {
  const state = { waiting: { reason: 'ContainerCreating' } };
  return {
    phase: 'Pending',
    hostIP,
    startTime: now.toISOString(),
    conditions: conditions(pod, 'False', 'ContainersNotReady', now),
    containerStatuses: containers(pod, { ready: false, started: false, state }),
  };
}

/** The status of a pod whose containers run. */
export function runningStatus(pod: Pod, hostIP: string, podIP: string, now: Date): Body {
  const state = { running: { startedAt: now.toISOString() } };
  return {
    phase: 'Running',
    hostIP,
    podIP,
    podIPs: [{ ip: podIP }],
    startTime: now.toISOString(),
    conditions: conditions(pod, 'True', undefined, now),
    containerStatuses: containers(pod, { ready: true, started: true, state }),
  };
}

/** The status of a pod whose containers have ended: by themselves, or killed at the end of their grace. */
export function endedStatus(pod: Pod, how: 'Succeeded' | 'Failed', now: Date): Body {
  const end = how === 'Succeeded' ? { exitCode: 0, reason: 'Completed' } : { exitCode: 137, reason: 'Error' };
  const state = { terminated: { ...end, startedAt: now.toISOString(), finishedAt: now.toISOString() } };
  return {
    phase: how,
    conditions: conditions(pod, 'False', how === 'Succeeded' ? 'PodCompleted' : 'PodFailed', now),
    containerStatuses: containers(pod, { ready: false, started: false, state }),
  };
}

/** A merge patch replaces lists: what others wrote (PodScheduled, DisruptionTarget) is kept. */
function conditions(pod: Pod, ready: 'True' | 'False', reason: string | undefined, now: Date): Conditions {
  const ours = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady'];
  const kept = (pod.status?.conditions ?? []).filter(({ type }) => !ours.includes(type));
  const made = ours.map((type) => ({
    type,
    status: type === 'Initialized' ? 'True' : ready,
    lastTransitionTime: now.toISOString(),
    ...(reason === undefined || type === 'Initialized' ? {} : { reason }),
  }));
  return [...kept, ...made];
}

function containers(pod: Pod, state: Body): readonly Body[] {
  return pod.spec.containers.map(({ name, image = 'none' }) => ({
    name,
    image,
    imageID: `${image}@sha256:${'0'.repeat(64)}`,
    containerID: `containerd://${pod.metadata.uid ?? ''}-${name}`,
    restartCount: 0,
    ...state,
  }));
}
