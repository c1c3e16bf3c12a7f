// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import { KEYS } from '../../api/group.js';

/** Id of the operation: another one for each value of the retry annotation. */
export function operationOf({ metadata }: Pick<Checkpoint, 'metadata'>): string {
  const retry = metadata.annotations?.[KEYS.retry];
  const uid = metadata.uid ?? '';
  return retry === undefined ? uid : `${uid}/${retry}`;
}

/** Whether it has failed for good and was told since then to begin anew. */
export function wantsAnotherTry({ metadata, status }: Checkpoint): boolean {
  return (
    status?.phase === 'Failed' &&
    status.finishedAt !== undefined &&
    metadata.deletionTimestamp === undefined &&
    metadata.annotations?.[KEYS.retry] !== undefined &&
    status.operation !== operationOf({ metadata })
  );
}
