// SPDX-License-Identifier: Apache-2.0
/**
 * Runtime of a machine with NVIDIA GPUs: runtime-criu, and the memory of GPUs carried with the checkpoint calls of the CUDA driver.
 *
 * @packageDocumentation
 */
import { coreServices, definePlugin } from '@grit/plugin-api';
import { createRuntime } from '@grit/runtime-criu';
import { CONFIG } from './config.js';
import { openGpus } from './open-gpus.js';

export default definePlugin({
  config: CONFIG,
  deps: { host: coreServices.host, logger: coreServices.logger },
  create: async ({ config, deps: { host, logger } }) =>
    createRuntime({ stateDirectory: host.stateDirectory, config, logger, devices: openGpus(config, logger) }),
});
