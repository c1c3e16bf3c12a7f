// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { GritNode } from '../../api/grit-node.js';
import type { CheckpointSource } from '../../api/source.js';
import { gpuCount } from '../../pods/gpu-count.js';
import { identityOf } from '../../pods/identity-of.js';
import { ownerOf } from '../../pods/owner-of.js';

/** What has to be known of a pod and its node when both may be gone. */
export function sourceOf(pod: Pod, gritNode: GritNode | undefined): CheckpointSource {
  const owner = ownerOf(pod);
  const identity = identityOf(pod);
  const gpus = gpuCount(pod);
  const { facts } = gritNode?.status ?? {};
  const images = (pod.status?.containerStatuses ?? []).flatMap(({ name, imageID = '' }) =>
    imageID === '' ? [] : [{ container: name, imageId: imageID }],
  );
  const { tolerations = [] } = pod.spec;
  return {
    ...(facts === undefined ? {} : { facts }),
    ...(owner === undefined ? {} : { owner }),
    ...(identity === undefined ? {} : { identity }),
    ...(images.length === 0 ? {} : { images }),
    ...(tolerations.length === 0 ? {} : { tolerations: tolerations.map((toleration) => ({ ...toleration })) }),
    ...(gpus === 0 ? {} : { gpuCount: gpus }),
  };
}
