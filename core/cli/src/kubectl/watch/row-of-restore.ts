// SPDX-License-Identifier: Apache-2.0
import { waitOf, type Restore } from '@grit/plugin-kubernetes';
import { isRestoreOver } from '../order/is-over.js';
import { brief, momentOf } from './row-of-migration.js';
import type { Outcome, Row } from './row.js';

const OUTCOMES: Readonly<Record<string, Outcome>> = {
  Restored: 'restored',
  ColdStarted: 'cold-started',
  Failed: 'failed',
};
/** A Restore that somebody has made by hand. */
export function rowOfRestore(restore: Restore): Row {
  const { metadata, spec, status = {} } = restore;
  const outcome = isRestoreOver(restore) ? OUTCOMES[status.phase ?? ''] : undefined;
  return {
    namespace: metadata.namespace ?? '',
    pod: status.targetPod ?? spec.podName ?? '-',
    object: `restore/${metadata.name}`,
    phase: status.phase ?? 'Ordered',
    from: '',
    to: status.nodeName ?? spec.nodeName ?? '',
    progress: outcome === undefined ? status.progress : undefined,
    note: outcome === undefined ? brief(waitOf(restore)?.message ?? '') : (status.error?.message ?? ''),
    error: outcome === undefined ? undefined : status.error,
    startedAt: momentOf(metadata.creationTimestamp),
    finishedAt: outcome === undefined ? undefined : momentOf(status.finishedAt),
    outcome,
  };
}
