// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import { isMirrorPod } from '../../pods/pod-state.js';
import { makesPodsAnew, ownerOf } from '../../pods/owner-of.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';

/** Throws an AdmissionRefusal when a pod cannot leave its node: nobody would make it anew elsewhere. `field` is what chose it. */
export function checkMovable(field: string, pod: Pod): void {
  const { name } = pod.metadata;
  const owner = ownerOf(pod);
  if (isMirrorPod(pod)) {
    throw new AdmissionRefusal(
      field,
      `pod ${name} is a static pod of its node's kubelet and cannot be stopped through the API; remove its manifest from the node instead`,
    );
  }
  if (owner !== undefined && !makesPodsAnew(owner)) {
    throw new AdmissionRefusal(
      field,
      `pod ${name} belongs to ${owner.kind} ${owner.name}, which makes pods for one node only; it cannot go on elsewhere`,
    );
  }
}

/** As `checkMovable`, and refuses a bare pod, which nobody makes anew. */
export function checkReplaced(field: string, pod: Pod): void {
  checkMovable(field, pod);
  if (ownerOf(pod) === undefined) {
    throw new AdmissionRefusal(
      field,
      `pod ${pod.metadata.name} has no controller (Job, ReplicaSet, StatefulSet) that would make it anew after it is evicted; use a Migration, which does that for bare pods, or set autoMigration to false`,
    );
  }
}
