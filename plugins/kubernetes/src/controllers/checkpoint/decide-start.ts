// SPDX-License-Identifier: Apache-2.0
import { FINALIZER } from '../../api/group.js';
import type { Pod } from '../../api/core-kinds.js';
import { describeExcluded } from '../../placement/compatible-nodes.js';
import { isTerminal, isTerminating, whyNotRunning } from '../../pods/pod-state.js';
import { whyContainersWait } from '../../pods/image-containers.js';
import { whyHooksForbid } from '../../pods/post-start.js';
import { nextStep } from '../../steps/order-step.js';
import type { Decision, Draft } from './draft.js';
import { RIVAL_REASON } from './draft.js';
import { podEnd } from './pod-end.js';

/** Why a claim pod does not start is told by events, which wake nobody; nor does a quota that has room again. */
const CLAIM_MS = 5_000;
/** Labels, taints and volumes of nodes wake nobody. */
const NODES_MS = 5_000;

/** Up to the order to dump: what has to be there, one thing after the other. */
export function decideStart(draft: Draft, operation: string): Decision {
  const { pod: fact, rival, node, store } = draft.facts;
  if (draft.status.operation !== operation) draft.set({ operation });
  if (fact.is === 'none') return draft.refuse('GRIT_POD_NOT_FOUND', fact);
  const end = podEnd(draft.facts);
  if (end === 'unsure') return draft.then({ do: 'confirm-gone' });
  if (end !== undefined) return draft.end(end.code, `${end.message} before it was checkpointed.`);
  if (fact.is !== 'found') return draft.rest();
  const { pod } = fact;
  if (isTerminating(pod)) {
    return draft.end('GRIT_POD_GONE', `pod ${pod.metadata.name} is being deleted; it is too late to checkpoint it.`);
  }
  describe(draft, pod);
  draft.reach('Created', `pod ${pod.metadata.name} was found`);
  const obstacle = whyNotRunning(pod) ?? whyContainersWait(pod, draft.checkpoint.spec.containers);
  if (obstacle !== undefined) {
    return draft.waitToStart({
      reason: 'PodNotRunning',
      message: `pod ${pod.metadata.name} does not run yet: ${obstacle}. \`kubectl describe pod ${pod.metadata.name}\` says why.`,
    });
  }
  const hooks = whyHooksForbid(pod, draft.checkpoint.spec.containers);
  if (hooks !== undefined) {
    return draft.end('GRIT_WORKLOAD_UNCHECKPOINTABLE', `pod ${pod.metadata.name}: ${hooks}.`, 'PostStartHook');
  }
  draft.reach('Pending', `pod ${pod.metadata.name} runs on node ${pod.spec.nodeName ?? ''}`);
  if (rival !== undefined) {
    return draft.wait({
      reason: RIVAL_REASON,
      message: `Checkpoint ${rival} of the same pod goes first. Delete it if this one is to have its turn now.`,
    });
  }
  if (node.obstacle !== undefined) return draft.waitToStart(node.obstacle);
  if ('failed' in store) return draft.refuse('GRIT_STORE_UNUSABLE', store.failed);
  if ('waiting' in store) return draft.waitToStart(store.waiting);
  draft.set({ storage: store.ready });
  const stranded = whyStranded(draft);
  if (stranded !== undefined) return stranded;
  return decideClaim(draft, pod.spec.nodeName ?? '');
}

/** Nothing is done to a pod that is to go on and could not: by what it asks for, where its volumes are, or what the nodes are. */
function whyStranded(draft: Draft): Decision | undefined {
  if (draft.checkpoint.spec.autoMigration !== true) return undefined;
  const { placement } = draft.facts;
  if (placement === undefined) return draft.then({ do: 'find-nodes' });
  if (placement.compatible.length > 0) return undefined;
  const message = `the pod runs on, since no node can go on with it: ${describeExcluded(placement.excluded, 20)}.`;
  return draft.refuse('GRIT_RESTORE_INCOMPATIBLE', { reason: 'NoCompatibleNode', message }, NODES_MS);
}

function decideClaim(draft: Draft, node: string): Decision {
  const claimName = draft.checkpoint.spec.volumeClaim?.claimName;
  if (claimName === undefined) return order(draft, node);
  const { claim } = draft.facts;
  if (claim === undefined) return draft.then({ do: 'claim-pod', node, claimName });
  if ('failed' in claim) {
    return draft.refuse('GRIT_CLAIM_UNUSABLE', { reason: 'ClaimUnusable', message: claim.failed }, CLAIM_MS);
  }
  if ('waiting' in claim) {
    return draft.waitToStart({ reason: 'ClaimNotReady', message: claim.waiting }, CLAIM_MS);
  }
  return order(draft, node, claim.ready);
}

function order(draft: Draft, node: string, claimPodUid?: string): Decision {
  const { spec, metadata } = draft.checkpoint;
  if (!(metadata.finalizers ?? []).includes(FINALIZER)) return draft.then({ do: 'add-finalizer' });
  const hold = spec.autoMigration === true || spec.afterCheckpoint === 'stop';
  const step = nextStep(undefined, { name: 'checkpoint', node, hold, claimPodUid }, draft.now);
  draft.set({ step: { ...step, attempt: (draft.status.failures ?? 0) + 1 } });
  draft.unmark('Retrying', 'Ordered', 'it is tried again');
  draft.goOn();
  return draft.rest();
}

function describe(draft: Draft, pod: Pod): void {
  const { source } = draft.facts;
  draft.set({
    podName: pod.metadata.name,
    podUID: pod.metadata.uid,
    ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
    ...(source === undefined || isTerminal(pod) ? {} : { podSpecHash: source.hash, source: source.source }),
  });
}
