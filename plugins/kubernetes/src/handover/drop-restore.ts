// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../api/checkpoint.js';
import { PODS, type Pod } from '../api/core-kinds.js';
import { KEYS } from '../api/group.js';
import { RESTORES } from '../api/kinds.js';
import type { KubeClient } from '../kit/kube-client.js';
import { isGone, isTerminating } from '../pods/pod-state.js';
import { isRestoreOf } from './make-restore.js';

/** Whether there is none of ours any more; else what has the name of the pod that needs it. */
export type DroppedRestore = { readonly dropped: true } | { readonly kept: Pod | undefined };

/**
 * Takes back the Restore of a pod that goes on where it is. Asks the API server itself: once the pod is gone or on its way out, the Restore is all that keeps its
 * successor from starting fresh, and it stays.
 */
export async function dropRestore(
  { client }: { readonly client: Pick<KubeClient, 'find' | 'delete'> },
  { metadata, status }: Checkpoint,
  signal: AbortSignal,
): Promise<DroppedRestore> {
  const { name, namespace = '', uid = '' } = metadata;
  const restore = await client.find(RESTORES, { name, namespace }, signal);
  if (restore === undefined || restore.metadata.deletionTimestamp !== undefined) return { dropped: true };
  if (!isRestoreOf(restore, { metadata })) return { dropped: true };
  // Last of all: nothing comes between this answer and the deletion.
  const pod = await client.find(PODS, { name: status?.podName ?? '', namespace }, signal);
  if (pod === undefined || isGone(pod, status?.podUID ?? '') || isTerminating(pod)) return { kept: pod };
  // One that somebody made by hand is theirs.
  if (restore.metadata.annotations?.[KEYS.checkpointUid] !== uid) return { dropped: true };
  await client.delete(RESTORES, { name, namespace }, { uid: restore.metadata.uid }, signal);
  return { dropped: true };
}
