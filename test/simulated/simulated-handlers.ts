// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import type { NodeHandlers, StepHandler, StepOrder, StepResult } from '@grit/plugin-kubernetes';
import type { Snapshot } from './observer.js';
import type { SimulatedKubelets } from './simulated-kubelets.js';
import type { SimulatedStore } from './simulated-store.js';
import type { StepBarriers, StepPoint } from './step-barriers.js';
import { transfer } from './transfer.js';

/** A step at a point, for a plan of failures. */
export interface StepAt {
  readonly point: StepPoint;
  readonly node: string;
  /** `namespace/name`. */
  readonly object: string;
  readonly attempt: number;
}

export interface SimulatedHandlersOptions {
  readonly kubelets: SimulatedKubelets;
  readonly store: SimulatedStore;
  readonly barriers: StepBarriers;
  /** Of every image; default 1 MiB. */
  readonly bytes?: number;
  /** Default: no time passes. */
  readonly bytesPerSecond?: number;
  /** What goes wrong: the error that the step ends with at this point, or undefined. */
  readonly failures?: (at: StepAt) => Error | undefined;
  /** What a probe of a CheckpointStore finds; default: ready. */
  readonly probe?: NodeHandlers['probeStore'];
}

/** What a node remembers of one of our objects; as a real one's journal, it outlives the agent. */
interface Remembered {
  checkpoint?: StepResult;
}

/**
 * What the agent of a node does, done to simulated processes. Steps go on where an agent that died had left them, by the UID of
 * the object; each stops at the barriers on its way.
 */
export function simulatedHandlers(node: string, options: SimulatedHandlersOptions): NodeHandlers {
  const { kubelets, store, barriers, bytes = 2 ** 20, bytesPerSecond = Number.MAX_SAFE_INTEGER } = options;
  const { processes } = kubelets;
  const journal = new Map<string, Remembered>();

  const pass = async (point: StepPoint, order: StepOrder, signal: AbortSignal): Promise<void> => {
    const object = nameOf(order);
    await barriers.pass(point, node, object, signal);
    const failure = options.failures?.({ point, node, object, attempt: order.step.attempt });
    if (failure !== undefined) throw failure;
  };

  const checkpoint: StepHandler = async (order, { signal, onProgress }) => {
    const remembered = remember(journal, order);
    await pass('checkpoint.before', order, signal);
    if (remembered.checkpoint !== undefined) return remembered.checkpoint;
    const podUid = podOf(order);
    const hold = order.step.hold === true;
    processes.freeze(podUid, node);
    try {
      await pass('checkpoint.frozen', order, signal);
      const snapshot = processes.snapshot(podUid, node);
      const ms = await transfer('store', { bytes, bytesPerSecond }, onProgress, signal);
      if (!hold) processes.resume(podUid);
      await pass('checkpoint.stored', order, signal);
      const image = store.put(nameOf(order), uidOf(order), snapshot, bytes);
      remembered.checkpoint = { image: image.facts, held: hold, timings: [{ phase: 'store', ms }] };
      return remembered.checkpoint;
    } catch (error) {
      // A failed checkpoint costs the workload nothing; an agent that dies leaves it frozen for the one that comes after it.
      if (!signal.aborted) processes.resume(podUid);
      throw error;
    }
  };

  const release: StepHandler = async (order, { signal }) => {
    await pass('release.before', order, signal);
    if (order.step.mode === 'resume') processes.resume(podOf(order));
    await pass('release.after', order, signal);
    return { held: false };
  };

  const abort: StepHandler = async (order, { signal }) => {
    await pass('abort.before', order, signal);
    if (order.kind === 'Checkpoint') {
      processes.resume(podOf(order));
      if (remember(journal, order).checkpoint === undefined) store.delete(nameOf(order));
    }
    await pass('abort.after', order, signal);
    return { held: false };
  };

  const discard: StepHandler = async (order, { signal }) => {
    await pass('discard.before', order, signal);
    store.delete(nameOf(order));
    return {};
  };

  const imageOf = (order: StepOrder) => {
    const image = store.find(checkpointOf(order));
    if (image !== undefined) return image;
    throw new GritError('GRIT_CHECKPOINT_NOT_FOUND', `the store has no image of ${checkpointOf(order)}`);
  };

  const prefetch: StepHandler = async (order, { signal, onProgress }) => {
    imageOf(order);
    const ms = await transfer('fetch', { bytes, bytesPerSecond }, onProgress, signal);
    return { timings: [{ phase: 'fetch', ms }] };
  };

  const restore: StepHandler = async (order, { signal, onProgress }) => {
    await pass('restore.before', order, signal);
    const image = imageOf(order);
    const ms = await transfer('fetch', { bytes, bytesPerSecond }, onProgress, signal);
    await pass('restore.fetched', order, signal);
    await openGate(podOf(order), image.snapshot, signal);
    await pass('restore.after', order, signal);
    return { outcome: 'Restored', timings: [{ phase: 'fetch', ms }] };
  };

  const startFresh: StepHandler = async (order, { signal }) => {
    await pass('start-fresh.before', order, signal);
    await openGate(podOf(order), undefined, signal);
    await pass('start-fresh.after', order, signal);
    return { outcome: 'ColdStarted' };
  };

  const openGate = async (podUid: string, from: Snapshot | undefined, signal: AbortSignal): Promise<void> => {
    signal.throwIfAborted();
    if (!kubelets.isBound(podUid, node)) {
      throw new GritError('GRIT_WORKLOAD_NOT_FOUND', `pod ${podUid} is not on node ${node}`);
    }
    await kubelets.openGate(podUid, from);
  };

  return {
    checkpoint,
    release,
    abort,
    discard,
    prefetch,
    restore,
    'start-fresh': startFresh,
    probeStore: options.probe ?? (() => Promise.resolve()),
    collectStore: () => Promise.resolve(store.collect()),
  };
}

function remember(journal: Map<string, Remembered>, order: StepOrder): Remembered {
  const known = journal.get(uidOf(order)) ?? {};
  journal.set(uidOf(order), known);
  return known;
}

function uidOf({ object }: StepOrder): string {
  return object.metadata.uid ?? '';
}

function nameOf({ object }: StepOrder): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

/** UID of the pod that a step is about. */
function podOf(order: StepOrder): string {
  return (order.kind === 'Checkpoint' ? order.object.status?.podUID : order.object.status?.targetPodUID) ?? '';
}

/** `namespace/name` of the Checkpoint that a step is about. */
function checkpointOf(order: StepOrder): string {
  if (order.kind === 'Checkpoint') return nameOf(order);
  const { spec, metadata } = order.object;
  return `${spec.checkpointNamespace ?? metadata.namespace ?? ''}/${spec.checkpointName}`;
}
