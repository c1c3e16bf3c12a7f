// SPDX-License-Identifier: Apache-2.0
/**
 * Runtime of one machine: runc containers, checkpointed with CRIU.
 *
 * @packageDocumentation
 */
import { coreServices, definePlugin, pluginServices, provide } from '@grit/plugin-api';
import { CONFIG } from './config.js';
import { CriuRuntimeDriver } from './driver/criu-runtime-driver.js';
import { NodeEnvironment } from './node-environment.js';
import { RuncWorkloadLauncher } from './workload/runc-workload-launcher.js';

export default definePlugin({
  config: CONFIG,
  deps: { host: coreServices.host, logger: coreServices.logger },
  create: async ({ config, deps }) => {
    const { stateDirectory } = deps.host;
    const node = await NodeEnvironment.open({ stateDirectory, config, logger: deps.logger });
    return {
      services: [
        provide(pluginServices.runtimeDriver, new CriuRuntimeDriver(node)),
        provide(pluginServices.workloadLauncher, new RuncWorkloadLauncher(node)),
      ],
    };
  },
});
