// SPDX-License-Identifier: Apache-2.0
import type { Checkpoint } from '../../api/checkpoint.js';
import { claimPodNameOf } from '../../claims/claim-pod.js';
import { nodeReasons } from '../../placement/node-rules.js';
import { needsCheckpoint } from '../../pods/is-waiting.js';
import { isTerminating } from '../../pods/pod-state.js';
import { podSpecHash } from '../../pods/pod-spec-hash.js';
import type { ControlContext } from '../context.js';
import type { CheckpointFacts, NodeFact } from './facts.js';
import { findPod } from './find-pod.js';
import { findFate } from './image-fate.js';
import { rivalOf } from './rival.js';
import { wantsAnotherTry } from './operation.js';
import { findStore } from './find-store.js';
import { sourceOf } from './source-of.js';

/** What the caches know about a Checkpoint. */
export function gatherFacts({ informers, clock }: ControlContext, checkpoint: Checkpoint): CheckpointFacts {
  const { metadata } = checkpoint;
  // Told to begin anew, it also looks for its pod anew: the one that it had may be gone.
  const status = wantsAnotherTry(checkpoint) ? undefined : checkpoint.status;
  const namespace = metadata.namespace ?? '';
  const pod = findPod(informers, status === undefined ? { metadata, spec: checkpoint.spec } : checkpoint);
  const node = status?.step?.node ?? (pod.is === 'found' ? pod.pod.spec.nodeName : status?.nodeName);
  const gritNode = node === undefined ? undefined : informers.gritNodes.get({ name: node });
  const claimPod = informers.pods.get({ namespace, name: claimPodNameOf(checkpoint) });
  const restores = informers.restores.by('checkpoint', `${namespace}/${metadata.name}`);
  return {
    now: clock(),
    checkpoint,
    pod,
    source:
      pod.is === 'found' && pod.pod.spec.nodeName !== undefined
        ? { hash: podSpecHash(pod.pod), source: sourceOf(pod.pod, gritNode) }
        : undefined,
    rival: pod.is === 'found' ? rivalOf(informers, checkpoint, pod.pod.metadata.uid ?? '') : undefined,
    node: nodeFact(informers, node),
    store: findStore(informers, checkpoint, node),
    claimPod: claimPod !== undefined && !isTerminating(claimPod),
    restoring: restores.some(needsCheckpoint),
    image: findFate(informers, checkpoint),
  };
}

function nodeFact({ nodes, gritNodes }: ControlContext['informers'], name: string | undefined): NodeFact {
  if (name === undefined) return { exists: false };
  const node = nodes.get({ name });
  if (node === undefined)
    return { exists: false, obstacle: { reason: 'NodeGone', message: `there is no node ${name}.` } };
  const uncordoned = { ...node, spec: { ...node.spec, unschedulable: false } };
  // A cordoned node is what people drain: its pods are to be checkpointed.
  const { lasting, passing } = nodeReasons(uncordoned, gritNodes.get({ name }));
  const [reason] = [...lasting, ...passing];
  if (reason === undefined) return { exists: true };
  const message = `node ${name}: ${reason}. \`kubectl describe gritnode ${name}\` says more.`;
  return { exists: true, obstacle: { reason: 'NodeNotReady', message } };
}
