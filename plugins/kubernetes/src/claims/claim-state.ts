// SPDX-License-Identifier: Apache-2.0
import type { Claim, Pod } from '../api/core-kinds.js';
import { isClaimPod, isTerminal } from '../pods/pod-state.js';

/** Access to a claim: there, on its way, or not to be had until somebody does what the message says. */
export type ClaimAccess = { readonly ready: string } | { readonly waiting: string } | { readonly failed: string };

/**
 * Why a claim cannot be written to on a node; undefined when it can.
 *
 * @param users pods that mount the claim, whatever they are.
 */
export function whyClaimUnusable(
  claimName: string,
  claim: Claim | undefined,
  node: string,
  users: readonly Pod[],
  own: string,
): Exclude<ClaimAccess, { ready: string }> | undefined {
  if (claim === undefined) {
    return {
      failed: `PersistentVolumeClaim ${claimName} does not exist in this namespace. Create it, or correct spec.volumeClaim.claimName.`,
    };
  }
  if (claim.metadata.deletionTimestamp !== undefined) {
    return {
      failed: `PersistentVolumeClaim ${claimName} is being deleted. Name another one in spec.volumeClaim.claimName.`,
    };
  }
  const phase = claim.status?.phase ?? 'Pending';
  if (phase === 'Lost') {
    return {
      failed: `PersistentVolumeClaim ${claimName} has lost its volume ${claim.spec?.volumeName ?? ''}. Restore the volume, or name another claim.`,
    };
  }
  if (phase !== 'Bound') {
    return {
      waiting:
        `PersistentVolumeClaim ${claimName} is not bound yet. \`kubectl describe pvc ${claimName}\` says why. ` +
        'A claim whose StorageClass binds with WaitForFirstConsumer is bound only once a pod that the scheduler places mounts it: ' +
        'start one such pod, or use a StorageClass with volumeBindingMode Immediate.',
    };
  }
  return whyModeForbids(claimName, claim.spec?.accessModes ?? [], node, users, own);
}

function whyModeForbids(
  claimName: string,
  modes: readonly string[],
  node: string,
  users: readonly Pod[],
  own: string,
): Exclude<ClaimAccess, { ready: string }> | undefined {
  if (modes.includes('ReadWriteMany')) return undefined;
  const others = users.filter((pod) => pod.metadata.name !== own && !isTerminal(pod));
  if (modes.includes('ReadWriteOnce')) {
    const other = others.find((pod) => pod.spec.nodeName !== undefined && pod.spec.nodeName !== node);
    return (
      other &&
      inUse(
        claimName,
        other,
        `access mode ReadWriteOnce allows one node, and that pod is on ${other.spec.nodeName ?? ''}, not on ${node}`,
      )
    );
  }
  if (modes.includes('ReadWriteOncePod')) {
    const [other] = others;
    return other && inUse(claimName, other, 'access mode ReadWriteOncePod allows one pod');
  }
  return {
    failed: `PersistentVolumeClaim ${claimName} cannot be written to: its access modes are ${modes.join(', ')}. Use a claim with ReadWriteMany.`,
  };
}

function inUse(claimName: string, other: Pod, why: string): Exclude<ClaimAccess, { ready: string }> {
  const message = `PersistentVolumeClaim ${claimName} is in use by pod ${other.metadata.name}: ${why}.`;
  // A claim pod of ours goes by itself.
  return isClaimPod(other)
    ? { waiting: `${message} It is released when that operation ends.` }
    : { failed: `${message} Use a claim with ReadWriteMany, or stop that pod.` };
}

/** Reasons of a container that waits which no waiting cures. */
const STUCK = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'CrashLoopBackOff',
]);

/** What a claim pod says about the access. `events` are messages of warnings about the pod, the newest last. */
export function accessOf(pod: Pod, claimName: string, events: readonly string[]): ClaimAccess {
  const { name, uid = '' } = pod.metadata;
  const status = pod.status?.containerStatuses?.find((container) => container.name === 'claim');
  if (pod.status?.phase === 'Running' && status?.ready === true) return { ready: uid };
  const waiting = status?.state?.['waiting'];
  if (waiting?.reason !== undefined && STUCK.has(waiting.reason)) {
    const image = waiting.reason.includes('Image');
    return {
      failed:
        `claim pod ${name} does not start: ${waiting.reason}${waiting.message === undefined ? '' : `: ${waiting.message}`}. ` +
        (image
          ? "Make the image reachable for the node, or set another one as claimPod.image in the plugin's configuration."
          : `\`kubectl describe pod ${name}\` says more.`),
    };
  }
  const warning = events.at(-1);
  if (warning === undefined) return { waiting: `claim pod ${name} is being started` };
  return /multi-attach/i.test(warning)
    ? {
        failed:
          `the volume of PersistentVolumeClaim ${claimName} is attached to another node: ${warning}. ` +
          'Use a claim with ReadWriteMany, or wait until the other node has let the volume go.',
      }
    : { waiting: `claim pod ${name} does not start yet: ${warning}` };
}
