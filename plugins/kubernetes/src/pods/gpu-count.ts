// SPDX-License-Identifier: Apache-2.0
import type { Container, Pod } from '../api/core-kinds.js';

const GPU = 'nvidia.com/gpu';

/** GPUs that a pod asks for, as the extended resource of the device plugin. */
export function gpuCount({ spec }: Pick<Pod, 'spec'>): number {
  const starting = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy !== 'Always');
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const running = [...spec.containers, ...sidecars].reduce((sum, container) => sum + gpusOf(container), 0);
  // Init containers that end give theirs back before the others begin.
  return Math.max(running, ...starting.map(gpusOf));
}

/** GPUs that a container asks for. */
export function gpusOf({ resources }: Pick<Container, 'resources'>): number {
  const count = Number(resources?.limits?.[GPU] ?? resources?.requests?.[GPU] ?? 0);
  return Number.isSafeInteger(count) && count > 0 ? count : 0;
}
