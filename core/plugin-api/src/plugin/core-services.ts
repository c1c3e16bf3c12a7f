// SPDX-License-Identifier: Apache-2.0
import type { NodeSteps } from '../node/node-steps.js';
import type { JobQueue } from '../queue/job-queue.js';
import type { DeviceDriver } from '../runtime/device-driver.js';
import type { RuntimeDriver } from '../runtime/runtime-driver.js';
import type { StorageFactory } from '../storage/storage-factory.js';
import type { StorageProvider } from '../storage/storage-provider.js';
import type { Trigger } from '../trigger/trigger.js';
import type { WorkloadLauncher } from '../workload/workload-launcher.js';
import type { WorkloadResolver } from '../workload/workload-resolver.js';
import type { Logger } from './logger.js';
import { createServiceRef } from './service-ref.js';

/** Facts about the process that has loaded the plugin. */
export interface HostInfo {
  readonly role: 'server' | 'agent';
  /** Name of this node; in the server the node that it runs on. */
  readonly node: string;
  /** Of GRIT. */
  readonly version: string;
  /** Ids of the plugins that this process loads, in the order of the configuration. */
  readonly plugins: readonly string[];
  /** Absolute path; the plugin's own directory, made, kept over restarts, mode 0700. */
  readonly stateDirectory: string;
}

/** What the engine gives to every plugin. */
export const coreServices = {
  /** Bound to the plugin's name. */
  logger: createServiceRef<Logger>({ id: 'grit.logger' }),
  host: createServiceRef<HostInfo>({ id: 'grit.host' }),
  /**
   * The platform's queue, the same for its server and all of its agents. The engine closes it after the plugins have stopped; a plugin
   * closes its consumers in `stop`.
   */
  queue: createServiceRef<JobQueue>({ id: 'grit.queue' }),
  /** What a node can do, for plugins that bring a catalog of their own. */
  nodeSteps: createServiceRef<NodeSteps>({ id: 'grit.node-steps' }),
};

/** What plugins give to the engine, one ref per contract. */
export const pluginServices = {
  runtimeDriver: createServiceRef<RuntimeDriver>({ id: 'grit.runtime-driver' }),
  workloadLauncher: createServiceRef<WorkloadLauncher>({ id: 'grit.workload-launcher' }),
  workloadResolver: createServiceRef<WorkloadResolver>({ id: 'grit.workload-resolver', multiplicity: 'many' }),
  deviceDriver: createServiceRef<DeviceDriver>({ id: 'grit.device-driver', multiplicity: 'many' }),
  storageProvider: createServiceRef<StorageProvider>({ id: 'grit.storage-provider', multiplicity: 'many' }),
  storageFactory: createServiceRef<StorageFactory>({ id: 'grit.storage-factory', multiplicity: 'many' }),
  trigger: createServiceRef<Trigger>({ id: 'grit.trigger', multiplicity: 'many' }),
};
