// SPDX-License-Identifier: Apache-2.0
import { describeExcluded } from '../../placement/compatible-nodes.js';
import { makesPodsAnew, ownerOf } from '../../pods/owner-of.js';
import { isMirrorPod, isTerminal, isTerminating, whyNotRunning } from '../../pods/pod-state.js';
import { whyContainersWait } from '../../pods/image-containers.js';
import { whyHooksForbid } from '../../pods/post-start.js';
import type { Pod } from '../../api/core-kinds.js';
import { milliseconds } from '../../api/duration.js';
import { factsOf } from './facts-of-pod.js';
import type { MigrationDecision, MigrationMove } from './migration-decision.js';
import type { MigrationFacts } from './migration-facts.js';
import { statusIn } from './migration-status.js';
import { failed, returned } from './returned.js';

/** Default of `timeouts.pending`. */
const PENDING_MS = 600_000;
/** Agents and nodes that are Ready again wake nobody. */
const NODES_MS = 2_000;

/** Before anything is done to the pod: whatever would keep it from going on elsewhere is found now, while it runs. */
export function decideStart(facts: MigrationFacts): MigrationDecision {
  const { migration, pod: fact, turn, checkpoint, placement, saved } = facts;
  const name = migration.spec.podName ?? '';
  if (isPast(facts)) {
    return returned(
      facts,
      'DeadlineExceeded',
      `the pod was not frozen by ${migration.spec.deadline ?? ''} and runs on`,
    );
  }
  if (fact.is === 'gone') {
    const known = migration.status?.podUID !== undefined || fact.successor !== undefined;
    return known
      ? failed(facts, 'PodGone', `pod ${name} was gone before it was moved`)
      : failed(
          facts,
          'PodNotFound',
          `spec.podName: there is no pod ${name} in namespace ${migration.metadata.namespace ?? ''}`,
        );
  }
  const { pod } = fact;
  if (isTerminating(pod)) return failed(facts, 'PodGone', `pod ${name} is being deleted; it is too late to move it`);
  if (isTerminal(pod)) return failed(facts, 'PodFinished', `pod ${name} has finished; there is nothing to move`);
  const unmovable = whyUnmovable(pod);
  if (unmovable !== undefined) return returned(facts, 'PodBelongsToNode', unmovable);
  const hooks = whyHooksForbid(pod, migration.spec.containers);
  if (hooks !== undefined) return returned(facts, 'PostStartHook', `pod ${name} runs on, since ${hooks}`);
  if (!turn) return wait(facts, pod, 'WaitsForTurn', 'other pods of the selector go first, as parallelism says');
  const obstacle = whyNotRunning(pod) ?? whyContainersWait(pod, migration.spec.containers);
  if (obstacle !== undefined) return waitFor(facts, pod, 'PodNotRunning', `pod ${name} does not run yet: ${obstacle}`);
  if (placement === undefined) {
    const node = pod.spec.nodeName ?? '';
    const message = `the agent of node ${node} has not said what the node is. \`kubectl get gritnode ${node}\` says more`;
    return waitFor(facts, pod, 'AgentNotReady', message, NODES_MS);
  }
  if (placement.compatible.length === 0) {
    const excluded = describeExcluded(placement.excluded, 20);
    // An agent that is made anew is Ready again in a moment.
    if (placement.soon.length > 0) {
      return waitFor(facts, pod, 'NodesNotReady', `no other node is ready: ${excluded}`, NODES_MS);
    }
    const message = `the pod runs on, since no other node can go on with it: ${excluded}`;
    return returned(facts, 'NoCompatibleNode', message);
  }
  if (checkpoint.is === 'foreign') {
    const message = `there is a Checkpoint ${migration.metadata.name} already, which somebody else made: give the Migration another name, or delete that one`;
    return returned(facts, 'NameTaken', message);
  }
  if (checkpoint.is === 'former')
    return wait(facts, pod, 'FormerMigration', 'an earlier Migration of this name is being undone');
  if (facts.refusal !== undefined) return waitFor(facts, pod, 'CheckpointRefused', facts.refusal);
  if (ownerOf(pod) === undefined && !saved) return then(facts, pod, { do: 'save-manifest' });
  return then(facts, pod, { do: 'make-checkpoint' });
}

/** Whether the deadline is over. */
export function isPast({ migration, now }: MigrationFacts): boolean {
  return untilDeadline({ migration, now }) <= 0;
}

/** Milliseconds up to the deadline; without one, for ever. */
export function untilDeadline({ migration, now }: Pick<MigrationFacts, 'migration' | 'now'>): number {
  const { deadline } = migration.spec;
  return deadline === undefined ? Infinity : Date.parse(deadline) - now.getTime();
}

function whyUnmovable(pod: Pod): string | undefined {
  const owner = ownerOf(pod);
  if (isMirrorPod(pod) || (owner !== undefined && !makesPodsAnew(owner))) {
    const what = owner === undefined || isMirrorPod(pod) ? 'is a static pod' : `belongs to ${owner.kind} ${owner.name}`;
    return `pod ${pod.metadata.name} ${what}: it lives and dies with its node and cannot be moved`;
  }
  return undefined;
}

function then(facts: MigrationFacts, pod: Pod, move: MigrationMove): MigrationDecision {
  const checkpointName = move.do === 'make-checkpoint' ? facts.migration.metadata.name : undefined;
  const statement = {
    phase: 'Pending',
    reason: 'Started',
    message: `pod ${pod.metadata.name} is checkpointed next`,
    changes: { ...factsOf(pod), ...(checkpointName === undefined ? {} : { checkpointName }) },
  } as const;
  return { status: statusIn(facts, statement), move };
}

function wait(facts: MigrationFacts, pod: Pod, reason: string, message: string, leftMs = Infinity): MigrationDecision {
  const left = Math.min(leftMs, untilDeadline(facts));
  return {
    status: statusIn(facts, { phase: 'Pending', reason, message, changes: factsOf(pod) }),
    move: { do: 'wait', ...(Number.isFinite(left) ? { lookAgainMs: left } : {}) },
  };
}

/** Waits for something that is needed, not longer than `timeouts.pending`. */
function waitFor(
  facts: MigrationFacts,
  pod: Pod,
  reason: string,
  message: string,
  againMs = Infinity,
): MigrationDecision {
  const { migration, now } = facts;
  const since = Date.parse(migration.status?.startedAt ?? now.toISOString());
  const left = since + milliseconds(migration.spec.timeouts?.pending, PENDING_MS) - now.getTime();
  if (left <= 0) return returned(facts, reason, `${message}. It was waited for as long as timeouts.pending allows`);
  return wait(facts, pod, reason, message, Math.min(left, againMs));
}
