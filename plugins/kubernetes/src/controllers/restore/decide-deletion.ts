// SPDX-License-Identifier: Apache-2.0
import { FINALIZER } from '../../api/group.js';
import { isFinal, nextStep, reportOf } from '../../steps/order-step.js';
import type { RestoreDecision } from './restore-decision.js';
import type { RestoreFacts } from './restore-facts.js';
import { ownStatusOf } from './restore-status.js';

/** An agent that is silent for longer has nothing more to say about its node. */
const AGENT_PATIENCE_MS = 5 * 60_000;
const LOOK_AGAIN_MS = 15_000;

/** A Restore that is deleted while a node works on it is kept until the node has let go of the data. */
export function decideDeletion(facts: RestoreFacts): RestoreDecision {
  const { restore, agent, now } = facts;
  const { metadata, status } = restore;
  const as = { status: ownStatusOf(status), podSelected: status?.targetPodUID !== undefined, notices: [] };
  const step = status?.step;
  if (!(metadata.finalizers ?? []).includes(FINALIZER)) return { ...as, finalizer: false };
  const report = reportOf(status);
  // A step that was stopped or has failed may have left data on the node; one that went well has not, and an image stays within limits.
  const over =
    step?.name === 'prefetch' || report?.phase === 'Succeeded' || (step?.name === 'abort' && isFinal(report));
  if (step === undefined || over || agent === 'gone') return { ...as, finalizer: false };
  if (step.name !== 'abort') {
    return {
      ...as,
      finalizer: true,
      status: { ...as.status, step: nextStep(step, { name: 'abort', node: step.node }, now) },
      cancel: step,
      lookAgainMs: LOOK_AGAIN_MS,
      notices: [
        {
          on: 'pod',
          type: 'Warning',
          reason: 'RestoreDeleted',
          message: `Restore ${metadata.name} was deleted before this pod was restored. It does not start; delete it to get one that starts fresh.`,
        },
      ],
    };
  }
  const waited = now.getTime() - Date.parse(step.orderedAt);
  if (agent === 'silent' && waited >= AGENT_PATIENCE_MS) return { ...as, finalizer: false };
  return { ...as, finalizer: true, lookAgainMs: LOOK_AGAIN_MS };
}
