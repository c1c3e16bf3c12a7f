// SPDX-License-Identifier: Apache-2.0
/**
 * Runtime of one machine: runc containers and, where there is a containerd, the pods of the node, checkpointed with CRIU.
 *
 * @packageDocumentation
 */
import { coreServices, definePlugin } from '@grit/plugin-api';
import { CONFIG } from './config.js';
import { createRuntime } from './create-runtime.js';

export default definePlugin({
  config: CONFIG,
  deps: { host: coreServices.host, logger: coreServices.logger },
  create: async ({ config, deps: { host, logger } }) =>
    createRuntime({ stateDirectory: host.stateDirectory, config, logger }),
});

// For runtimes that add devices to this one.
export { CONFIG } from './config.js';
export { createRuntime } from './create-runtime.js';
export type { RuntimeConfig } from './config.js';
export type { NodeSettings } from './node-environment.js';
export { processFacts, type ProcessFacts } from './process/process-facts.js';
