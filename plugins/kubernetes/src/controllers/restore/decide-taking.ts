// SPDX-License-Identifier: Apache-2.0
import { waysOut } from '../../admission/restores/ways-out.js';
import type { Pod } from '../../api/core-kinds.js';
import { isTerminal } from '../../pods/pod-state.js';
import { decideStep } from './decide-step.js';
import { describeWanted } from './describe-wanted.js';
import type { RestoreDecision } from './restore-decision.js';
import type { RestoreFacts } from './restore-facts.js';
import { decidePrefetch, reachedBefore } from './decide-prefetch.js';
import { statusIn, type PhaseStatement } from './restore-status.js';

/** A pod that was reserved for is stored within this time, or its creation failed. */
const RESERVATION_MS = 10_000;

/** A webhook configuration is in force about so soon. */
const GUARD_MS = 250;

/** No pod has the Restore: one that was let in with its reservation gets it, else it waits, for ever if need be. */
export function decideTaking(facts: RestoreFacts): RestoreDecision {
  const { restore, claimant, reservedMs } = facts;
  if (claimant !== undefined && !isTerminal(claimant)) {
    return { ...reachedBefore(facts), ...decideStep(taken(facts, claimant), claimant) };
  }
  const waiting = {
    status: statusIn(facts, waitingStatement(facts)),
    finalizer: (restore.metadata.finalizers ?? []).length > 0,
    podSelected: false,
    notices: noticesOf(facts),
  };
  if (restore.status?.reservation === undefined) {
    const ahead = decidePrefetch(facts, waiting);
    return facts.guarded ? ahead : { ...ahead, lookAgainMs: GUARD_MS };
  }
  return reservedMs >= RESERVATION_MS || claimant !== undefined
    ? { ...waiting, dropReservation: true }
    : { ...waiting, ...reachedBefore(facts), lookAgainMs: RESERVATION_MS - reservedMs };
}

function taken(facts: RestoreFacts, pod: Pod): RestoreFacts {
  const { step: _step, ...status } = facts.restore.status ?? {};
  return {
    ...facts,
    target: pod,
    restore: {
      ...facts.restore,
      status: { ...status, targetPod: pod.metadata.name, targetPodUID: pod.metadata.uid },
    },
  };
}

/** Whether it fails now: pods that it waits for are refused from here on, or start fresh where that is allowed. */
function failsNow({ checkpoint, restore }: RestoreFacts): boolean {
  return checkpoint.is === 'unusable' && restore.status?.phase !== 'Failed';
}

function noticesOf(facts: RestoreFacts): RestoreDecision['notices'] {
  const { checkpoint } = facts;
  if (!failsNow(facts) || checkpoint.is !== 'unusable') return [];
  return [{ on: 'restore', type: 'Warning', reason: checkpoint.reason, message: failureOf(facts, checkpoint.message) }];
}

function failureOf({ restore }: RestoreFacts, why: string): string {
  const fresh = restore.spec.fallback === 'fresh';
  return `${why}. ${fresh ? 'spec.fallback is fresh: pods that it waited for start from the beginning' : waysOut(restore)}`;
}

function waitingStatement(facts: RestoreFacts): PhaseStatement {
  const { checkpoint, restore, guarded, now } = facts;
  if (checkpoint.is === 'unusable') {
    const message = failureOf(facts, checkpoint.message);
    const changes = failsNow(facts) ? { finishedAt: now.toISOString() } : {};
    return { phase: 'Failed', reason: checkpoint.reason, message, changes };
  }
  if (checkpoint.is === 'unfinished') {
    return {
      phase: 'Created',
      reason: 'Created',
      message: checkpoint.message,
      also: [{ type: 'CheckpointReady', status: 'False', reason: checkpoint.reason, message: checkpoint.message }],
      changes: { finishedAt: undefined },
    };
  }
  const message = `waits for ${describeWanted(restore)}`;
  return {
    phase: 'Created',
    reason: 'Created',
    message: `Checkpoint ${restore.spec.checkpointName} can be used`,
    also: [
      {
        type: 'WaitingForPod',
        status: guarded ? 'True' : 'False',
        reason: guarded ? 'NoPodYet' : 'AdmissionNotInForce',
        message: guarded
          ? `${message}; it is let in and gets the Restore when it is created`
          : `${message}. New pods are not looked at yet: leave the old one alone until this is True`,
      },
    ],
    changes: { finishedAt: undefined },
  };
}
