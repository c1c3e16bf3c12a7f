// SPDX-License-Identifier: Apache-2.0
import { PODS, type Pod } from '../../api/core-kinds.js';
import type { Checkpoint, CheckpointStatus } from '../../api/checkpoint.js';
import { FINALIZER, KEYS } from '../../api/group.js';
import { CHECKPOINTS, RESTORES } from '../../api/kinds.js';
import { dropClaimPod, ensureClaimPod } from '../../claims/ensure-claim-pod.js';
import { evictPod } from '../../handover/evict-pod.js';
import { dropRestore } from '../../handover/drop-restore.js';
import { makeRestore } from '../../handover/make-restore.js';
import { addFinalizer, removeFinalizer } from '../../kit/finalizers.js';
import { KubeError } from '../../kit/kube-error.js';
import type { Placement } from '../../placement/compatible-nodes.js';
import { checkpointRefOf } from '../../pods/checkpoint-ref.js';
import { needsCheckpoint } from '../../pods/is-waiting.js';
import { isInForce } from '../admission/is-in-force.js';
import type { ControlContext } from '../context.js';
import { placementOfPod } from '../placement-of-pod.js';
import type { CheckpointFacts, Move } from './facts.js';
import { confirmFate } from './image-fate.js';

/** The webhook's configuration takes a moment to be in force. */
const IN_FORCE_MS = 250;
const TAKEN_MS = 15_000;
const REFUSED_MS = 1_000;

/** Does one move, and says what is known now. */
export async function carryOut(
  context: ControlContext,
  facts: CheckpointFacts,
  status: CheckpointStatus,
  move: Exclude<Move, { readonly do: 'wait' | 'delete' | 'let-go' }>,
  signal: AbortSignal,
): Promise<CheckpointFacts> {
  const { client, informers } = context;
  // What was found out in this round and not written yet belongs to what is done.
  const checkpoint: Checkpoint = { ...facts.checkpoint, status };
  const { namespace = '' } = checkpoint.metadata;
  switch (move.do) {
    case 'confirm-gone': {
      const name = status.podName ?? '';
      const there = await client.find(PODS, { namespace, name }, signal);
      return { ...facts, goneForSure: there?.metadata.uid !== status.podUID };
    }
    case 'confirm-unneeded': {
      const restoring = await isNeeded(context, checkpoint, signal);
      const image = await confirmFate(client, informers, checkpoint, signal);
      return { ...facts, restoring, image, unneededForSure: true };
    }
    case 'find-nodes':
      return { ...facts, placement: await findNodes(context, facts, signal) };
    case 'claim-pod': {
      const owner = { type: CHECKPOINTS, object: checkpoint };
      return { ...facts, claim: await ensureClaimPod(context, owner, move.node, move.claimName, signal) };
    }
    case 'add-finalizer': {
      const written = await addFinalizer(client, CHECKPOINTS, facts.checkpoint, FINALIZER, signal);
      informers.checkpoints.stored(written);
      return { ...facts, checkpoint: written };
    }
    case 'make-restore': {
      return { ...facts, restore: await tryToMakeRestore(context, checkpoint, signal) };
    }
    case 'prove-admission':
      return { ...facts, inForce: await proveAdmission(context, checkpoint, signal) };
    case 'evict': {
      const pod = { namespace, name: status.podName ?? '', uid: status.podUID ?? '' };
      const eviction = await evictPod(context, pod, signal);
      if ('taken' in eviction) return { ...facts, eviction: { done: true } };
      const message = `the eviction of pod ${pod.name} was refused: ${eviction.refused} The pod stays frozen meanwhile; it is tried again.`;
      return {
        ...facts,
        eviction: { waiting: { reason: 'EvictionRefused', message }, againMs: eviction.againMs },
      };
    }
    case 'drop-restore': {
      const result = await dropRestore(context, checkpoint, signal);
      if ('dropped' in result) return { ...facts, restoreDropped: true };
      return { ...facts, ...asItIs(status.podUID, result.kept), restoring: true, restoreDropped: false };
    }
  }
}

/** Whether a Restore is to go on from it, by the word of the API server. */
async function isNeeded({ client }: ControlContext, { metadata }: Checkpoint, signal: AbortSignal): Promise<boolean> {
  const { namespace = '', name, annotations = {} } = metadata;
  // Those of other namespaces may only use what says so.
  const where = annotations[KEYS.allowNamespaces] === undefined ? { namespace } : {};
  const { items } = await client.list(RESTORES, where, signal);
  return items.some((restore) => {
    const ref = checkpointRefOf(restore);
    return ref.namespace === namespace && ref.name === name && needsCheckpoint(restore);
  });
}

/** A Migration's pod leaves its node. */
async function findNodes(
  context: ControlContext,
  { pod, checkpoint }: CheckpointFacts,
  signal: AbortSignal,
): Promise<Placement | undefined> {
  if (pod.is !== 'found') return undefined;
  const { nodeName: here = '' } = pod.pod.spec;
  const leaves = checkpoint.metadata.annotations?.[KEYS.migrationUid] === undefined ? undefined : here;
  const facts = context.informers.gritNodes.get({ name: here })?.status?.facts ?? {};
  return placementOfPod(context, pod.pod, facts, { nodeName: checkpoint.spec.restore?.nodeName, leaves }, signal);
}

/** The pod by the word of the API server, which no cache has yet. */
function asItIs(uid: string | undefined, pod: Pod | undefined): Pick<CheckpointFacts, 'pod' | 'goneForSure'> {
  if (pod !== undefined && pod.metadata.uid === uid) return { pod: { is: 'found', pod } };
  return { pod: { is: 'gone', successor: pod?.metadata.uid }, goneForSure: true };
}

/** Lets go of what the Checkpoint held: claim pod, finalizer unless it is to be kept. Undefined when the object is gone with it. */
export async function letGo(
  context: ControlContext,
  checkpoint: Checkpoint,
  keep: boolean,
  signal: AbortSignal,
): Promise<Checkpoint | undefined> {
  await dropClaimPod(context, checkpoint, signal);
  if (keep) return checkpoint;
  const written = await removeFinalizer(context.client, CHECKPOINTS, checkpoint, FINALIZER, signal);
  if (written === undefined) return undefined;
  if (written.metadata.deletionTimestamp === undefined) context.informers.checkpoints.stored(written);
  return written;
}

async function tryToMakeRestore(
  context: ControlContext,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<NonNullable<CheckpointFacts['restore']>> {
  try {
    const made = await makeRestore(context, checkpoint, signal);
    if ('name' in made) return made;
    return { waiting: { reason: 'RestoreNameTaken', message: made.taken }, againMs: TAKEN_MS };
  } catch (error) {
    if (!(error instanceof KubeError) || error.isConflict) throw error;
    // The pod is frozen: this is tried at an even pace, and for no longer than timeouts.stop.
    const message = `the Restore cannot be made: ${error.message}. The pod is not stopped before there is one.`;
    return { waiting: { reason: 'RestoreRefused', message }, againMs: REFUSED_MS };
  }
}

async function proveAdmission(
  context: ControlContext,
  { metadata }: Checkpoint,
  signal: AbortSignal,
): Promise<NonNullable<CheckpointFacts['inForce']>> {
  const waiting = {
    reason: 'AdmissionNotInForce',
    message: `new pods of namespace ${metadata.namespace ?? ''} do not come by the admission webhook yet; nothing is stopped before they do.`,
  };
  try {
    const isSo = await isInForce(context, metadata.namespace ?? '', signal, metadata.name);
    return isSo ? { done: true } : { waiting, againMs: IN_FORCE_MS };
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    return { waiting: { ...waiting, message: `${waiting.message} ${error.message}` }, againMs: 4 * IN_FORCE_MS };
  }
}
