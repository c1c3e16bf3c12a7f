// SPDX-License-Identifier: Apache-2.0
import { isUnfinished, reportOf } from '../../steps/order-step.js';
import { decideDeletion } from './decide-deletion.js';
import { decideEnded } from './decide-ended.js';
import { decideHandover } from './decide-handover.js';
import { decideRunning } from './decide-running.js';
import { decideStart } from './decide-start.js';
import { decideUndo, undo } from './decide-undo.js';
import { Draft, type Decision } from './draft.js';
import type { CheckpointFacts } from './facts.js';
import { operationOf, wantsAnotherTry } from './operation.js';

/** What is to be done about a Checkpoint, and how its status is to read. Pure: the same facts give the same decision. */
export function decide(facts: CheckpointFacts): Decision {
  const draft = new Draft(facts);
  if (facts.checkpoint.metadata.deletionTimestamp !== undefined) return decideDeletion(draft);
  if (wantsAnotherTry(facts.checkpoint)) draft.startOver(operationOf(facts.checkpoint));
  if (draft.status.finishedAt !== undefined) return decideEnded(draft);
  const { step } = draft.status;
  switch (step?.name) {
    case undefined:
      return decideStart(draft, operationOf(facts.checkpoint));
    case 'checkpoint':
      return isUnfinished(draft.status) ? decideRunning(draft) : decideAnswered(draft);
    default:
      return decideUndo(draft, operationOf(facts.checkpoint));
  }
}

function decideAnswered(draft: Draft): Decision {
  const report = reportOf(draft.status);
  if (report?.phase === 'Succeeded') return decideHandover(draft, report);
  return undo(
    draft,
    report?.error ?? {
      code: 'GRIT_INTERNAL',
      message: 'the agent of the node failed without saying why',
      hint: 'The log of the agent has the cause.',
      retryable: true,
    },
  );
}
