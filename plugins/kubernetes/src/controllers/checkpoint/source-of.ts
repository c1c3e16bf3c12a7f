// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { GritNode } from '../../api/grit-node.js';
import type { CheckpointSource } from '../../api/source.js';
import { defined } from '../../kit/defined.js';
import { gpuCount } from '../../pods/gpu-count.js';
import { identityOf } from '../../pods/identity-of.js';
import { ownerOf } from '../../pods/owner-of.js';

/** What has to be known of a pod and its node when both may be gone. */
export function sourceOf(pod: Pod, gritNode: GritNode | undefined): CheckpointSource {
  const gpus = gpuCount(pod);
  const images = (pod.status?.containerStatuses ?? []).flatMap(({ name, imageID = '' }) =>
    imageID === '' ? [] : [{ container: name, imageId: imageID }],
  );
  const { tolerations = [] } = pod.spec;
  return defined({
    facts: gritNode?.status?.facts,
    owner: ownerOf(pod),
    identity: identityOf(pod),
    images: images.length === 0 ? undefined : images,
    tolerations: tolerations.length === 0 ? undefined : tolerations.map((toleration) => ({ ...toleration })),
    gpuCount: gpus === 0 ? undefined : gpus,
  });
}
