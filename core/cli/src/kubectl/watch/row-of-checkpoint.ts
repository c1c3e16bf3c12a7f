// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '@grit/plugin-kubernetes';
import { isCheckpointOver, isRestoreOver } from '../order/is-over.js';
import { momentOf } from './row-of-migration.js';
import type { Outcome, Row } from './row.js';
import { findNamed, type Scene } from './scene.js';

/** A Checkpoint that no Migration has made; with autoMigration it moves its pod, and the Restore has the rest. */
export function rowOfCheckpoint(checkpoint: Checkpoint, scene: Scene): Row {
  const { metadata, spec, status = {} } = checkpoint;
  const { namespace = '' } = metadata;
  const restore = findNamed(scene.restores, namespace, status.restoreName);
  const outcome = outcomeOf(checkpoint, restore?.status?.phase, restore !== undefined && isRestoreOver(restore));
  const restores = status.phase === 'Submitted' && restore !== undefined;
  const dumping = status.phase === 'Checkpointing' ? status.progress : undefined;
  const waiting = status.conditions?.find(({ type, status: is }) => is === 'True' && WAITS.has(type));
  return {
    namespace,
    pod: status.podName ?? spec.podName ?? '',
    object: `checkpoint/${metadata.name}`,
    phase: restores ? (restore.status?.phase ?? 'Created') : (status.phase ?? 'Ordered'),
    from: status.nodeName ?? '',
    to: restore?.status?.nodeName ?? '',
    progress: outcome !== undefined ? undefined : restores ? restore.status?.progress : dumping,
    note: outcome === undefined ? (waiting?.message ?? '') : (status.error?.message ?? ''),
    error: outcome === undefined ? undefined : (status.error ?? restore?.status?.error),
    startedAt: momentOf(metadata.creationTimestamp),
    finishedAt: outcome === undefined ? undefined : momentOf(status.finishedAt),
    outcome,
  };
}

const WAITS = new Set(['Waiting', 'Retrying', 'Aborting']);

function outcomeOf(checkpoint: Checkpoint, restored: string | undefined, over: boolean): Outcome | undefined {
  if (!isCheckpointOver(checkpoint)) return undefined;
  const { phase } = checkpoint.status ?? {};
  if (phase === 'Failed') return 'failed';
  if (phase !== 'Submitted') return 'stored';
  if (!over) return undefined;
  return restored === 'Restored' ? 'moved' : restored === 'ColdStarted' ? 'cold-started' : 'failed';
}
