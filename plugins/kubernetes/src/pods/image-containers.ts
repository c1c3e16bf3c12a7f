// SPDX-License-Identifier: Apache-2.0
import type { CheckpointSpec } from '../api/checkpoint.js';
import type { Container, Pod, PodSpec } from '../api/core-kinds.js';

/** What `spec.containers` of a Checkpoint or Migration says. */
export type ChosenContainers = CheckpointSpec['containers'];

/** The containers that are in the image of a pod, in the order in which a kubelet makes them. Init containers that end are in none. */
export function imageContainers(
  { containers, initContainers = [] }: Pick<PodSpec, 'containers' | 'initContainers'>,
  chosen: ChosenContainers,
): readonly Container[] {
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const { include, exclude = [], restart = [] } = chosen ?? {};
  return [...sidecars, ...containers].filter(
    ({ name }) => include?.includes(name) !== false && !exclude.includes(name) && !restart.includes(name),
  );
}

/** A sentence on a container of the image that does not run in a pod that does; undefined when all do. */
export function whyContainersWait({ spec, status = {} }: Pod, chosen: ChosenContainers): string | undefined {
  const names = imageContainers(spec, chosen).map(({ name }) => name);
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const one = all.find(({ name, state }) => names.includes(name) && state?.['waiting'] !== undefined);
  return one && `container ${one.name} waits (${one.state?.['waiting']?.reason ?? 'no reason given'})`;
}
