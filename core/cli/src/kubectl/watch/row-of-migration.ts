// SPDX-License-Identifier: Apache-2.0
import { KEYS, type Checkpoint, type Migration, type Restore, type StepProgress } from '@grit/plugin-kubernetes';
import { isMigrationOver } from '../order/is-over.js';
import type { Outcome, Row } from './row.js';
import { findNamed, type Scene } from './scene.js';

/** A Migration of one pod, with what its Checkpoint and its Restore know better. */
export function rowOfMigration(migration: Migration, scene: Scene): Row {
  const { metadata, spec, status = {} } = migration;
  const { namespace = '' } = metadata;
  const checkpoint = findNamed(scene.checkpoints, namespace, status.checkpointName ?? metadata.name);
  const own = checkpoint?.metadata.annotations?.[KEYS.migrationUid] === metadata.uid ? checkpoint : undefined;
  const restore = findNamed(scene.restores, namespace, status.restoreName ?? own?.status?.restoreName);
  const outcome = outcomeOf(migration);
  const said = status.conditions?.find(({ type }) => type === (outcome === undefined ? 'Progressing' : 'Succeeded'));
  return {
    namespace,
    pod: status.podName ?? spec.podName ?? '',
    object: `migration/${metadata.name}`,
    phase: outcome === 'cold-started' ? 'ColdStarted' : (status.phase ?? 'Ordered'),
    from: status.sourceNode ?? '',
    to: status.targetNode ?? restore?.status?.nodeName ?? spec.nodeName ?? '',
    progress: outcome === undefined ? progressOf(migration, own, restore) : undefined,
    note: outcome === 'moved' || isPlain(said?.reason) ? '' : brief(said?.message ?? ''),
    error: outcome === undefined ? undefined : status.error,
    startedAt: momentOf(status.startedAt ?? metadata.creationTimestamp),
    finishedAt: outcome === undefined ? undefined : momentOf(status.finishedAt),
    outcome,
  };
}

/** Of the step that runs now: between two steps that of the last one still stands there. */
function progressOf(
  { status = {} }: Migration,
  checkpoint: Checkpoint | undefined,
  restore: Restore | undefined,
): StepProgress | undefined {
  if (status.phase === 'Checkpointing') return checkpoint?.status?.progress ?? status.progress;
  return status.phase === 'Restoring' ? restore?.status?.progress : undefined;
}

/** How a Migration has ended; undefined while it goes on. */
export function outcomeOf(migration: Migration): Outcome | undefined {
  if (!isMigrationOver(migration)) return undefined;
  const { phase, conditions = [] } = migration.status ?? {};
  if (phase === 'Succeeded') return 'moved';
  if (conditions.some(({ type, reason }) => type === 'Succeeded' && reason === 'ColdStarted')) return 'cold-started';
  return phase === 'ReturnedToSource' || phase === 'Partial' ? 'returned' : 'failed';
}

/** Milliseconds since 1970. */
export function momentOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

/** A wait for a pod, without what tells it from others: that stands in the Restore. */
export function brief(message: string): string {
  return message.replace(/ whose spec has the hash [^;]+/, '').replace(/; it is let in and gets the Restore .*$/, '');
}

/** Reasons that say no more than the phase does. */
function isPlain(reason: string | undefined): boolean {
  return ['Started', 'Preparing', 'Ordered', 'Checkpointing', 'Checkpointed', 'Stopping', 'Restoring'].includes(
    reason ?? '',
  );
}
