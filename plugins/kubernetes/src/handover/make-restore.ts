// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../api/checkpoint.js';
import { API_VERSION, KEYS } from '../api/group.js';
import { RESTORES } from '../api/kinds.js';
import type { Restore } from '../api/restore.js';
import type { ControlContext } from '../controllers/context.js';
import { KubeError } from '../kit/kube-error.js';

/**
 * The Restore of a Checkpoint with autoMigration, by the Checkpoint's name: the next pod of its owner takes it. Only once it has ended does the Checkpoint own it:
 * while it waits, nothing that is deleted takes it along, or the pod would start fresh.
 */
function restoreFor(checkpoint: Checkpoint): Restore {
  const { metadata, spec, status } = checkpoint;
  const { owner } = status?.source ?? {};
  const label = metadata.labels?.[KEYS.migration];
  return {
    apiVersion: API_VERSION,
    kind: 'Restore',
    metadata: {
      name: metadata.name,
      namespace: metadata.namespace,
      labels: label === undefined ? undefined : { [KEYS.migration]: label },
      annotations: {
        ...(status?.podSpecHash === undefined ? {} : { [KEYS.podSpecHash]: status.podSpecHash }),
        [KEYS.checkpointUid]: metadata.uid ?? '',
      },
    },
    spec: {
      checkpointName: metadata.name,
      ...(owner === undefined ? { podName: status?.podName ?? '' } : { ownerRef: owner }),
      ...spec.restore,
    },
  };
}

/** Makes it, once: another Restore of that name is in the way. */
export async function makeRestore(
  { client, informers }: Pick<ControlContext, 'client' | 'informers'>,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<{ readonly name: string } | { readonly taken: string }> {
  const wanted = restoreFor(checkpoint);
  const { name, namespace } = wanted.metadata;
  const present = informers.restores.get({ name, namespace });
  if (present !== undefined && isRestoreOf(present, checkpoint)) return usable(present);
  try {
    informers.restores.stored(await client.create(RESTORES, wanted, {}, signal));
    return { name };
  } catch (error) {
    if (!(error instanceof KubeError && error.isAlreadyExists)) throw error;
  }
  const there = await client.find(RESTORES, { name, namespace }, signal);
  if (there !== undefined && isRestoreOf(there, checkpoint)) return usable(there);
  return {
    taken: `Restore ${name} is there already and belongs to something else. Delete it, and the pod is stopped and goes on.`,
  };
}

/** One that is on its way out catches no pod. */
function usable({
  metadata: { name, deletionTimestamp },
}: Restore): { readonly name: string } | { readonly taken: string } {
  if (deletionTimestamp === undefined) return { name };
  return { taken: `Restore ${name} of an earlier try is being deleted; once it is gone a new one is made.` };
}

/** Somebody may have made it by hand, for this very Checkpoint. */
export function isRestoreOf(restore: Restore, { metadata }: Pick<Checkpoint, 'metadata'>): boolean {
  const uid = restore.metadata.annotations?.[KEYS.checkpointUid];
  return uid === undefined ? restore.spec.checkpointName === metadata.name : uid === (metadata.uid ?? '');
}
