// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../api/group.js';
import type { Pod } from '../api/core-kinds.js';
import type { ResourceType } from '../api/kinds.js';
import type { KubeObject } from '../api/metadata.js';
import type { KubernetesConfig } from '../config-schema.js';

/** Where the claim is mounted in the pod; the agent of the node reaches it through the pod's mounts. */
export const CLAIM_MOUNT = '/claim';

/** Value of the helper label, the prototype's. */
const HELPER = 'grit-agent';

/** The object whose operation needs the claim. */
export interface ClaimOwner {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

/** Where its image comes from: `claimPod` of the configuration. */
type ClaimPodSettings = KubernetesConfig['claimPod'];

/** Name of the claim pod of an object: one an operation, so that a second try finds the first one's. */
export function claimPodNameOf(owner: KubeObject): string {
  return `grit-claim-${owner.metadata.uid ?? ''}`;
}

/**
 * A pod that does nothing but mount the claim on the node. It passes the restricted Pod Security Standard, tolerates every taint (the workload runs on
 * that node already), and goes with its owner.
 */
export function claimPodOf(
  owner: ClaimOwner,
  node: string,
  claimName: string,
  { image, pullPolicy, pullSecrets }: ClaimPodSettings,
): Pod {
  const { type, object } = owner;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: claimPodNameOf(object),
      namespace: object.metadata.namespace,
      labels: { [KEYS.helper]: HELPER },
      annotations: { 'grit.dev/for': `${type.kind}/${object.metadata.name}` },
      ownerReferences: [
        { apiVersion: type.apiVersion, kind: type.kind, name: object.metadata.name, uid: object.metadata.uid ?? '' },
      ],
    },
    spec: {
      nodeName: node,
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      tolerations: [{ operator: 'Exists' }],
      ...(pullSecrets.length === 0 ? {} : { imagePullSecrets: pullSecrets.map((name) => ({ name })) }),
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 65534,
        runAsGroup: 65534,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'claim',
          image,
          imagePullPolicy: pullPolicy,
          resources: { requests: { cpu: '1m', memory: '8Mi' }, limits: { cpu: '50m', memory: '32Mi' } },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [{ name: 'claim', mountPath: CLAIM_MOUNT }],
        },
      ],
      volumes: [{ name: 'claim', persistentVolumeClaim: { claimName } }],
    },
  };
}

/** Names of the claims that a pod mounts. */
export function claimsOf(pod: Pod): readonly string[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const source = volume['persistentVolumeClaim'] as { readonly claimName?: string } | undefined;
    return source?.claimName === undefined ? [] : [source.claimName];
  });
}
