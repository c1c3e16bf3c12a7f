// SPDX-License-Identifier: Apache-2.0
import type { JsonObject } from '../json.js';
import type { ProgressListener, Timing } from '../progress.js';
import type { ReleaseMode } from '../runtime/hold.js';
import type { NodeFacts } from '../runtime/node-facts.js';
import type { ContainerChoice, TcpPolicy } from '../runtime/runtime-driver.js';
import type { StartGate } from '../runtime/start-gate.js';
import type { StorageProvider } from '../storage/storage-provider.js';
import type { WorkloadRef } from '../workload/workload-ref.js';

/** What every step is given. */
export interface NodeStepContext {
  readonly storage: StorageProvider;
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** A checkpoint of a workload of this node. */
export interface NodeDump {
  readonly workload: WorkloadRef;
  /** Id of the checkpoint, and of the hold. */
  readonly checkpoint: string;
  readonly tcp: TcpPolicy;
  /** Default: all. */
  readonly containers?: ContainerChoice | undefined;
  /** Checkpoints in the same storage whose chunks need not be written again, the likeliest first. */
  readonly known?: readonly string[] | undefined;
}

/** A stored image. Bytes. */
export interface NodeImage {
  readonly digest: string;
  readonly size: number;
  /** What the image added to its store. */
  readonly stored: number;
  readonly timings: readonly Timing[];
}

/** An image that this node will want. */
export interface NodePrefetch {
  readonly checkpoint: string;
  /** The image must have this digest. */
  readonly digest?: string | undefined;
}

/** A restore on this node. */
export interface NodeRestore extends NodePrefetch {
  readonly workload: WorkloadRef;
  /** Id of the restore. */
  readonly restore: string;
  readonly tcp: TcpPolicy;
}

/** A store that is opened for one step; see {@link StorageFactory}. */
export interface NodeStore {
  /** Id of its plugin. */
  readonly plugin: string;
  readonly config: JsonObject;
  /** Where the volume of the store is mounted, as this process sees it. */
  readonly path?: string | undefined;
  /** Its images are encrypted with these keys, each 32 bytes as 64 hex digits or in base64. Default: they are not. */
  readonly encryption?: { readonly current: string; readonly keys: Readonly<Record<string, string>> } | undefined;
}

/**
 * The work of a node for a catalog that is not the engine's own: what a plugin orders from the runtime driver and a store. Every step is
 * idempotent by the id of the checkpoint or restore, journaled on the node, and goes on after a crash; which steps, and in which order, is
 * up to the caller. All calls wait until the plugins of the agent have started; in a server they throw GRIT_UNSUPPORTED.
 */
export interface NodeSteps {
  /** Facts of the node, the data plane's among them. */
  probe(signal: AbortSignal): Promise<NodeFacts>;
  /** Errors: GRIT_STORAGE_UNKNOWN when no plugin of the agent has the id; GRIT_CONFIG_INVALID. */
  openStore(store: NodeStore, signal: AbortSignal): Promise<StorageProvider>;
  /** See RuntimeDriver.rootOf. */
  rootOf(workload: WorkloadRef, signal: AbortSignal): Promise<string>;
  /** See RuntimeDriver.gate. Errors: GRIT_UNSUPPORTED where the runtime has none. */
  gate(signal: AbortSignal): Promise<StartGate>;
  /**
   * Takes and stores a first image from which the workload goes on at once. `dump` and `store` of the same checkpoint then write and read
   * back only what has changed since, and it goes with `store` or `undo`. Errors: those of `dump` and `store`; the workload goes on.
   */
  precopy(dump: NodeDump, context: NodeStepContext): Promise<readonly Timing[]>;
  /** Freezes, dumps and packs. The workload stays frozen. Returns how long the parts took. Errors: those of preflight and checkpoint. */
  dump(dump: NodeDump, context: NodeStepContext): Promise<readonly Timing[]>;
  /** Puts the dump into the store and reads it back whole. Errors: those of the storage. */
  store(checkpoint: string, context: NodeStepContext): Promise<NodeImage>;
  /** Ends the hold of a checkpoint. Nothing happens when there is none. Returns how long the parts took. */
  release(checkpoint: string, mode: ReleaseMode, signal: AbortSignal): Promise<readonly Timing[]>;
  /**
   * Takes a checkpoint back that is not wanted, or not any more: the workload goes on if it is still held here, then its data go, here and in
   * the store. Any node may do that in the store. Without a storage only what is here goes.
   */
  undo(checkpoint: string, storage: StorageProvider | undefined, signal: AbortSignal): Promise<void>;
  /**
   * Fetches the image, verified, for a restore that is to come: it finds the image here, or waits for what is still on its way. It is kept within
   * the limits of the node. Returns how long it took. Errors: those of the storage.
   */
  prefetch(image: NodePrefetch, context: NodeStepContext): Promise<readonly Timing[]>;
  /** Fetches the image, verified, and restores it. Returns how long the parts took. Errors: those of the driver and the storage. */
  restore(restore: NodeRestore, context: NodeStepContext): Promise<readonly Timing[]>;
  /** Takes back a restore that did not succeed. Returns false for one that did: its workload is left alone. */
  abandon(restore: Pick<NodeRestore, 'restore' | 'workload'>, signal: AbortSignal): Promise<boolean>;
}
