// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import { KEYS } from '../../api/group.js';
import type { Restore } from '../../api/restore.js';
import { checkpointRefOf } from '../../pods/checkpoint-ref.js';

/** The Checkpoint of a Restore: to be used, or why not. `reason` is one PascalCase word. */
export type CheckpointFact =
  | { readonly is: 'usable'; readonly checkpoint: Checkpoint }
  | { readonly is: 'unfinished' | 'unusable'; readonly reason: string; readonly message: string };

/** Phases in which the image is there and verified. */
export const USABLE: readonly (string | undefined)[] = ['Checkpointed', 'Submitting', 'Submitted'];

/** Whether a pod can go on from the Checkpoint that the Restore names; undefined when there is none. */
export function checkpointFactOf(restore: Restore, checkpoint: Checkpoint | undefined): CheckpointFact {
  const own = restore.metadata.namespace ?? '';
  const { namespace, name } = checkpointRefOf(restore);
  if (namespace !== own && (checkpoint === undefined || !allows(checkpoint, own))) {
    const message = `spec.checkpointNamespace: namespace ${namespace} has no Checkpoint ${name} that allows namespace ${own}; its owner can annotate it with ${KEYS.allowNamespaces}=${own}`;
    return { is: 'unusable', reason: 'NamespaceNotAllowed', message };
  }
  if (checkpoint === undefined) {
    const message = `spec.checkpointName: there is no Checkpoint ${name} in namespace ${namespace}; \`kubectl get ckpt -n ${namespace}\` lists those that there are`;
    return { is: 'unusable', reason: 'CheckpointNotFound', message };
  }
  const { phase = 'Created', error } = checkpoint.status ?? {};
  if (USABLE.includes(phase)) return { is: 'usable', checkpoint };
  if (phase === 'Failed') {
    const message = `Checkpoint ${name} has failed and has no image: ${error?.message ?? 'it gives no reason'}`;
    return { is: 'unusable', reason: 'CheckpointFailed', message };
  }
  return {
    is: 'unfinished',
    reason: 'CheckpointNotReady',
    message: `Checkpoint ${name} is ${phase}, not Checkpointed yet`,
  };
}

function allows({ metadata }: Checkpoint, namespace: string): boolean {
  const allowed = (metadata.annotations?.[KEYS.allowNamespaces] ?? '').split(',').map((name) => name.trim());
  return allowed.includes(namespace) || allowed.includes('*');
}
