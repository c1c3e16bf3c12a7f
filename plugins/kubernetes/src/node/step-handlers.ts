// SPDX-License-Identifier: Apache-2.0
import { GritError, type NodeDump, type NodeSteps, type Timing, type WorkloadRef } from '@grit/plugin-api';
import type { NodeHandlers, StepContext, StepHandler, StepOrder } from '../agent/node-handlers.js';
import type { Checkpoint } from '../api/checkpoint.js';
import { CHECKPOINTS } from '../api/kinds.js';
import type { Restore } from '../api/restore.js';
import type { KubeClient } from '../kit/kube-client.js';
import { knownImages } from './known-images.js';
import { checkpointRefOf } from '../pods/checkpoint-ref.js';
import { ClusterStores } from './cluster-stores.js';
import type { StoreSecrets } from './store-secrets.js';

/** A pod on another node has another address: connections to its old one end. */
const TCP = 'close';

/** Does what objects order from this node, with the steps of the agent. Each goes on where an agent before it has stopped. */
export function stepHandlers(steps: NodeSteps, client: KubeClient, secrets: StoreSecrets): NodeHandlers {
  const stores = new ClusterStores(steps, client, secrets);

  const checkpoint: StepHandler = async (order, context) => {
    const { object, step } = checkpointOrder(order);
    const workload = podOf(object);
    const id = imageIdOf(object);
    const storage = await stores.ofCheckpoint(object, { object, claimPodUid: step.claimPodUid }, context.signal);
    const work = { ...context, storage };
    const hold = step.hold === true;
    const timings: Timing[] = [];
    try {
      const known = knownImages(object, await neighbours(object, client, context));
      const dump: NodeDump = { workload, checkpoint: id, tcp: TCP, containers: choiceOf(object), known };
      // Nothing is gained where it runs on all the same.
      if (hold && object.spec.strategy === 'precopy') timings.push(...renamed(await steps.precopy(dump, work)));
      timings.push(...(await steps.dump(dump, work)));
      if (!hold) timings.push(...(await steps.release(id, 'resume', context.signal)));
      const { timings: stored, digest, size, stored: bytes } = await steps.store(id, work);
      timings.push(...stored);
      return { image: { id, size, stored: bytes, digest }, held: hold, timings: summed(timings) };
    } catch (error) {
      // A failed checkpoint costs the workload nothing. An agent that ends leaves it to the next one, which goes on.
      if (!context.signal.aborted) await resume(steps, id, context);
      throw error;
    }
  };

  const release: StepHandler = async (order, { signal }) => {
    const { object, step } = checkpointOrder(order);
    await steps.release(imageIdOf(object), step.mode ?? 'resume', signal);
    return { held: false };
  };

  const abort: StepHandler = async (order, context) => {
    if (order.kind === 'Restore') {
      const { object } = order;
      const what = { restore: restoreIdOf(object), workload: targetOf(object) };
      // The last word on what has become of the pod: another one must not go on from the same image.
      return (await steps.abandon(what, context.signal)) ? { held: false } : { outcome: 'Restored' };
    }
    const { object, step } = order;
    const user = { object, claimPodUid: step.claimPodUid };
    // The pod goes on whether or not its store can be reached; what is left there cannot be read by anybody.
    const storage = await stores.ofCheckpoint(object, user, context.signal).catch((error: unknown) => {
      context.logger.warn('the store is not cleaned up', { reason: String(error) });
      return undefined;
    });
    await steps.undo(imageIdOf(object), hasImage(object) ? undefined : storage, context.signal);
    return { held: false };
  };

  const discard: StepHandler = async (order, { signal }) => {
    const { object } = checkpointOrder(order);
    const storage = await stores.ofCheckpoint(object, { object }, signal);
    await steps.undo(imageIdOf(object), storage, signal);
    return {};
  };

  /** Where a Restore goes on from, and how it is reached. */
  const imageFor = async ({ object, step }: Ordered<'Restore'>, signal: AbortSignal) => {
    const source = await client.get(CHECKPOINTS, checkpointRefOf(object), signal);
    const image = source.status?.image;
    if (image === undefined) {
      throw new GritError('GRIT_CHECKPOINT_NOT_FOUND', `Checkpoint ${source.metadata.name} has no image`);
    }
    const storage = await stores.ofCheckpoint(source, { object, claimPodUid: step.claimPodUid }, signal);
    return { storage, what: { checkpoint: image.id, digest: image.digest } };
  };

  const prefetch: StepHandler = async (order, context) => {
    const { storage, what } = await imageFor(restoreOrder(order), context.signal);
    return { timings: [...(await steps.prefetch(what, { ...context, storage }))] };
  };

  const restore: StepHandler = async (order, context) => {
    const ordered = restoreOrder(order);
    const { storage, what } = await imageFor(ordered, context.signal);
    const target = { workload: targetOf(ordered.object), restore: restoreIdOf(ordered.object), tcp: TCP } as const;
    const timings = await steps.restore({ ...what, ...target }, { ...context, storage });
    return { outcome: 'Restored', timings: summed(timings) };
  };

  const startFresh: StepHandler = async (order, { signal }) => {
    const { object } = restoreOrder(order);
    const workload = targetOf(object);
    if (!(await steps.abandon({ restore: restoreIdOf(object), workload }, signal))) return { outcome: 'Restored' };
    await (await steps.gate(signal)).startFresh(workload, signal);
    return { outcome: 'ColdStarted' };
  };

  return {
    checkpoint,
    release,
    abort,
    discard,
    prefetch,
    restore,
    'start-fresh': startFresh,
    probeStore: async (store, signal) => (await stores.of(store, signal)).check(signal),
    collectStore: async (store, graceMs, signal) => (await stores.of(store, signal)).collect?.({ signal, graceMs }),
  };
}

/** Checkpoints of the same namespace. They save bytes: without them the checkpoint is taken all the same. */
async function neighbours(
  { metadata }: Checkpoint,
  client: KubeClient,
  { signal, logger }: StepContext,
): Promise<readonly Checkpoint[]> {
  // A version of 0: as the API server has them in memory.
  const options = { namespace: metadata.namespace, resourceVersion: '0' };
  return client.list(CHECKPOINTS, options, signal).then(
    ({ items }) => items,
    (error: unknown) => {
      logger.warn('earlier images are not used', { reason: String(error) });
      return [];
    },
  );
}

async function resume(steps: NodeSteps, id: string, { signal, logger }: StepContext): Promise<void> {
  await steps.release(id, 'resume', signal).catch((error: unknown) => {
    // The controller orders the abort next, which tries again.
    logger.error('the pod of a failed checkpoint was not resumed', { checkpoint: id, reason: String(error) });
  });
}

type Ordered<K extends StepOrder['kind']> = Extract<StepOrder, { readonly kind: K }>;

function checkpointOrder(order: StepOrder): Ordered<'Checkpoint'> {
  if (order.kind === 'Checkpoint') return order;
  throw new GritError('GRIT_UNSUPPORTED', `step ${order.step.name} is none of a ${order.kind}`);
}

function restoreOrder(order: StepOrder): Ordered<'Restore'> {
  if (order.kind === 'Restore') return order;
  throw new GritError('GRIT_UNSUPPORTED', `step ${order.step.name} is none of a ${order.kind}`);
}

/** Names of objects may be used again, their UIDs are not. */
function imageIdOf({ metadata }: Checkpoint): string {
  return `ck-${metadata.uid ?? ''}`;
}

/** One for each pod that takes the Restore. */
function restoreIdOf({ metadata, status }: Restore): string {
  return `rt-${(metadata.uid ?? '').slice(0, 8)}-${status?.targetPodUID ?? ''}`;
}

function podOf({ metadata, status }: Checkpoint): WorkloadRef {
  return { kind: 'pod', namespace: metadata.namespace, name: status?.podName ?? '', uid: status?.podUID };
}

function targetOf({ metadata, status }: Restore): WorkloadRef {
  return { kind: 'pod', namespace: metadata.namespace, name: status?.targetPod ?? '', uid: status?.targetPodUID };
}

/** Those that are to be started anew are not in the image either. */
function choiceOf({ spec }: Checkpoint): NodeDump['containers'] {
  const { include, exclude = [], restart = [] } = spec.containers ?? {};
  return spec.containers && { include, exclude: [...exclude, ...restart] };
}

/** An image that was told of is complete: it is discarded with its Checkpoint, or stays, and an abort leaves it alone. */
function hasImage({ status }: Checkpoint): boolean {
  return status?.image !== undefined;
}

/** The parts of a precopy are not those in which the pod is frozen. */
function renamed(timings: readonly Timing[]): Timing[] {
  return timings.map(({ phase, ms }) => ({ phase: `precopy ${phase}`, ms }));
}

/** One entry a phase, in the order of their first; the status takes no two of one name. */
function summed(timings: readonly Timing[]): Timing[] {
  const sums = new Map<string, number>();
  for (const { phase, ms } of timings) sums.set(phase, (sums.get(phase) ?? 0) + ms);
  return [...sums].map(([phase, ms]) => ({ phase, ms }));
}
