// SPDX-License-Identifier: Apache-2.0
import {
  isClaimPod,
  isMirrorPod,
  isTerminal,
  isTerminating,
  KEYS,
  makesPodsAnew,
  ownerOf,
  whyNotRunning,
  type Pod,
} from '@grit/plugin-kubernetes';

/** Why a pod cannot be moved: one PascalCase word for programs, and a sentence. */
export interface Stay {
  readonly reason:
    | 'ClaimPod'
    | 'Finished'
    | 'Terminating'
    | 'MirrorPod'
    | 'DaemonSet'
    | 'SystemPod'
    | 'NotRunning'
    | 'HostPath'
    | 'NoStorage'
    | 'NoCompatibleNode';
  readonly message: string;
}

/** What the pod alone tells. Undefined: nothing stands against it. */
export function whyStays(pod: Pod, { moveHostPaths }: { readonly moveHostPaths: boolean }): Stay | undefined {
  if (isClaimPod(pod)) return { reason: 'ClaimPod', message: 'mounts a claim for GRIT and goes by itself' };
  if (isMirrorPod(pod))
    return { reason: 'MirrorPod', message: 'is a static pod, which only its kubelet makes and ends' };
  if (isTerminal(pod)) return { reason: 'Finished', message: `has completed (${pod.status?.phase ?? ''})` };
  if (isTerminating(pod)) return { reason: 'Terminating', message: 'is being deleted already' };
  const owner = ownerOf(pod);
  if (owner !== undefined && !makesPodsAnew(owner)) {
    return { reason: 'DaemonSet', message: `belongs to ${owner.kind} ${owner.name}: one on each node` };
  }
  if (isOfSystem(pod)) {
    return { reason: 'SystemPod', message: 'the cluster or GRIT needs it: it is made anew and never held up' };
  }
  const obstacle = whyNotRunning(pod);
  if (obstacle !== undefined) {
    const restore = pod.metadata.annotations?.[KEYS.restoreName];
    const message = restore === undefined ? `does not run: ${obstacle}` : `is being restored: restore/${restore}`;
    return { reason: 'NotRunning', message };
  }
  const paths = moveHostPaths ? [] : hostPathsOf(pod);
  if (paths.length > 0) {
    return { reason: 'HostPath', message: `has files of this node: hostPath ${paths.slice(0, 3).join(', ')}` };
  }
  return undefined;
}

/** Pods that the admission never holds up, since everything else depends on them. */
function isOfSystem({ metadata: { namespace, labels } }: Pod): boolean {
  return namespace === 'kube-system' || labels?.['app.kubernetes.io/part-of'] === 'grit';
}

/** Directories of the host that hold no data of one node's own. */
const EVERYWHERE = new Set(['/etc/localtime', '/usr/share/zoneinfo', '/dev/shm', '/etc/ssl/certs']);

function hostPathsOf({ spec }: Pod): readonly string[] {
  const paths = (spec.volumes ?? []).flatMap((volume) => {
    const { hostPath } = volume as { readonly hostPath?: { readonly path?: string } };
    return hostPath?.path === undefined ? [] : [hostPath.path];
  });
  return paths.filter((path) => !EVERYWHERE.has(path.replace(/\/+$/, '')));
}
