// SPDX-License-Identifier: Apache-2.0
import { FINALIZER } from '../../api/group.js';
import { isTerminating } from '../../pods/pod-state.js';
import { undo, undoing } from './decide-undo.js';
import type { Decision, Draft } from './draft.js';
import { podEnd } from './pod-end.js';
import { statusError } from './status-error.js';

/** The object is being deleted: the pod goes on, half an image is thrown away, then the finalizer goes. */
export function decideDeletion(draft: Draft): Decision {
  const { checkpoint, pod, restoreDropped } = draft.facts;
  if (!(checkpoint.metadata.finalizers ?? []).includes(FINALIZER)) return draft.rest();
  const { step, finishedAt } = draft.status;
  if (step === undefined || finishedAt !== undefined) return letGo(draft);
  if (step.name !== 'checkpoint') {
    const state = undoing(draft);
    return state === 'over' ? draft.then({ do: 'let-go' }) : state;
  }
  const stopping = draft.has('Submitting');
  const end = podEnd(draft.facts);
  if (end === 'unsure') return draft.then({ do: 'confirm-gone' });
  // Once the pod is on its way out there is nothing to resume; the image stays, for the Restore.
  if (stopping && (end !== undefined || (pod.is === 'found' && isTerminating(pod.pod)))) return letGo(draft);
  if (restoreDropped === false) return letGo(draft);
  if (checkpoint.spec.autoMigration === true && restoreDropped !== true) return draft.then({ do: 'drop-restore' });
  return undo(draft, statusError('GRIT_OPERATION_CANCELLED', 'the Checkpoint is being deleted.', false));
}

/** Not before the pod goes on: its work is nowhere but in this image. */
function letGo(draft: Draft): Decision {
  const { claimPod, checkpoint, restoring } = draft.facts;
  if (!restoring) return draft.then({ do: 'let-go' });
  if (claimPod) return draft.then({ do: 'let-go', keep: true });
  const { name, namespace = '' } = checkpoint.metadata;
  const message =
    `a Restore is to go on from Checkpoint ${name}, which stays until that has ended. ` +
    `\`kubectl get rt -n ${namespace}\` shows it; delete that Restore, too, to give up what the image holds.`;
  draft.mark('Waiting', 'True', 'RestoreNeedsIt', message);
  return draft.rest();
}
