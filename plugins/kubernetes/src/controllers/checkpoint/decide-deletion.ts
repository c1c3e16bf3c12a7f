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
  if (step === undefined || finishedAt !== undefined) return draft.then({ do: 'let-go' });
  if (step.name !== 'checkpoint') {
    const state = undoing(draft);
    return state === 'over' ? draft.then({ do: 'let-go' }) : state;
  }
  const stopping = draft.has('Submitting');
  const end = podEnd(draft.facts);
  if (end === 'unsure') return draft.then({ do: 'confirm-gone' });
  // Once the pod is on its way out there is nothing to resume; the image stays, for the Restore.
  if (stopping && (end !== undefined || (pod.is === 'found' && isTerminating(pod.pod))))
    return draft.then({ do: 'let-go' });
  if (checkpoint.spec.autoMigration === true && restoreDropped !== true) return draft.then({ do: 'drop-restore' });
  return undo(draft, statusError('GRIT_OPERATION_CANCELLED', 'the Checkpoint is being deleted.', false));
}
