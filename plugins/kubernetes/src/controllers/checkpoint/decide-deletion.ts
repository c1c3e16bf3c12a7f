// SPDX-License-Identifier: Apache-2.0
import { FINALIZER } from '../../api/group.js';
import { isTerminating } from '../../pods/pod-state.js';
import { discard } from './decide-discard.js';
import { undo, undoing } from './decide-undo.js';
import type { Decision, Draft } from './draft.js';
import { podEnd } from './pod-end.js';
import { statusError } from './status-error.js';

/** The object is being deleted: the pod goes on, half an image is thrown away and a whole one with it, then the finalizer goes. */
export function decideDeletion(draft: Draft): Decision {
  const { checkpoint, pod, restoreDropped } = draft.facts;
  if (!(checkpoint.metadata.finalizers ?? []).includes(FINALIZER)) return draft.rest();
  const { step, finishedAt, image } = draft.status;
  if (step?.name === 'discard') return discard(draft);
  if (step === undefined || finishedAt !== undefined) return letGo(draft);
  if (step.name !== 'checkpoint') {
    const state = undoing(draft);
    if (state !== 'over') return state;
    // Nothing goes on from half an image.
    return image === undefined ? discard(draft) : letGo(draft);
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

/** Not before the pods go on that are to: their work is nowhere but in this image. */
function letGo(draft: Draft): Decision {
  const { claimPod, checkpoint, restoring, unneededForSure, image } = draft.facts;
  if (!restoring) {
    // What is deleted is gone for good: a cache that is behind is not enough.
    if (image.is === 'deleted' && unneededForSure !== true) return draft.then({ do: 'confirm-unneeded' });
    return discard(draft);
  }
  if (claimPod) return draft.then({ do: 'let-go', keep: true });
  const { name, namespace = '' } = checkpoint.metadata;
  const message =
    `a Restore is to go on from Checkpoint ${name}, which stays until that has ended. ` +
    `\`kubectl get rt -n ${namespace}\` shows it; delete that Restore, too, to give up what the image holds.`;
  draft.mark('Waiting', 'True', 'RestoreNeedsIt', message);
  return draft.rest();
}
