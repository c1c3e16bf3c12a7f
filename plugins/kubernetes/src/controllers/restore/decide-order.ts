// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import { nextStep } from '../../steps/order-step.js';
import { failFor } from './fail-for.js';
import type { RestoreDecision } from './restore-decision.js';
import { ageOf, type Statement } from './restore-conditions.js';
import type { RestoreFacts } from './restore-facts.js';
import { statusIn, type PhaseStatement } from './restore-status.js';
import { isExhausted, pauseAfter } from './tries.js';

/** The pod has a node: the node is told to restore it, as soon as nothing stands against it. */
export function decideOrder(facts: RestoreFacts, pod: Pod): RestoreDecision {
  const { restore, checkpoint, source, claim, now } = facts;
  const { status, spec } = restore;
  const node = pod.spec.nodeName ?? '';
  const fresh = spec.fallback === 'fresh' && (checkpoint.is === 'unusable' || isExhausted(restore));
  if (!fresh && checkpoint.is === 'unusable') return failFor(facts, pod, checkpoint.reason, checkpoint.message);
  if (!fresh && checkpoint.is === 'unfinished') {
    return waitFor(facts, pod, 'CheckpointReady', 'False', checkpoint.reason, checkpoint.message);
  }
  if (source.is !== 'gone') return waitForSource(facts, pod);
  const retrying = ageOf(status?.conditions, 'Retrying', now);
  const pause = isRetrying(facts) ? pauseAfter(status?.failures ?? 0) : 0;
  // A controller whose clock is ahead may have written it: nobody waits for longer than the pause itself.
  if (retrying < pause && !isAhead(facts)) return { ...waitForRetry(facts, pod), lookAgainMs: pause - retrying };
  const claimName = checkpoint.is === 'usable' ? checkpoint.checkpoint.spec.volumeClaim?.claimName : undefined;
  if (!fresh && claimName !== undefined && (claim === undefined || !('ready' in claim))) {
    const message = claim === undefined ? `claim ${claimName} is being reached` : Object.values(claim).join('');
    const reason = claim !== undefined && 'failed' in claim ? 'ClaimUnusable' : 'ClaimPending';
    return { ...waitFor(facts, pod, 'ClaimReady', 'False', reason, message), claimOn: node, lookAgainMs: 10_000 };
  }
  const name = fresh ? 'start-fresh' : 'restore';
  const claimPodUid = !fresh && claim !== undefined && 'ready' in claim ? claim.ready : undefined;
  const step = { ...nextStep(undefined, { name, node, claimPodUid }, now), attempt: (status?.failures ?? 0) + 1 };
  return {
    status: statusIn(facts, {
      phase: 'Restoring',
      reason: fresh ? 'StartingFresh' : 'Restoring',
      message: `node ${node} was told to ${fresh ? 'start fresh pod' : 'restore pod'} ${pod.metadata.name}`,
      changes: { nodeName: node, step, operation: status?.operation ?? step.token, finishedAt: undefined },
    }),
    finalizer: true,
    podSelected: true,
    ...(claimPodUid === undefined ? {} : { claimOn: node }),
    notices: [],
  };
}

function isAhead({ restore, now }: RestoreFacts): boolean {
  const since = restore.status?.conditions?.find(({ type }) => type === 'Retrying')?.lastTransitionTime;
  return since !== undefined && Date.parse(since) > now.getTime();
}

function isRetrying({ restore }: RestoreFacts): boolean {
  return restore.status?.conditions?.some(({ type }) => type === 'Retrying') ?? false;
}

/** The gate: at no moment do two copies run. */
function waitForSource(facts: RestoreFacts, pod: Pod): RestoreDecision {
  const { source } = facts;
  const what = `${source.namespace}/${source.pod}`;
  const message =
    source.is === 'stopping'
      ? `pod ${what}, which was checkpointed, is being stopped; ${pod.metadata.name} goes on once it is gone`
      : `pod ${what}, which was checkpointed, still runs, and two copies must not: \`kubectl delete pod -n ${source.namespace} ${source.pod}\` lets pod ${pod.metadata.name} go on from the checkpoint`;
  return waitFor(facts, pod, 'SourceRunning', 'True', source.is === 'stopping' ? 'Stopping' : 'StillRunning', message);
}

function waitForRetry(facts: RestoreFacts, pod: Pod): RestoreDecision {
  const before = facts.restore.status?.conditions?.find(({ type }) => type === 'Retrying');
  return waitFor(facts, pod, 'Retrying', 'True', before?.reason ?? 'Failed', before?.message ?? 'it is tried again');
}

function waitFor(
  facts: RestoreFacts,
  pod: Pod,
  type: string,
  status: Statement['status'],
  reason: string,
  message: string,
): RestoreDecision {
  const statement: PhaseStatement = {
    phase: 'Pending',
    reason: 'PodFound',
    message: `pod ${pod.metadata.name} has taken the Restore`,
    also: [{ type, status, reason, message }],
    changes: { nodeName: pod.spec.nodeName, finishedAt: undefined },
  };
  return { status: statusIn(facts, statement), finalizer: true, podSelected: true, notices: [] };
}
