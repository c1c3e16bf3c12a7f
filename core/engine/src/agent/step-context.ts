// SPDX-License-Identifier: Apache-2.0
import type {
  Json,
  Logger,
  ProgressListener,
  RuntimeDriver,
  StorageProvider,
  WorkloadLauncher,
} from '@grit/plugin-api';
import { GritError } from '@grit/plugin-api';
import type { DataPlane } from './data-plane.js';
import type { ImageCache } from './image-cache.js';
import type { NodeDirectories } from './node-directories.js';

/** What the steps of a node work with. */
export interface NodeServices {
  readonly node: string;
  readonly driver: RuntimeDriver;
  readonly launcher: WorkloadLauncher | undefined;
  readonly storages: ReadonlyMap<string, StorageProvider>;
  readonly directories: NodeDirectories;
  readonly images: ImageCache;
  readonly dataPlane: DataPlane;
  readonly logger: Logger;
}

/** One step in hand. */
export interface StepContext extends NodeServices {
  /** Aborted when the operation is cancelled or the step fenced. */
  readonly signal: AbortSignal;
  readonly onProgress: ProgressListener;
}

/** What a node does for one action. Idempotent: it is called again after a crash. */
export type StepHandler<Input> = (input: Input, context: StepContext) => Promise<Json>;

/** The storage of this node with the name. */
export function storageOf(context: NodeServices, name: string): StorageProvider {
  const storage = context.storages.get(name);
  if (storage !== undefined) return storage;
  throw new GritError('GRIT_STORAGE_UNKNOWN', `node ${context.node} has no storage ${name}`);
}

/** The launcher, where the runtime has one. */
export function launcherOf(context: NodeServices): WorkloadLauncher {
  if (context.launcher !== undefined) return context.launcher;
  throw new GritError('GRIT_UNSUPPORTED', `runtime ${context.driver.id} of node ${context.node} starts no workloads`, {
    hint: 'Those with the capability `launcher` do, as runtime-criu, the default; `grit plugin list -o wide` shows capabilities.',
  });
}
