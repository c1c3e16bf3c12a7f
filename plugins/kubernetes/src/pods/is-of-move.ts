// SPDX-License-Identifier: Apache-2.0
import { API_VERSION, KEYS } from '../api/group.js';
import type { Restore } from '../api/restore.js';

/** Whether we made the Restore, for a pod that is stopped for the sake of its successor. */
export function isOfMove({ metadata }: Restore): boolean {
  return (
    metadata.annotations?.[KEYS.checkpointUid] !== undefined ||
    (metadata.ownerReferences ?? []).some(
      ({ apiVersion, kind }) => apiVersion === API_VERSION && (kind === 'Checkpoint' || kind === 'Migration'),
    )
  );
}
