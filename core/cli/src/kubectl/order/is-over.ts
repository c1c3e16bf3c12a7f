// SPDX-License-Identifier: Apache-2.0
import { KEYS, type Checkpoint, type Migration, type Restore } from '@grit/plugin-kubernetes';

const LAST = ['Succeeded', 'ReturnedToSource', 'Partial', 'Failed'];

/** Whether a Migration has ended, and nobody has asked for another try since. */
export function isMigrationOver(migration: Migration): boolean {
  return LAST.includes(migration.status?.phase ?? '') && !isRetryAsked(migration);
}

/** The same of a Checkpoint. One that has failed for want of something counts: nobody waits for a hand that may never come. */
export function isCheckpointOver({ metadata, status = {} }: Checkpoint): boolean {
  const retry = metadata.annotations?.[KEYS.retry];
  const asked =
    retry !== undefined && status.phase === 'Failed' && status.operation !== `${metadata.uid ?? ''}/${retry}`;
  return !asked && (status.finishedAt !== undefined || status.phase === 'Failed');
}

/** The same of a Restore. */
export function isRestoreOver(restore: Restore): boolean {
  return ['Restored', 'ColdStarted', 'Failed'].includes(restore.status?.phase ?? '') && !isRetryAsked(restore);
}

/** A value of the retry annotation that was not acted on, of something that has not gone well. */
function isRetryAsked({ metadata, status }: Migration | Restore): boolean {
  const asked = metadata.annotations?.[KEYS.retry];
  const done = status?.conditions?.find(({ type }) => type === 'Retried')?.message;
  return asked !== undefined && asked !== done && status?.phase !== 'Succeeded' && status?.phase !== 'Restored';
}
