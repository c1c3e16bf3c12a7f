// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint, Migration } from '@grit/plugin-kubernetes';
import type { Row } from '../watch/row.js';

/** The end of something that was deleted while it was followed. */
export function deletedRow({ metadata, spec }: Checkpoint | Migration, kind: 'checkpoint' | 'migration'): Row {
  return {
    namespace: metadata.namespace ?? '',
    pod: spec.podName ?? metadata.name,
    object: `${kind}/${metadata.name}`,
    phase: 'Deleted',
    from: '',
    to: '',
    note: 'it was deleted by somebody else',
    startedAt: undefined,
    finishedAt: undefined,
    outcome: 'deleted',
  };
}
