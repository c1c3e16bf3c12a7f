// SPDX-License-Identifier: Apache-2.0
import type { Pod } from '../../api/core-kinds.js';
import { PODS } from '../../api/core-kinds.js';
import { checkpointFactOf, type CheckpointFact } from '../../admission/restores/checkpoint-fact.js';
import { KEYS } from '../../api/group.js';
import type { Restore } from '../../api/restore.js';
import { placementOfRestore } from '../../placement/placement-of-restore.js';
import { isOfMove } from '../../pods/is-of-move.js';
import { isGone, isScheduled, isTerminating } from '../../pods/pod-state.js';
import { orderOfPod } from '../../steps/order-step.js';
import type { ControlContext } from '../context.js';
import type { AgentFact, RestoreFacts, SourceFact } from './restore-facts.js';
import { checkpointRefOf } from '../../pods/checkpoint-ref.js';

/** What the caches know about a Restore; where a cache may be behind and it matters, the API server itself. */
export async function gatherRestoreFacts(
  context: ControlContext,
  restore: Restore,
  reservedMs: number,
  signal: AbortSignal,
): Promise<RestoreFacts> {
  const { informers, clock } = context;
  const checkpoint = checkpointFact(context, restore);
  const target = await targetOf(context, restore, signal);
  const claimant = restore.status?.targetPodUID === undefined ? claimantOf(context, restore) : undefined;
  // Once something was ordered, nobody asks any more.
  const isOpen = (target ?? claimant) === undefined && restore.status?.step === undefined;
  const destined = isOpen ? destinationOf(context, restore, checkpoint) : undefined;
  const node = orderOfPod(restore)?.node ?? (target ?? claimant)?.spec.nodeName ?? nodeBefore(restore) ?? destined;
  return {
    restore,
    checkpoint,
    source: sourceFact(restore, checkpoint, (ref) => informers.pods.get(ref)),
    target,
    claimant,
    guarded: true,
    reservedMs,
    agent: agentFact(context, node),
    claim: undefined,
    destined,
    excluded: excludedNodes(context, restore, checkpoint, target ?? claimant),
    now: clock(),
  };
}

/** The pod that was checkpointed, by whatever finds a pod by its name. */
export function sourceFact(
  restore: Restore,
  fact: CheckpointFact,
  find: (ref: { readonly namespace: string; readonly name: string }) => Pod | undefined,
): SourceFact {
  const { namespace } = checkpointRefOf(restore);
  const checkpoint = fact.is === 'usable' ? fact.checkpoint : undefined;
  const name = checkpoint?.status?.podName ?? checkpoint?.spec.podName ?? '';
  const uid = checkpoint?.status?.podUID;
  if (uid === undefined || name === '') return { is: 'gone', namespace, pod: name };
  const pod = find({ namespace, name });
  if (pod === undefined || isGone(pod, uid)) return { is: 'gone', namespace, pod: name };
  return { is: isTerminating(pod) ? 'stopping' : 'running', namespace, pod: name };
}

/** The pod that has the Restore, unless the API server says that it is no more. */
async function targetOf(
  { client, informers }: ControlContext,
  { metadata, status }: Restore,
  signal: AbortSignal,
): Promise<Pod | undefined> {
  const { targetPod: name, targetPodUID: uid } = status ?? {};
  if (name === undefined || uid === undefined || status?.phase === 'Restored') return undefined;
  const ref = { namespace: metadata.namespace ?? '', name };
  const cached = informers.pods.get(ref);
  if (cached?.metadata.uid === uid) return cached;
  const pod = await client.find(PODS, ref, signal);
  return pod?.metadata.uid === uid ? pod : undefined;
}

/** The pod that came with the reservation. */
function claimantOf({ informers }: ControlContext, { metadata, status }: Restore): Pod | undefined {
  const token = status?.reservation?.token;
  if (token === undefined) return undefined;
  const pods = informers.pods.by('restoreName', `${metadata.namespace ?? ''}/${metadata.name}`);
  return pods.find((pod) => pod.metadata.annotations?.[KEYS.reservation] === token);
}

function checkpointFact({ informers }: ControlContext, restore: Restore): CheckpointFact {
  return checkpointFactOf(restore, informers.checkpoints.get(checkpointRefOf(restore)));
}

/** Where the pod was that has the Restore, when it is not there any more. */
function nodeBefore({ status }: Restore): string | undefined {
  return status?.targetPodUID === undefined ? undefined : status.nodeName;
}

function agentFact({ informers }: ControlContext, node: string | undefined): AgentFact {
  if (node === undefined) return 'ready';
  if (informers.nodes.get({ name: node }) === undefined) return 'gone';
  return informers.gritNodes.get({ name: node })?.status?.phase === 'Ready' ? 'ready' : 'silent';
}

/** Worked out while it can make a difference: up to the choice of a node. */
function excludedNodes(
  context: ControlContext,
  restore: Restore,
  checkpoint: CheckpointFact,
  pod: Pod | undefined,
): RestoreFacts['excluded'] {
  const { spec, status } = restore;
  if (checkpoint.is !== 'usable' || orderOfPod(restore) !== undefined) return undefined;
  if (status?.excludedNodes !== undefined && (pod === undefined || isScheduled(pod))) return undefined;
  const { excluded } = placementOfRestore(context.informers, restore, checkpoint.checkpoint);
  // Of the other nodes nothing is to be said when one was asked for.
  return excluded.filter(({ node }) => spec.nodeName === undefined || node === spec.nodeName);
}

/** The node that was asked for; for a move also the only one that is left. */
function destinationOf(context: ControlContext, restore: Restore, checkpoint: CheckpointFact): string | undefined {
  if (checkpoint.is !== 'usable' || (restore.spec.nodeName === undefined && !isOfMove(restore))) return undefined;
  const { compatible } = placementOfRestore(context.informers, restore, checkpoint.checkpoint);
  return compatible.length === 1 ? compatible[0] : undefined;
}
