// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../api/checkpoint.js';

/** Looking into more of them costs more than it saves. */
const MOST = 3;

/**
 * Ids of images in the same store that are likely to have chunks of a new one, the likeliest first: those of the same pod, then those of
 * its owner's other pods, each newest first.
 *
 * @param others - Checkpoints of the namespace
 */
export function knownImages(checkpoint: Checkpoint, others: readonly Checkpoint[]): readonly string[] {
  const { podUID, storage, source } = checkpoint.status ?? {};
  const rank = ({ status }: Checkpoint): number => {
    if (podUID !== undefined && status?.podUID === podUID) return 0;
    return source?.owner !== undefined && status?.source?.owner?.uid === source.owner.uid ? 1 : 2;
  };
  return others
    .filter(({ metadata, status }) => {
      // One that is being deleted may be gone before its parts are held.
      return (
        metadata.uid !== checkpoint.metadata.uid &&
        metadata.deletionTimestamp === undefined &&
        status?.storage === storage
      );
    })
    .flatMap((other) => {
      const { image, finishedAt = '' } = other.status ?? {};
      return image === undefined || rank(other) === 2 ? [] : [{ id: image.id, rank: rank(other), finishedAt }];
    })
    .sort((a, b) => a.rank - b.rank || b.finishedAt.localeCompare(a.finishedAt))
    .slice(0, MOST)
    .map(({ id }) => id);
}
