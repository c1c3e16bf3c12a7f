// SPDX-License-Identifier: Apache-2.0
import { KEYS } from '../../api/group.js';
import type { RestorePhase } from '../../api/restore.js';
import { isTerminal } from '../../pods/pod-state.js';
import { reportOf } from '../../steps/order-step.js';
import { decideDeletion } from './decide-deletion.js';
import { decideLoss } from './decide-loss.js';
import { decideStep } from './decide-step.js';
import { decideTaking } from './decide-taking.js';
import type { RestoreDecision } from './restore-decision.js';
import type { RestoreFacts } from './restore-facts.js';
import { ownStatusOf, statusIn } from './restore-status.js';

/**
 * What is to be done for a Restore, from facts alone. Decided anew each time: nothing that was decided before is needed but what stands in the status.
 */
export function decideRestore(facts: RestoreFacts): RestoreDecision {
  const { restore, target } = facts;
  const { status } = restore;
  if (restore.metadata.deletionTimestamp !== undefined) return decideDeletion(facts);
  if (status?.phase === 'Restored' || status?.phase === 'ColdStarted') {
    return { status: ownStatusOf(status), finalizer: false, podSelected: isSelected(facts), notices: [] };
  }
  const outcome = outcomeOf(facts);
  if (outcome !== undefined) return settle(facts, outcome);
  if (status?.targetPodUID === undefined) return decideTaking(facts);
  if (target === undefined || isTerminal(target)) return decideLoss(facts);
  return decideStep(facts, target);
}

/** What the pod became, by the word of the agent: also when the pod is gone by now, and when the order was taken back too late. */
function outcomeOf({ restore }: RestoreFacts): 'Restored' | 'ColdStarted' | undefined {
  const { status } = restore;
  const report = reportOf(status);
  if (report?.phase !== 'Succeeded') return undefined;
  if (report.outcome !== undefined) return report.outcome;
  if (status?.step?.name === 'restore') return 'Restored';
  return status?.step?.name === 'start-fresh' ? 'ColdStarted' : undefined;
}

function settle(facts: RestoreFacts, outcome: 'Restored' | 'ColdStarted'): RestoreDecision {
  const { restore, now } = facts;
  const { status } = restore;
  const report = reportOf(status);
  const pod = `pod ${status?.targetPod ?? ''}`;
  const node = status?.step?.node ?? '';
  const message =
    outcome === 'Restored'
      ? `${pod} goes on from Checkpoint ${restore.spec.checkpointName} on node ${node}`
      : `${pod} was started fresh on node ${node}, nothing of Checkpoint ${restore.spec.checkpointName} is in it: ${status?.error?.message ?? 'the agent could not restore it'}`;
  return {
    status: statusIn(facts, {
      phase: outcome satisfies RestorePhase,
      reason: outcome,
      message,
      changes: {
        nodeName: status?.step?.node,
        progress: report?.progress ?? status?.progress,
        timings: report?.timings,
        finishedAt: now.toISOString(),
        ...(outcome === 'Restored' ? { error: undefined } : {}),
      },
    }),
    finalizer: false,
    podSelected: isSelected(facts),
    notices: [{ on: 'pod', type: outcome === 'Restored' ? 'Normal' : 'Warning', reason: outcome, message }],
  };
}

function isSelected({ restore }: RestoreFacts): boolean {
  return restore.status?.targetPodUID !== undefined || restore.metadata.annotations?.[KEYS.podSelected] === 'true';
}
