// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import type { Step } from '../../api/step.js';
import { isScheduled, isTerminating } from '../../pods/pod-state.js';
import { isFinal, reportOf } from '../../steps/order-step.js';
import { decideFailure } from './decide-failure.js';
import { decideOrder } from './decide-order.js';
import type { RestoreDecision } from './restore-decision.js';
import type { Statement } from './restore-conditions.js';
import type { RestoreFacts } from './restore-facts.js';
import { statusIn } from './restore-status.js';

/** A pod has the Restore and lives: it gets a node, the node gets the order, and the node's answer decides. */
export function decideStep(facts: RestoreFacts, pod: Pod): RestoreDecision {
  const step = orderFor(facts, pod);
  const report = step === undefined ? undefined : reportOf(facts.restore.status);
  if (step !== undefined && !isFinal(report)) return underWay(facts, pod, step);
  if (isTerminating(pod)) return wait(facts, pod, 'PodStopping', `pod ${pod.metadata.name} is being deleted`);
  if (step !== undefined && report !== undefined) return decideFailure(facts, pod, step, report);
  if (!isScheduled(pod)) return wait(facts, pod, 'NotScheduled', whyNotScheduled(pod));
  return decideOrder(facts, pod);
}

/** The order that is for this pod. */
function orderFor({ restore }: RestoreFacts, pod: Pod): Step | undefined {
  const step = restore.status?.step;
  const forPod = step?.name === 'restore' || step?.name === 'start-fresh';
  return forPod && step.node === pod.spec.nodeName ? step : undefined;
}

function underWay(facts: RestoreFacts, pod: Pod, step: Step): RestoreDecision {
  const { restore, agent } = facts;
  const progress = reportOf(restore.status)?.progress;
  const silent: Statement = {
    type: 'AgentReady',
    status: 'False',
    reason: agent === 'gone' ? 'NodeGone' : 'AgentSilent',
    message:
      agent === 'gone'
        ? `node ${step.node} is not in the cluster any more: the pod goes with it, and its owner makes another one`
        : `the agent of node ${step.node} does not answer; it goes on with the pod once it does. \`kubectl get gritnode ${step.node}\` says more`,
  };
  return {
    status: statusIn(facts, {
      phase: 'Restoring',
      reason: step.name === 'restore' ? 'Restoring' : 'StartingFresh',
      message: `node ${step.node} was told to ${step.name === 'restore' ? 'restore pod' : 'start fresh pod'} ${pod.metadata.name}`,
      also: agent === 'ready' ? [] : [silent],
      changes: { nodeName: step.node, ...(progress === undefined ? {} : { progress }) },
    }),
    finalizer: true,
    podSelected: true,
    ...(step.claimPodUid === undefined ? {} : { claimOn: step.node }),
    notices: [],
  };
}

function wait(facts: RestoreFacts, pod: Pod, reason: string, message: string): RestoreDecision {
  return {
    status: statusIn(facts, {
      phase: 'Pending',
      reason: 'PodFound',
      message: `pod ${pod.metadata.name} has taken the Restore`,
      also: [{ type: 'PodScheduled', status: 'False', reason, message }],
      changes: { nodeName: pod.spec.nodeName, finishedAt: undefined },
    }),
    finalizer: true,
    podSelected: true,
    notices: [],
  };
}

function whyNotScheduled(pod: Pod): string {
  const said = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False');
  const why = said?.message === undefined ? '' : `: ${said.message}`;
  return `pod ${pod.metadata.name} has no node yet${why}. excludedNodes says which nodes it cannot go on on`;
}
