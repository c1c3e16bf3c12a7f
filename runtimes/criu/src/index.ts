// SPDX-License-Identifier: Apache-2.0
/**
 * Runtime of one machine: runc containers and, where there is a containerd, the pods of the node, checkpointed with CRIU.
 *
 * @packageDocumentation
 */
import { coreServices, definePlugin, pluginServices, provide } from '@grit/plugin-api';
import { CONFIG } from './config.js';
import { DriverByKind } from './driver/by-kind.js';
import { CriuRuntimeDriver } from './driver/criu-runtime-driver.js';
import { NodeEnvironment } from './node-environment.js';
import { RuncWorkloadLauncher } from './workload/runc-workload-launcher.js';

export default definePlugin({
  config: CONFIG,
  deps: { host: coreServices.host, logger: coreServices.logger },
  create: async ({ config, deps }) => {
    const { stateDirectory } = deps.host;
    const node = await NodeEnvironment.open({ stateDirectory, config, logger: deps.logger });
    const container = new CriuRuntimeDriver(node);
    const launcher = provide(pluginServices.workloadLauncher, new RuncWorkloadLauncher(node));
    if (config.containerd === undefined) {
      return { services: [provide(pluginServices.runtimeDriver, container), launcher] };
    }
    // Not before it is wanted: a machine without pods does without what speaks to containerd.
    const { PodRuntimeDriver } = await import('./pod/pod-runtime-driver.js');
    const pod = new PodRuntimeDriver(node, config.containerd);
    await pod.start();
    const driver = new DriverByKind({ container, pod }, 'pod');
    return {
      services: [provide(pluginServices.runtimeDriver, driver), launcher],
      stop: async () => {
        pod.close();
        return Promise.resolve();
      },
    };
  },
});
