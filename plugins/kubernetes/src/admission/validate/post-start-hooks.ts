// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { ChosenContainers } from '../../pods/image-containers.js';
import { whyHooksForbid } from '../../pods/post-start.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';

/** Throws an AdmissionRefusal when hooks of the pod keep it from being restored. `field` is what chose it. */
export function checkHooks(field: string, chosen: ChosenContainers, pod: Pod): void {
  const why = whyHooksForbid(pod, chosen);
  if (why !== undefined) throw new AdmissionRefusal(field, `pod ${pod.metadata.name}: ${why}`);
}
