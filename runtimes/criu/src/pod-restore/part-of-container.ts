// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { PodRecord } from '../pod/pod-image.js';

/**
 * What a container of the new pod that is not in the image has been: an init container that had `finished` its work, or one that was `left out` and
 * begins anew. Throws GRIT_RESTORE_INCOMPATIBLE for one that nobody knows.
 */
export function partOf(
  { finished, leftOut = [], othersLeftOut = false, containers }: PodRecord,
  name: string,
): 'finished' | 'left out' {
  // A record of before such things were noted.
  if (finished === undefined || finished.includes(name)) return 'finished';
  if (leftOut.includes(name) || othersLeftOut) return 'left out';
  const known = [...containers.map((container) => container.name), ...finished, ...leftOut].join(', ');
  const message = `container ${name} of the pod is not in the checkpoint, which has ${known}`;
  throw new GritError('GRIT_RESTORE_INCOMPATIBLE', message, {
    hint: 'Restore into a pod of the same containers.',
  });
}
