// SPDX-License-Identifier: Apache-2.0
import type { RestoreStatus } from '../../api/restore.js';
import { isUnfinished, nextStep } from '../../steps/order-step.js';
import { ageOf } from './restore-conditions.js';
import type { RestoreDecision } from './restore-decision.js';
import type { RestoreFacts } from './restore-facts.js';
import { statusIn } from './restore-status.js';

/** A node whose agent is silent for so long has most likely died with the pod. */
const AGENT_PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 5_000;

/**
 * The pod is gone, or has ended, before the agent said that it was restored. The agent has the last word: it may have restored it a moment ago, and
 * then nobody may go on from the same checkpoint once more. So what it works on is taken back first, and its answer decides.
 */
export function decideLoss(facts: RestoreFacts): RestoreDecision {
  const { restore, agent, now } = facts;
  const { status } = restore;
  const step = status?.step;
  const node = nodeAtWork(status);
  if (node === undefined || agent === 'gone') return release(facts);
  if (step?.name === 'abort' && agent === 'silent' && ageOf(status?.conditions, 'PodLost', now) >= AGENT_PATIENCE_MS) {
    return release(facts);
  }
  return {
    status: statusIn(facts, {
      phase: 'Restoring',
      reason: 'PodLost',
      message: `node ${node} is asked to let go of what it did for pod ${status?.targetPod ?? ''}`,
      also: [
        {
          type: 'PodLost',
          status: 'True',
          reason: 'PodGone',
          message: `pod ${status?.targetPod ?? ''} is gone or has ended, and node ${node} has not said that it was restored`,
        },
      ],
      changes: { step: nextStep(step, { name: 'abort', node }, now) },
    }),
    finalizer: true,
    podSelected: true,
    ...(step === undefined || step.name === 'abort' ? {} : { cancel: step }),
    notices: [],
    lookAgainMs: LOOK_AGAIN_MS,
  };
}

/** Where something of the pod is left: a try that has failed leaves what it has made for the next one. Undefined when it has let go of it. */
function nodeAtWork(status: RestoreStatus | undefined): string | undefined {
  const step = status?.step;
  if (isUnfinished(status) || step?.name === 'restore' || step?.name === 'start-fresh') return step?.node;
  if (step?.name === 'abort') return undefined;
  return (status?.failures ?? 0) > 0 ? status?.nodeName : undefined;
}

/** Another pod may take the Restore. */
function release(facts: RestoreFacts): RestoreDecision {
  const { restore } = facts;
  const { status, metadata } = restore;
  const pod = status?.targetPod ?? '';
  const message = `pod ${pod} was gone before it was restored; the next one that fits may take the Restore`;
  return {
    status: statusIn(facts, {
      phase: 'Created',
      reason: 'Released',
      message,
      also: [{ type: 'Released', status: 'True', reason: 'PodGone', message }],
      changes: {
        targetPod: undefined,
        targetPodUID: undefined,
        nodeName: undefined,
        step: undefined,
        progress: undefined,
        timings: undefined,
        finishedAt: undefined,
        failures: (status?.failures ?? 0) + 1,
      },
    }),
    finalizer: (metadata.finalizers ?? []).length > 0,
    podSelected: false,
    dropReservation: true,
    notices: [{ on: 'restore', type: 'Warning', reason: 'Released', message }],
    lookAgainMs: 0,
  };
}
