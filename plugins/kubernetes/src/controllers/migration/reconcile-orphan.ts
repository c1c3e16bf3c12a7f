// SPDX-License-Identifier: Apache-2.0
import { REVISIONS } from '../../api/core-kinds.js';
import type { Checkpoint } from '../../api/checkpoint.js';
import { KEYS } from '../../api/group.js';
import { MIGRATIONS, RESTORES } from '../../api/kinds.js';
import type { Migration } from '../../api/migration.js';
import type { ObjectRef } from '../../kit/kube-client.js';
import type { ControlContext } from '../context.js';
import { decideOrphan } from './decide-orphan.js';
import { deleteCheckpoint, makeReplacement } from './migration-moves.js';
import { revisionNameOf } from './pod-manifest.js';

const LOOK_AGAIN_MS = 2_000;

/**
 * Looks after a Checkpoint whose Migration was deleted, or replaced by another of the same name. Returns undefined when there is none such.
 */
export async function reconcileOrphan(
  context: ControlContext,
  ref: ObjectRef,
  migration: Migration | undefined,
  signal: AbortSignal,
): Promise<{ requeueAfterMs?: number } | undefined> {
  const { client, informers } = context;
  const checkpoint = informers.checkpoints.get(ref);
  const maker = checkpoint?.metadata.annotations?.[KEYS.migrationUid];
  if (checkpoint === undefined || maker === undefined || migration?.metadata.uid === maker) return undefined;
  // The cache of Migrations may be behind that of Checkpoints.
  const living = await client.find(MIGRATIONS, ref, signal);
  if (living?.metadata.uid === maker) return { requeueAfterMs: LOOK_AGAIN_MS };
  await look(context, checkpoint, maker, signal);
  return migration === undefined && checkpoint.status?.phase !== 'Submitted' ? {} : { requeueAfterMs: LOOK_AGAIN_MS };
}

async function look(
  context: ControlContext,
  checkpoint: Checkpoint,
  maker: string,
  signal: AbortSignal,
): Promise<void> {
  const { client, informers } = context;
  const { namespace = '', name } = checkpoint.metadata;
  const restoreName = checkpoint.status?.restoreName;
  const restoreRef = { namespace, name: restoreName ?? '' };
  const restore =
    restoreName === undefined
      ? undefined
      : (informers.restores.get(restoreRef) ?? (await client.find(RESTORES, restoreRef, signal)));
  const revisionRef = { namespace, name: revisionNameOf(maker) };
  const bare = checkpoint.status?.source !== undefined && checkpoint.status.source.owner === undefined;
  const saved = bare && (await client.find(REVISIONS, revisionRef, signal)) !== undefined;
  switch (decideOrphan(checkpoint, restore, saved)) {
    case 'delete':
      await deleteCheckpoint(context, { namespace, name }, signal);
      if (saved) await client.delete(REVISIONS, revisionRef, {}, signal);
      return;
    case 'make-replacement': {
      const problem = await makeReplacement(context, checkpoint, restoreName ?? '', signal);
      if (problem !== undefined) context.events.event(checkpoint, 'Warning', 'ReplacementFailed', problem);
      return;
    }
    case 'keep':
      return;
  }
}
