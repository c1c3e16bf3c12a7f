// SPDX-License-Identifier: Apache-2.0
import type { Container, Pod } from '../api/core-kinds.js';
import { KEYS } from '../api/group.js';
import { imageContainers, type ChosenContainers } from './image-containers.js';

/** Value of the annotation by which an author says that the hooks may run once more. */
const AGAIN = 'again';
/** `sleep` is the kubelet's own: it waits, and nothing is done. */
const KINDS = ['exec', 'httpGet', 'tcpSocket'];

/**
 * Why the `postStart` hooks of a pod keep it from going on elsewhere; undefined where they do not. A kubelet runs them after the start of a container,
 * also of one that goes on: what they do would be done twice. And it makes the next container only afterwards, while no container of a restored pod
 * goes on before all of them are there: a hook of any but the last would wait for ever.
 */
export function whyHooksForbid(pod: Pod, chosen: ChosenContainers): string | undefined {
  const containers = imageContainers(pod.spec, chosen);
  const at = containers.findIndex((container) => hookOf(container) !== undefined);
  const container = containers[at];
  if (container === undefined) return undefined;
  const what = `container ${container.name} has a postStart hook (${hookOf(container) ?? ''})`;
  const instead = `remove it, or leave the container out (spec.containers.exclude)`;
  if (at < containers.length - 1) {
    return `${what}: on another node it would wait for the container to go on, which goes on only with the others, which the kubelet makes after the hook; ${instead}`;
  }
  if (pod.metadata.annotations?.[KEYS.postStart] === AGAIN) return undefined;
  return `${what}, which the kubelet would run once more after the restore; ${instead}, or say that it may with the annotation ${KEYS.postStart}=${AGAIN} on the pod`;
}

function hookOf({ lifecycle }: Container): string | undefined {
  const hook = lifecycle?.postStart ?? {};
  return KINDS.find((kind) => hook[kind] !== undefined);
}
