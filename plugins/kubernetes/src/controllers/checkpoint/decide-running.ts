// SPDX-License-Identifier: Apache-2.0
import { reportOf } from '../../steps/order-step.js';
import { milliseconds } from '../../api/duration.js';
import { undo } from './decide-undo.js';
import type { Decision, Draft } from './draft.js';
import { podEnd } from './pod-end.js';
import { statusError } from './status-error.js';

/** Default of `timeouts.checkpoint`. */
const CHECKPOINT_MS = 3_600_000;

/** The node was told to dump, and has not answered for good. */
export function decideRunning(draft: Draft): Decision {
  const { step } = draft.status;
  const end = podEnd(draft.facts);
  if (end === 'unsure') return draft.then({ do: 'confirm-gone' });
  if (end !== undefined) return undo(draft, statusError(end.code, `${end.message} while it was checkpointed.`, false));
  const deadline =
    Date.parse(step?.orderedAt ?? '') + milliseconds(draft.checkpoint.spec.timeouts?.checkpoint, CHECKPOINT_MS);
  const left = deadline - draft.now.getTime();
  if (left <= 0) {
    const silent = draft.facts.node.obstacle;
    return undo(
      draft,
      statusError(
        'GRIT_TIMEOUT',
        `the checkpoint took longer than timeouts.checkpoint allows${silent === undefined ? '' : `: ${silent.message}`}.`,
        false,
      ),
    );
  }
  const report = reportOf(draft.status);
  if (report === undefined) {
    const { obstacle } = draft.facts.node;
    return obstacle === undefined ? draft.rest(left) : draft.wait(obstacle, left);
  }
  draft.reach('Checkpointing', `the agent of node ${step?.node ?? ''} dumps the pod`);
  draft.set({ startedAt: draft.status.startedAt ?? report.startedAt });
  if (report.progress !== undefined) draft.set({ progress: report.progress });
  draft.goOn();
  return draft.rest(left);
}
