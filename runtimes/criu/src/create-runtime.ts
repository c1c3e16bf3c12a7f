// SPDX-License-Identifier: Apache-2.0
import { pluginServices, provide, type PluginInstance } from '@grit/plugin-api';
import { DriverByKind } from './driver/by-kind.js';
import { CriuRuntimeDriver } from './driver/criu-runtime-driver.js';
import { NodeEnvironment, type NodeSettings } from './node-environment.js';
import { RuncWorkloadLauncher } from './workload/runc-workload-launcher.js';

/** What a plugin with this runtime returns from `create`: the driver and the launcher. The devices are closed with it. */
export async function createRuntime(settings: NodeSettings): Promise<PluginInstance> {
  const { config, devices } = settings;
  const node = await NodeEnvironment.open(settings);
  const container = new CriuRuntimeDriver(node);
  const launcher = provide(pluginServices.workloadLauncher, new RuncWorkloadLauncher(node));
  const close = async (): Promise<void> => devices?.close();
  if (config.containerd === undefined) {
    return { services: [provide(pluginServices.runtimeDriver, container), launcher], stop: close };
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
      await close();
    },
  };
}
