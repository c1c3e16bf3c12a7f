// SPDX-License-Identifier: Apache-2.0
import type { Container, Pod, PodSpec } from '../api/core-kinds.js';
import { defined } from '../kit/defined.js';
import { inheritSpecHash } from './pod-spec-hash.js';

/** The variable that kubectl writes; it repeats the whole object. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';

/** What caches keep of a pod: enough for every decision of ours, and its hash. A cluster has many pods. */
export function trimPod(pod: Pod): Pod {
  const { metadata, spec, status } = pod;
  const trimmed: PodSpec = defined({
    nodeName: spec.nodeName,
    runtimeClassName: spec.runtimeClassName,
    restartPolicy: spec.restartPolicy,
    serviceAccountName: spec.serviceAccountName,
    tolerations: spec.tolerations,
    nodeSelector: spec.nodeSelector,
    affinity: requiredAffinity(spec.affinity),
    volumes: spec.volumes?.filter((volume) => 'persistentVolumeClaim' in volume),
    containers: spec.containers.map(trimContainer),
    initContainers: spec.initContainers?.map(trimContainer),
    terminationGracePeriodSeconds: spec['terminationGracePeriodSeconds'],
  });
  inheritSpecHash(trimmed, pod);
  return defined({
    apiVersion: pod.apiVersion,
    kind: pod.kind,
    metadata: defined({
      name: metadata.name,
      namespace: metadata.namespace,
      generateName: metadata.generateName,
      uid: metadata.uid,
      resourceVersion: metadata.resourceVersion,
      generation: metadata.generation,
      creationTimestamp: metadata.creationTimestamp,
      deletionTimestamp: metadata.deletionTimestamp,
      labels: metadata.labels,
      annotations: annotationsOf(metadata.annotations),
      ownerReferences: metadata.ownerReferences,
      finalizers: metadata.finalizers,
    }),
    spec: trimmed,
    status: status && {
      ...defined({
        phase: status.phase,
        reason: status.reason,
        message: status.message,
        conditions: status.conditions,
        containerStatuses: status.containerStatuses,
        initContainerStatuses: status.initContainerStatuses,
      }),
    },
  });
}

/** Only what keeps a pod from nodes. */
function requiredAffinity(affinity: PodSpec['affinity']): PodSpec['affinity'] {
  const { [REQUIRED]: required } = (affinity?.['nodeAffinity'] ?? {}) as Readonly<Record<string, unknown>>;
  return required === undefined ? undefined : { nodeAffinity: { [REQUIRED]: required } };
}

function trimContainer(container: Container): Container {
  const { name, image, restartPolicy, resources, lifecycle } = container;
  const { postStart } = lifecycle ?? {};
  return defined({ name, image, restartPolicy, resources, lifecycle: postStart && { postStart } });
}

function annotationsOf(annotations: Readonly<Record<string, string>> | undefined): Record<string, string> | undefined {
  if (annotations === undefined) return undefined;
  return Object.fromEntries(Object.entries(annotations).filter(([key]) => key !== LAST_APPLIED));
}
