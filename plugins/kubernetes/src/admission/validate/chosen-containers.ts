// SPDX-License-Identifier: Apache-2.0
import type { CheckpointSpec } from '../../api/checkpoint.js';
import type { Pod } from '../../api/core-kinds.js';
import { imageContainers } from '../../pods/image-containers.js';
import { AdmissionRefusal } from '../server/admission-refusal.js';

/** Throws an AdmissionRefusal when a container is named that the pod does not have, or none is left. */
export function checkContainers(chosen: CheckpointSpec['containers'], { spec }: Pod): void {
  if (chosen === undefined) return;
  const present = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name);
  for (const list of ['include', 'exclude', 'restart'] as const) {
    for (const [at, name] of (chosen[list] ?? []).entries()) {
      if (present.includes(name)) continue;
      throw new AdmissionRefusal(
        `spec.containers.${list}[${at}]`,
        `the pod has no container ${name}; it has ${present.join(', ')}`,
      );
    }
  }
  const dumped = imageContainers({ containers: spec.containers }, chosen);
  if (dumped.length === 0) {
    throw new AdmissionRefusal(
      'spec.containers',
      'leaves no container to be checkpointed; name fewer in exclude and restart, or more in include',
    );
  }
}
