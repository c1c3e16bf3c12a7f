// SPDX-License-Identifier: Apache-2.0
import type { StepReport } from '../../api/step.js';
import { defined } from '../../kit/defined.js';
import { isUnfinished, nextStep, reportOf } from '../../steps/order-step.js';
import { conditionReason } from './error-reason.js';
import { conditionsOf, type Statement } from './restore-conditions.js';
import type { RestoreDecision } from './restore-decision.js';
import type { RestoreFacts } from './restore-facts.js';

/**
 * While no pod is there, the node that it will be on fetches the image: it is on its way while the source ends and the pod is made. Once: a pod that
 * comes is restored whatever became of it.
 */
export function decidePrefetch(facts: RestoreFacts, waiting: RestoreDecision): RestoreDecision {
  const { restore, checkpoint, destined, claim, agent, now } = facts;
  const { step } = restore.status ?? {};
  if (step !== undefined)
    return said(facts, { ...waiting, ...(isUnfinished(restore.status) ? reach(facts, step.node) : {}) });
  if (checkpoint.is !== 'usable' || destined === undefined || agent !== 'ready') return waiting;
  const reached = { ...waiting, ...reach(facts, destined) };
  let claimPodUid: string | undefined;
  if (reached.claimOn !== undefined) {
    if (claim === undefined) return reached;
    // A claim that cannot be reached is told of when there is a pod that needs it.
    if ('failed' in claim) return waiting;
    if ('waiting' in claim) return { ...reached, lookAgainMs: 1_000 };
    claimPodUid = claim.ready;
  }
  const order = nextStep(undefined, { name: 'prefetch', node: destined, claimPodUid }, now);
  return said(facts, { ...reached, status: { ...waiting.status, step: order } });
}

/** The claim stays reachable for the pod that comes: another claim pod would have to wait until this one is gone. */
export function reachedBefore(facts: RestoreFacts): Pick<RestoreDecision, 'claimOn'> {
  const { step } = facts.restore.status ?? {};
  return step?.name === 'prefetch' ? reach(facts, step.node) : {};
}

/** The claim stays reachable while it is read. */
function reach({ checkpoint }: RestoreFacts, node: string): Pick<RestoreDecision, 'claimOn'> {
  const inClaim = checkpoint.is === 'usable' && checkpoint.checkpoint.spec.volumeClaim !== undefined;
  return inClaim ? { claimOn: node } : {};
}

function said({ restore, now }: RestoreFacts, decision: RestoreDecision): RestoreDecision {
  const { step, conditions = [], ...status } = decision.status;
  if (step === undefined) return decision;
  const report = reportOf({ step, report: restore.status?.report });
  const others = conditions.map(({ type, status, reason, message }): Statement => ({ type, status, reason, message }));
  const all = [...others, statementOf(step.node, report)];
  const { metadata, status: before } = restore;
  return {
    ...decision,
    status: defined({
      ...status,
      step,
      conditions: conditionsOf(before?.conditions, all, metadata.generation, now),
      progress: report?.progress ?? status.progress,
    }),
  };
}

function statementOf(node: string, report: StepReport | undefined): Statement {
  const type = 'Prefetched';
  switch (report?.phase) {
    case 'Succeeded':
      return { type, status: 'True', reason: 'Fetched', message: `node ${node} has the image` };
    case 'Failed': {
      const { code = '', message = 'the agent gave no reason' } = report.error ?? {};
      return {
        type,
        status: 'False',
        reason: conditionReason(code),
        message: `${message}. The restore tries it again`,
      };
    }
    default:
      return { type, status: 'False', reason: 'Fetching', message: `node ${node} fetches the image` };
  }
}
